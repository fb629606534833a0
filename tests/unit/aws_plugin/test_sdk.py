"""Reading the installed SDK's source gives what importing it would."""

import inspect

import pulumi
import pytest
from pulumi._types import resource_types
from pulumi_aws import efs, kms, secretsmanager

from artifactory_sandbox.aws_plugin import sdk
from artifactory_sandbox.aws_plugin.sdk import Kind

TYPES = {
    "aws:kms/key:Key": (kms.Key, kms.KeyArgs),
    "aws:efs/fileSystem:FileSystem": (efs.FileSystem, efs.FileSystemArgs),
    "aws:secretsmanager/secret:Secret": (secretsmanager.Secret, secretsmanager.SecretArgs),
}


@pytest.mark.parametrize("token", TYPES)
def test_names_and_what_is_required_agree_with_the_imported_classes(token: str) -> None:
    resource, args = TYPES[token]
    parameters = inspect.signature(args).parameters.values()
    names = {python: pulumi_name for python, pulumi_name, _ in pulumi._types._py_properties(args)}
    expected = {names[each.name]: each.default is not inspect.Parameter.empty for each in parameters}
    assert {name: field.optional for name, field in sdk.inputs(token).items()} == expected
    assert sdk.outputs(token).keys() == resource_types(resource).keys()


def test_kinds_of_nested_properties() -> None:
    block = sdk.inputs("aws:ec2/launchTemplate:LaunchTemplate")["blockDeviceMappings"].kind
    assert block.name == "list" and block.of is not None and block.of.args is not None
    device = sdk.nested(block.of.args)
    assert device["deviceName"].kind == Kind("text")
    assert device["ebs"].kind.args is not None
    assert sdk.nested(device["ebs"].kind.args)["volumeSize"].kind == Kind("whole")


def test_a_document_may_be_text_or_an_object() -> None:
    assert sdk.inputs("aws:iam/role:Role")["assumeRolePolicy"].kind == Kind("document")


def test_what_aws_computes_is_told_from_what_stays_null() -> None:
    outputs = sdk.outputs("aws:ec2/launchTemplate:LaunchTemplate")
    assert not outputs["latestVersion"].optional and outputs["description"].optional


def test_an_input_class_of_another_name_is_found() -> None:
    """`BucketVersioningArgs` is a nested type of Bucket; the resource's own is `BucketVersioningInitArgs`."""
    assert "versioningConfiguration" in sdk.inputs("aws:s3/bucketVersioning:BucketVersioning")


@pytest.mark.parametrize("token", ["aws:ec2/vcp:Vcp", "aws:nowhere/vpc:Vpc", "aws:ec2:Vpc", "aws:ec2/vpc:Subnet"])
def test_what_the_sdk_lacks_is_said(token: str) -> None:
    with pytest.raises(sdk.NoSuchType):
        sdk.inputs(token)
