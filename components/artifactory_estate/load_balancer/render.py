"""Configuration of the web server that stands beside Artifactory on each node, or in front of several."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from artifactory_estate.base.templates import render

OWN_NODE = ("127.0.0.1",)
WEB_SERVER_PORT = 8000
"""Where nginx and Apache listen, and so what the load balancer is aimed at."""


def nginx_conf(url: str, upstreams: Sequence[str] = OWN_NODE) -> str:
    """`conf.d/artifactory.conf` of nginx for the site at `url` (files reference 5.1), aimed at `upstreams`.

    Every name that leads here is answered in its own generated URLs: the override header carries the client's Host, and
    the scheme is the site's, since a network load balancer that ends TLS says nothing about it.
    """
    return render("nginx.conf.j2", scheme=urlsplit(url).scheme, upstreams=upstreams)


def apache_conf(url: str, upstreams: Sequence[str] = OWN_NODE) -> str:
    """`conf.d/artifactory.conf` of Apache httpd, with the same behaviour (files reference 5.3)."""
    return render("apache.conf.j2", scheme=urlsplit(url).scheme, upstreams=upstreams)
