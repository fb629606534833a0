"""What an AWS request is taken for: who calls, where, and whether it writes."""

from typing import Any

import pytest

from artifactory_sandbox.aws.counters import AwsCounters
from artifactory_sandbox.aws.request import AwsCall, parse
from artifactory_sandbox.aws.settings import CLIENT_KEY, INTERNAL_KEY, NODE_KEY


def environ(method: str, path: str, service: str, query: str = "", **more: Any) -> dict[str, Any]:
    scope = f"AWS4-HMAC-SHA256 Credential={CLIENT_KEY}/20261121/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    return {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "HTTP_AUTHORIZATION": scope, **more}


@pytest.mark.parametrize(
    ("asked", "body", "action", "reads"),
    [
        (environ("POST", "/", "ec2"), b"Action=DescribeVpcs&Version=1", "DescribeVpcs", True),
        (environ("POST", "/", "ec2"), b"Version=1&Action=RunInstances", "RunInstances", False),
        (
            environ("POST", "/", "secretsmanager", HTTP_X_AMZ_TARGET="secretsmanager.GetSecretValue"),
            b"",
            "GetSecretValue",
            True,
        ),
        (environ("POST", "/", "ssm", HTTP_X_AMZ_TARGET="AmazonSSM.SendCommand"), b"", "SendCommand", False),
        (
            environ("POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData", "monitoring"),
            b"",
            "PutMetricData",
            False,
        ),
        (environ("GET", "/2013-04-01/hostedzone/Z123/rrset", "route53"), b"", "GET /*/hostedzone/*/rrset", True),
        (environ("POST", "/2013-04-01/hostedzone/Z123/rrset", "route53"), b"", "POST /*/hostedzone/*/rrset", False),
        (environ("GET", "/bucket", "s3", "list-type=2&prefix=a"), b"", "GET /bucket?list-type&prefix", True),
        (environ("PUT", "/bucket/a/b/c", "s3"), b"", "PUT /bucket/key", False),
        (environ("HEAD", "/bucket/a", "s3"), b"", "HEAD /bucket/key", True),
    ],
)
def test_a_request_says_what_it_does(asked: dict[str, Any], body: bytes, action: str, reads: bool) -> None:
    call = parse(asked, body)
    assert (call.action, call.reads, call.region, call.key) == (action, reads, "eu-west-1", CLIENT_KEY)


def test_a_presigned_url_names_its_region_and_bucket() -> None:
    query = f"X-Amz-Credential={CLIENT_KEY}%2F20261121%2Fus-west-2%2Fs3%2Faws4_request&X-Amz-Signature=0"
    call = parse({"REQUEST_METHOD": "GET", "PATH_INFO": "/bucket/key", "QUERY_STRING": query}, b"")
    assert (call.region, call.service, call.bucket, call.reads) == ("us-west-2", "s3", "bucket", True)


def test_nodes_are_counted_apart_and_the_sandbox_itself_not_at_all() -> None:
    counters = AwsCounters()
    for key, action, reads in (
        (CLIENT_KEY, "Get", True),
        (CLIENT_KEY, "Put", False),
        (NODE_KEY, "Put", False),
        (INTERNAL_KEY, "Put", False),
    ):
        counters.count(AwsCall(key, "eu-west-1", "s3", action, reads))
    assert counters.data() == {
        "reads": 1, "writes": 1, "actions": {"s3:Get": 1, "s3:Put": 1}, "nodes": {"reads": 0, "writes": 1},
    }  # fmt: skip
    counters.reset()
    assert (counters.data()["reads"], counters.data()["nodes"]["writes"]) == (0, 0)
