"""The simulated web servers play every reviewed file of the estate as the real ones do."""

import pytest

from artifactory_sandbox.platform.front import httpd, nginx
from artifactory_sandbox.platform.front.served import Served
from tests.platform.fronted import through
from tests.unit.load_balancer.variants import HOST, variants

VARIANTS = {name: text for name, text in variants() if "-node-" in name}


def ports(name: str) -> dict[int, Served]:
    parse = nginx.parse if name.startswith("nginx") else httpd.parse
    return {one.port: one for one in parse(VARIANTS[name])}


@pytest.mark.parametrize("name", VARIANTS)
def test_where_requests_go(name: str) -> None:
    served = ports(name)
    scheme = "http" if name.endswith("plain.conf") else "https"
    main = served[8443 if name.endswith("own.conf") else 8000]
    host = {"host": HOST}
    assert (main.tls is not None) == name.endswith("own.conf")
    for path, port in (
        ("/artifactory/libs/a.jar", 8081),
        ("/artifactory/service/rtfs/api", 8082),
        ("/access/api/v1/system/ping", 8082),
        ("/v2/images/app/manifests/1", 8082),
    ):
        found, headers, answered = through(main, path, host)
        assert found == port, path
        assert headers["x-jfrog-override-base-url"] == f"{scheme}://{HOST}"
        assert headers["x-forwarded-port"] == ("443" if scheme == "https" else "80")
        assert ("Strict-Transport-Security" in answered) == (scheme == "https")
    assert through(main, "/ui", host)[2]["location"] == f"{scheme}://{HOST}/ui/"
    if scheme == "https":
        assert through(served[8001], "/ui/x", host)[2]["location"] == f"https://{HOST}/ui/x"


@pytest.mark.parametrize("name", [name for name in VARIANTS if "subdomain" in name])
def test_a_subdomain_leads_to_its_repository(name: str) -> None:
    main = next(iter(ports(name).values()))
    route = main.route("/v2/app/manifests/1", f"images.{HOST}")
    assert route is not None
    assert (route.port, route.to[:2]) == (8081, ("/artifactory/api/docker/", "images"))
    elsewhere = main.route("/v2/app/manifests/1", "images.other.example")
    assert elsewhere is not None
    assert (elsewhere.port, elsewhere.to) == (8082, ())


@pytest.mark.parametrize("name", [name for name in VARIANTS if "-port-" in name])
def test_a_port_leads_to_its_repository(name: str) -> None:
    served = ports(name)
    for port, repository in ((5001, "images"), (5002, "images-dev")):
        route = served[port].route("/v2/app/manifests/1", HOST)
        assert route is not None
        assert route.port == 8081
        assert "".join(str(piece) for piece in route.to if isinstance(piece, str)).startswith(
            f"/artifactory/api/docker/{repository}"
        )
        other = served[port].route("/ui/", HOST)
        assert other is not None
        assert other.port == 8082
