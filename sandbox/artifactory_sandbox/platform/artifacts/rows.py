"""What is known of an item before it is stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from artifactory_sandbox.platform.artifacts.mime import media_type
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

_DOTS = frozenset({"", ".", ".."})
LATEST_MS = 253_402_300_799_000
"""The last second of the year 9999: no later moment can be written as a date."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who changes something and when it first happened; `federated` when another member did."""

    by: str
    created: int | None = None
    created_by: str = ""
    modified: int | None = None
    federated: bool = False


@dataclass(frozen=True, slots=True)
class Digests:
    """Checksums of a binary that the filestore has, and what the client had declared."""

    sha1: str
    sha256: str
    md5: str
    size: int
    declared: Mapping[str, str] = field(default_factory=dict)


def digests_of(row: Row) -> Digests:
    """The binary that a file points to."""
    return Digests(row["sha1"], row["sha256"], row["md5"], row["size"], json.loads(row["original"]))


def item(
    now: int, repo: str, path: str, origin: Origin, digests: Digests | None = None, older: Row | None = None
) -> dict[str, Any]:
    """A file, or without a binary a folder. What replaces a file was created when that was.

    A path that climbs or has an empty name in it is refused here, whoever made it: exports write files by these paths.
    """
    if path and not _DOTS.isdisjoint(path.split("/")):
        raise Refused(400, f"Invalid path: {path[:200]}")
    parent, _, name = path.rpartition("/")
    modified = origin.modified or now
    created, created_by = (older["created"], older["created_by"]) if older is not None else (modified, origin.by)
    return {
        "repo": repo,
        "path": path,
        "parent": parent,
        "name": name,
        "depth": path.count("/") + 1 if path else 0,
        "folder": int(digests is None),
        "size": digests.size if digests else 0,
        "md5": digests.md5 if digests else None,
        "sha1": digests.sha1 if digests else None,
        "sha256": digests.sha256 if digests else None,
        "original": json.dumps(dict(digests.declared) if digests else {}),
        "mime": media_type(name) if digests else None,
        "created": origin.created or created,
        "created_by": origin.created_by or created_by,
        "modified": modified,
        "modified_by": origin.by,
        "updated": now,
    }
