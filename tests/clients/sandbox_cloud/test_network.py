"""The forward proxy, names and faults of the network."""

import hashlib
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.clients.sandbox_cloud.running import Fleet, Running, put_record, until

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def west(sandbox: Running) -> Fleet:
    fleet = Fleet(sandbox, "west", "us-west-2", "west.repo.acme.example", size=1, kind="application")
    fleet.wait_healthy(1)
    return fleet


def test_an_unknown_host_is_502(sandbox: Running) -> None:
    answer = sandbox.get("http://nowhere.acme.example/")
    assert (answer.status_code, answer.text) == (502, "no such host: nowhere.acme.example\n")


def test_a_network_balancer_adds_no_header_and_an_application_one_does(
    sandbox: Running, east: Fleet, west: Fleet
) -> None:
    plain, http = sandbox.get(east.url + "/a?b=%20c").json(), sandbox.get(west.url).json()
    assert plain["path"] == "/a?b=%20c"
    assert plain["headers"]["Host"] == "east.repo.acme.example"
    assert not [name for name in plain["headers"] if name.lower().startswith("x-forwarded")]
    assert {name: http["headers"][name] for name in ("X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-For")} == {
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Port": "80",
        "X-Forwarded-For": "127.0.0.1",
    }


@pytest.mark.parametrize("chunked", [False, True])
def test_a_big_upload_streams_through_unharmed(sandbox: Running, west: Fleet, chunked: bool) -> None:
    body = b"0123456789abcdef" * (MEBIBYTE // 2)
    sent: Any = (body[start : start + 100_000] for start in range(0, len(body), 100_000)) if chunked else body
    answer = requests.put(f"{west.url}/x", data=sent, proxies=sandbox.proxies, timeout=30).json()
    assert answer == {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}


def test_curl_uploads_with_expect_and_keeps_its_connection(sandbox: Running, west: Fleet) -> None:
    line = [
        "curl",
        "-sS",
        "--proxy",
        sandbox.description["proxy"],
        "-H",
        "Expect: 100-continue",
        "-T",
        "-",
        f"{west.url}/x",
        "-w",
        "%{http_code} %{num_connects} ",
    ]
    done = subprocess.run(
        [
            *line,
            "--next",
            "-sS",
            "--proxy",
            sandbox.description["proxy"],
            f"{west.url}/y",
            "-w",
            "%{http_code} %{num_connects}",
        ],
        input=b"x" * MEBIBYTE,
        capture_output=True,
        check=True,
    )
    assert f'"size": {MEBIBYTE}' in done.stdout.decode()
    assert done.stdout.decode().endswith("200 0"), done.stdout


def test_a_big_download_is_not_kept_in_memory(sandbox: Running, west: Fleet) -> None:
    def resident() -> int:
        return int(Path(f"/proc/{sandbox.description['pid']}/statm").read_text().split()[1]) * 4096

    before, size = resident(), 0
    with sandbox.get(f"{west.url}/big=1600", stream=True) as answer:
        for piece in answer.iter_content(MEBIBYTE):
            size += len(piece)
    assert size == 100 * MEBIBYTE
    assert resident() - before < 30 * MEBIBYTE


def test_a_node_that_dies_in_the_middle_breaks_the_connection(sandbox: Running, west: Fleet) -> None:
    victim = next(iter(west.wait_healthy(1)))
    with (
        sandbox.get(f"{west.url}/big=100000", stream=True) as answer,
        pytest.raises(requests.exceptions.RequestException),
    ):
        pieces = answer.iter_content(65536)
        next(pieces)
        threading.Thread(target=sandbox.fault, args=("kill-node",), kwargs={"node": victim}).start()
        for _ in pieces:
            pass
    sandbox.fault("start-node", node=victim)
    west.wait_healthy(1)


def test_without_a_healthy_target_an_application_balancer_answers_503_and_a_network_one_hangs_up(
    sandbox: Running, east: Fleet, west: Fleet
) -> None:
    for fleet in (east, west):
        sandbox.fault("stop-node", site=fleet.name)
        until(lambda fleet=fleet: not fleet.healthy, f"no healthy target of {fleet.name}")  # type: ignore[misc]
    assert sandbox.get(west.url).status_code == 503
    with pytest.raises(requests.ConnectionError):
        sandbox.get(east.url)
    for fleet in (east, west):
        sandbox.fault("start-node", site=fleet.name)
        fleet.wait_healthy(len(fleet.members))


def test_partitioned_sites_do_not_reach_each_other_and_clients_reach_both(
    sandbox: Running, east: Fleet, west: Fleet
) -> None:
    caller = _proxy_of(sandbox, west)
    assert requests.get(east.url, proxies=caller, timeout=10).status_code == 200
    sandbox.fault("partition", sites=["west", "east"])
    cut = requests.get(east.url, proxies=caller, timeout=10)
    assert (cut.status_code, cut.text) == (504, "west and east are partitioned\n")
    assert sandbox.get(east.url).status_code == sandbox.get(west.url).status_code == 200
    sandbox.fault("heal")
    assert requests.get(east.url, proxies=caller, timeout=10).status_code == 200


def test_a_region_that_is_down_refuses_its_own_calls_and_lets_the_others_work(
    sandbox: Running, east: Fleet, west: Fleet
) -> None:
    west_bucket, east_bucket = sandbox.aws("s3", "us-west-2"), sandbox.aws("s3")
    west_bucket.create_bucket(Bucket="west-bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    east_bucket.create_bucket(Bucket="east-bucket")
    sandbox.fault("region-down", region="us-east-1")
    try:
        for refused in (
            lambda: east_bucket.list_objects_v2(Bucket="east-bucket"),
            lambda: west_bucket.list_objects_v2(Bucket="east-bucket"),
        ):
            with pytest.raises(ConnectionClosedError):
                refused()
        assert west_bucket.put_object(Bucket="west-bucket", Key="key", Body=b"1")["ETag"]
        with pytest.raises(ConnectionClosedError):
            put_record(
                sandbox, {"Name": "x.acme.example", "Type": "A", "TTL": 30, "ResourceRecords": [{"Value": "127.0.0.1"}]}
            )
        assert sandbox.aws("route53").list_hosted_zones()["HostedZones"]
        with pytest.raises(ConnectionClosedError):
            sandbox.aws("iam").create_user(UserName="x")
        assert sandbox.get(east.url).status_code == 504
        assert sandbox.get(west.url).status_code == 200
        assert {row["state"] for row in sandbox.control("/nodes")["nodes"] if row["site"] == "east"} == {"stopped"}
    finally:
        sandbox.fault("region-up", region="us-east-1")
    east.wait_healthy(2)
    assert east_bucket.list_objects_v2(Bucket="east-bucket")["KeyCount"] == 0


def test_writes_to_route53_can_be_refused_alone(sandbox: Running) -> None:
    sandbox.fault("refuse-writes", services=["route53"])
    record = {"Name": "x.acme.example", "Type": "A", "TTL": 30, "ResourceRecords": [{"Value": "127.0.0.1"}]}
    with pytest.raises(ConnectionClosedError):
        put_record(sandbox, record)
    sandbox.aws("iam").create_user(UserName="someone")
    sandbox.fault("heal")
    put_record(sandbox, record)


def test_the_service_name_follows_the_alarms_of_the_other_side(sandbox: Running, east: Fleet, west: Fleet) -> None:
    _make_service(sandbox, east, west)
    assert sandbox.get("http://repo.acme.example/").json()["headers"]["Host"] == "repo.acme.example"
    assert sandbox.control("/resolve/repo.acme.example")["steps"][0]["alias"] == "east.repo.acme.example"

    _serving(sandbox, west.region, {"east": 0, "west": 1})
    first = sandbox.control("/resolve/repo.acme.example")["steps"][0]
    assert (first["failover"], first["healthy"], first["alias"]) == ("SECONDARY", True, "west.repo.acme.example")
    assert sandbox.get("http://repo.acme.example/").json()["node"] == sandbox.node(next(iter(west.healthy)))["address"]

    _serving(sandbox, west.region, {"east": 1})
    assert sandbox.control("/resolve/repo.acme.example")["steps"][0]["alias"] == "east.repo.acme.example"


def test_a_record_keeps_its_last_known_status_when_the_alarms_region_is_gone(
    sandbox: Running, east: Fleet, west: Fleet
) -> None:
    _make_service(sandbox, east, west)
    _serving(sandbox, west.region, {"east": 0})
    assert sandbox.control("/resolve/repo.acme.example")["steps"][0]["set"] == "west"
    sandbox.fault("region-down", region="us-west-2")
    try:
        assert sandbox.control("/resolve/repo.acme.example")["steps"][0]["set"] == "west"
    finally:
        sandbox.fault("region-up", region="us-west-2")
        _serving(sandbox, west.region, {"east": 1})
    west.wait_healthy(1)


def test_an_external_platform_is_reached_by_name_and_its_token_can_be_rotated(sandbox: Running) -> None:
    token_file = sandbox.directory / "secrets/lab.token"

    def status(token: str) -> int:
        return sandbox.get(
            "http://lab.repo.acme.example/artifactory/api/repositories", headers={"Authorization": f"Bearer {token}"}
        ).status_code

    old = token_file.read_text().strip()
    assert (status(old), token_file.stat().st_mode & 0o777) == (200, 0o600)
    sandbox.fault("rotate-token", site="lab")
    new = token_file.read_text().strip()
    assert (new != old, status(new), status(old)) == (True, 200, 401)


def test_a_fault_of_a_node_is_handed_to_it(sandbox: Running, west: Fleet) -> None:
    given = sandbox.fault("answer", site="west", status=503, times=2)
    assert given == [{"path": "/__sandbox__/faults", "fault": {"kind": "answer", "status": 503, "times": 2}}]
    member = west.members[0]["InstanceId"]
    assert sandbox.fault("clock", node=member, skew=60)[0]["fault"] == {"kind": "clock", "skew": 60}
    assert "no such node" in sandbox.control("/faults", {"kind": "clock", "node": "i-0"})["error"]


def test_calls_that_no_platform_serves_are_listed(sandbox: Running) -> None:
    for _ in range(2):
        assert sandbox.get("http://lab.repo.acme.example/artifactory/api/no/such/call").status_code in {401, 404}
    known = {call["path"]: call for call in sandbox.control("/unimplemented")["calls"]}
    found = known["/artifactory/api/no/such/call"]
    assert (found["method"], found["count"], found["nodes"]) == ("GET", 2, ["lab"])
    assert found["first_seen"].endswith("Z")
    assert "/artifactory/api/repositories" not in known


def test_an_unknown_fault_is_refused_with_the_list(sandbox: Running) -> None:
    answer = sandbox.control("/faults", {"kind": "meteor"})
    assert "no such fault: 'meteor'" in answer["error"]
    assert {"kill-node", "partition", "region-down"} <= set(answer["kinds"])
    assert "needs region" in sandbox.control("/faults", {"kind": "region-down"})["error"]


def test_requests_are_counted_for_clients_by_site_and_node(sandbox: Running, west: Fleet) -> None:
    sandbox.control("/counters/reset", {})
    sandbox.get(west.url)
    requests.put(f"{west.url}/x", data=b"1", proxies=sandbox.proxies, timeout=10)
    sandbox.get(west.url, headers={"X-Sandbox-Peer": "node"})
    sandbox.aws("ec2").describe_vpcs()
    sandbox.aws("s3").put_bucket_tagging(Bucket="east-bucket", Tagging={"TagSet": []})
    with pytest.raises(ClientError):
        sandbox.aws("s3").head_bucket(Bucket="nowhere")
    counted = sandbox.control("/counters")
    node = west.members[0]["InstanceId"]
    assert counted["platforms"] == {"west": {"reads": 1, "writes": 1}, node: {"reads": 1, "writes": 1}}
    assert (counted["aws"]["reads"], counted["aws"]["writes"]) == (2, 1)
    assert counted["aws"]["actions"]["ec2:DescribeVpcs"] == 1
    assert counted["aws"]["actions"]["s3:PUT /bucket?tagging"] == 1


def _proxy_of(sandbox: Running, fleet: Fleet) -> dict[str, str]:
    """The proxy that the nodes of a site are told to use."""
    node = sandbox.node(next(iter(fleet.wait_healthy(len(fleet.members)))))
    environment = Path(f"/proc/{node['units']['artifactory']['pid']}/environ").read_text().split("\0")
    return {"http": next(row.partition("=")[2] for row in environment if row.startswith("http_proxy="))}


def _serving(sandbox: Running, region: str, values: dict[str, int]) -> None:
    data = [
        {"MetricName": "Serving", "Dimensions": [{"Name": "Site", "Value": site}], "Value": value}
        for site, value in values.items()
    ]
    sandbox.aws("cloudwatch", region).put_metric_data(Namespace="ArtifactoryEstate", MetricData=data)


def _make_service(sandbox: Running, east: Fleet, west: Fleet) -> None:
    """Failover records on alarms, each in the other side's region."""
    zone = (
        sandbox.aws("route53").list_hosted_zones_by_name(DNSName="acme.example")["HostedZones"][0]["Id"].rsplit("/")[-1]
    )
    for role, fleet, other in (("PRIMARY", east, west), ("SECONDARY", west, east)):
        alarm = f"{fleet.name}-not-serving"
        sandbox.aws("cloudwatch", other.region).put_metric_alarm(
            AlarmName=alarm, Namespace="ArtifactoryEstate", MetricName="Serving", Dimensions=[{"Name": "Site", "Value": fleet.name}],
            Statistic="Minimum", Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator="LessThanThreshold",
            TreatMissingData="ignore",
        )  # fmt: skip
        config = {
            "Type": "CLOUDWATCH_METRIC",
            "AlarmIdentifier": {"Region": other.region, "Name": alarm},
            "InsufficientDataHealthStatus": "LastKnownStatus",
        }
        made = sandbox.aws("route53").create_health_check(
            CallerReference=f"{alarm}-{id(object())}", HealthCheckConfig=config
        )
        alias = {"HostedZoneId": zone, "DNSName": fleet.host, "EvaluateTargetHealth": False}
        put_record(
            sandbox,
            {
                "Name": "repo.acme.example",
                "Type": "A",
                "SetIdentifier": fleet.name,
                "Failover": role,
                "AliasTarget": alias,
                "HealthCheckId": made["HealthCheck"]["Id"],
            },
        )
