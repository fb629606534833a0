"""The RPCs themselves: secrets in and out, refusals, partial failure, the process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc, status_pb2

from artifactory_sandbox.aws_plugin.server import AwsStandIn
from artifactory_sandbox.aws_plugin.wire import SIGNATURE, Props, decode, encode
from tests.support.aws import running_aws

TOPIC, PARAMETER, GROUP = "aws:sns/topic:Topic", "aws:ssm/parameter:Parameter", "aws:ec2/securityGroup:SecurityGroup"


def urn(token: str) -> str:
    return f"urn:pulumi:dev::project::my:index:Component${token}::thing"


@pytest.fixture(scope="module")
def stub() -> Iterator[Any]:
    with running_aws():
        server = grpc.server(futures.ThreadPoolExecutor(4))
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsStandIn(), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            made = provider_pb2_grpc.ResourceProviderStub(channel)
            made.Configure(pb.ConfigureRequest(args=encode({"region": "us-east-1"}), acceptSecrets=True))
            yield made
        server.stop(0).wait()


def check(stub: Any, token: str, news: Props, secrets: tuple[str, ...] = ()) -> Any:
    return stub.Check(pb.CheckRequest(urn=urn(token), news=encode(news, secrets)))


def create(stub: Any, token: str, news: Props, secrets: tuple[str, ...] = (), *, preview: bool = False) -> Any:
    inputs = check(stub, token, news, secrets).inputs
    return stub.Create(pb.CreateRequest(urn=urn(token), properties=inputs, preview=preview))


def test_a_secret_tag_is_sealed_everywhere_it_comes_out(stub: Any) -> None:
    for preview in (True, False):
        answer = create(stub, TOPIC, {"tags": {"a": "planted-value"}}, ("tags",), preview=preview)
        assert {"tags", "tagsAll"} <= decode(answer.properties).secrets
    read = stub.Read(
        pb.ReadRequest(urn=urn(TOPIC), id=answer.id, properties=answer.properties, inputs=answer.properties)
    )
    assert "tagsAll" in decode(read.properties).secrets and "tags" in decode(read.inputs).secrets


def test_an_output_that_is_always_secret_is_sealed(stub: Any) -> None:
    answer = create(stub, PARAMETER, {"type": "String", "value": "planted-value", "name": "p"})
    assert decode(answer.properties).secrets == {"value"}


def test_no_message_repeats_a_secret(stub: Any) -> None:
    failures = check(stub, PARAMETER, {"type": "planted-value", "value": "v"}, ("type",)).failures
    assert [failure.property for failure in failures] == ["type"]
    assert "planted-value" not in failures[0].reason and "[secret]" in failures[0].reason
    with pytest.raises(grpc.RpcError) as failure:
        create(stub, TOPIC, {"policy": "planted-value", "name": "t"}, ("policy",))
    assert "planted-value" not in str(failure.value)


def test_unknown_type_and_property_are_check_failures(stub: Any) -> None:
    (failure,) = check(stub, "aws:ec2/vcp:Vcp", {}).failures
    assert "has no resource type aws:ec2/vcp:Vcp" in failure.reason
    (failure,) = check(stub, TOPIC, {"colour": "red"}).failures
    assert (failure.property, failure.reason) == ("colour", "no such property of aws:sns/topic:Topic")


def test_diff_names_kinds_and_replacements(stub: Any) -> None:
    old, new = {"name": "a", "displayName": "x"}, {"name": "b", "displayName": "y", "tags": {"t": "1"}}
    answer = stub.Diff(
        pb.DiffRequest(
            urn=urn(TOPIC),
            id="i",
            olds=encode({**old, "region": "us-east-1"}),
            old_inputs=encode(old),
            news=encode(new),
        )
    )
    kinds = {path: each.kind for path, each in answer.detailedDiff.items()}
    assert kinds == {
        "name": pb.PropertyDiff.UPDATE_REPLACE, "displayName": pb.PropertyDiff.UPDATE, "tags": pb.PropertyDiff.ADD,
    }  # fmt: skip
    assert list(answer.replaces) == ["name"] and answer.changes == pb.DiffResponse.DIFF_SOME
    same = stub.Diff(pb.DiffRequest(urn=urn(TOPIC), id="i", olds=encode(old), old_inputs=encode(old), news=encode(old)))
    assert same.changes == pb.DiffResponse.DIFF_NONE and not same.detailedDiff


def test_a_half_made_resource_is_handed_to_the_engine(stub: Any) -> None:
    rule = {"protocol": "tcp", "fromPort": 1, "toPort": 1, "cidrBlocks": ["no address"]}
    with pytest.raises(grpc.RpcError) as failure:
        create(stub, GROUP, {"ingress": [rule]})
    metadata = dict(failure.value.trailing_metadata())
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    half = pb.ErrorResourceInitFailed()
    assert status.details[0].Unpack(half)
    assert half.id.startswith("sg-") and "AuthorizeSecurityGroupIngress" in half.reasons[0]
    assert decode(half.inputs).props["ingress"] == [rule]


def test_what_is_gone_is_an_empty_answer(stub: Any) -> None:
    answer = stub.Read(pb.ReadRequest(urn=urn(TOPIC), id="arn:aws:sns:us-east-1:123456789012:none"))
    assert answer.id == "" and not answer.HasField("properties") and not answer.HasField("inputs")


def test_functions_answer_and_refuse(stub: Any) -> None:
    def invoke(token: str, args: Props) -> Props:
        answer = stub.Invoke(pb.InvokeRequest(tok=token, args=encode(args)))
        return decode(getattr(answer, "return")).props

    zones = invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"state": "available", "region": "eu-west-1"})
    assert zones["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    statement = {"actions": ["s3:*"], "principals": [{"type": "*", "identifiers": ["*"]}], "resources": ["b", "a"]}
    document = invoke("aws:iam/getPolicyDocument:getPolicyDocument", {"statements": [statement]})
    assert document["minifiedJson"] == (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["b","a"]}]}'
    )
    for token, reason in (
        ("aws:ec2/getVpc:getVpc", "does not implement the function"),
        ("aws:ec2/getVcp:getVcp", "pulumi_aws has no function"),
    ):
        with pytest.raises(grpc.RpcError, match=reason):
            invoke(token, {})


def test_an_endpoint_elsewhere_is_refused_in_preview_and_in_configure(stub: Any) -> None:
    elsewhere = encode({"endpoints": '[{"s3": "https://s3.amazonaws.com"}]'})
    answer = stub.CheckConfig(pb.CheckRequest(urn=urn("pulumi:providers:aws"), news=elsewhere))
    assert "not loopback" in answer.failures[0].reason
    with pytest.raises(grpc.RpcError, match="not loopback"):
        stub.Configure(pb.ConfigureRequest(args=elsewhere))


def test_numbers_unknowns_and_secrets_survive_the_wire() -> None:
    plain = {"port": 8082, "ratio": 0.5, "flag": True, "list": [1, {"a": None}], "text": "x"}
    assert decode(encode(plain)).props == plain
    sealed = decode(encode({"outer": {"inner": "planted-value"}}, ["outer"]))
    assert sealed.props == {"outer": {"inner": "planted-value"}} and sealed.secrets == {"outer"}
    nested = decode(encode({"outer": {"inner": {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": "planted"}}}))
    assert nested.props == {"outer": {"inner": "planted"}} and nested.secrets == {"outer"}
    assert sealed.redacted("it is planted-value.") == "it is [secret]."


def _start() -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "artifactory_sandbox.aws_plugin"],
        stdout=subprocess.PIPE,
        text=True,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_the_process_prints_its_port_first_starts_soon_and_ends_on_a_signal() -> None:
    began = time.monotonic()
    process, port = _start()
    try:
        assert time.monotonic() - began < 5  # 0.5 s on an idle machine
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            info = provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(empty_pb2.Empty(), timeout=10)
        assert info.version.count(".") == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()


def test_the_process_ends_when_the_engine_was_killed() -> None:
    script = (
        "import subprocess, sys\n"
        "plugin = subprocess.Popen([sys.executable, '-m', 'artifactory_sandbox.aws_plugin'], stdout=subprocess.PIPE)\n"
        "plugin.stdout.readline()\n"
        "print(plugin.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    engine = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert engine.stdout is not None
    plugin = int(engine.stdout.readline())
    engine.kill()
    engine.wait()
    deadline = time.monotonic() + 10
    while _runs(plugin):
        assert time.monotonic() < deadline, "the plugin outlived its engine"
        time.sleep(0.1)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
