"""What a pair registers: the switch that stands ready, each side's alarm in the other side's region."""

from dataclasses import replace

import pytest

from artifactory_estate.base import Owner
from artifactory_estate.cloud.journal import Place
from artifactory_estate.disaster_recovery.component import DisasterRecoveryPair, End, declaration
from artifactory_estate.disaster_recovery.model import DisasterRecovery
from artifactory_estate.estate.load import loads
from artifactory_estate.operations import pairs
from artifactory_estate.repositories.model import Repositories
from artifactory_estate.rest import Connection
from tests.support.recording import Recording, recorded
from tests.unit.estate.documents import SAMPLE

REGIONS = {"us-east": "us-east-1", "us-west": "us-west-2"}
OWNER = Owner(estate="acme", resource="dr-east/east-pair")
ZONE = {"pulumi-python:dynamic/estate:HostedZone": {"observed": {"zone_id": "Z1"}}}


def end(site: str, **repositories: object) -> End:
    return End(
        connection=Connection(site=site, url=f"http://{site}.repo.acme.example", token="file:token"),
        journal=Place(bucket=f"acme-{site}-site-123456789012", region=REGIONS[site]),
        repositories=Repositories.from_data(repositories),
    )


def pair(**fields: object) -> DisasterRecovery:
    data = {"master": "us-east", "target": "us-west", "serving": "us-east", "epoch": 1}
    return DisasterRecovery.from_data({**data, **fields})


def registered(declared: DisasterRecovery) -> Recording:
    def program() -> None:
        DisasterRecoveryPair("east", "acme", declared, end("us-east"), end("us-west"), {"owner": "platform"})

    with recorded(program, ZONE, stack="dr-east") as recording:
        return recording


def test_failover_records_with_the_alarm_in_the_other_sides_region() -> None:
    found = registered(pair(service={"name": "repo.acme.example"}))
    alarms = {alarm.inputs["name"]: alarm.inputs for alarm in found.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")}
    assert {name: alarm["region"] for name, alarm in alarms.items()} == {
        "acme-east-us-east-not-serving": "us-west-2",
        "acme-east-us-west-not-serving": "us-east-1",
    }
    master = alarms["acme-east-us-east-not-serving"]
    assert master["dimensions"] == {"Estate": "acme", "Pair": "east", "Site": "us-east"}
    assert (master["threshold"], master["statistic"], master["treatMissingData"]) == (1, "Minimum", "ignore")
    assert master["tags"]["artifactory-estate"] == "acme" and master["tags"]["owner"] == "platform"
    checks = {check.name: check.inputs for check in found.of_type("aws:route53/healthCheck:HealthCheck")}
    assert checks["east-us-east"]["cloudwatchAlarmRegion"] == "us-west-2"
    assert {check["insufficientDataHealthStatus"] for check in checks.values()} == {"LastKnownStatus"}
    records = {record.name: record.inputs for record in found.of_type("aws:route53/record:Record")}
    assert {name: record["failoverRoutingPolicies"][0]["type"] for name, record in records.items()} == {
        "east-us-east": "PRIMARY",
        "east-us-west": "SECONDARY",
    }
    assert records["east-us-west"]["aliases"] == [
        {"name": "us-west.repo.acme.example", "zoneId": "Z1", "evaluateTargetHealth": False}
    ]
    assert {record["name"] for record in records.values()} == {"repo.acme.example"}
    assert {"east-us-east", "east-us-west"} <= found.before("east-pair")


@pytest.mark.parametrize("service", [None, {"name": "repo.acme.example", "switch": "hook", "command": ["move"]}])
def test_nothing_on_aws_where_somebody_else_moves_the_traffic(service: dict[str, object] | None) -> None:
    found = registered(pair(service=service) if service else pair())
    assert not [resource for resource in found.resources.values() if resource.type.startswith("aws:")]
    (made,) = found.of_type("pulumi-python:dynamic/estate:DisasterRecovery")
    assert made.inputs["owner"] == {"estate": "acme", "resource": "dr-east/east-pair"}


def test_a_change_of_the_masters_repositories_is_a_change_of_the_pair() -> None:
    one = declaration("east", OWNER, pair(), end("us-east"), end("us-west"))
    lab = {"package_type": "generic", "url": "http://lab.example/artifactory/r", "credentials": "file:lab.token"}
    two = declaration("east", OWNER, pair(), end("us-east", remote={"lab": lab}), end("us-west"))
    assert one.definitions != two.definitions
    assert two.credentials == {"lab": "file:lab.token"}
    assert two == declaration("east", OWNER, pair(), end("us-east", remote={"lab": lab}), end("us-west"))


def test_a_side_that_trusts_checksums_is_declared_so() -> None:
    east, west = end("us-east"), replace(end("us-west"), trusts_checksums=True)
    assert declaration("east", OWNER, pair(), east, end("us-west")).trusting == ()
    assert declaration("east", OWNER, pair(), east, west).trusting == ("us-west",)
    trusts = SAMPLE.replace("us-west-2}\n", "us-west-2}\n    filestore: {checksum_replication: 0}\n", 1)
    assert pairs.declared(loads(trusts), "east").trusting == ("us-west",)


def test_status_asks_with_the_owner_that_the_stack_writes_into_marks() -> None:
    (made,) = registered(pair()).of_type("pulumi-python:dynamic/estate:DisasterRecovery")
    assert pairs.declared(loads(SAMPLE), "east").owner == Owner.from_data(made.inputs["owner"]) == OWNER
