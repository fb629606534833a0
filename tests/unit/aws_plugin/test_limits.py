"""AWS's own limits: each takes what AWS takes, and refuses the next."""

import base64
from typing import Any

import pytest

from artifactory_sandbox.aws_plugin import inputs, limits
from artifactory_sandbox.aws_plugin.services import row_of
from artifactory_sandbox.aws_plugin.wire import UNKNOWN

BALANCER, GROUP = "aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"
TEMPLATE, BUCKET, ROLE = "aws:ec2/launchTemplate:LaunchTemplate", "aws:s3/bucket:Bucket", "aws:iam/role:Role"
DATABASE, ASG = "aws:rds/instance:Instance", "aws:autoscaling/group:Group"
TWO = {"subnets": ["a", "b"]}
RDS = {"engine": "postgres", "username": "u", "manageMasterUserPassword": True, "skipFinalSnapshot": True}
KEPT = {**RDS, "skipFinalSnapshot": False}
SIZED = {"launchTemplate": {"id": "lt-1"}, "vpcZoneIdentifiers": ["s"], "minSize": 1, "maxSize": 2}
TRUST = {"assumeRolePolicy": "{}"}


def user_data(size: int) -> dict[str, str]:
    return {"userData": base64.b64encode(b"x" * size).decode()}


CASES = [  # type, taken, refused, where
    (TEMPLATE, user_data(16 * 1024), user_data(16 * 1024 + 1), "userData"),
    (TEMPLATE, {"name": "abc"}, {"name": "ab"}, "name"),
    (TEMPLATE, {"name": "a" * 128}, {"name": "a" * 129}, "name"),
    (BALANCER, {"name": "a" * 32, **TWO}, {"name": "a" * 33, **TWO}, "name"),
    (BALANCER, {"name": "a-b", **TWO}, {"name": "a_b", **TWO}, "name"),
    (BALANCER, {"name": "a-b", **TWO}, {"name": "a-", **TWO}, "name"),
    (BALANCER, {"name": "inner", **TWO}, {"name": "internal-x", **TWO}, "name"),
    (BALANCER, TWO, {"subnets": ["a"]}, "subnets"),
    (BALANCER, TWO, {"subnets": ["a", "a"]}, "subnets"),
    (BALANCER, {"subnets": ["a"], "loadBalancerType": "network"}, {"subnets": ["a"]}, "subnets"),
    (BALANCER, {"subnets": ["a", UNKNOWN]}, {"subnets": []}, "subnets"),
    (GROUP, {"name": "a" * 32}, {"name": "a" * 33}, "name"),
    (GROUP, {"healthCheck": {"interval": 5, "timeout": 4}}, {"healthCheck": {"interval": 4, "timeout": 2}}, "healthCheck.interval"),
    (GROUP, {"healthCheck": {"timeout": 10}}, {"healthCheck": {"timeout": 30}}, "healthCheck.timeout"),
    (BUCKET, {"bucket": "a.b-c"}, {"bucket": "a..b"}, "bucket"),
    (BUCKET, {"bucket": "abc"}, {"bucket": "ab"}, "bucket"),
    (BUCKET, {"bucket": "a" * 63}, {"bucket": "a" * 64}, "bucket"),
    (BUCKET, {"bucket": "abc"}, {"bucket": "Abc"}, "bucket"),
    (BUCKET, {"bucket": "1.2.3.4.5"}, {"bucket": "1.2.3.4"}, "bucket"),
    (ROLE, {"name": "a" * 64, **TRUST}, {"name": "a" * 65, **TRUST}, "name"),
    (ROLE, {"name": "a+b", **TRUST}, {"name": "a/b", **TRUST}, "name"),
    (ROLE, TRUST, {"assumeRolePolicy": "{"}, "assumeRolePolicy"),
    (ROLE, {"assumeRolePolicy": '"' + "x" * 2046 + '"'}, {"assumeRolePolicy": '"' + "x" * 2047 + '"'}, "assumeRolePolicy"),
    (DATABASE, {"identifier": "a-b", **RDS}, {"identifier": "a--b", **RDS}, "identifier"),
    (DATABASE, {"identifier": "a" * 63, **RDS}, {"identifier": "a" * 64, **RDS}, "identifier"),
    (DATABASE, {"identifier": "a1", **RDS}, {"identifier": "1a", **RDS}, "identifier"),
    (DATABASE, RDS, {**RDS, "password": "x"}, "password"),
    (DATABASE, {**KEPT, "finalSnapshotIdentifier": "last"}, KEPT, "finalSnapshotIdentifier"),
    (ASG, {**SIZED, "desiredCapacity": 2}, {**SIZED, "desiredCapacity": 3}, "desiredCapacity"),
    (ASG, SIZED, {**SIZED, "minSize": 3}, "minSize"),
    ("aws:rds/subnetGroup:SubnetGroup", {"subnetIds": ["a", "b"]}, {"subnetIds": ["a"]}, "subnetIds"),
    ("aws:ec2/securityGroup:SecurityGroup", {"name": "nodes"}, {"name": "sg-nodes"}, "name"),
    ("aws:kms/alias:Alias", {"name": "alias/a"}, {"name": "a"}, "name"),
    ("aws:kms/key:Key", {"deletionWindowInDays": 7}, {"deletionWindowInDays": 6}, "deletionWindowInDays"),
    ("aws:secretsmanager/secret:Secret", {"recoveryWindowInDays": 0}, {"recoveryWindowInDays": 6}, "recoveryWindowInDays"),
    ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 7}, {"retentionInDays": 8}, "retentionInDays"),
    (
        "aws:route53/healthCheck:HealthCheck",
        {"type": "CLOUDWATCH_METRIC", "cloudwatchAlarmName": "a", "cloudwatchAlarmRegion": "us-west-2"},
        {"type": "CLOUDWATCH_METRIC", "cloudwatchAlarmName": "a"},
        "cloudwatchAlarmRegion",
    ),
    ("aws:route53/record:Record", {"records": ["1.2.3.4"], "ttl": 60}, {"records": ["1.2.3.4"]}, "ttl"),
    ("aws:lb/listener:Listener", {"protocol": "HTTPS", "certificateArn": UNKNOWN}, {"protocol": "HTTPS"}, "certificateArn"),
    (GROUP, {"tags": {f"k{n}": "v" for n in range(48)}}, {"tags": {f"k{n}": "v" for n in range(49)}}, "tags"),
    (GROUP, {"tags": {"k" * 128: "v" * 256}}, {"tags": {"k" * 129: "v"}}, "tags." + "k" * 129),
    (GROUP, {"tags": {"a:b/c@d": "x y"}}, {"tags": {"a": "x|y"}}, "tags.a"),
    (GROUP, {"tags": {"awsome": ""}}, {"tags": {"aws:x": ""}}, "tags.aws:x"),
]  # fmt: skip
DEFAULT_TAGS = {"estate": "acme", "site": "us-east"}


def broken(token: str, props: dict[str, Any]) -> dict[str, str]:
    return dict(inputs.broken_limits(row_of(token), props, DEFAULT_TAGS))


@pytest.mark.parametrize(("token", "taken", "refused", "where"), CASES)
def test_a_limit_takes_and_refuses(token: str, taken: dict[str, Any], refused: dict[str, Any], where: str) -> None:
    assert broken(token, taken) == {}
    assert where in broken(token, refused)


def test_user_data_must_be_base64() -> None:
    assert dict(limits.user_data({"userData": "#!/bin/bash"})) == {"userData": "must be base64-encoded"}


def test_what_is_not_known_yet_breaks_no_limit() -> None:
    assert broken(BUCKET, {"bucket": UNKNOWN, "tags": UNKNOWN}) == {}
    assert broken(TEMPLATE, {"userData": UNKNOWN}) == {}
