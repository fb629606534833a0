from collections.abc import Iterator
from pathlib import Path

import pytest

from artifactory_estate.rest import Connection
from tests.support.wire import Wire, wire
from tests.unit.site_lifecycles.fake_node import FakeNode


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


@pytest.fixture
def server(node: FakeNode) -> Iterator[Wire]:
    with wire(node) as running:
        yield running


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("the-token")
    return file


@pytest.fixture
def connection(server: Wire, token: Path) -> Connection:
    return Connection(site="us-east", url=server.url, token=f"file:{token}")
