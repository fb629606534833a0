"""This platform as a site of its own, which it is where Mission Control knows no other (12.8.2)."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform


def put(platform: "Platform", file: Mapping[str, Any], target: str, *, create: bool, by: str) -> str:
    """Lays a file at its target, unless that is where it comes from; the error, if any."""
    repo, path = _place(target)
    if target == _source(file):
        return ""
    try:
        if create and platform.repositories.class_of(repo) is None:
            platform.repositories.create(repo, {"rclass": "local", "packageType": file["package_type"]})
        digests = Digests(file["sha1"], file["sha256"], file["md5"], file["size"])
        properties = json.loads(file["properties"])
        platform.artifacts.put_file(platform.artifacts.deploy_target(repo), path, digests, Origin(by), properties)
    except Refused as error:
        return str(error)
    return ""


def remove(platform: "Platform", file: Mapping[str, Any], target: str, by: str) -> str:
    """Takes a file from its target again, unless that is where it came from."""
    repo, path = _place(target)
    stored = platform.artifacts.store_of(repo)
    if stored and path and target != _source(file):
        platform.artifacts.delete(stored, path, Origin(by))
    return ""


def _source(file: Mapping[str, Any]) -> str:
    return str(file.get("source") or f"{file['repo']}/{file['path']}")


def _place(target: str) -> tuple[str, str]:
    repo, _, path = target.partition("/")
    return repo, path
