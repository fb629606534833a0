"""Configuration of the web server that stands beside Artifactory on each node, or in front of all."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from artifactory_estate.base.templates import render
from artifactory_estate.load_balancer.model import LoadBalancer

OWN_NODE = ("127.0.0.1",)
EACH_NODE = ("@@NODE@@",)
"""What stands for the nodes in a front's file: the front repeats each line that has it, for every node there is."""
WEB_SERVER_PORT = 8000
"""Where nginx and Apache listen when the network load balancer ends TLS, or nobody does."""
TLS_PORT = 8443
"""Where they do when they end TLS themselves."""
REDIRECT_PORT = 8001
"""Where they send what came over http to https."""
TLS_FOLDER = "/etc/artifactory-estate/tls"
"""Where `site.crt` and `site.key` are on a machine that ends TLS."""
CONNECT_S = 5
"""A node that is gone answers nothing at all; then the next one is asked."""


def nginx_conf(url: str, declared: LoadBalancer | None = None, upstreams: Sequence[str] = OWN_NODE) -> str:
    """`conf.d/artifactory.conf` of nginx for the site at `url` (files reference 5.1), aimed at `upstreams`.

    The scheme is the site's, since a network load balancer that ends TLS says nothing about it.
    """
    declared = declared or LoadBalancer(kind="nginx")
    failing = f" max_fails=1 fail_timeout={CONNECT_S}s" if declared.on_fronts else ""
    listen = " ssl" if declared.own_certificate else ""
    return render("nginx.conf.j2", failing=failing, listen=listen, **_values(url, declared, upstreams, "$http_host"))


def apache_conf(url: str, declared: LoadBalancer | None = None, upstreams: Sequence[str] = OWN_NODE) -> str:
    """`conf.d/artifactory.conf` of Apache httpd, with the same behaviour (files reference 5.3)."""
    declared = declared or LoadBalancer(kind="apache")
    failing = f" retry={CONNECT_S} connectiontimeout={CONNECT_S}" if declared.on_fronts else ""
    listen = " https" if declared.own_certificate else ""
    return render("apache.conf.j2", failing=failing, listen=listen, **_values(url, declared, upstreams, "%{HTTP_HOST}"))


def main_port(declared: LoadBalancer) -> int:
    """Where the web server listens for everything but redirects and Docker's ports."""
    return TLS_PORT if declared.own_certificate else WEB_SERVER_PORT


def redirects(url: str, declared: LoadBalancer) -> bool:
    """Whether http is answered with a redirect to https."""
    return declared.redirect_http and declared.kind != "nlb" and urlsplit(url).scheme == "https"


def docker_ports(declared: LoadBalancer) -> Sequence[tuple[str, int]]:
    """Repository and port, by port; empty unless docker.method is port."""
    return sorted(declared.docker.ports.items(), key=lambda row: row[1]) if declared.docker.method == "port" else ()


def _values(url: str, declared: LoadBalancer, upstreams: Sequence[str], client_host: str) -> dict[str, object]:
    site = urlsplit(url)
    secure, client = site.scheme == "https", f"{site.scheme}://{client_host}"
    return {
        "scheme": site.scheme,
        "host": site.hostname or "",
        "public_port": site.port or (443 if secure else 80),
        "upstreams": upstreams,
        "main_port": main_port(declared),
        "redirect_port": REDIRECT_PORT if redirects(url, declared) else 0,
        "base_url": {"client": client, "site": url}.get(declared.override_base_url, declared.override_base_url),
        "client_url": client,
        "own_certificate": declared.own_certificate is not None,
        "folder": TLS_FOLDER,
        "oldest_tls": declared.tls,
        "hsts": declared.hsts if secure else 0,
        "read_timeout": declared.read_timeout,
        "connect_timeout": CONNECT_S if declared.on_fronts else 75,
        "max_body": declared.max_body or 0,
        "docker_method": declared.docker.method,
        "docker_ports": docker_ports(declared),
    }
