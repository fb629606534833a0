"""The PostgreSQL server that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.support import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A private one."""
    with postgres.server() as made:
        yield made
