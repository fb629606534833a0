"""Which ports of which machines a load balancer is aimed at, and what listens for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from artifactory_estate.load_balancer.model import LoadBalancer
from artifactory_estate.load_balancer.render import REDIRECT_PORT, docker_ports, main_port, redirects

ROUTER_PORT = 8082
DIRECT_PORT = 8081
_PING = "/artifactory/api/system/ping"
_ROUTER_PROBES = {
    "health": "/router/api/v1/system/health",
    "readiness": "/router/api/v1/system/readiness",
    "ping": _PING,
}
_DIRECT_PROBES = {
    "health": "/artifactory/api/v1/system/readiness",
    "readiness": "/artifactory/api/v1/system/readiness",
    "ping": _PING,
}


@dataclass(frozen=True)
class Target:
    """One port of the machines behind, and the listener that leads to it."""

    key: str
    port: int
    health: str
    """Path that answers 200 on a machine that may get requests (files reference 5.4)."""
    listener: int | None = None
    """Port of the load balancer; None: a rule of another listener leads here."""
    secure: bool = False
    """The listener ends TLS."""
    health_protocol: str = "HTTP"
    matcher: str = "200"
    of_nodes: bool = True
    """Of the nodes, otherwise of the fronts."""


def targets_of(declared: LoadBalancer, url: str) -> Sequence[Target]:
    """What the load balancer is aimed at; the first is the default.

    An ALB sends `/artifactory/` straight to Artifactory and the rest to the router; a network load balancer cannot tell
    them apart, and leaves that to nginx or Apache, or to the router.
    """
    https, probe = urlsplit(url).scheme == "https", declared.health_check.probe
    port, secure = (443 if https else 80), https and declared.own_certificate is None
    router = Target("router", ROUTER_PORT, _ROUTER_PROBES[probe], port, secure)
    if declared.kind == "alb":
        return (router, Target("direct", DIRECT_PORT, _DIRECT_PROBES[probe]))
    if declared.kind == "nlb":
        return (router,)
    return _web_servers(declared, url, port, secure)


def _web_servers(declared: LoadBalancer, url: str, port: int, secure: bool) -> Sequence[Target]:
    own, beside = declared.own_certificate is not None, not declared.on_fronts
    health, protocol = _ROUTER_PROBES[declared.health_check.probe], "HTTPS" if own else "HTTP"
    made = [
        Target("secure" if own else "web", main_port(declared), health, port, secure, protocol, of_nodes=beside),
        *(
            Target(f"docker-{number}", number, health, number, secure, protocol, of_nodes=beside)
            for _, number in docker_ports(declared)
        ),
    ]
    if redirects(url, declared):
        made.append(Target("redirect", REDIRECT_PORT, "/", 80, matcher="300-399", of_nodes=beside))
    if declared.on_fronts:
        # No client reaches this listener: through it the nodes' health is known, and a node can be drained, which the
        # fronts follow (decision 0015).
        made.append(Target("router", ROUTER_PORT, _ROUTER_PROBES[declared.health_check.probe], ROUTER_PORT))
    return made
