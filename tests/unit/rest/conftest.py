from collections.abc import Callable, Iterator

import pytest

from artifactory_estate.rest import Connection, Platform
from tests.support.wire import Wire, wire

TOKEN = "planted-token-5c1f"


@pytest.fixture
def server() -> Iterator[Wire]:
    with wire() as running:
        yield running


@pytest.fixture
def naps() -> list[float]:
    """The pauses that the client made."""
    return []


@pytest.fixture
def client(naps: list[float]) -> Callable[[Wire], Platform]:
    def make(server: Wire) -> Platform:
        return Platform(Connection(site="lab", url=server.url, token="env:TOKEN"), lambda _: TOKEN, naps.append)

    return make


@pytest.fixture
def platform(server: Wire, client: Callable[[Wire], Platform]) -> Platform:
    return client(server)
