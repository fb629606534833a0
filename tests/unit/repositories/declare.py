"""Declarations in few words."""

from typing import Any

from artifactory_estate.base import Owner
from artifactory_estate.repositories.lifecycle import RepositoriesDeclaration
from artifactory_estate.repositories.model import Repositories
from artifactory_estate.repositories.rest_form import compact_all
from artifactory_estate.rest import Connection
from tests.support.wire import Wire

TOKEN_REF = "env:ESTATE_TEST_TOKEN"
OWNER = Owner(estate="acme", resource="us-east/repositories")
OTHER = Owner(estate="acme", resource="eu-west/repositories")

SMALL: dict[str, Any] = {
    "local": {
        "libs-local": {"package_type": "maven", "description": "our own"},
        "pypi-local": {"package_type": "pypi"},
        "images-local": {"package_type": "docker", "allow_delete": True},
    },
    "remote": {"upstream": {"package_type": "generic", "url": "http://lab.example/artifactory/shared"}},
    "virtual": {"libs": {"package_type": "maven", "repositories": ["libs-local"], "deploy_to": "libs-local"}},
}


def declare(
    server: Wire | str, repositories: dict[str, Any], owner: Owner = OWNER, **connection: Any
) -> RepositoriesDeclaration:
    """As the component would; `repositories` as in the document."""
    url = server if isinstance(server, str) else server.url
    return RepositoriesDeclaration(
        connection=Connection(site="us-east", url=url, **{"token": TOKEN_REF, **connection}),
        owner=owner,
        repositories=compact_all(Repositories.from_data(repositories)),
    )


def changed(repositories: dict[str, Any], **classes: dict[str, Any]) -> dict[str, Any]:
    """With repositories set, or taken away by None."""
    merged = {rclass: dict(items) for rclass, items in repositories.items()}
    for rclass, items in classes.items():
        merged[rclass] = {**merged.get(rclass, {}), **items}
    return {rclass: {key: item for key, item in items.items() if item is not None} for rclass, items in merged.items()}
