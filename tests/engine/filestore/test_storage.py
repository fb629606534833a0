"""Everything behind a filestore, made, looked at, grown and taken away by the real engine."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

import artifactory_sandbox.aws_plugin as plugin
from tests.support.aws import REGION, running_aws
from tests.support.engine import Engine

BIN = Path(plugin.__file__).parent / "bin"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    with running_aws():
        program = Path(__file__).parent / "program"
        yield Engine(tmp_path, program, environment={"PATH": path, "AWS_REGION": REGION})


def output(engine: Engine, name: str) -> Any:
    return json.loads(engine.run("stack", "output", "--json", "-s", engine.stack))[name]


def test_storage_is_made_grown_and_taken_away(engine: Engine) -> None:
    engine.up()
    s3, west = boto3.client("s3", region_name=REGION), boto3.client("ec2", region_name="us-west-2")
    bucket = "acme-east-filestore-123456789012"
    (rule,) = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["Destination"]["Bucket"] == "arn:aws:s3:::acme-west-filestore-123456789012"
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["BucketKeyEnabled"] is True
    ids = output(engine, "volumes")
    found = west.describe_volumes(VolumeIds=ids)["Volumes"]
    zones = {each["VolumeId"]: each["AvailabilityZone"] for each in found}
    assert [zones[id_][-1] for id_ in ids] == ["a", "b", "a"]
    assert all(each["Encrypted"] for each in found)
    mounts = output(engine, "mounts")
    assert mounts.endswith(".efs.us-east-1.amazonaws.com:/ /mnt/filestore efs tls,_netdev\n")
    policy = boto3.client("efs", region_name=REGION).describe_file_system_policy(FileSystemId=mounts.partition(".")[0])
    assert "aws:SecureTransport" in policy["Policy"]
    engine.refresh("--expect-no-changes")
    engine.up(GROWN="yes")
    assert {each["Size"] for each in west.describe_volumes(VolumeIds=ids)["Volumes"]} == {40}
    engine.destroy()
    assert not boto3.client("efs", region_name=REGION).describe_file_systems()["FileSystems"]
    assert len(west.describe_snapshots(Filters=[{"Name": "volume-id", "Values": ids}])["Snapshots"]) == 3
