"""What a program declares: checked against the SDK, converted, completed."""

import json
from typing import Any

import pytest

from artifactory_sandbox.aws_plugin import inputs
from artifactory_sandbox.aws_plugin.services import row_of
from artifactory_sandbox.aws_plugin.wire import UNKNOWN

VPC, TEMPLATE, GROUP = "aws:ec2/vpc:Vpc", "aws:ec2/launchTemplate:LaunchTemplate", "aws:lb/targetGroup:TargetGroup"


def problems(token: str, **news: Any) -> dict[str, str]:
    return dict(inputs.strange(row_of(token), news))


@pytest.mark.parametrize(
    ("token", "news", "path", "reason"),
    [
        (VPC, {"cidrBlok": "10.0.0.0/16"}, "cidrBlok", "no such property"),
        (VPC, {"ipv4IpamPoolId": "x"}, "ipv4IpamPoolId", "does not implement"),
        (TEMPLATE, {"metadataOptions": {"http_tokenz": "required"}}, "metadataOptions.http_tokenz", "no such property"),
        (
            TEMPLATE,
            {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"size": 5}}]},
            "blockDeviceMappings[0].ebs.size",
            "no such property",
        ),
        (GROUP, {"healthCheck": {"interval": "soon"}}, "healthCheck.interval", "expected a whole number"),
        (GROUP, {"port": 80.5}, "port", "expected a whole number"),
        (GROUP, {"port": True}, "port", "expected a whole number"),
        (GROUP, {"tags": ["a"]}, "tags", "is a list, expected a map"),
        (GROUP, {"tags": {"a": {"b": "c"}}}, "tags.a", "expected a text"),
        (VPC, {"enableDnsSupport": "perhaps"}, "enableDnsSupport", "expected true or false"),
        ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "b"}, "policy", "missing required property"),
        (
            "aws:s3/bucketVersioning:BucketVersioning",
            {"bucket": "b", "versioningConfiguration": {}},
            "versioningConfiguration.status",
            "missing required property",
        ),
    ],
)
def test_refused_with_path_and_reason(token: str, news: dict[str, Any], path: str, reason: str) -> None:
    assert reason in problems(token, **news)[path]


@pytest.mark.parametrize(
    ("token", "news"),
    [
        (VPC, {"cidrBlock": UNKNOWN, "tags": UNKNOWN}),
        (GROUP, {"healthCheck": {"port": 8082, "interval": "10"}, "tags": {"a": UNKNOWN}}),
        ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": UNKNOWN, "policy": {"Version": "2012-10-17"}}),
        (VPC, {"cidrBlock": "10.0.0.0/16", "region": "eu-west-1", "__defaults": []}),
    ],
)
def test_accepted(token: str, news: dict[str, Any]) -> None:
    assert problems(token, **news) == {}


def test_values_become_what_the_sdk_declares() -> None:
    declared = {"port": "8082", "healthCheck": {"port": 8082, "enabled": "true", "path": None}, "tags": {"n": 1}}
    assert inputs.converted(row_of(GROUP), declared) == {
        "port": 8082, "healthCheck": {"port": "8082", "enabled": True}, "tags": {"n": "1"},
    }  # fmt: skip


def test_a_document_given_as_an_object_becomes_text() -> None:
    policy = {"Version": "2012-10-17", "Statement": []}
    done = inputs.converted(row_of("aws:iam/policy:Policy"), {"policy": policy})
    assert json.loads(done["policy"]) == policy


def completed(token: str, olds: dict[str, Any], news: dict[str, Any], proposed: str = "") -> dict[str, Any]:
    return inputs.completed(row_of(token), olds, news, proposed, "nodes")


def test_a_name_is_made_up_kept_and_never_kept_after_the_user_took_his_own_away() -> None:
    first = completed(GROUP, {}, {})
    assert first["name"].startswith("nodes-") and len(first["name"]) <= 32 and first["__defaults"] == ["name"]
    assert completed(GROUP, first, {})["name"] == first["name"]
    assert completed(GROUP, {"name": "mine"}, {})["name"] != "mine"
    assert completed(GROUP, first, {"name": "mine"}) == {"name": "mine"}


def test_the_engines_proposal_is_taken_and_a_prefix_left_to_creation() -> None:
    assert completed(GROUP, {}, {}, proposed="acme-nodes")["name"] == "acme-nodes"
    assert completed(GROUP, {}, {"namePrefix": "n-"}) == {"namePrefix": "n-"}


def test_made_up_names_keep_the_rules_of_their_type() -> None:
    assert completed("aws:kms/alias:Alias", {}, {"targetKeyId": "k"})["name"].startswith("alias/nodes-")
    named = inputs.completed(row_of("aws:s3/bucket:Bucket"), {}, {}, "", "Upper")
    assert named["bucket"].startswith("upper-")


def test_defaults_of_the_real_plugin_are_filled_in() -> None:
    done = completed("aws:ec2/securityGroup:SecurityGroup", {}, {"name": "nodes"})
    assert done == {"name": "nodes", "description": "Managed by Pulumi", "__defaults": ["description"]}
