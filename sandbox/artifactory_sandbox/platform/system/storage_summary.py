"""The storage summary: figures of the filestore and of each repository, kept until they are calculated anew (1.7)."""

import json
import shutil
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

TRASH = "auto-trashcan"
_SUMMARY = "storage-summary"
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


def summary(platform: "Platform") -> dict[str, Any]:
    """The kept figures; they are calculated when there are none yet."""
    return platform.settings.get(_SUMMARY) or calculate(platform)


def calculate(platform: "Platform") -> dict[str, Any]:
    """Calculates and keeps them."""
    count, size = platform.artifacts.state.binary_totals()
    rows = repositories(platform)
    used, files, folders = (
        sum(row[name] for row in rows) for name in ("usedSpaceInBytes", "filesCount", "foldersCount")
    )
    for row in rows:
        share = 100 * row["usedSpaceInBytes"] / used if used else 0
        row["percentage"] = f"{share:.2f}%".replace(".00%", "%")
    total = {"repoKey": "TOTAL", "repoType": "NA", "foldersCount": folders, "filesCount": files}
    rows.append({**total, "usedSpace": shown_size(used), "usedSpaceInBytes": used, "itemsCount": files + folders})
    made = {
        "binariesSummary": {
            "binariesCount": f"{count:,}",
            "binariesSize": shown_size(size),
            "artifactsSize": shown_size(used),
            "optimization": f"{100 * size / used if used else 100:.2f}%",
            "itemsCount": f"{files + folders:,}",
            "artifactsCount": f"{files:,}",
        },
        "fileStoreSummary": {**filestore(platform, size), "binaryProviders": places(platform)},
        "repositoriesSummaryList": rows,
    }
    platform.settings.set(_SUMMARY, made)
    return made


def repositories(platform: "Platform") -> list[dict[str, Any]]:
    """An entry for each repository, as it is now."""
    totals = {row["repo"]: row for row in platform.artifacts.state.totals()}
    rows = []
    for row in platform.repositories.state.texts():
        config, rclass = json.loads(row["config"]), row["rclass"]
        store = config["key"] + CACHE_SUFFIX if rclass == "remote" else config["key"]
        kind = "CACHE" if rclass == "remote" else rclass.upper()
        rows.append(
            _entry(store, kind, config["packageType"], config.get("projectKey") or "default", totals.get(store))
        )
    rows.append(_entry(TRASH, "NA", "Trash", "default", totals.get(TRASH)))
    return rows


def _entry(key: str, kind: str, package_type: str, project: str, found: Any) -> dict[str, Any]:
    folders, files, used = (int(found[name]) for name in ("folders", "files", "bytes")) if found else (0, 0, 0)
    return {
        "repoKey": key,
        "repoType": kind,
        "foldersCount": folders,
        "filesCount": files,
        "usedSpace": shown_size(used),
        "usedSpaceInBytes": used,
        "itemsCount": folders + files,
        "packageType": package_type,
        "projectKey": project,
    }


def filestore(platform: "Platform", used: int) -> dict[str, str]:
    """Kind, place and room of the filestore; an object store has no end."""
    shown = {"storageType": platform.binaries.kind, "storageDirectory": platform.binaries.directory}
    if platform.binaries.endless:
        return {**shown, "totalSpace": "Infinite", "usedSpace": shown_size(used), "freeSpace": "Infinite"}
    return {**shown, **_room(*_of_all(platform))}


def places(platform: "Platform") -> list[dict[str, Any]]:
    """An entry for each mount and bucket of the filestore, as this node sees them; the reference is silent about its form."""
    return [
        {
            "id": place.id,
            "type": place.type,
            "storageDirectory": place.directory,
            "zone": place.zone,
            "state": "ACTIVE" if place.active else "FAILED",
            "writeEnabled": place.writable,
            **(_room(place.total, place.free) if place.total is not None and place.free is not None else {}),
        }
        for place in platform.binaries.places()
    ]


def _of_all(platform: "Platform") -> tuple[int, int]:
    """Bytes and free bytes of all mounts; of the node's own disk where there is none."""
    mounts = [(place.total, place.free) for place in platform.binaries.places() if place.active]
    known = [(total, free) for total, free in mounts if total is not None and free is not None]
    if not known:
        disk = shutil.disk_usage(platform.temporary.parent)
        known = [(disk.total, disk.free)]
    return sum(total for total, _ in known), sum(free for _, free in known)


def _room(total: int, free: int) -> dict[str, str]:
    part = 100 * free / total
    return {
        "totalSpace": shown_size(total),
        "usedSpace": f"{shown_size(total - free)} ({100 - part:.2f}%)",
        "freeSpace": f"{shown_size(free)} ({part:.2f}%)",
    }


def shown_size(size: int) -> str:
    """`34.46 MB`, `12 bytes`."""
    value, place = float(size), 0
    while value >= 1024 and place < len(_UNITS) - 1:
        value, place = value / 1024, place + 1
    return f"{size} bytes" if place == 0 else f"{value:.2f} {_UNITS[place]}"
