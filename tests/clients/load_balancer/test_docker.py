"""A real registry client by each method of files reference 5.2, over TLS that the web server ends."""

import json
from pathlib import Path

import pytest

from artifactory_estate.load_balancer.model import Docker, LoadBalancer
from artifactory_estate.load_balancer.render import apache_conf, nginx_conf
from artifactory_sandbox.network.authority import Authority
from tests.clients.load_balancer.conftest import HOST, Site
from tests.clients.load_balancer.outside import Client, passing_on
from tests.clients.load_balancer.web_servers import KINDS, Kind, running
from tests.clients.oci.test_skopeo import Layout, sha256, skopeo
from tests.clients.platform.machines import ADMIN, free_address
from tests.unit.load_balancer.variants import OWN

PORT = 5001
METHODS = {
    "repository-path": (Docker(), f"{HOST}/images/team/app", HOST),
    "subdomain": (Docker(method="subdomain"), f"images.{HOST}/team/app", f"images.{HOST}"),
    "port": (Docker(method="port", ports={"images": PORT}), f"{HOST}:{PORT}/team/app", f"{HOST}:{PORT}"),
}


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return Layout(tmp_path_factory.mktemp("layout"))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", KINDS)
def test_images_go_up_and_come_back(
    tmp_path: Path, site: Site, authority: Authority, layout: Layout, kind: Kind, method: str
) -> None:
    docker, place, host = METHODS[method]
    declared = LoadBalancer(kind=kind, placement="front", own_certificate=OWN, docker=docker)
    render = nginx_conf if kind == "nginx" else apache_conf
    text, address = render(f"https://{HOST}", declared, site.addresses), free_address(250)
    (tmp_path / "ca.pem").write_text(authority.pem)
    with (
        running(kind, tmp_path / kind, text, address, 8443, authority, HOST, f"*.{HOST}"),
        passing_on(address, {443: 8443, PORT: PORT}) as proxy,
    ):
        environ = {"HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(tmp_path / "ca.pem")}
        image, login = f"docker://{place}:{kind}", ":".join(ADMIN)
        done = skopeo(
            tmp_path, "copy", "--all", f"--dest-creds={login}", f"oci:{layout.folder}:1.0", image, environ=environ
        )
        assert done.returncode == 0, done.stderr
        target = tmp_path / "copy"
        done = skopeo(tmp_path, "copy", "--all", f"--src-creds={login}", image, f"oci:{target}:1.0", environ=environ)
        assert done.returncode == 0, done.stderr
        blobs = {file.name: sha256(file.read_bytes()) for file in (target / "blobs/sha256").iterdir()}
        assert blobs == {name: name for name in layout.blobs}
        assert f'realm="https://{host}/' in challenge(address, authority, host)
    stored = site.nodes[0].call("GET", f"/artifactory/api/storage/images/team/app/{kind}/list.manifest.json")
    assert stored.status_code == 200, json.dumps(stored.json())


def challenge(address: str, authority: Authority, host: str) -> str:
    """What an unknown caller is told about where to get a token."""
    port = PORT if host.endswith(str(PORT)) else 8443
    answer = Client(address, port, host.partition(":")[0], ("nobody", "x"), authority.pem)("GET", "/v2/", host=host)
    assert answer.status == 401
    return answer.headers["WWW-Authenticate"]
