"""The stand-in AWS plugin through the real engine, over moto: a small site from the first `up` to `destroy`."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

import artifactory_sandbox.aws_plugin as plugin
from tests.support.aws import REGION, running_aws
from tests.support.engine import Engine

HERE = Path(__file__).parent
BIN = Path(plugin.__file__).parent / "bin"


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with running_aws() as address:
        yield address


def engine_for(folder: Path, program: str) -> Engine:
    return Engine(
        folder, HERE / program, environment={"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "AWS_REGION": REGION}
    )


def inventory() -> set[str]:
    """What this AWS holds."""
    ec2, rds, s3, iam, elb = (boto3.client(name, region_name=REGION) for name in ("ec2", "rds", "s3", "iam", "elbv2"))
    return {
        *(each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"]),
        *(each["GroupId"] for each in ec2.describe_security_groups()["SecurityGroups"]),
        *(each["LaunchTemplateId"] for each in ec2.describe_launch_templates()["LaunchTemplates"]),
        *(each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"]),
        *(each["Name"] for each in s3.list_buckets()["Buckets"]),
        *(each["RoleName"] for each in iam.list_roles()["Roles"]),
        *(each["LoadBalancerArn"] for each in elb.describe_load_balancers()["LoadBalancers"]),
        *(each["TargetGroupArn"] for each in elb.describe_target_groups()["TargetGroups"]),
    }


@pytest.fixture(scope="module")
def held_before(aws: str) -> set[str]:
    return inventory()


@pytest.fixture(scope="module")
def site(aws: str, held_before: set[str], tmp_path_factory: pytest.TempPathFactory) -> Engine:
    made = engine_for(tmp_path_factory.mktemp("site"), "program")
    made.up()
    return made


@pytest.fixture(scope="module")
def other(aws: str, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return engine_for(tmp_path_factory.mktemp("other"), "refused")


def test_what_was_made_stays_as_it_is(site: Engine) -> None:
    count = len(site.resources()) - 2  # without the stack and the provider
    assert count >= 30
    site.refresh("--expect-no-changes")
    assert f"{count + 1} unchanged" in site.up()  # the stack counts
    name = site.resources()["nodes"]["id"]
    (group,) = boto3.client("autoscaling", region_name=REGION).describe_auto_scaling_groups(
        AutoScalingGroupNames=[name]
    )["AutoScalingGroups"]
    assert len(group["Instances"]) == 1


def test_no_secret_is_readable_in_state(site: Engine) -> None:
    assert "planted-secret" not in (site.folder / "state/.pulumi/stacks/artifactory-estate/test.json").read_text()


def test_drift_and_changes_in_place_are_updates_and_show_what_follows_from_them(site: Engine) -> None:
    s3, bucket = boto3.client("s3", region_name=REGION), {"Bucket": "acme-us-east-filestore"}
    s3.put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Suspended"})
    site.refresh()
    said = site.preview("--diff", CHANGE="tags")
    assert "to replace" not in said and '"first" => "tags"' in said and '"Suspended" => "Enabled"' in said
    assert 'version: "1" => [unknown]' in said  # the group gets the template's next version
    site.up(CHANGE="tags")
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
    ec2 = boto3.client("ec2", region_name=REGION)
    (network,) = ec2.describe_vpcs(Filters=[{"Name": "tag:estate", "Values": ["acme"]}])["Vpcs"]
    assert {"Key": "step", "Value": "tags"} in network["Tags"]


def test_what_aws_cannot_change_is_replaced_and_a_given_name_is_freed_first(site: Engine) -> None:
    before = site.resources()["target"]["id"]
    said = site.preview("--diff", CHANGE="immutable")
    assert "+-2 to replace" in said and "port: 8082 => 8000" in said
    said = site.up(CHANGE="immutable")
    assert said.index("database deleted original") < said.index("database created replacement")
    assert said.index("target created replacement") < said.index("target deleted original")
    assert site.resources()["target"]["id"] != before
    site.preview("--expect-no-changes", CHANGE="immutable")


def test_destroy_leaves_nothing(site: Engine, held_before: set[str]) -> None:
    assert len(inventory() - held_before) > 6
    site.destroy()
    assert not site.resources()
    assert inventory() == held_before


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("type", "has no resource type aws:ec2/vcp:Vcp"),
        ("nested", "no such property of LaunchTemplateMetadataOptionsArgs"),
        ("user-data", "has 16385 bytes decoded; EC2 takes at most 16384"),
        (
            "endpoint",
            "s3 is https://s3.amazonaws.com: the sandbox's AWS plugin refuses every endpoint that is not loopback",
        ),
    ],
)
def test_it_refuses_in_preview(other: Engine, kind: str, reason: str) -> None:
    assert reason in other.preview(fails=True, KIND=kind)


def test_it_refuses_the_real_aws(other: Engine) -> None:
    said = other.preview(fails=True, KIND="nested", AWS_ENDPOINT_URL="https://ec2.us-east-1.amazonaws.com")
    assert "AWS_ENDPOINT_URL is https://ec2.us-east-1.amazonaws.com" in said


def test_an_explicit_provider_works_in_the_account_of_its_role(other: Engine) -> None:
    other.up(KIND="role")
    outputs = json.loads(other.run("stack", "output", "--json", "-s", other.stack))
    assert outputs["arn"].startswith("arn:aws:sns:eu-west-1:210987654321:theirs-")
    assert outputs["tags"] == {"estate": "acme"}


def test_import(other: Engine) -> None:
    network = boto3.client("ec2", region_name=REGION).create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    arguments = ("import", "--yes", "--generate-code=false", "-s", other.stack, "aws:ec2/vpc:Vpc", "imported")
    other.run(*arguments, network)
    assert other.resources()["imported"]["outputs"]["cidrBlock"] == "10.7.0.0/16"
    said = other.run(*arguments[:-1], "missing", "vpc-0123456789abcdef0", fails=True)
    assert "does not exist" in said


def test_the_virtual_environment_alone_does_not_put_it_on_the_path() -> None:
    assert not (Path(sys.executable).parent / "pulumi-resource-aws").exists()
    assert os.access(BIN / "pulumi-resource-aws", os.X_OK)
