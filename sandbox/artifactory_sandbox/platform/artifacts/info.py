"""Items as the API shows them (6.1, 6.2)."""

import json
from collections.abc import Iterable
from typing import Any

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.state import Row

_UNITS = ("bytes", "KB", "MB", "GB", "TB")


def readable(size: int) -> str:
    """`34.46 MB`, `12 bytes`."""
    value, place = float(size), 0
    while value >= 1024 and place < len(_UNITS) - 1:
        value, place = value / 1024, place + 1
    return f"{size} bytes" if place == 0 else f"{value:.2f} {_UNITS[place]}"


def checksums(row: Row) -> dict[str, str]:
    """The three checksums of a file."""
    return {"sha1": row["sha1"], "md5": row["md5"], "sha256": row["sha256"]}


def created(row: Row, base: str) -> dict[str, Any]:
    """The answer of a deployment; `size` is a text."""
    address = f"{base}/{row['repo']}/{row['path']}"
    shown = {
        "repo": row["repo"],
        "path": f"/{row['path']}",
        "created": iso(row["created"]),
        "createdBy": row["created_by"],
        "downloadUri": address,
        "mimeType": row["mime"],
        "size": str(row["size"]),
        "checksums": checksums(row),
        "originalChecksums": json.loads(row["original"]),
        "uri": address,
    }
    if row["folder"]:
        known = {name: shown[name] for name in ("repo", "path", "created", "createdBy", "uri")}
        return {**known, "path": f"{shown['path'].rstrip('/')}/"}
    return shown


def _common(row: Row, repo: str, base: str) -> dict[str, Any]:
    return {
        "repo": repo,
        "path": f"/{row['path']}",
        "created": iso(row["created"]),
        "createdBy": row["created_by"],
        "lastModified": iso(row["modified"]),
        "modifiedBy": row["modified_by"],
        "lastUpdated": iso(row["updated"]),
        "uri": f"{base}/api/storage/{repo}/{row['path']}".rstrip("/"),
    }


def file_info(row: Row, base: str, repo: str) -> dict[str, Any]:
    """File information; `repo` is the one that was asked for."""
    return {
        **_common(row, repo, base),
        "downloadUri": f"{base}/{repo}/{row['path']}",
        "mimeType": row["mime"],
        "size": str(row["size"]),
        "checksums": checksums(row),
        "originalChecksums": json.loads(row["original"]),
    }


def folder_info(row: Row, children: Iterable[tuple[str, bool]], base: str, repo: str) -> dict[str, Any]:
    """Folder information; `children` are names, and whether they are folders."""
    listed = [{"uri": f"/{name}", "folder": folder} for name, folder in children]
    return {**_common(row, repo, base), "children": listed}


def listed(row: Row, top: str, times: bool) -> dict[str, Any]:
    """One entry of a file list; `size` is a number."""
    entry: dict[str, Any] = {
        "uri": f"/{row['path'][len(top) :].lstrip('/')}",
        "size": -1 if row["folder"] else row["size"],
        "lastModified": iso(row["modified"]),
        "folder": bool(row["folder"]),
    }
    if not row["folder"]:
        entry.update(sha1=row["sha1"], sha2=row["sha256"])
    if times and row["properties_at"]:
        entry["mdTimestamps"] = {"properties": iso(row["properties_at"])}
    return entry
