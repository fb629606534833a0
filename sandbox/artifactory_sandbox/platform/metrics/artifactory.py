"""Metrics of Artifactory: node, pools, garbage collection, repositories, transfers, legacy federation (8)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.federation.status import connection, lag
from artifactory_sandbox.platform.metrics import node
from artifactory_sandbox.platform.metrics.text import Family, Sample, one, several

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_FEDERATED = "artifactory.federated.metrics."
_STATUS = {
    "HEALTHY": "healthy",
    "DELAYED": "out_of_sync",
    "ERROR": "error_exhausted",
    "PENDING_FS": "pending_fullsync",
    "FULL_SYNC_RUNNING": "full_sync_running",
    "DISABLED": "disabled",
}
_SEVERITY = ("ERROR", "DELAYED", "PENDING_FS", "FULL_SYNC_RUNNING", "DISABLED", "HEALTHY")
_LEAST_MS = 20_000


def families(platform: "Platform") -> Iterator[Family]:
    """Everything, in a fixed order."""
    yield from node.families(platform)
    yield from _garbage(platform)
    counts = platform.repositories.state.counts()
    yield several(
        "jfrt_repo_by_type_total",
        "Repositories by type",
        [Sample(counts.get(kind, 0), {"type": kind}) for kind in ("federated", "local", "remote", "virtual")],
    )
    yield from _pools(platform)
    for name, about in (
        ("jfsh_binaries_download_total", "Binaries downloaded"),
        ("jfsh_binaries_upload_total", "Binaries uploaded"),
        ("jfsh_binaries_bytes_download_total", "Bytes of binaries downloaded"),
        ("jfsh_binaries_bytes_upload_total", "Bytes of binaries uploaded"),
    ):
        yield one(name, about, platform.metrics.count(name))
    yield several(
        "jfrt_rpc_response_from_rtfs_total",
        "Responses of the federation service",
        [
            Sample(value, dict(labels))
            for labels, value in platform.metrics.by_labels("jfrt_rpc_response_from_rtfs_total").items()
        ],
    )
    if _flag(platform, "enabled", False):
        yield from _federation(platform)


def _garbage(platform: "Platform") -> Iterator[Family]:
    last = platform.system.garbage.last()
    if last is None:
        return
    labels = {"start": str(last["start"]), "end": str(last["end"]), "status": last["status"], "type": last["type"]}
    seconds = (last["end"] - last["start"]) / 1000
    yield one("jfrt_artifacts_gc_duration_seconds", "Duration of the last garbage collection", seconds, **labels)
    about = "Binaries removed by the last garbage collection"
    yield one("jfrt_artifacts_gc_binaries_total", about, last["removed"], **labels)
    about = "Bytes freed by the last garbage collection"
    yield one("jfrt_artifacts_gc_size_cleaned_bytes", about, last["cleaned"], **labels)
    about = "Bytes of binaries after the last garbage collection"
    yield one("jfrt_artifacts_gc_current_size_bytes", about, last["size"], **labels)


def _pools(platform: "Platform") -> Iterator[Family]:
    active, idle, most = platform.database.connections()
    yield one("jfrt_db_connections_active_total", "Database connections in use", active)
    yield one("jfrt_db_connections_idle_total", "Database connections not in use", idle)
    yield one("jfrt_db_connections_max_active_total", "Most database connections", most)
    yield one("jfrt_db_connections_min_idle_total", "Least idle database connections", 0)
    leased, available, limit = platform.peers.connections()
    labels = {"max": str(limit), "pool": "peers"}
    for state, value in (("available", available), ("leased", leased), ("pending", 0), ("max", limit)):
        yield one(f"jfrt_http_connections_{state}_total", f"Outgoing HTTP connections: {state}", value, **labels)


def _federation(platform: "Platform") -> Iterator[Family]:
    rows = platform.federation.state.remote()
    states = {row["id"]: connection(platform, row) for row in rows}
    threshold = max(_LEAST_MS, platform.system_property(f"{_FEDERATED}sync.threshold.time.ms", _LEAST_MS))
    leave_out = _flag(platform, "exclude.disabled", True)
    measured = [row for row in rows if not (leave_out and states[row["id"]] == "DISABLED")]
    lags = {row["id"]: lag(platform, row)[0] for row in measured}
    behind = [row for row in measured if lags[row["id"]] > threshold]
    yield several(
        "jfrt_federation_member_lag_total",
        "Lag of members that exceeds the threshold, in milliseconds",
        [
            Sample(
                lags[row["id"]],
                {
                    "local_repo_key": row["repo"],
                    "remote_repo_key": row["url"].rpartition("/")[2],
                    "remote_url": row["url"].rpartition("/")[0] + "/",
                },
            )
            for row in behind
        ],
    )
    yield one("jfrt_federation_max_lag_ms_total", "Largest lag of a member", max(lags.values(), default=0))
    about = "Mirrors whose lag exceeds the threshold"
    yield one("jfrt_federation_num_mirrors_exceeding_lag_threshold_total", about, len(behind))
    about = "Repositories with a mirror whose lag exceeds the threshold"
    repos = len({row["repo"] for row in behind})
    yield one("jfrt_federation_num_repos_exceeding_lag_threshold_total", about, repos)
    if _flag(platform, "enable.count.disabled.members", True):
        disabled = sum(state == "DISABLED" for state in states.values())
        yield one("jfrt_federation_num_members_disabled_total", "Members that are disabled", disabled)
    yield _by_status(platform, {row["repo"]: [] for row in rows}, states)


def _by_status(platform: "Platform", by_repo: dict[str, list[str]], states: dict[int, str]) -> Family:
    for row in platform.federation.state.remote():
        by_repo.setdefault(row["repo"], []).append(states.get(row["id"], "HEALTHY"))
    worst = [min(found, key=_SEVERITY.index) for found in by_repo.values() if found]
    return several(
        "jfrt_federation_num_repos_status_total",
        "Federated repositories by status",
        [Sample(worst.count(state), {"status": label}) for state, label in _STATUS.items()],
    )


def _flag(platform: "Platform", name: str, default: bool) -> bool:
    return platform.properties.get(_FEDERATED + name, str(default)).strip().lower() == "true"
