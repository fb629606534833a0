"""Storage summary, garbage collection, pruning, tasks (1.1, 1.7)."""

import shutil
import threading
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, json_answer, text

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

API = "/artifactory/api"
_SUMMARY, _PRUNE = "storage-summary", "prune-status"
_UNITS = ("bytes", "KB", "MB", "GB", "TB")
_running = threading.Lock()


def storage_info(call: Call) -> Answer:
    """Storage Summary: cached until it is calculated anew."""
    platform = call.platform
    return json_answer(platform.settings.get(_SUMMARY) or _calculated(platform))


def calculate(call: Call) -> Answer:
    """Refresh Storage Summary."""
    _calculated(call.platform)
    return text("Storage summary refresh was scheduled to run successfully", 202)


def _calculated(platform: "Platform") -> dict[str, Any]:
    count, size = platform.artifacts.state.binary_totals()
    totals = {row["repo"]: row for row in platform.artifacts.state.totals()}
    rows = []
    for row in platform.repositories.state.listed("", "", ""):
        key, rclass = row["key"], row["rclass"]
        store = key + CACHE_SUFFIX if rclass == "remote" else key
        found = totals.get(store)
        rows.append(_entry(store, "CACHE" if rclass == "remote" else rclass.upper(), row["package_type"], found))
    used = sum(entry["usedSpaceInBytes"] for entry in rows)
    for entry in rows:
        share = 100 * entry["usedSpaceInBytes"] / used if used else 0
        entry["percentage"] = f"{share:.2f}%".replace(".00%", "%")
    files, folders = (sum(entry[name] for entry in rows) for name in ("filesCount", "foldersCount"))
    total = {"repoKey": "TOTAL", "repoType": "NA", "foldersCount": folders, "filesCount": files}
    rows.append({**total, "usedSpace": shown_size(used), "usedSpaceInBytes": used, "itemsCount": files + folders})
    summary = {
        "binariesSummary": {
            "binariesCount": f"{count:,}",
            "binariesSize": shown_size(size),
            "artifactsSize": shown_size(used),
            "optimization": f"{100 * size / used if used else 100:.2f}%",
            "itemsCount": f"{files + folders:,}",
            "artifactsCount": f"{files:,}",
        },
        "fileStoreSummary": _filestore(platform, size),
        "repositoriesSummaryList": rows,
    }
    platform.settings.set(_SUMMARY, summary)
    return summary


def _entry(key: str, kind: str, package_type: str, found: Any) -> dict[str, Any]:
    folders, files, used = (found["folders"], found["files"], found["bytes"]) if found else (0, 0, 0)
    return {
        "repoKey": key,
        "repoType": kind,
        "foldersCount": folders,
        "filesCount": files,
        "usedSpace": shown_size(used),
        "usedSpaceInBytes": used,
        "itemsCount": folders + files,
        "packageType": package_type,
        "projectKey": "default",
    }


def _filestore(platform: "Platform", used: int) -> dict[str, str]:
    kind = platform.binaries.kind
    shown = {"storageType": kind, "storageDirectory": platform.binaries.directory}
    if "s3" in kind:
        return {**shown, "totalSpace": "Infinite", "usedSpace": shown_size(used), "freeSpace": "Infinite"}
    disk = shutil.disk_usage(platform.temporary.parent)
    taken, free = (100 * part / disk.total for part in (disk.used, disk.free))
    return {
        **shown,
        "totalSpace": shown_size(disk.total),
        "usedSpace": f"{shown_size(disk.used)} ({taken:.2f}%)",
        "freeSpace": f"{shown_size(disk.free)} ({free:.2f}%)",
    }


def shown_size(size: int) -> str:
    """`34.46 MB`, `12 bytes`."""
    value, place = float(size), 0
    while value >= 1024 and place < len(_UNITS) - 1:
        value, place = value / 1024, place + 1
    return f"{size} bytes" if place == 0 else f"{value:.2f} {_UNITS[place]}"


def collect(call: Call) -> Answer:
    """Run Garbage Collection."""
    with _running:
        removed = call.platform.artifacts.collect_garbage()
    return text(f"Garbage collection done: {removed} binaries removed\n")


def prune_start(call: Call) -> Answer:
    """Prune Unreferenced Data: binaries in the filestore that the database does not know."""
    options = call.json_object()
    if not _running.acquire(blocking=False):
        raise Refused(412, "Prune is already running")
    try:
        _prune(call.platform, bool(options.get("dryRun")))
    finally:
        _running.release()
    return json_answer({"info": "Prune unreferenced data was started"}, 202)


def _prune(platform: "Platform", dry: bool) -> None:
    began = platform.clock.now()
    known = platform.artifacts.state.known_binaries()
    processed = cleaned = size = 0
    for sha1, length in list(platform.binaries.store.all()):
        processed += 1
        if sha1 not in known:
            cleaned, size = cleaned + 1, size + length
            if not dry:
                platform.binaries.store.remove(sha1)
    ended = platform.clock.now()
    timing = {
        "startedAtMillis": began,
        "startedAt": iso(began),
        "durationMillis": ended - began,
        "duration": f"{(ended - began) / 1000:.1f} s",
        "lastUpdatedMillis": ended,
        "lastUpdated": iso(ended),
    }
    report = {"totalBinariesProcessed": processed, "totalBinariesCleaned": cleaned, "totalBytesCleaned": size}
    shown = {"status": "finished", "dryRun": dry, "timing": timing, "progress": "100%", "report": report, "error": None}
    platform.settings.set(_PRUNE, shown)


def prune_stop(call: Call) -> Answer:
    """There is never a prune left to stop: it is done within its call."""
    del call
    raise Refused(412, "Prune is not running")


def prune_status(call: Call) -> Answer:
    """Status of the last prune."""
    found = call.platform.settings.get(_PRUNE)
    if found is None:
        raise Refused(412, "Prune has never run")
    return json_answer(found)


def tasks(call: Call) -> Answer:
    """Get Background Tasks: the replications and full syncs of the cluster."""
    platform = call.platform
    listed = []
    for row in platform.replication.state.all():
        running = row["status"] == "incomplete"
        name = f"replication-{row['replication_key']}"
        listed.append(_task(name, f"{row['kind'].lower()} replication of {row['repo']}", running, platform.node_id))
    for row in platform.federation.state.remote():
        running = row["state"].startswith("FULL_SYNC")
        if running or row["full_sync"]:
            said = f"full sync of {row['repo']} to {row['url']}"
            listed.append(_task(f"full-sync-{row['id']}", said, running, platform.node_id))
    return json_answer({"tasks": listed})


def _task(name: str, said: str, running: bool, node: str) -> dict[str, str]:
    state = "running" if running else "scheduled"
    return {"id": name, "type": name.rpartition("-")[0], "state": state, "description": said, "nodeId": node}


_AT_ONCE = "runs within the call"

ROUTES = (
    Route("GET", f"{API}/storageinfo", "1.7", storage_info),
    Route("POST", f"{API}/storageinfo/calculate", "1.7", calculate),
    Route("POST", f"{API}/system/storage/gc", "1.7", collect),
    Route("POST", f"{API}/system/storage/prune/start", "1.7", prune_start, partly=_AT_ONCE),
    Route("POST", f"{API}/system/storage/prune/stop", "1.7", prune_stop, partly=_AT_ONCE),
    Route("GET", f"{API}/system/storage/prune/status", "1.7", prune_status),
    Route("GET", f"{API}/tasks", "1.1", tasks),
)
