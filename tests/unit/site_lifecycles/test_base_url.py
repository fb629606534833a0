import pytest

from artifactory_estate.base import EstateError, Observation
from artifactory_estate.rest import Connection
from artifactory_estate.site.base_url import BaseUrlDeclaration, BaseUrlLifecycle
from tests.support.wire import Wire
from tests.unit.site_lifecycles.fake_node import API, FakeNode

URL = "http://repo.acme.example"
GET, PUT = f"GET {API}/configuration", f"PUT {API}/configuration/baseUrl"
lifecycle = BaseUrlLifecycle()


@pytest.fixture
def declared(connection: Connection) -> BaseUrlDeclaration:
    return BaseUrlDeclaration(connection=connection, url=URL)


def test_it_is_written_where_it_differs_only(server: Wire, node: FakeNode, declared: BaseUrlDeclaration) -> None:
    node.base_url = "http://old.example"
    assert lifecycle.create(declared) == Observation()
    assert (node.base_url, about_it(server)) == (URL, [GET, PUT, GET])
    server.seen.clear()
    lifecycle.update(declared, declared, Observation())
    assert about_it(server) == [GET]


def about_it(server: Wire) -> list[str]:
    """Calls about the URL itself, not about what is generated with it."""
    return [call for call in server.calls if call in {GET, PUT}]


@pytest.mark.parametrize("wrong", ["repository", "realm", "tarball"])
def test_a_generated_url_that_leads_elsewhere_is_told(node: FakeNode, declared: BaseUrlDeclaration, wrong: str) -> None:
    node.generates = dict.fromkeys(("repository", "realm", "tarball"), URL)
    assert lifecycle.create(declared).pending == ()
    node.generates[wrong] = "http://10.0.0.4:8082"
    for pending in (lifecycle.create(declared).pending, lifecycle.read(declared, Observation())[1].pending):
        (told,) = pending
        assert "http://10.0.0.4:8082/" in told
        assert f"which is not below {URL}: look at load_balancer.override_base_url" in told


def test_a_service_name_in_generated_urls(node: FakeNode, declared: BaseUrlDeclaration) -> None:
    service = "http://service.example"
    node.generates = dict.fromkeys(("repository", "realm", "tarball"), service)
    assert lifecycle.create(declared.model_copy(update={"generated": service})).pending == ()
    assert len(lifecycle.create(declared).pending) == 3


def test_drift_shows(node: FakeNode, declared: BaseUrlDeclaration) -> None:
    lifecycle.create(declared)
    assert lifecycle.read(declared, Observation()) == (declared, Observation())
    node.base_url = ""
    assert lifecycle.read(declared, Observation())[0].url == ""


def test_a_server_that_does_not_keep_it_is_told_on(node: FakeNode, declared: BaseUrlDeclaration) -> None:
    node.loses_base_url = True
    with pytest.raises(EstateError, match=r"us-east: the base URL was set to .* and is empty"):
        lifecycle.create(declared)


def test_delete_leaves_it_and_an_unavailable_site_is_left_alone(server: Wire, declared: BaseUrlDeclaration) -> None:
    lifecycle.delete(declared, Observation())
    away = declared.model_copy(update={"connection": declared.connection.model_copy(update={"available": False})})
    assert lifecycle.create(away).pending == ("us-east is not available",)
    assert lifecycle.read(away, Observation())[1].pending == ("us-east is not available",)
    assert server.seen == []
