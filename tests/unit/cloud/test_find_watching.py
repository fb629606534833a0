"""What a killed run left of a site's key, logs, topic and file system is found again, and nobody else's."""

from typing import Any

import boto3

from artifactory_estate.cloud.find import TAG, find_id
from tests.support.aws import REGION

MARK = "acme/us-east/aws:kms/key:Key/us-east-key"
WHERE = (REGION, None)


def found(kind: str, **inputs: Any) -> str | None:
    return find_id(kind, MARK, inputs, WHERE)


def test_a_key_by_its_mark(aws: str) -> None:
    kms = boto3.client("kms", region_name=REGION)
    kms.create_key(Tags=[{"TagKey": TAG, "TagValue": "acme/eu-west/aws:kms/key:Key/eu-west-key"}])
    assert found("aws:kms/key:Key") is None
    ours = kms.create_key(Tags=[{"TagKey": TAG, "TagValue": MARK}])["KeyMetadata"]["KeyId"]
    assert found("aws:kms/key:Key") == ours
    kms.schedule_key_deletion(KeyId=ours)
    assert found("aws:kms/key:Key") is None


def test_an_alias_and_a_log_group_by_their_whole_names(aws: str) -> None:
    kms, logs = boto3.client("kms", region_name=REGION), boto3.client("logs", region_name=REGION)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/acme-us-east-2", TargetKeyId=key)
    logs.create_log_group(logGroupName="/artifactory/acme-us-east/nodes-2")
    wanted = {
        "aws:kms/alias:Alias": "alias/acme-us-east",
        "aws:cloudwatch/logGroup:LogGroup": "/artifactory/acme-us-east/nodes",
    }
    assert [found(kind, name=name) for kind, name in wanted.items()] == [None, None]
    kms.create_alias(AliasName="alias/acme-us-east", TargetKeyId=key)
    logs.create_log_group(logGroupName="/artifactory/acme-us-east/nodes")
    assert {kind: found(kind, name=name) for kind, name in wanted.items()} == wanted


def test_a_topic_by_its_name(aws: str) -> None:
    sns, name = boto3.client("sns", region_name=REGION), "acme-us-east-alarms"
    sns.create_topic(Name=f"other-{name}")
    assert found("aws:sns/topic:Topic", name=name) is None
    ours = sns.create_topic(Name=name)["TopicArn"]
    assert found("aws:sns/topic:Topic", name=name) == ours


def test_flow_logs_by_their_mark(aws: str) -> None:
    ec2, logs = boto3.client("ec2", region_name=REGION), boto3.client("logs", region_name=REGION)
    logs.create_log_group(logGroupName="/artifactory/acme-us-east/network")
    role = boto3.client("iam").create_role(RoleName="flow-logs", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    assert found("aws:ec2/flowLog:FlowLog") is None
    made = ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="/artifactory/acme-us-east/network",
        DeliverLogsPermissionArn=role,
        TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": TAG, "Value": MARK}]}],
    )["FlowLogIds"]
    assert found("aws:ec2/flowLog:FlowLog") == made[0]


def test_a_file_system_by_its_mark_and_its_target_by_its_subnet(aws: str) -> None:
    efs, ec2 = boto3.client("efs", region_name=REGION), boto3.client("ec2", region_name=REGION)
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.8.{n}.0/24")["Subnet"]["SubnetId"] for n in range(2)]
    others = efs.create_file_system(CreationToken="others", Tags=[{"Key": TAG, "Value": f"{MARK}-2"}])["FileSystemId"]
    efs.create_mount_target(FileSystemId=others, SubnetId=subnets[0])
    assert found("aws:efs/fileSystem:FileSystem") is None
    ours = efs.create_file_system(CreationToken="ours", Tags=[{"Key": TAG, "Value": MARK}])["FileSystemId"]
    assert found("aws:efs/fileSystem:FileSystem") == ours
    target, inputs = "aws:efs/mountTarget:MountTarget", {"fileSystemId": ours, "subnetId": subnets[0]}
    assert found(target, **inputs) is None
    made = efs.create_mount_target(FileSystemId=ours, SubnetId=subnets[0])["MountTargetId"]
    assert found(target, **inputs) == made
    assert found(target, **{**inputs, "subnetId": subnets[1]}) is None
