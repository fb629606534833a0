"""EBS volumes in the stand-in: grown in place, kept as a snapshot when they go; subnets looked up by id."""

from collections.abc import Iterator

import boto3
import pytest

from artifactory_sandbox.aws_plugin.connection import Connection, configure
from artifactory_sandbox.aws_plugin.functions import invoke
from artifactory_sandbox.aws_plugin.operations import Operations
from tests.support.aws import running_aws
from tests.unit.aws_plugin.test_operations import EAST, checked, create

VOLUME = "aws:ebs/volume:Volume"


@pytest.fixture
def connection() -> Iterator[Connection]:
    with running_aws() as address:
        yield Connection(configure({}, {"AWS_ENDPOINT_URL": address, "AWS_REGION": EAST}))


def test_a_volume_grows_and_leaves_a_snapshot(connection: Connection) -> None:
    made_by, ec2 = Operations(connection), boto3.client("ec2", region_name=EAST)
    tags = {"estate-slot": "1"}
    zone = "us-east-1a"
    id_, inputs, outputs = create(
        made_by, VOLUME, availabilityZone=zone, size=20, type="gp3", iops=3000, throughput=125, encrypted=True,
        finalSnapshot=True, tags=tags,
    )  # fmt: skip
    assert (outputs["availabilityZone"], outputs["size"], outputs["tags"]) == (zone, 20, tags)
    larger = checked(made_by, VOLUME, {**inputs, "size": 40}, inputs)
    outputs = made_by.update(VOLUME, id_, outputs, inputs, larger)
    assert ec2.describe_volumes(VolumeIds=[id_])["Volumes"][0]["Size"] == 40
    made_by.delete(VOLUME, id_, outputs)
    assert not [each for each in ec2.describe_volumes()["Volumes"] if each["VolumeId"] == id_]
    snapshots = ec2.describe_snapshots(Filters=[{"Name": "volume-id", "Values": [id_]}])["Snapshots"]
    assert [each["Description"] for each in snapshots] == [f"final snapshot of {id_}"]


def test_the_zone_of_a_subnet(connection: Connection) -> None:
    ec2 = boto3.client("ec2", region_name=EAST)
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.0.0/20", AvailabilityZone="us-east-1b")["Subnet"]["SubnetId"]
    found = invoke(connection, "aws:ec2/getSubnet:getSubnet", {"id": made})
    assert (found["availabilityZone"], found["vpcId"]) == ("us-east-1b", vpc)
