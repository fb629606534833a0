"""Alarms, dashboard, logs: what is watched, and what a node more changes."""

import json
import re
from typing import Any

import pytest

from artifactory_estate.site.alarms import Watched, alarms_of
from artifactory_estate.site.observability import SERVER_ERRORS
from artifactory_estate.site.observability_files import agent_json, prometheus_rules, prometheus_yml
from tests.support.recording import Recording
from tests.unit.site.site_values import names, site_of
from tests.unit.site.test_component import made

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/9c8b"
URL = "https://us-east.repo.acme.example"
OWN = {"certificate": "file:site.crt", "key": "file:site.key"}
EMAILS = {"alarms": {"emails": ["platform@acme.example", "night@acme.example"]}}


def alarms(found: Recording) -> dict[str, dict[str, Any]]:
    return {one.name.removeprefix("us-east-alarms-"): dict(one.inputs) for one in found.of_type(ALARM)}


@pytest.fixture(scope="module")
def alb() -> Recording:
    return made(url=URL, load_balancer={"kind": "alb", "certificate": CERTIFICATE}, observability=EMAILS)


def test_everything_that_can_go_wrong_has_an_alarm(alb: Recording) -> None:
    assert set(alarms(alb)) == {
        "nodes", "hosts-0", "hosts-1", "errors", "balancer-errors", "latency", "storage-0", "licences",
        "connections", "database-cpu", "database-storage", "certificate",
    }  # fmt: skip


def test_a_certificate_of_its_own_is_watched_by_the_nodes() -> None:
    site = site_of(url=URL, load_balancer={"kind": "nginx", "own_certificate": OWN})
    (alarm,) = (each for each in alarms_of(names(), site, Watched("g", "net/x", [])) if each.key == "certificate")
    assert (alarm.metric.name, alarm.threshold) == ("CertificateDaysLeft", 30)
    assert "certificate" not in alarms(made())


def test_connections_are_measured_against_what_the_database_lets_in(alb: Recording) -> None:
    parameters = alb.resources["us-east-database-parameters"].inputs["parameters"]
    most = next(int(each["value"]) for each in parameters if each["name"] == "max_connections")
    assert alarms(alb)["connections"]["threshold"] == most * 80 // 100


def test_somebody_is_told(alb: Recording) -> None:
    told = alarms(alb)["nodes"]["alarmActions"]
    assert told == alarms(alb)["licences"]["okActions"] == ["arn:mock:us-east-alarms-topic"]
    topic = alb.resources["us-east-alarms-topic"].inputs
    assert topic["kmsMasterKeyId"] == "arn:mock:us-east-key-key"
    own = made(observability={"alarms": {"notify": "arn:aws:sns:us-east-1:123456789012:ours"}})
    assert alarms(own)["nodes"]["alarmActions"] == ["arn:aws:sns:us-east-1:123456789012:ours"]
    assert not own.of_type("aws:sns/topic:Topic")


def test_without_an_alb_the_nodes_logs_count_errors() -> None:
    found = made()
    assert alarms(found)["errors"]["namespace"] == "ArtifactoryEstate/acme-us-east"
    filters = found.of_type("aws:cloudwatch/logMetricFilter:LogMetricFilter")
    assert [one.inputs["logGroupName"] for one in filters] == ["/artifactory/acme-us-east/nodes"]


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("2026-01-01T00:00:00Z|7f|10.0.0.1|ADMIN|GET|/api/system/500|503|0|12|4|curl/8.0", True),
        ("2026-01-01T00:00:00Z|7f|10.0.0.1|admin|PROPFIND|/libs/a%20b|500|0|12|4|curl/8.0", True),
        ("2026-01-01T00:00:00Z|7f|10.0.0.1|ADMIN|GET|/libs/503|200|512|503|550|curl/8.0", False),
        ("2026-01-01T00:00:00Z|7f|10.0.0.1|ADMIN|PUT|/libs/a.jar|404|500|500|500|curl/8.0", False),
    ],
)
def test_a_request_log_counts_what_failed_by_an_expression_that_cloudwatch_takes(line: str, counts: bool) -> None:
    expression = SERVER_ERRORS.strip("%")
    assert re.fullmatch(r"[A-Za-z0-9:_#=@/;,^$?\[\]{}|\\*+.-]+", expression), "AWS names these characters, not ( and )"
    assert bool(re.search(expression, line)) is counts


def test_a_node_more_changes_one_alarm_and_no_dashboard() -> None:
    before, after = (made(nodes={"count": count, "max": 4, "size": "small"}) for count in (2, 3))
    changed = {key for key, inputs in alarms(after).items() if inputs != alarms(before)[key]}
    assert changed == {"nodes"}
    dashboard = "us-east-alarms-dashboard"
    assert before.resources[dashboard].inputs == after.resources[dashboard].inputs


def test_the_dashboard_shows_what_has_an_alarm(alb: Recording) -> None:
    body = json.loads(alb.resources["us-east-alarms-dashboard"].inputs["dashboardBody"])
    shown = {line[1] for widget in body["widgets"] for line in widget["properties"]["metrics"]}
    assert shown == {inputs["metricName"] for inputs in alarms(alb).values()}


def test_a_copy_of_the_bucket_is_watched() -> None:
    copy = {"SourceBucket": "here", "DestinationBucket": "there", "RuleId": "everything"}
    watched = Watched(group="g", balancer="net/x", target_groups=[], copies=[copy])
    found = {alarm.key: alarm for alarm in alarms_of(names(), site_of(), watched)}
    assert found["copy-0"].threshold == 900
    assert found["copy-0-failed"].metric.dimensions == copy


def test_each_mount_is_watched() -> None:
    site = site_of(nodes={"count": 2, "data_volume": {"size_gib": 100}}, filestore={"kind": "cluster-file-system"})
    found = [alarm for alarm in alarms_of(names(), site, Watched("g", "net/x", [])) if alarm.key.startswith("storage")]
    assert [alarm.metric.dimensions["Mount"] for alarm in found] == ["/", "/var/opt/jfrog/artifactory/data"]


def test_logs_go_to_the_sites_group() -> None:
    collected = json.loads(agent_json(names()))["logs"]["logs_collected"]["files"]["collect_list"]
    assert {each["log_group_name"] for each in collected} == {"/artifactory/acme-us-east/nodes"}
    assert any(each["file_path"].endswith("artifactory-request.log") for each in collected)


def test_metrics_are_scraped_where_they_are_answered() -> None:
    silent = site_of(observability={"open_metrics": False})
    text = prometheus_yml([("us-east", site_of()), ("silent", silent)])
    assert "us-east.repo.acme.example:80" in text and "silent" not in text
    assert "jfrt_federation_max_lag_ms_total" in prometheus_rules()
    assert "metrics" in made().resources["us-east-bundle"].inputs["files"]["system.yaml"]
    off = made(observability={"open_metrics": False}).resources["us-east-bundle"].inputs["files"]["system.yaml"]
    assert "metrics" not in off
