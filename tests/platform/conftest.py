"""One platform a module, or a pair that trusts each other."""

from collections.abc import Iterator

import pytest

from tests.platform.running import Bare, running


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    """One platform."""
    with running(tmp_path_factory.mktemp("one")) as platforms:
        yield platforms[0]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bare, Bare]]:
    """Two platforms that know nothing of each other."""
    with running(tmp_path_factory.mktemp("two"), count=2) as (first, second):
        yield first, second
