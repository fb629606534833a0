"""Changing a database subnet group changes it: stock moto deletes it."""

from typing import Any

from moto.rds.exceptions import DBSubnetGroupNotFoundError
from moto.rds.models import RDSBackend

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import REGION, Scratch, expect


def apply(hooks: Hooks) -> None:
    """Looks the group up instead of taking it out."""
    del hooks

    def modify_db_subnet_group(self: Any, subnet_name: str, description: str | None, subnets: list[Any]) -> Any:
        if subnet_name not in self.subnet_groups:
            raise DBSubnetGroupNotFoundError(subnet_name)
        group = self.subnet_groups[subnet_name]
        group.subnets = subnets
        group.description = description or group.description
        return group

    RDSBackend.modify_db_subnet_group = modify_db_subnet_group


def check(aws: Scratch) -> None:
    """A changed group is still there, with the new subnets."""
    ec2, rds, name = aws.client("ec2"), aws.client("rds"), "check-subnets"
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    one, two = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{row}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for row, zone in enumerate("ab")
    )
    rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription="check", SubnetIds=[one])
    rds.modify_db_subnet_group(DBSubnetGroupName=name, SubnetIds=[one, two])
    group = rds.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"][0]
    expect(len(group["Subnets"]) == 2, "the changed group lists both subnets")
