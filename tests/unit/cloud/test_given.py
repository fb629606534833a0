"""What a document gives is looked at: subnets and keys that exist, and what is wrong with them."""

from typing import Any

import boto3
import pytest

from artifactory_estate.base import Refused, dotted
from artifactory_estate.cloud.given import Given, GivenDeclaration
from tests.support.aws import REGION


@pytest.fixture(scope="module")
def network(aws: str) -> dict[str, str]:
    """A VPC with private subnets `a`, `b`, a second one in the first zone, a tiny one, and two with a way to the internet."""
    ec2 = boto3.client("ec2", region_name=REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    found = {"vpc": vpc}
    for number, (name, zone) in enumerate((("a", "a"), ("b", "b"), ("beside", "a"), ("open", "a"), ("wide", "b"))):
        block = {"CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": f"{REGION}{zone}"}
        found[name] = ec2.create_subnet(VpcId=vpc, **block)["Subnet"]["SubnetId"]
    tiny = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.9.0/28", AvailabilityZone=f"{REGION}b")
    found["tiny"] = tiny["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    for name in ("open", "wide"):
        ec2.associate_route_table(RouteTableId=table, SubnetId=found[name])
    other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    found["elsewhere"] = ec2.create_subnet(VpcId=other, CidrBlock="10.1.0.0/24")["Subnet"]["SubnetId"]
    return found


def declaration(network: dict[str, str], private: str = "a b", public: str = "", **more: Any) -> GivenDeclaration:
    named = {
        "private_subnets": [network.get(name, name) for name in private.split()],
        "public_subnets": [network.get(name, name) for name in public.split()],
    }
    return GivenDeclaration.from_data({"site": "eu", "region": REGION, "vpc": network["vpc"], **named, **more})


def refused(declared: GivenDeclaration, old: GivenDeclaration | None = None) -> list[tuple[str, str]]:
    return [(dotted(each.path), each.found) for each in Given().preflight(old, declared)]


def test_a_good_network_is_refused_nothing(network: dict[str, str]) -> None:
    assert refused(declaration(network, public="open wide", addresses=20)) == []
    assert Given().create(declaration(network)).pending == ()


@pytest.mark.parametrize(
    ("words", "path", "found"),
    [
        ({"vpc": "vpc-0123"}, "vpc", "vpc-0123 is not there"),
        ({"private": "a subnet-0123"}, "private_subnets[1]", "subnet-0123 is not there"),
        ({"private": "a elsewhere"}, "private_subnets[1]", "{elsewhere} belongs to"),
        ({"private": "a beside"}, "private_subnets", "all in us-east-1a"),
        ({"private": "a tiny", "addresses": 12}, "private_subnets[1]", "{tiny} has 11 addresses free"),
        ({"private": "a wide"}, "private_subnets[1]", "{wide} has a route to an internet gateway"),
        ({"public": "open b"}, "public_subnets[1]", "{b} has none"),
    ],
)
def test_a_bad_one_is_refused_by_its_place(
    network: dict[str, str], words: dict[str, Any], path: str, found: str
) -> None:
    wanted = found.format(**network)
    refusals = refused(declaration(network, **words))
    assert any(place == f"sites.eu.network.{path}" and text.startswith(wanted) for place, text in refusals), refusals


def test_room_is_asked_of_new_subnets_only(network: dict[str, str]) -> None:
    asked = declaration(network, "a tiny", addresses=12)
    assert refused(asked, old=declaration(network, "a tiny")) == []


def test_a_key_can_encrypt(aws: str, network: dict[str, str]) -> None:
    kms = boto3.client("kms", region_name=REGION)
    good = kms.create_key()["KeyMetadata"]["Arn"]
    asymmetric = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    disabled = kms.create_key()["KeyMetadata"]
    kms.disable_key(KeyId=disabled["KeyId"])
    missing = f"{good.rpartition('/')[0]}/00000000-0000-0000-0000-000000000000"
    found = {key: refused(declaration(network, kms_key=key)) for key in (good, asymmetric, disabled["Arn"], missing)}
    path = "sites.eu.aws.kms_key"
    assert found == {
        good: [],
        asymmetric: [(path, "a key of RSA_2048 to SIGN_VERIFY")],
        disabled["Arn"]: [(path, "the key is Disabled")],
        missing: [(path, f"{missing} is not there")],
    }


def test_nothing_is_built_on_what_is_refused(network: dict[str, str]) -> None:
    with pytest.raises(Refused, match="is not there"):
        Given().create(declaration(network, "a subnet-0123"))


def test_auto_scaling_has_its_role_before_a_key_names_it(aws: str) -> None:
    nothing = GivenDeclaration(site="eu", region=REGION)
    for _ in range(2):
        Given().create(nothing)
    roles = [role["RoleName"] for role in boto3.client("iam").list_roles()["Roles"]]
    assert roles.count("AWSServiceRoleForAutoScaling") == 1
