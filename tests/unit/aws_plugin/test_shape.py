"""Comparing, projecting and renaming."""

import pytest

from artifactory_sandbox.aws_plugin.shape import camel, differences, pascal, project, same
from artifactory_sandbox.aws_plugin.wire import SIGNATURE, UNKNOWN

ASSET = "c44067f5952c0a294b673a41bacd8c17"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["a", "b"], ["b", "a"]),
        ([{"name": "a", "value": "1"}, {"name": "b", "value": "2"}], [{"name": "b", "value": "2"}, {"name": "a", "value": "1"}]),
        (1, "1"),
        (True, "true"),
        ('{"Action": ["s3:*"], "Effect": "Allow"}', '{"Effect":"Allow","Action":"s3:*"}'),
        ({"a": None, "b": 1}, {"b": 1}),
        ({SIGNATURE: ASSET, "hash": "1", "path": "x"}, {SIGNATURE: ASSET, "hash": "1", "path": "y"}),
    ],
)  # fmt: skip
def test_the_same_for_aws(one: object, other: object) -> None:
    assert same(one, other)
    assert not list(differences(one, other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["a", "b"], ["a"]),
        (["a", "a", "b"], ["a", "b", "b"]),
        (1, 2),
        (True, "yes"),
        ('{"Action": "s3:Get*"}', '{"Action": "s3:Put*"}'),
        ({"a": 0}, {}),
        (UNKNOWN, UNKNOWN),
        ({SIGNATURE: ASSET, "hash": "1"}, {SIGNATURE: ASSET, "hash": "2"}),
        ("[1]", "[1] "),
    ],
)
def test_different_for_aws(one: object, other: object) -> None:
    assert not same(one, other)


def test_order_counts_where_aws_looks_at_it() -> None:
    assert not same([{"type": "a"}, {"type": "b"}], [{"type": "b"}, {"type": "a"}], "actions")


def test_differences_name_the_path_and_the_kind() -> None:
    old = {"tags": {"a": "1", "b": "2"}, "rules": [{"port": 1}], "gone": True}
    new = {"tags": {"a": "1", "b": "3"}, "rules": [{"port": 2}], "made": True}
    assert dict(differences(old, new)) == {
        "tags.b": "update",
        "rules[0].port": "update",
        "gone": "delete",
        "made": "add",
    }


def test_a_key_that_is_no_word_is_quoted_in_the_path() -> None:
    assert dict(differences({}, {"tags": {"a/b": "1"}}, "")) == {"tags": "add"}
    assert dict(differences({"tags": {"a/b": "1"}}, {"tags": {"a/b": "2"}})) == {'tags["a/b"]': "update"}


def test_projection_keeps_the_declared_keys_text_and_order() -> None:
    declared = {"policy": '{"a": [1]}', "zones": ["b", "a"], "template": {"id": "lt-1"}, "size": 3}
    cloud = {"policy": '{"a":1}', "zones": ["a", "b"], "template": {"id": "lt-1", "name": "x"}, "size": 3, "arn": "arn"}
    assert project(cloud, declared) == declared


def test_projection_shows_drift_inside_the_declared_shape() -> None:
    declared = {"check": {"port": "8082", "path": "/"}, "zones": ["b", "a"], "description": "mine", "kept": "secret"}
    cloud = {"check": {"port": "8082", "path": "/other", "matcher": "200"}, "zones": ["a", "c"], "description": None}
    assert project(cloud, declared) == {
        "check": {"port": "8082", "path": "/other"},
        "zones": ["a", "c"],
        "kept": "secret",
    }


def test_projection_pairs_elements_that_agree_most() -> None:
    declared = [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    cloud = [{"name": "b", "value": "3", "more": 1}, {"name": "a", "value": "1", "more": 2}]
    assert project(cloud, declared) == [{"name": "a", "value": "1"}, {"name": "b", "value": "3"}]


def test_renaming_there_and_back() -> None:
    renames = {"kmsMasterKeyId": "KMSMasterKeyID"}
    pulumi = {"rules": [{"kmsMasterKeyId": "k", "bucketKeyEnabled": True}]}
    boto = {"Rules": [{"KMSMasterKeyID": "k", "BucketKeyEnabled": True}]}
    assert pascal(pulumi, renames) == boto and camel(boto, renames) == pulumi
