"""One simulated platform for a module."""

from collections.abc import Iterator

import pytest

from tests.clients.running import Running, running


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("platform"), ["lab"]) as found:
        yield found["lab"]
