"""Every proxy that a site can have: kind, placement, Docker method, TLS."""

from collections.abc import Iterator
from itertools import product

from artifactory_estate.load_balancer.model import Docker, LoadBalancer, OwnCertificate
from artifactory_estate.load_balancer.render import OWN_NODE, apache_conf, nginx_conf

HOST = "us-east.repo.acme.example"
NODES = ("10.10.0.4", "10.10.16.4", "10.10.0.5")
OWN = OwnCertificate(certificate="file:site.crt", key="file:site.key")
DOCKER = {
    "repository-path": Docker(),
    "subdomain": Docker(method="subdomain"),
    "port": Docker(method="port", ports={"images": 5001, "images-dev": 5002}),
}
TLS = {"plain": ("http", None), "balancer": ("https", None), "own": ("https", OWN)}
"""Who ends TLS: nobody, the network load balancer, the web server itself."""


def variants() -> Iterator[tuple[str, str]]:
    """Name of the golden file, and the text."""
    for kind, placement, docker, tls in product(("nginx", "apache"), ("node", "front"), DOCKER, TLS):
        scheme, own = TLS[tls]
        declared = LoadBalancer(kind=kind, placement=placement, docker=DOCKER[docker], own_certificate=own)  # type: ignore[arg-type]
        render = nginx_conf if kind == "nginx" else apache_conf
        nodes = NODES if placement == "front" else OWN_NODE
        yield f"{kind}-{placement}-{docker}-{tls}.conf", render(f"{scheme}://{HOST}", declared, nodes)
