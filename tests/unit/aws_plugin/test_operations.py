"""Create, read, update and delete over moto, without an engine: what an engine run shows only with luck or late."""

import socket
import threading
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3
import pytest

from artifactory_sandbox.aws_plugin.connection import Connection, configure, explain
from artifactory_sandbox.aws_plugin.operations import Operations
from artifactory_sandbox.aws_plugin.wire import UNKNOWN, Props
from tests.support.aws import running_aws

VPC, BUCKET, TOPIC = "aws:ec2/vpc:Vpc", "aws:s3/bucket:Bucket", "aws:sns/topic:Topic"
TEMPLATE, ROLE, GROUP = (
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:iam/role:Role",
    "aws:ec2/securityGroup:SecurityGroup",
)
EAST = "us-east-1"


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with running_aws() as address:
        yield address


@cache
def operations(aws: str, **config: str) -> Operations:
    """One for each configuration: making boto3's clients is what costs."""
    return Operations(Connection(configure(config, {"AWS_ENDPOINT_URL": aws, "AWS_REGION": EAST})))


def checked(made_by: Operations, token: str, news: Props, olds: Props | None = None) -> Props:
    full, problems = made_by.check(token, olds or {}, news, "", "thing")
    assert problems == []
    return full


def create(made_by: Operations, token: str, **news: Any) -> tuple[str, Props, Props]:
    """Id, inputs, outputs."""
    inputs = checked(made_by, token, news)
    made = made_by.create(token, inputs)
    assert made.problem is None
    return made.id, inputs, made.outputs


class Deaf:
    """Closes every connection at once, as a region that is down; counts them."""

    def __init__(self) -> None:
        self.seen = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.seen += 1
            connection.close()


@pytest.fixture
def deaf() -> Iterator[Deaf]:
    server = Deaf()
    yield server
    server.listener.close()


# What is asked, and when ----------------------------------------------------------------------------------------------


def test_check_diff_and_previews_ask_aws_nothing(aws: str, deaf: Deaf) -> None:
    _, inputs, outputs = create(operations(aws), TEMPLATE, userData="eA==", tags={"a": "1"})
    away = operations(deaf.url)
    again = checked(away, TEMPLATE, {"userData": "eQ==", "tags": {"a": "1"}}, inputs)
    assert away.diff(TEMPLATE, outputs, inputs, again).changes == {"userData": "update"}
    away.preview_create(TEMPLATE, again)
    away.preview_update(TEMPLATE, outputs, inputs, again)
    assert deaf.seen == 0


def test_a_region_that_is_down_fails_soon_and_says_so(deaf: Deaf) -> None:
    away, began = operations(deaf.url), time.monotonic()
    with pytest.raises(Exception) as failure:
        away.create(TOPIC, checked(away, TOPIC, {"region": "us-west-2"}))
    assert time.monotonic() - began < 10
    assert "AWS does not answer CreateTopic in us-west-2" in explain(failure.value, "us-west-2")


# Previews -------------------------------------------------------------------------------------------------------------


def test_a_previewed_creation_knows_inputs_tags_and_region_and_nothing_that_aws_computes(aws: str) -> None:
    made_by = operations(aws, defaultTags='{"tags": {"estate": "acme"}}')
    known = made_by.preview_create(VPC, checked(made_by, VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "1"}}))
    assert known["tagsAll"] == {"estate": "acme", "a": "1"} and known["region"] == EAST
    assert known["arn"] is UNKNOWN and known["mainRouteTableId"] is UNKNOWN
    assert "ipv4IpamPoolId" not in known  # null, not unknown: nobody declared it and AWS does not compute it


def test_a_previewed_update_hides_versions_that_will_move_and_only_then(aws: str) -> None:
    made_by = operations(aws)
    _, inputs, outputs = create(made_by, TEMPLATE, userData="eA==", tags={"a": "1"})
    moved = made_by.preview_update(TEMPLATE, outputs, inputs, {**inputs, "userData": "eQ=="})
    assert moved["latestVersion"] is UNKNOWN
    kept = made_by.preview_update(TEMPLATE, outputs, inputs, {**inputs, "tags": {"a": "2"}})
    assert kept["latestVersion"] == 1


# Changes --------------------------------------------------------------------------------------------------------------


def test_immutable_properties_replace_and_a_given_name_is_deleted_first(aws: str) -> None:
    made_by = operations(aws)
    _, inputs, outputs = create(made_by, ROLE, assumeRolePolicy={"Version": "2012-10-17"}, path="/a/")
    plan = made_by.diff(ROLE, outputs, inputs, {**inputs, "path": "/b/"})
    assert plan.replaces == {"path"} and not plan.delete_first
    _, inputs, outputs = create(made_by, ROLE, name="mine", assumeRolePolicy={"Version": "2012-10-17"}, path="/a/")
    plan = made_by.diff(ROLE, outputs, inputs, {**inputs, "path": "/b/"})
    assert plan.replaces == {"path"} and plan.delete_first


def test_another_region_replaces(aws: str) -> None:
    made_by = operations(aws)
    _, inputs, outputs = create(made_by, TOPIC)
    assert made_by.diff(TOPIC, outputs, inputs, {**inputs, "region": "eu-west-1"}).replaces == {"region"}
    assert operations(aws, region="eu-west-1").diff(TOPIC, outputs, inputs, inputs).replaces == {"region"}


def test_a_value_of_awss_own_is_no_change_when_its_declaration_is_taken_back(aws: str) -> None:
    made_by = operations(aws)
    _, inputs, outputs = create(made_by, BUCKET, bucket="taken-back", tags={"a": "1"})
    assert made_by.diff(BUCKET, outputs, inputs, {"tags": {"a": "1"}}).changes == {}
    assert made_by.diff(BUCKET, outputs, inputs, {"bucket": "taken-back"}).changes == {"tags": "delete"}


def test_default_tags_reach_aws_and_their_change_is_an_update(aws: str) -> None:
    before = operations(aws, defaultTags='{"tags": {"estate": "acme"}}')
    id_, inputs, outputs = create(before, TOPIC, tags={"a": "1"})
    assert outputs["tags"] == {"a": "1"} and outputs["tagsAll"] == {"a": "1", "estate": "acme"}
    after = operations(aws, defaultTags='{"tags": {"estate": "other"}}')
    news = checked(after, TOPIC, {"tags": {"a": "1"}}, inputs)
    assert after.diff(TOPIC, outputs, inputs, news).changes == {"tagsAll.estate": "update"}
    assert after.update(TOPIC, id_, outputs, inputs, news)["tagsAll"] == {"a": "1", "estate": "other"}
    none = operations(aws)
    news = checked(none, TOPIC, {"tags": {"a": "1"}}, inputs)
    assert none.update(TOPIC, id_, outputs, inputs, news)["tagsAll"] == {"a": "1"}


# Partial failure ------------------------------------------------------------------------------------------------------


def test_what_exists_is_kept_when_the_rest_of_its_creation_fails_and_the_next_update_finishes_it(aws: str) -> None:
    made_by = operations(aws)
    cidr = {"protocol": "tcp", "fromPort": 1, "toPort": 1, "cidrBlocks": ["no address"]}
    inputs = checked(made_by, GROUP, {"ingress": [cidr], "tags": {"a": "1"}})
    made = made_by.create(GROUP, inputs)
    assert made.id.startswith("sg-") and made.problem and "AuthorizeSecurityGroupIngress" in made.problem
    news = {**inputs, "ingress": [{**cidr, "cidrBlocks": ["10.0.0.0/8"]}]}
    outputs = made_by.update(GROUP, made.id, made.outputs, inputs, news)
    assert outputs["ingress"] == news["ingress"]


def test_after_a_failed_creation_an_update_without_a_difference_does_everything(aws: str) -> None:
    made_by = operations(aws)
    id_, inputs, outputs = create(made_by, VPC, cidrBlock="10.0.0.0/16", enableDnsHostnames=True, tags={"a": "1"})
    ec2 = boto3.client("ec2", region_name=EAST)
    ec2.modify_vpc_attribute(VpcId=id_, EnableDnsHostnames={"Value": False})
    ec2.delete_tags(Resources=[id_], Tags=[{"Key": "a"}])
    done = made_by.update(VPC, id_, outputs, inputs, inputs)
    assert done["enableDnsHostnames"] is True and done["tagsAll"] == {"a": "1"}


# Reading --------------------------------------------------------------------------------------------------------------


def test_reading_what_did_not_change_gives_the_same_inputs_and_outputs(aws: str) -> None:
    made_by = operations(aws)
    trust = '{"Version": "2012-10-17",   "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"]}]}'
    id_, inputs, outputs = create(made_by, ROLE, assumeRolePolicy=trust, tags={"a": "1"})
    assert made_by.read(ROLE, id_, outputs, inputs) == (id_, outputs, inputs)


def test_drift_shows_in_the_inputs(aws: str) -> None:
    made_by = operations(aws, defaultTags='{"tags": {"estate": "acme"}}')
    id_, inputs, outputs = create(made_by, TOPIC, displayName="ours", tags={"a": "1"})
    sns = boto3.client("sns", region_name=EAST)
    sns.set_topic_attributes(TopicArn=id_, AttributeName="DisplayName", AttributeValue="theirs")
    sns.tag_resource(ResourceArn=id_, Tags=[{"Key": "foreign", "Value": "x"}, {"Key": "a", "Value": "2"}])
    found = made_by.read(TOPIC, id_, outputs, inputs)
    assert found is not None
    assert found[2]["displayName"] == "theirs" and found[2]["tags"] == {"a": "2", "foreign": "x"}
    assert found[1]["tagsAll"] == {"a": "2", "foreign": "x", "estate": "acme"}
    changes = made_by.diff(TOPIC, found[1], found[2], inputs).changes
    assert {"displayName", "tags.a", "tags.foreign"} <= changes.keys()


@pytest.mark.parametrize(
    ("token", "id_"),
    [
        (VPC, "vpc-0123456789abcdef0"),
        (BUCKET, "no-such-bucket-anywhere"),
        ("aws:s3/bucketVersioning:BucketVersioning", "no-such-bucket-anywhere"),
        ("aws:s3/bucketObjectv2:BucketObjectv2", "no-such-bucket-anywhere/key"),
        (TEMPLATE, "lt-0123456789abcdef0"),
        (ROLE, "nobody"),
        ("aws:iam/rolePolicy:RolePolicy", "nobody:policy"),
        (
            "aws:lb/loadBalancer:LoadBalancer",
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/a/1",
        ),
        ("aws:rds/instance:Instance", "none"),
        ("aws:rds/subnetGroup:SubnetGroup", "none"),
        ("aws:autoscaling/group:Group", "none"),
        ("aws:kms/key:Key", "0123"),
        ("aws:secretsmanager/secret:Secret", "none"),
        ("aws:route53/zone:Zone", "Z0"),
        ("aws:route53/record:Record", "Z0_a.example_A"),
        ("aws:route53/healthCheck:HealthCheck", "0123"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "none"),
        ("aws:ssm/parameter:Parameter", "none"),
        ("aws:efs/fileSystem:FileSystem", "fs-0123"),
    ],
)
def test_what_is_gone_is_read_as_gone_and_deleted_without_a_fuss(aws: str, token: str, id_: str) -> None:
    made_by = operations(aws)
    assert made_by.read(token, id_, {}, {}) is None
    if token not in {"aws:rds/instance:Instance", "aws:route53/record:Record"}:  # these delete by their properties
        made_by.delete(token, id_, {})


def test_an_import_reads_by_id_alone_and_fits_the_declaration(aws: str) -> None:
    made_by = operations(aws)
    vpc = boto3.client("ec2", region_name="eu-west-1").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    found = made_by.read(VPC, f"{vpc}@eu-west-1", {}, {})
    assert found is not None
    id_, outputs, inputs = found
    assert id_ == vpc and outputs["region"] == "eu-west-1" and inputs["cidrBlock"] == "10.9.0.0/16"
    news = checked(made_by, VPC, {"cidrBlock": "10.9.0.0/16", "region": "eu-west-1"})
    assert made_by.diff(VPC, outputs, inputs, news).changes == {}


def test_processes_of_a_group_are_suspended_and_resumed(aws: str) -> None:
    made_by, token = operations(aws), "aws:autoscaling/group:Group"
    template, _, _ = create(made_by, TEMPLATE, name="suspended", imageId="ami-12c6146b", instanceType="m7i.large")
    ec2 = boto3.client("ec2", region_name=EAST)
    words = {
        "name": "suspended", "minSize": 0, "maxSize": 1, "launchTemplate": {"id": template, "version": "1"},
        "vpcZoneIdentifiers": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
    }  # fmt: skip
    id_, inputs, outputs = create(made_by, token, **words, suspendedProcesses=["AZRebalance"])
    assert outputs["suspendedProcesses"] == ["AZRebalance"]
    news = checked(made_by, token, {**words, "suspendedProcesses": ["AlarmNotification"]})
    after = made_by.update(token, id_, outputs, inputs, news)
    assert after["suspendedProcesses"] == ["AlarmNotification"]


# Deleting -------------------------------------------------------------------------------------------------------------


def test_a_bucket_that_holds_objects_goes_only_by_force(aws: str) -> None:
    made_by = operations(aws)
    s3 = boto3.client("s3", region_name=EAST)
    for force in (False, True):
        id_, _, outputs = create(made_by, BUCKET, bucket=f"full-{force}".lower(), forceDestroy=force)
        s3.put_bucket_versioning(Bucket=id_, VersioningConfiguration={"Status": "Enabled"})
        for body in (b"1", b"2"):
            s3.put_object(Bucket=id_, Key="k", Body=body)
        s3.delete_object(Bucket=id_, Key="k")
        if force:
            made_by.delete(BUCKET, id_, outputs)
        else:
            with pytest.raises(s3.exceptions.ClientError, match="BucketNotEmpty"):
                made_by.delete(BUCKET, id_, outputs)
    assert "full-true" not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}


@pytest.mark.parametrize(("protected", "snapshots"), [(True, []), (False, ["last"])])
def test_a_database_keeps_its_protection_and_leaves_the_snapshot_that_was_named(
    aws: str, protected: bool, snapshots: list[str]
) -> None:
    made_by, token, rds = operations(aws), "aws:rds/instance:Instance", boto3.client("rds", region_name=EAST)
    id_, _, outputs = create(
        made_by, token, identifier=f"db-{protected}".lower(), engine="postgres", engineVersion="15", username="u",
        instanceClass="db.t3.medium", allocatedStorage=20, manageMasterUserPassword=True, multiAz=True,
        deletionProtection=protected, finalSnapshotIdentifier="last",
    )  # fmt: skip
    assert outputs["masterUserSecrets"][0]["secretArn"].startswith(
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!"
    )
    if protected:
        with pytest.raises(rds.exceptions.ClientError, match="protected"):
            made_by.delete(token, id_, outputs)
    else:
        made_by.delete(token, id_, outputs)
    assert [
        each["DBSnapshotIdentifier"] for each in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    ] == snapshots


def test_a_secret_goes_at_once_or_after_its_window(aws: str) -> None:
    made_by, token = operations(aws), "aws:secretsmanager/secret:Secret"
    client = boto3.client("secretsmanager", region_name=EAST)
    for days, left in ((0, []), (7, ["window-7"])):
        id_, _, outputs = create(made_by, token, name=f"window-{days}", recoveryWindowInDays=days)
        made_by.delete(token, id_, outputs)
        listed = client.list_secrets(IncludePlannedDeletion=True)["SecretList"]
        assert [each["Name"] for each in listed if each["Name"].startswith("window")] == left
        assert made_by.read(token, id_, outputs, {}) is None
