"""Keys and package types that the server refuses or keeps for itself (REST reference 2.2, 2.7, 12.3.2)."""

import re
from collections.abc import Iterator, Mapping

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.repositories.model import Repository

RESERVED = {"repo", "list", "api", "ui", "webapp", "favicon.ico", "auto-trashcan", "jfrog-full-sync-info", ".", ".."}
"""REST reference 2.2, and the repositories that the server makes itself. In lower case."""
_BUILD_INFO = re.compile(r".+-build-info", re.IGNORECASE)

_ALL = ("local", "remote", "virtual", "federated")
_CLASSES = {
    "cargo": ("local", "remote", "federated"),
    "hex": ("local", "remote", "virtual"),
    "huggingfaceml": ("local", "remote", "federated"),
    "machinelearning": ("local", "federated"),
    "nix": ("local", "remote", "virtual"),
    "p2": ("remote", "virtual"),
    "terraformbackend": ("local",),
    "vagrant": ("local", "federated"),
    "vcs": ("remote",),
}


class _Classes(dict[str, tuple[str, ...]]):
    def __missing__(self, package_type: str) -> tuple[str, ...]:
        return _ALL


CLASSES: Mapping[str, tuple[str, ...]] = _Classes(_CLASSES)
"""The classes that a package type has (REST reference 12.3.2)."""

REST_NAMES = {
    "key": "the key itself",
    "rclass": "the group that it stands in",
    "packageType": "`package_type`",
    "description": "`description`",
    "notes": "`notes`",
    "repoLayoutRef": "`layout`",
    "includesPattern": "`includes`",
    "excludesPattern": "`excludes`",
    "projectKey": "`project`",
    "environments": "`environments`",
    "xrayIndex": "`xray_index`",
    "url": "`url`",
    "username": "`username`",
    "password": "`credentials`, which names the secret",
    "storeArtifactsLocally": "`store_artifacts`",
    "repositories": "`repositories`",
    "defaultDeploymentRepo": "`deploy_to`",
    "members": "a federation",
}
"""Fields of the REST configuration that have a name in the document."""


def own_key_refusals(path: DocumentPath, key: str, repository: Repository) -> Iterator[Refusal]:
    """What is wrong with a key whatever the others are."""
    if key.lower() in RESERVED or _BUILD_INFO.fullmatch(key):
        yield Refusal(path, f"{key} is reserved", "REST reference 2.2: the server keeps this name for itself")
    if repository.package_type == "docker" and key != key.lower():
        why = "REST reference 2.2: the key of a docker repository is in lower case"
        yield Refusal(path, f"{key} has capitals", why, f"Call it {key.lower()}.")
    if repository.project and not key.startswith(f"{repository.project}-"):
        why = f"REST reference 2.2: keys in the project begin with {repository.project}-"
        yield Refusal((*path, "project"), f"{key} is not in the project {repository.project}", why)
