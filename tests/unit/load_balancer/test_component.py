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


def listeners(found: Recording) -> dict[int, tuple[str, str]]:
    """Protocol and target group, or redirect, by port."""
    listed = {}
    for one in found.of_type("aws:lb/listener:Listener"):
        (action,) = one.inputs["defaultActions"]
        to = action.get("targetGroupArn", "").removeprefix("arn:mock:lb-") or action["type"]
        listed[int(one.inputs["port"])] = (one.inputs["protocol"], to)
    return listed


HTTPS = "https://us-east.acme.example"
OWN = {"certificate": "file:site.crt", "key": "file:site.key"}
BY_PORT = {"method": "port", "ports": {"images": 5001}}


@pytest.mark.parametrize(
    ("declared", "wanted"),
    [
        ({"kind": "alb"}, {443: ("HTTPS", "router"), 80: ("HTTP", "redirect")}),
        ({"kind": "alb", "redirect_http": False}, {443: ("HTTPS", "router")}),
        ({"kind": "nlb"}, {443: ("TLS", "router")}),
        ({"kind": "nginx"}, {443: ("TLS", "web"), 80: ("TCP", "redirect")}),
        ({"kind": "apache", "own_certificate": OWN}, {443: ("TCP", "secure"), 80: ("TCP", "redirect")}),
        (
            {"kind": "nginx", "docker": BY_PORT},
            {443: ("TLS", "web"), 5001: ("TLS", "docker-5001"), 80: ("TCP", "redirect")},
        ),
        (
            {"kind": "nginx", "placement": "front"},
            {443: ("TLS", "web"), 80: ("TCP", "redirect"), 8082: ("TCP", "router")},
        ),
    ],
)
def test_what_listens_for_https(declared: dict[str, Any], wanted: dict[int, tuple[str, str]]) -> None:
    certificate = {} if "own_certificate" in declared else {"certificate": CERTIFICATE}
    assert listeners(made(HTTPS, **declared, **certificate)) == wanted


def test_a_front_leads_to_the_fronts_and_knows_the_nodes() -> None:
    found = made(kind="nginx", placement="front")
    assert {port: group for port, (_, group) in listeners(found).items()} == {80: "web", 8082: "router"}
    rules = found.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert {rule.inputs["fromPort"] for rule in rules} == {80}


@pytest.mark.parametrize(("tls", "policy"), [("1.2", "TLS13-1-2"), ("1.3", "TLS13-1-3")])
def test_oldest_tls_and_what_browsers_are_told(tls: str, policy: str) -> None:
    listener = made(HTTPS, kind="alb", certificate=CERTIFICATE, tls=tls).resources["lb-listener"].inputs
    assert policy in listener["sslPolicy"]
    assert listener["routingHttpResponseStrictTransportSecurityHeaderValue"] == "max-age=31536000"
    plain = made(kind="alb").resources["lb-listener"].inputs
    assert "routingHttpResponseStrictTransportSecurityHeaderValue" not in plain


def test_safe_without_a_word() -> None:
    found = made(kind="alb").resources
    balancer = found["lb-balancer"].inputs
    assert (balancer["enableDeletionProtection"], balancer["dropInvalidHeaderFields"]) == (True, True)
    assert (found["lb-router"].inputs["slowStart"], found["lb-router"].inputs["deregistrationDelay"]) == (30, 120)
    logged = made(kind="alb", access_logs={"bucket": "acme-logs", "prefix": "eu"}, deletion_protection=False)
    balancer = logged.resources["lb-balancer"].inputs
    assert balancer["accessLogs"] == {"enabled": True, "bucket": "acme-logs", "prefix": "eu"}
    assert balancer["enableDeletionProtection"] is False


def test_only_who_is_allowed() -> None:
    found = made(HTTPS, kind="alb", certificate=CERTIFICATE, allow=["10.20.0.0/16", "pl-12ab"])
    rules = found.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    seen = {(one.inputs["fromPort"], one.inputs.get("cidrIpv4") or one.inputs["prefixListId"]) for one in rules}
    assert seen == {(port, source) for port in (80, 443) for source in ("10.20.0.0/16", "pl-12ab")}


@pytest.mark.parametrize(
    ("probe", "router", "direct"),
    [
        ("health", "/router/api/v1/system/health", "/artifactory/api/v1/system/readiness"),
        ("readiness", "/router/api/v1/system/readiness", "/artifactory/api/v1/system/readiness"),
        ("ping", "/artifactory/api/system/ping", "/artifactory/api/system/ping"),
    ],
)
def test_how_targets_are_asked(probe: str, router: str, direct: str) -> None:
    found = made(kind="alb", health_check={"probe": probe, "interval": "30s", "unhealthy": 4}).resources
    checks = [found[f"lb-{key}"].inputs["healthCheck"] for key in ("router", "direct")]
    assert [check["path"] for check in checks] == [router, direct]
    assert {(check["interval"], check["unhealthyThreshold"]) for check in checks} == {(30, 4)}


def test_a_web_server_that_ends_tls_is_asked_over_tls() -> None:
    check = made(HTTPS, kind="nginx", own_certificate=OWN).resources["lb-secure"].inputs["healthCheck"]
    assert (check["protocol"], check["path"]) == ("HTTPS", "/router/api/v1/system/health")


def test_another_kind_needs_no_name_twice() -> None:
    """A replacement is made before the old one goes."""
    names = [
        {one.inputs["name"] for one in made(kind=kind).resources.values() if one.type.startswith("aws:lb/t")}
        for kind in ("alb", "nlb", "nginx")
    ]
    assert not names[0] & names[1]
    assert not names[1] & names[2]
