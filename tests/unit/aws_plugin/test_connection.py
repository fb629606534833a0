"""The provider's configuration: loopback only, roles, allowed accounts."""

import json
from collections.abc import Iterator

import pytest

from artifactory_sandbox.aws_plugin.connection import Connection, Refused, configure, loopback
from tests.support.aws import running_aws

HERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000", "AWS_REGION": "us-east-1"}
ROLE = "arn:aws:iam::210987654321:role/deploy"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000", "http://127.8.8.8", "https://localhost:1", "http://[::1]:5000"]
)
def test_loopback_addresses(url: str) -> None:
    assert loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://ec2.us-east-1.amazonaws.com", "http://10.0.0.1:5000", "http://0.0.0.0:5000", "http://[::]:5000",
        "http://127.0.0.1.example.com", "http://127.0.0.1@example.com/", "http://localhost.example", "127.0.0.1:5000",
        "ftp://127.0.0.1", "", "http://2130706433",
    ],
)  # fmt: skip
def test_addresses_that_are_not_loopback(url: str) -> None:
    assert not loopback(url)


def test_without_an_endpoint_it_refuses_and_says_what_to_do() -> None:
    with pytest.raises(Refused, match=r"AWS_ENDPOINT_URL is not set.*stand-in.*off PATH"):
        configure({}, {"AWS_REGION": "us-east-1"})


def test_an_endpoint_elsewhere_is_refused() -> None:
    with pytest.raises(Refused, match=r"AWS_ENDPOINT_URL is https://sts\.amazonaws\.com: .*not loopback"):
        configure({}, {"AWS_ENDPOINT_URL": "https://sts.amazonaws.com"})


def test_an_explicit_endpoint_elsewhere_is_refused_however_it_is_sent() -> None:
    endpoints = [{"s3": "http://127.0.0.1:5001"}, {"ec2": "https://ec2.us-east-1.amazonaws.com"}]
    for sent in (endpoints, json.dumps(endpoints)):  # the engine sends nested values as JSON text
        with pytest.raises(Refused, match=r"ec2 is https://ec2\.us-east-1\.amazonaws\.com"):
            configure({"endpoints": sent}, HERE)
    assert configure({"endpoints": json.dumps(endpoints[:1])}, HERE).endpoints == {"s3": "http://127.0.0.1:5001"}


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("regoin", "no such setting of aws.Provider"),
        ("profile", "the sandbox's AWS plugin does not do that"),
        ("httpProxy", "the sandbox's AWS plugin does not do that"),
    ],
)
def test_a_setting_that_is_not_honoured_is_refused(setting: str, reason: str) -> None:
    with pytest.raises(Refused, match=f"{setting}: {reason}"):
        configure({setting: "x"}, HERE)


def test_a_role_may_come_under_the_programs_names_and_is_checked() -> None:
    sent = json.dumps([{"role_arn": ROLE, "session_name": "x", "tags": None}])
    assert configure({"assumeRoles": sent}, HERE).roles == ({"roleArn": ROLE, "sessionName": "x", "tags": None},)
    with pytest.raises(Refused, match="does not do transitiveTagKeys"):
        configure({"assumeRoles": json.dumps([{"roleArn": ROLE, "transitiveTagKeys": ["a"]}])}, HERE)
    with pytest.raises(Refused, match="roleArn is missing"):
        configure({"assumeRoles": "[{}]"}, HERE)


def test_region_default_tags_and_accounts_are_read() -> None:
    found = configure(
        {
            "version": "7.51.1",
            "region": "eu-west-1",
            "defaultTags": json.dumps({"tags": {"estate": "acme"}}),
            "allowedAccountIds": json.dumps(["123456789012"]),
            "skipCredentialsValidation": "true",
        },
        HERE,
    )
    assert (found.region, found.default_tags) == ("eu-west-1", {"estate": "acme"})
    assert found.allowed_accounts == {"123456789012"}
    assert configure({}, HERE).region == "us-east-1"
    assert configure({}, {**HERE, "AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-2"}).region == "us-west-2"


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with running_aws() as address:
        yield address


def connection(aws: str, **config: object) -> Connection:
    sent = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    return Connection(configure(sent, {"AWS_ENDPOINT_URL": aws, "AWS_REGION": "us-east-1"}))


def test_an_assumed_role_works_in_its_own_account(aws: str) -> None:
    ours, theirs = connection(aws), connection(aws, assumeRoles=[{"roleArn": ROLE, "sessionName": "test"}])
    assert ours.account("us-east-1") == "123456789012"
    assert theirs.account("us-east-1") == "210987654321"
    made = theirs.client("sns", "us-east-1").create_topic(Name="theirs")["TopicArn"]
    assert made not in {topic["TopicArn"] for topic in ours.client("sns", "us-east-1").list_topics()["Topics"]}


def test_an_account_that_is_not_allowed_is_refused_before_any_other_call(aws: str) -> None:
    with pytest.raises(Refused, match="AWS account ID not allowed: 123456789012"):
        connection(aws, allowedAccountIds=["210987654321"]).client("sns", "us-east-1")
    with pytest.raises(Refused, match="not allowed: 123456789012"):
        connection(aws, forbiddenAccountIds=["123456789012"]).client("sns", "us-east-1")
    connection(aws, allowedAccountIds=["210987654321"], assumeRoles=[{"roleArn": ROLE}]).client("sns", "us-east-1")


def test_a_proxy_of_the_environment_is_never_used(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert connection(aws).account("us-east-1") == "123456789012"
