"""What nodes and fronts say of their start, and starting those again that failed."""

import json
from typing import Any

import boto3
import pytest
from botocore.paginate import Paginator

from artifactory_estate.cloud import node_reports
from artifactory_estate.cloud.node_commands import Group, NodeFailed
from artifactory_estate.cloud.node_reports import (
    FrontsOf,
    NodesOf,
    await_fronts,
    failed_fronts,
    failed_nodes,
    start_again,
)

PLACE = NodesOf(bucket="acme-us-east-site", group="acme-us-east-nodes", script="bootstrap", region="us-east-1")


@pytest.fixture
def said(aws: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put reports into the bucket; the group has i-1 and i-2 in service."""
    s3 = boto3.client("s3", region_name="us-east-1", endpoint_url=aws)
    s3.create_bucket(Bucket=PLACE.bucket)
    for item in s3.list_objects_v2(Bucket=PLACE.bucket).get("Contents", []):
        s3.delete_object(Bucket=PLACE.bucket, Key=item["Key"])
    monkeypatch.setattr(Group, "nodes", lambda _self: ["i-1", "i-2"])

    def say(instance: str, status: str, reason: str = "", folder: str = "nodes", at: str = "") -> None:
        report = {"instance": instance, "status": status, "bundle": "0" * 12, "reason": reason, "at": at}
        s3.put_object(Bucket=PLACE.bucket, Key=f"{folder}/{instance}.json", Body=json.dumps(report))

    return say


def test_only_nodes_in_service_whose_last_start_failed(said: Any) -> None:
    assert failed_nodes(PLACE) == ()
    said("i-1", "ready")
    said("i-2", "failed", "no master key")
    said("i-gone", "failed", "long ago")
    assert [(report.instance, report.reason) for report in failed_nodes(PLACE)] == [("i-2", "no master key")]


def test_a_report_on_the_second_page_counts(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Paginator.paginate
    monkeypatch.setattr(Paginator, "paginate", lambda self, **asked: pages(self, **asked, MaxKeys=1))
    said("i-1", "ready")
    said("i-2", "failed", "no master key")
    assert [report.instance for report in failed_nodes(PLACE)] == ["i-2"]
    assert failed_nodes(PLACE, "fronts") == ()


def test_a_node_that_failed_is_started_again_once(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, str]] = []
    monkeypatch.setattr(Group, "run", lambda _self, node, script: ran.append((node, script)))
    said("i-1", "ready")
    start_again(PLACE)
    assert ran == []
    said("i-2", "failed", "no master key")
    start_again(PLACE)
    assert ran == [("i-2", "bootstrap")]


def test_its_last_words_are_told_when_it_fails_again(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: Group, node: str, _script: str) -> None:
        raise NodeFailed(f"{node}: no master key")

    monkeypatch.setattr(Group, "run", fail)
    said("i-2", "failed", "no master key")
    with pytest.raises(NodeFailed, match="i-2: no master key"):
        start_again(PLACE)


FRONTS = FrontsOf(bucket=PLACE.bucket, group="acme-us-east-fronts", region="us-east-1")


def test_a_front_that_failed_before_is_asked_until_it_has_tried_again(said: Any) -> None:
    said("i-1", "failed", "of a node")
    assert failed_fronts(FRONTS) == ()
    said("i-2", "failed", "no packages", "fronts", "18:00:00Z")
    said("i-gone", "failed", "long ago", "fronts")
    rounds = [
        lambda: said("i-1", "ready", "", "fronts"),
        lambda: said("i-2", "failed", "no packages", "fronts", "18:00:12Z"),
    ]
    (found,) = failed_fronts(FRONTS, sleep=lambda _s: rounds.pop(0)())
    assert (found.instance, found.reason, rounds) == ("i-2", "no packages", [])
    assert failed_fronts(FRONTS, sleep=lambda _s: said("i-2", "ready", "", "fronts")) == ()


def test_a_front_that_is_silent_is_waited_for_a_minute(said: Any) -> None:
    said("i-2", "failed", "no packages", "fronts")
    slept: list[float] = []
    clock = iter([0.0, 20.0, 59.0, 60.0]).__next__
    assert [report.instance for report in failed_fronts(FRONTS, slept.append, clock)] == ["i-2"]
    assert len(slept) == 2


def test_fronts_are_waited_for_until_all_serve_by_the_bundle(said: Any) -> None:
    said("i-1", "ready", "", "fronts")
    rounds = [
        lambda: said("i-2", "failed", "not yet", "fronts"),
        lambda: said("i-2", "ready", "", "fronts"),
    ]
    await_fronts(FRONTS, "0" * 12, sleep=lambda _s: rounds.pop(0)())
    assert rounds == []
    await_fronts(FRONTS, "0" * 12, sleep=lambda _s: pytest.fail("nothing to wait for"))


def test_a_front_that_does_not_follow_ends_the_wait_with_its_reason(said: Any) -> None:
    said("i-1", "ready", "", "fronts")
    with pytest.raises(NodeFailed, match=r"the front i-1 has not taken the bundle 1{12}; the front i-2 has not taken"):
        await_fronts(FRONTS, "1" * 12, sleep=lambda _s: None, now=iter([0.0, 30.0, 61.0]).__next__)
    said("i-2", "failed", "nginx does not take its new files", "fronts")
    with pytest.raises(NodeFailed, match="the front i-2 does not serve as declared: nginx does not take"):
        await_fronts(FRONTS, "0" * 12, sleep=lambda _s: None, now=iter([0.0, 30.0, 61.0]).__next__)


def test_a_site_without_a_bucket_yet_has_no_reports(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Group, "nodes", lambda _self: [])
    assert node_reports.failed_nodes(PLACE.model_copy(update={"bucket": "nobody-has-this-bucket"})) == ()
