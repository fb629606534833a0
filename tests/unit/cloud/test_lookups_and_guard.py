"""Hosted zones, mirrored packages, the guard before a destruction, and what nodes report."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from artifactory_estate.base import Observation, Refused
from artifactory_estate.cloud.lifecycle import (
    DeletionGuard,
    HostedZone,
    HostedZoneDeclaration,
    Package,
    PackageDeclaration,
)
from artifactory_estate.cloud.losses import DeletionGuardDeclaration
from artifactory_estate.cloud.node_reports import read_reports
from artifactory_estate.cloud.package import PackageUnavailable
from artifactory_estate.cloud.zones import ZoneNotFound
from tests.support.aws import REGION

CONTENT = b"an installer" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def s3() -> Any:
    return boto3.client("s3", region_name=REGION)


def zone(name: str, *, private: bool = False) -> str:
    config = (
        {"HostedZoneConfig": {"PrivateZone": private}, "VPC": {"VPCRegion": REGION, "VPCId": "vpc-1"}}
        if private
        else {}
    )
    made = boto3.client("route53").create_hosted_zone(Name=name, CallerReference=f"{name}{private}", **config)
    return str(made["HostedZone"]["Id"]).removeprefix("/hostedzone/")


def found_zone(name: str) -> str:
    return HostedZone().create(HostedZoneDeclaration(name=name, region=REGION)).zone_id


def test_zone_is_found_by_its_exact_name(aws: str) -> None:
    wanted = zone("one.example")
    zone("sub.one.example")
    assert found_zone("one.example") == wanted


def test_public_zone_goes_before_a_private_one_of_the_same_name(aws: str) -> None:
    zone("two.example", private=True)
    public = zone("two.example")
    assert found_zone("two.example") == public


def test_private_zone_alone_is_taken(aws: str) -> None:
    private = zone("three.example", private=True)
    assert found_zone("three.example") == private


def test_missing_zone_says_what_to_do(aws: str) -> None:
    with pytest.raises(ZoneNotFound, match=r"no hosted zone named none\.example.*`zone: none`"):
        found_zone("none.example")


def test_zone_is_not_looked_up_again(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failover may not depend on Route 53."""
    zone("four.example")
    declared = HostedZoneDeclaration(name="four.example", region=REGION)
    observed = HostedZone().create(declared)
    monkeypatch.setattr("artifactory_estate.cloud.zones.client", lambda *_, **__: pytest.fail("asked Route 53"))
    assert HostedZone().read(declared, observed) == (declared, observed)
    assert HostedZone().update(declared, declared, observed) == observed


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[str]:
    """A web server with one installer."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path.startswith("/artifactory-7.rpm") else 404)
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def package(source: str, bucket: str, sha256: str = SHA256) -> PackageDeclaration:
    return PackageDeclaration(source=source, sha256=sha256, bucket=bucket, region=REGION)


def test_package_is_mirrored_once_under_its_digest(bucket: str, shop: str) -> None:
    declared = package(f"{shop}/artifactory-7.rpm?token=x", bucket)
    observed = Package().create(declared)
    assert observed.url == f"s3://{bucket}/packages/{SHA256}/artifactory-7.rpm"
    assert s3().get_object(Bucket=bucket, Key=f"packages/{SHA256}/artifactory-7.rpm")["Body"].read() == CONTENT
    Package().create(declared)
    versions = s3().list_object_versions(Bucket=bucket, Prefix="packages/")["Versions"]
    assert len(versions) == 1
    assert Package().read(declared, observed) == (declared, observed)


def test_package_comes_from_a_bucket_too(bucket: str) -> None:
    s3().put_object(Bucket=bucket, Key="shop/artifactory-7.rpm", Body=CONTENT)
    observed = Package().create(package(f"s3://{bucket}/shop/artifactory-7.rpm", bucket))
    assert observed.url.endswith(f"{SHA256}/artifactory-7.rpm")


def test_other_file_than_declared_never_reaches_the_bucket(bucket: str, shop: str) -> None:
    with pytest.raises(PackageUnavailable, match=f"its sha256 is {SHA256}, declared is {'0' * 64}"):
        Package().create(package(f"{shop}/artifactory-7.rpm", bucket, "0" * 64))
    assert "Contents" not in s3().list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("source", ["{shop}/nothing.rpm", "s3://{bucket}/nothing.rpm", "http://127.0.0.1:1/x.rpm"])
def test_package_that_cannot_be_fetched_is_named(bucket: str, shop: str, source: str) -> None:
    source = source.format(shop=shop, bucket=bucket)
    with pytest.raises(PackageUnavailable, match=source):
        Package().create(package(source, bucket))


def test_package_that_is_gone_reads_as_gone(bucket: str, shop: str) -> None:
    declared = package(f"{shop}/artifactory-7.rpm", bucket)
    observed = Package().create(declared)
    s3().delete_object(Bucket=bucket, Key=f"packages/{SHA256}/artifactory-7.rpm")
    assert Package().read(declared, observed) is None


def guard(**declared: Any) -> None:
    DeletionGuard().delete(DeletionGuardDeclaration(site="us-east", region=REGION, **declared), Observation())


@pytest.mark.parametrize("deleted", [False, True], ids=["current object", "old version only"])
def test_guard_refuses_while_the_bucket_holds_binaries(bucket: str, deleted: bool) -> None:
    s3().put_object(Bucket=bucket, Key="filestore/aa/aabb", Body=b"x")
    if deleted:
        s3().delete_object(Bucket=bucket, Key="filestore/aa/aabb")
    with pytest.raises(Refused, match=f"sites.us-east.filestore.bucket.allow_delete: {bucket} holds binaries"):
        guard(bucket=bucket)
    guard(bucket=bucket, allow_delete_bucket=True)


def test_guard_lets_an_empty_or_missing_bucket_go(bucket: str) -> None:
    guard(bucket=bucket)
    guard(bucket="acme-never-was")


def test_guard_refuses_while_the_database_exists(prefix: str) -> None:
    identifier = prefix.replace("/", "-")
    guard(database=identifier)
    boto3.client("rds", region_name=REGION).create_db_instance(
        DBInstanceIdentifier=identifier, Engine="postgres", EngineVersion="15", DBInstanceClass="db.m8g.large",
        AllocatedStorage=20, MasterUsername="postgres", MasterUserPassword="testing-only",
    )  # fmt: skip
    with pytest.raises(Refused, match=f"sites.us-east.database.allow_delete: {identifier} holds the metadata"):
        guard(database=identifier)
    guard(database=identifier, allow_delete_database=True)


def test_guard_refuses_while_the_load_balancer_is_protected(prefix: str) -> None:
    name = prefix.replace("/", "-")[:32].strip("-")
    guard(balancer=name)
    ec2, elb = boto3.client("ec2", region_name=REGION), boto3.client("elbv2", region_name=REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    (made,) = elb.create_load_balancer(Name=name, Subnets=[subnet], Type="network")["LoadBalancers"]
    guard(balancer=name)
    protected = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    elb.modify_load_balancer_attributes(LoadBalancerArn=made["LoadBalancerArn"], Attributes=protected)
    with pytest.raises(Refused, match=f"sites.us-east.load_balancer.deletion_protection: {name} is protected"):
        guard(balancer=name)


def test_guard_names_every_loss_at_once(bucket: str, prefix: str) -> None:
    s3().put_object(Bucket=bucket, Key="x", Body=b"x")
    boto3.client("rds", region_name=REGION).create_db_instance(
        DBInstanceIdentifier=bucket, Engine="postgres", EngineVersion="15", DBInstanceClass="db.m8g.large",
        AllocatedStorage=20, MasterUsername="postgres", MasterUserPassword="testing-only",
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        guard(bucket=bucket, database=bucket)
    assert len(refused.value.refusals) == 2


def test_nodes_reports_are_read_back(bucket: str) -> None:
    text = '{"instance": "i-1", "status": "failed", "bundle": "ab", "reason": "unknown provider"}'
    s3().put_object(Bucket=bucket, Key="nodes/i-1.json", Body=text.encode())
    assert [(report.instance, report.reason) for report in read_reports(bucket, REGION, None)] == [
        ("i-1", "unknown provider")
    ]
    assert read_reports("acme-never-was", REGION, None) == ()
