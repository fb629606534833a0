from typing import Any

import pytest

from artifactory_estate.site.outward import ports_of
from tests.unit.estate.judged import Rule
from tests.unit.site.site_values import site_of

EU = "sites.eu-west"
GIVEN = {"vpc": "vpc-1", "private_subnets": ["subnet-1", "subnet-2"]}
EXTERNAL = {
    "url": "jdbc:postgresql://db.acme.example:6432/artifactory",
    "username": "artifactory",
    "password": "env:DB",
}


def given(**more: Any) -> dict[str, Any]:
    return {f"{EU}.network": {**GIVEN, **more}}


def create(**more: Any) -> dict[str, Any]:
    return {f"{EU}.network": {"create": {"cidr": "10.30.0.0/16", **more}}}


RULES = {
    "one way to a network": Rule(
        create(),
        {f"{EU}.network": {"create": {"cidr": "10.30.0.0/16"}, **GIVEN}},
        f"{EU}.network.vpc",
        "given, with create (either we make the network or it exists already)",
    ),
    "some way to a network": Rule(
        given(), {f"{EU}.network": {}}, f"{EU}.network", "neither `create` nor `vpc` (nodes need a network)"
    ),
    "two zones": Rule(
        given(),
        given(private_subnets=["subnet-1"]),
        f"{EU}.network.private_subnets",
        "1 subnets (design 4: nodes and database stand in at least two zones)",
    ),
    "each private subnet once": Rule(
        given(private_subnets=["subnet-1", "subnet-2", "subnet-3"]),
        given(private_subnets=["subnet-1", "subnet-2", "subnet-1"]),
        f"{EU}.network.private_subnets[2]",
        "subnet-1 is there twice (each is one subnet of one zone)",
    ),
    "each public subnet once": Rule(
        given(public_subnets=["subnet-3", "subnet-4"]),
        given(public_subnets=["subnet-3", "subnet-3"]),
        f"{EU}.network.public_subnets[1]",
        "subnet-3 is there twice",
    ),
    "no subnet is private and public": Rule(
        given(public_subnets=["subnet-3", "subnet-4"]),
        given(public_subnets=["subnet-2", "subnet-4"]),
        f"{EU}.network.public_subnets[0]",
        "subnet-2 is a private one too (a subnet with a way in from the internet is public",
    ),
    "public subnets for a public load balancer": Rule(
        {
            **given(public_subnets=["subnet-3", "subnet-4"]),
            f"{EU}.load_balancer": {
                "kind": "alb", "internal": False,
                "certificate": "arn:aws:acm:eu-west-1:123456789012:certificate/2d41",
            },
            f"{EU}.url": "https://eu-west.repo.acme.example",
        },
        {
            **given(public_subnets=["subnet-3"]),
            f"{EU}.load_balancer": {"kind": "nlb", "internal": False},
        },
        f"{EU}.network.public_subnets",
        "1 subnets (a load balancer that is not internal stands in two public ones)",
    ),
    "some way to AWS": Rule(
        create(nat=False),
        create(nat=False, endpoints=False),
        f"{EU}.network.create.endpoints",
        "false, and nat: false (design 4: a node fetches its bundle and secrets from AWS",
    ),
    "no gateways where there is no way out": Rule(
        create(nat_gateways="one"),
        create(nat=False, nat_gateways="one"),
        f"{EU}.network.create.nat_gateways",
        "one, with nat: false (there is none)",
    ),
    "fronts have a way to AWS": Rule(
        {**create(nat=False), f"{EU}.load_balancer": {"kind": "nginx", "placement": "node"}},
        {**create(nat=False), f"{EU}.load_balancer": {"kind": "nginx", "placement": "front"}},
        f"{EU}.load_balancer.placement",
        "front, in a network with endpoints (decision 0015: fronts ask AWS which nodes are healthy",
    ),
    "a private range": Rule(
        create(cidr="100.64.0.0/16"), create(cidr="8.8.0.0/16"), f"{EU}.network.create.cidr", "8.8.0.0/16 is not private"
    ),
    "room for the nodes": Rule(
        create(cidr="10.30.0.0/24"),
        {**create(cidr="10.30.0.0/24", zones=6), f"{EU}.nodes": {"count": 18}},
        f"{EU}.network.create.cidr",
        "12 addresses are needed in each",
    ),
    "a subnet is a sixteenth however few the zones": Rule(
        {**create(cidr="10.30.0.0/23"), f"{EU}.nodes": {"count": 8}},
        {**create(cidr="10.30.0.0/24"), f"{EU}.nodes": {"count": 8}},
        f"{EU}.network.create.cidr",
        "10.30.0.0/24 gives 2 zones subnets of /28, with 11 addresses that AWS leaves (13 addresses are needed in each",
    ),
    "room for endpoints": Rule(
        create(cidr="10.30.0.0/23", nat=False),
        create(cidr="10.30.0.0/24", nat=False),
        f"{EU}.network.create.cidr",
        "18 addresses are needed in each",
    ),
    "room for fronts": Rule(
        {**create(cidr="10.30.0.0/24"), f"{EU}.load_balancer": {"kind": "nginx", "placement": "node"}},
        {**create(cidr="10.30.0.0/24"), f"{EU}.load_balancer": {"kind": "nginx", "placement": "front"}},
        f"{EU}.network.create.cidr",
        "13 addresses are needed in each",
    ),
    "room for mount targets": Rule(
        create(cidr="10.30.0.0/23"),
        {**create(cidr="10.30.0.0/24"), f"{EU}.filestore": {"kind": "nfs", "directory": "/mnt/art", "efs": {}}},
        f"{EU}.network.create.cidr",
        "12 addresses are needed in each",
    ),
    "AWS is reached": Rule(
        {f"{EU}.network.outward_ports": [80, 443, 636]},
        {f"{EU}.network.outward_ports": [80, 636]},
        f"{EU}.network.outward_ports",
        "443 is missing (AWS is reached there: bundle, secrets, commands)",
    ),
    "each port once": Rule(
        {f"{EU}.network.outward_ports": [80, 443]},
        {f"{EU}.network.outward_ports": [80, 443, 80]},
        f"{EU}.network.outward_ports[2]",
        "80 is there twice (each port is opened once)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rule(rule: Rule) -> None:
    rule.holds()


def test_what_the_document_names_needs_no_word() -> None:
    upstream = {"remote": {"upstream": {"package_type": "generic", "url": "https://upstream.example:8443/files"}}}
    assert ports_of(site_of()) == [80, 443]
    assert ports_of(site_of(database={"external": EXTERNAL})) == [80, 443, 6432]
    assert ports_of(site_of(repositories=upstream), ["http://lab.acme.example:8082"]) == [80, 443, 8082, 8443]
