"""Copies of a bucket in another region: status, delete markers, both ways, metrics."""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.clients.sandbox_cloud.running import Running, until

ROLE = "arn:aws:iam::123456789012:role/replication"
METRICS = {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}


def rule(target: str, markers: str = "Enabled", priority: int = 1, prefix: str = "filestore/") -> dict[str, Any]:
    return {
        "ID": f"to-{target}-{priority}",
        "Priority": priority,
        "Status": "Enabled",
        "Filter": {"Prefix": prefix},
        "DeleteMarkerReplication": {"Status": markers},
        "Destination": {
            "Bucket": f"arn:aws:s3:::{target}",
            "Metrics": METRICS,
            "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
        },
    }


class Pair:
    """A bucket in each of two regions."""

    def __init__(self, sandbox: Running, name: str) -> None:
        self.sandbox, self.names = sandbox, (f"{name}-east", f"{name}-west")
        self.east, self.west = sandbox.aws("s3"), sandbox.aws("s3", "us-west-2")
        self.east.create_bucket(Bucket=self.names[0])
        self.west.create_bucket(Bucket=self.names[1], CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        for client, bucket in zip((self.east, self.west), self.names, strict=True):
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def copy(self, *rules: dict[str, Any], back: bool = False) -> None:
        client, bucket = (self.west, self.names[1]) if back else (self.east, self.names[0])
        client.put_bucket_replication(Bucket=bucket, ReplicationConfiguration={"Role": ROLE, "Rules": list(rules)})

    def status(self, key: str) -> str:
        return str(self.east.head_object(Bucket=self.names[0], Key=key).get("ReplicationStatus", ""))

    def versions(self, west: bool) -> list[str]:
        client, bucket = (self.west, self.names[1]) if west else (self.east, self.names[0])
        found = client.list_object_versions(Bucket=bucket)
        return sorted(row["VersionId"] for kind in ("Versions", "DeleteMarkers") for row in found.get(kind, ()))


@pytest.fixture
def mended(sandbox: Running) -> Iterator[None]:
    """Regions are up again afterwards."""
    yield
    sandbox.fault("region-up", region="us-west-2")
    sandbox.fault("heal")


def test_an_object_says_how_its_copy_stands(sandbox: Running, mended: None) -> None:
    pair = Pair(sandbox, "status")
    pair.copy(rule(pair.names[1]))
    data = os.urandom(9_000_000)
    sandbox.fault("region-down", region="us-west-2")
    made = pair.east.put_object(Bucket=pair.names[0], Key="filestore/a", Body=data, Metadata={"who": "us"})
    until(lambda: pair.status("filestore/a") == "PENDING", "the object to wait")
    sandbox.fault("region-up", region="us-west-2")
    until(lambda: pair.status("filestore/a") == "COMPLETED", "the copy")
    read = pair.west.get_object(Bucket=pair.names[1], Key="filestore/a")
    assert hashlib.sha1(read["Body"].read()).digest() == hashlib.sha1(data).digest()
    assert (read["ReplicationStatus"], read["VersionId"], read["ETag"]) == ("REPLICA", made["VersionId"], made["ETag"])
    assert read["Metadata"] == {"who": "us"}
    pair.east.put_object(Bucket=pair.names[0], Key="elsewhere/a", Body=b"1")
    pair.copy(rule("no-such-bucket"))
    pair.east.put_object(Bucket=pair.names[0], Key="filestore/b", Body=b"1")
    until(lambda: pair.status("filestore/b") == "FAILED", "the failure")
    assert pair.status("elsewhere/a") == ""


@pytest.mark.parametrize("markers", ["Enabled", "Disabled"])
def test_delete_markers_are_copied_when_asked_and_deleted_versions_never(sandbox: Running, markers: str) -> None:
    pair = Pair(sandbox, f"markers-{markers.lower()}")
    pair.copy(rule(pair.names[1], markers))
    first = pair.east.put_object(Bucket=pair.names[0], Key="filestore/a", Body=b"1")["VersionId"]
    until(lambda: pair.versions(west=True) == [first], "the copy")
    marker = pair.east.delete_object(Bucket=pair.names[0], Key="filestore/a")["VersionId"]
    pair.east.put_object(Bucket=pair.names[0], Key="filestore/last", Body=b"1")
    until(lambda: pair.status("filestore/last") == "COMPLETED", "what came after the marker")
    found = pair.versions(west=True)
    assert (marker in found) == (markers == "Enabled")
    pair.east.delete_object(Bucket=pair.names[0], Key="filestore/a", VersionId=first)
    pair.east.put_object(Bucket=pair.names[0], Key="filestore/last", Body=b"2")
    until(lambda: len(pair.versions(west=True)) == len(found) + 1, "what came after the removal")
    assert first in pair.versions(west=True)


def test_two_buckets_that_copy_each_other_do_not_copy_copies(sandbox: Running) -> None:
    pair = Pair(sandbox, "ways")
    pair.copy(rule(pair.names[1], "Disabled", 1, ""), rule(pair.names[1], "Enabled", 2, ""))
    pair.copy(rule(pair.names[0]), back=True)
    pair.east.put_object(Bucket=pair.names[0], Key="filestore/a", Body=b"1")
    pair.west.put_object(Bucket=pair.names[1], Key="filestore/b", Body=b"1")
    until(lambda: len(pair.versions(west=True)) == len(pair.versions(west=False)) == 2, "both copies")
    marker = pair.east.delete_object(Bucket=pair.names[0], Key="filestore/a")["VersionId"]
    until(lambda: marker in pair.versions(west=True), "the marker, by the rule of the higher priority")
    pair.west.put_object(Bucket=pair.names[1], Key="filestore/c", Body=b"1")
    until(lambda: len(pair.versions(west=False)) == 4, "the last copy")
    assert pair.versions(west=True) == pair.versions(west=False)


def test_the_lag_is_a_metric(sandbox: Running, mended: None) -> None:
    pair = Pair(sandbox, "lag")
    pair.copy(rule(pair.names[1]))
    sandbox.fault("region-down", region="us-west-2")
    pair.east.put_object(Bucket=pair.names[0], Key="filestore/a", Body=b"12345")
    cloudwatch = sandbox.aws("cloudwatch")
    names = {"SourceBucket": pair.names[0], "DestinationBucket": pair.names[1], "RuleId": f"to-{pair.names[1]}-1"}
    query = [
        {
            "Id": id_,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/S3",
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in names.items()],
                },
                "Period": 60,
                "Stat": "Maximum",
            },
        }
        for id_, name in (("lag", "ReplicationLatency"), ("size", "BytesPendingReplication"))
    ]

    def seen() -> bool:
        now = datetime.now(UTC)
        around = {"StartTime": now - timedelta(minutes=9), "EndTime": now + timedelta(minutes=2)}
        made = cloudwatch.get_metric_data(MetricDataQueries=query, **around)
        values = {row["Id"]: row["Values"] for row in made["MetricDataResults"]}
        return max(values["lag"], default=0) > 1 and max(values["size"], default=0) == 5

    until(seen, "the lag")
