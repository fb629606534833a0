"""Keys of an assumed role: asked for when they are needed, and again before they end."""

import boto3
import pytest
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ClientError

from artifactory_estate.cloud import session
from tests.support.aws import REGION

ROLE = "arn:aws:iam::123456789012:role/estate-deployer"


@pytest.fixture(scope="module")
def role(aws: str) -> str:
    boto3.client("iam", region_name=REGION).create_role(RoleName="estate-deployer", AssumeRolePolicyDocument="{}")
    return ROLE


def keys(role: str) -> RefreshableCredentials:
    found = session._session(role, REGION).get_credentials()
    assert isinstance(found, RefreshableCredentials)
    return found


def test_calls_are_made_as_the_role(role: str) -> None:
    assert session.client("sts", REGION, role).get_caller_identity()["Arn"].startswith("arn:aws:sts::123456789012:")
    assert session.client("sts", REGION, role) is session.client("sts", REGION, role)


def test_its_keys_are_asked_for_again_before_they_end(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = session.client("sts", REGION, role)
    client.get_caller_identity()
    first = keys(role).get_frozen_credentials()
    client.get_caller_identity()
    assert keys(role).get_frozen_credentials() == first, "they are good for an hour"
    monkeypatch.setattr(RefreshableCredentials, "_mandatory_refresh_timeout", 3601)
    monkeypatch.setattr(RefreshableCredentials, "_advisory_refresh_timeout", 3601)
    client.get_caller_identity()
    assert keys(role).get_frozen_credentials() != first


def test_a_role_that_cannot_be_assumed_fails_the_call(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> object:
        def ask() -> object:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "AssumeRole")

        return ask

    monkeypatch.setattr(session, "create_assume_role_refresher", refused)
    client = session.client("sts", REGION, "arn:aws:iam::123456789012:role/nobodys")
    with pytest.raises(ClientError, match="AssumeRole"):
        client.get_caller_identity()
