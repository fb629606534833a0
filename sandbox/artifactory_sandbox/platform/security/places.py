"""Repositories as permissions see them, read when a caller that is no administrator asks for one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.security.grants.model import Place

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

CACHE_SUFFIX = "-cache"
_KINDS = {"buildinfo": "build", "releasebundles": "release_bundle"}


def place(platform: "Platform", key: str) -> tuple[Place, Mapping[str, Any]] | None:
    """The place that a repository is, and its configuration; a remote's cache is the remote. None for an unknown one."""
    config = platform.repositories.find(key)
    if config is None and key.endswith(CACHE_SUFFIX):
        config = platform.repositories.find(key.removesuffix(CACHE_SUFFIX))
        if config is None or config["rclass"] != "remote":
            return None
    if config is None:
        return None
    made = Place(
        key=config["key"],
        rclass=str(config["rclass"]).lower(),
        kind=_KINDS.get(str(config.get("packageType") or "").lower(), "artifact"),
        project=str(config.get("projectKey") or ""),
        environments=frozenset(config.get("environments") or ()),
    )
    return made, config
