"""What a repository holds (REST reference 6.3)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from artifactory_estate.base import size_text
from artifactory_estate.rest.transport import Platform

COUNTED = 1000
"""Artifacts counted at most: enough to say that a repository is not empty, however large it is."""
_ASKED = 100
"""Repositories in one query."""


@dataclass(frozen=True)
class Holdings:
    """Artifacts of a repository."""

    count: int
    """Files, up to `COUNTED`."""
    size: int
    """Bytes of those."""

    def __str__(self) -> str:
        if self.count >= COUNTED:
            return f"{COUNTED} artifacts or more"
        return f"{self.count} artifact{'' if self.count == 1 else 's'}, {_size(self.size)}"


def holdings(platform: Platform, key: str) -> Holdings:
    """Files of one repository and their bytes, 1 request. Of a remote one ask for `<key>-cache`."""
    return _held(platform, [key])[key]


def all_holdings(platform: Platform, keys: Sequence[str]) -> dict[str, Holdings]:
    """Files of each repository and their bytes: 1 request for every 100, and where those hold many, 1 a repository. A
    repository that is not there holds nothing."""
    found: dict[str, Holdings] = {}
    for start in range(0, len(keys), _ASKED):
        found.update(_held(platform, keys[start : start + _ASKED]))
    return found


def _held(platform: Platform, keys: Sequence[str]) -> dict[str, Holdings]:
    files = _find(platform, {"$or": [{"repo": key} for key in keys]} if len(keys) > 1 else {"repo": keys[0]})
    if len(files) >= COUNTED and len(keys) > 1:
        return {key: held for key in keys for held in _held(platform, [key]).values()}
    sizes: dict[str, list[int]] = {key: [] for key in keys}
    for item in files:
        sizes.setdefault(str(item["repo"]), []).append(int(item.get("size") or 0))
    return {key: Holdings(len(found), sum(found)) for key, found in sizes.items()}


def _find(platform: Platform, where: dict[str, Any]) -> Sequence[dict[str, Any]]:
    criteria = json.dumps({**where, "type": "file"}, separators=(",", ":"))
    query = f'items.find({criteria}).include("repo","path","name","size").limit({COUNTED})'
    path = "/artifactory/api/search/aql"
    answer = platform.json_of(platform.request("POST", path, text=query, content_type="text/plain", repeatable=True))
    files: Sequence[dict[str, Any]] = answer.get("results", ())
    return files


def _size(size: int) -> str:
    return size_text(size) if size and size % (1 << 20) == 0 else f"{size} byte{'' if size == 1 else 's'}"
