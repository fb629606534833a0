"""One platform for the folder, emptied before each test, and an old one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from artifactory_estate.base import Owner
from artifactory_estate.repositories.lifecycle import RepositoriesDeclaration
from artifactory_estate.repositories.model import Repositories
from artifactory_estate.repositories.rest_form import compact_all
from artifactory_estate.rest import repositories
from tests.clients.running import Running, running

OWNER = Owner(estate="acme", resource="us-east/repositories")
Declare = Callable[..., RepositoriesDeclaration]


def declare_at(site: Running, declared: dict[str, Any], owner: Owner = OWNER) -> RepositoriesDeclaration:
    """`declared` as in the document."""
    texts = compact_all(Repositories.from_data(declared))
    return RepositoriesDeclaration(connection=site.connection, owner=owner, repositories=texts)


def empty(site: Running) -> None:
    """Heal, and delete all but what a fresh server has."""
    site.fault("heal")
    for key, found in repositories.all_configurations(site.platform).items():
        if found["packageType"] != "buildinfo":
            repositories.delete(site.platform, key)


@pytest.fixture(scope="session")
def recent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("recent"), ["us-east"]) as found:
        yield found["us-east"]


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Before the batch calls."""
    with running(tmp_path_factory.mktemp("old"), ["us-east"], "--version", "7.77.16") as found:
        yield found["us-east"]


@pytest.fixture
def site(recent: Running) -> Running:
    empty(recent)
    return recent


@pytest.fixture
def declare(site: Running) -> Declare:
    return lambda declared, owner=OWNER: declare_at(site, declared, owner)
