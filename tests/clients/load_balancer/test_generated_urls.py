"""What a site generates, looked at from outside through a real proxy, as `estate up` does it."""

from pathlib import Path

import pytest

from artifactory_estate.load_balancer.model import LoadBalancer
from artifactory_estate.load_balancer.render import apache_conf, nginx_conf
from artifactory_estate.rest import Connection, Platform
from artifactory_estate.rest.generated_urls import generated_urls
from artifactory_estate.site.base_url import BaseUrlDeclaration, BaseUrlLifecycle
from artifactory_sandbox.network.authority import Authority
from tests.clients.load_balancer.conftest import HOST, Site
from tests.clients.load_balancer.outside import passing_on
from tests.clients.load_balancer.web_servers import KINDS, Kind, running
from tests.clients.platform.machines import ADMIN, free_address
from tests.support.packages import npm_document
from tests.unit.load_balancer.variants import OWN

URL = f"https://{HOST}"


def publish(site: Site) -> None:
    """@acme/ui 1.0.0, as npm sends it; there already from the test before is well."""
    body = npm_document("@acme/ui", "1.0.0")
    answer = site.nodes[0].call("PUT", "/artifactory/api/npm/npm/@acme%2Fui", json=body)
    assert answer.status_code in {200, 201, 403, 409}, answer.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("override", ["client", "https://repo.acme.example"])
def test_from_outside(tmp_path: Path, site: Site, authority: Authority, kind: Kind, override: str) -> None:
    publish(site)
    (tmp_path / "ca.pem").write_text(authority.pem)
    (tmp_path / "password").write_text(ADMIN[1])
    declared = LoadBalancer(kind=kind, placement="front", own_certificate=OWN, override_base_url=override)
    text, address = (nginx_conf if kind == "nginx" else apache_conf)(URL, declared, site.addresses), free_address(250)
    with (
        running(kind, tmp_path / kind, text, address, 8443, authority, HOST),
        passing_on(address, {443: 8443}) as proxy,
    ):
        connection = Connection(
            site="us-east",
            url=URL,
            username=ADMIN[0],
            password=f"file:{tmp_path / 'password'}",
            proxy=proxy,
            ca_bundle=str(tmp_path / "ca.pem"),
        )
        found = generated_urls(Platform(connection, lambda reference: Path(reference[5:]).read_text()))
        wanted = BaseUrlDeclaration(connection=connection, url=URL)
        pending = BaseUrlLifecycle().create(wanted).pending
        right = BaseUrlLifecycle().create(wanted.model_copy(update={"generated": override})).pending
    begins = URL if override == "client" else override
    assert found.keys() == {"the list of repositories", "Docker's token realm", "the tarball of @acme/ui"}
    assert all(url.startswith(f"{begins}/") for url in found.values()), found
    assert found["the tarball of @acme/ui"].endswith("ui-1.0.0.tgz")
    assert len(pending) == (0 if override == "client" else 3)
    if override != "client":
        assert right == ()
