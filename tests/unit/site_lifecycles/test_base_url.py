import pytest

from artifactory_estate.base import EstateError, Observation
from artifactory_estate.rest import Connection
from artifactory_estate.site.lifecycle import BaseUrlDeclaration, BaseUrlLifecycle
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
    assert (node.base_url, server.calls) == (URL, [GET, PUT, GET])
    server.seen.clear()
    lifecycle.update(declared, declared, Observation())
    assert server.calls == [GET]


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
