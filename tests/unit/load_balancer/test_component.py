"""The load balancer in a Pulumi program."""

from typing import Any

import pytest

from artifactory_estate.base import Refused
from artifactory_estate.load_balancer.component import LoadBalancer
from artifactory_estate.load_balancer.model import LoadBalancer as Declared
from tests.support.recording import Recording, recorded

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/abc"


def made(url: str = "http://us-east.acme.example", **declared: Any) -> Recording:
    def program() -> None:
        LoadBalancer(
            "lb",
            Declared.from_data(declared),
            url=url,
            short_name=lambda suffix: f"acme-{suffix}",
            vpc_id="vpc-1",
            subnet_ids=["subnet-1", "subnet-2"],
        )

    with recorded(program) as found:
        return found


def test_application_load_balancer_sends_artifactory_straight_and_the_rest_to_the_router() -> None:
    found = made(kind="alb").resources
    assert found["lb-balancer"].inputs["loadBalancerType"] == "application"
    assert found["lb-balancer"].inputs["idleTimeout"] == 4000
    assert (found["lb-router"].inputs["port"], found["lb-direct"].inputs["port"]) == (8082, 8081)
    assert found["lb-router"].inputs["healthCheck"]["path"] == "/router/api/v1/system/health"
    assert found["lb-listener"].inputs["defaultActions"][0]["targetGroupArn"] == "arn:mock:lb-router"
    rule = found["lb-artifactory"].inputs
    assert rule["conditions"] == [{"pathPattern": {"values": ["/artifactory/*"]}}]
    assert rule["actions"][0]["targetGroupArn"] == "arn:mock:lb-direct"


@pytest.mark.parametrize(("kind", "port"), [("nginx", 8000), ("apache", 8000), ("nlb", 8082)])
def test_network_load_balancer_has_one_target(kind: str, port: int) -> None:
    found = made(kind=kind)
    groups = found.of_type("aws:lb/targetGroup:TargetGroup")
    assert [(group.inputs["port"], group.inputs["protocol"]) for group in groups] == [(port, "TCP")]
    assert found.resources["lb-balancer"].inputs["loadBalancerType"] == "network"
    assert "idleTimeout" not in found.resources["lb-balancer"].inputs
    assert "lb-artifactory" not in found.resources


@pytest.mark.parametrize(
    ("kind", "secure", "port", "protocol"),
    [("alb", False, 80, "HTTP"), ("alb", True, 443, "HTTPS"), ("nginx", False, 80, "TCP"), ("nginx", True, 443, "TLS")],
)
def test_listener_follows_the_sites_scheme(kind: str, secure: bool, port: int, protocol: str) -> None:
    url = f"{'https' if secure else 'http'}://us-east.acme.example"
    listener = made(url, kind=kind, certificate=CERTIFICATE).resources["lb-listener"].inputs
    assert (listener["port"], listener["protocol"]) == (port, protocol)
    assert listener.get("certificateArn") == (CERTIFICATE if secure else None)


def test_https_without_a_certificate_is_refused() -> None:
    with pytest.raises(Refused, match=r"load_balancer\.certificate: is not given"):
        made("https://us-east.acme.example", kind="alb")


@pytest.mark.parametrize(
    ("internal", "sources"), [(True, {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}), (False, {"0.0.0.0/0"})]
)
def test_internal_unless_told_otherwise(internal: bool, sources: set[str]) -> None:
    found = made(internal=internal)
    rules = found.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert {rule.inputs["cidrIpv4"] for rule in rules} == sources
    assert found.resources["lb-balancer"].inputs["internal"] is internal
    assert made().resources["lb-balancer"].inputs["internal"] is True


def test_another_kind_needs_no_name_twice() -> None:
    """A replacement is made before the old one goes."""
    names = [
        {one.inputs["name"] for one in made(kind=kind).resources.values() if one.type.startswith("aws:lb/t")}
        for kind in ("alb", "nlb", "nginx")
    ]
    assert not names[0] & names[1]
    assert not names[1] & names[2]
