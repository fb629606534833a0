"""A little AWS of its own for the patches' checks."""

import base64
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from artifactory_sandbox.aws.settings import INTERNAL_KEY, SECRET_KEY

REGION = "us-east-2"
PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
_SESSION = boto3.Session(INTERNAL_KEY, SECRET_KEY, region_name=REGION)
_CONFIG = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})


class Scratch:
    """Clients of one endpoint, and things a check needs."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client."""
        return _client(self._endpoint, service, region)

    def bucket(self, name: str) -> Any:
        """An S3 client, after making a versioned bucket."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return s3

    def group(self, name: str, size: int, **settings: Any) -> list[dict[str, Any]]:
        """An Auto Scaling group over two zones, from a new launch template; its instances."""
        ec2, scaling = self.client("ec2"), self.client("autoscaling")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{row}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
                "SubnetId"
            ]
            for row, zone in enumerate("ab")
        ]
        data = {"ImageId": f"resolve:ssm:{PARAMETER}", "InstanceType": "m6i.large", "UserData": encoded("first")}
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchTemplate={"LaunchTemplateName": name, "Version": "$Latest"},
            MinSize=size,
            MaxSize=size + 2,
            VPCZoneIdentifier=",".join(subnets),
            **settings,
        )
        return self.members(name)

    def members(self, name: str) -> list[dict[str, Any]]:
        """The instances of a group now."""
        groups = self.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        return list(groups["AutoScalingGroups"][0]["Instances"])

    def target_group(self, name: str) -> str:
        """A target group's ARN."""
        vpc = self.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made = self.client("elbv2").create_target_group(Name=name, Protocol="HTTP", Port=8000, VpcId=vpc)
        return str(made["TargetGroups"][0]["TargetGroupArn"])


@cache
def _client(endpoint: str, service: str, region: str) -> Any:
    return _SESSION.client(service, region_name=region, endpoint_url=endpoint, config=_CONFIG)


def encoded(text: str) -> str:
    """Base64, as user data travels."""
    return base64.b64encode(text.encode()).decode()


def expect(truth: bool, claim: str) -> None:
    """Raises AssertionError with the claim that is not true."""
    if not truth:
        raise AssertionError(claim)
