"""What the monitoring calls say, with the federation service (3.5) and without it (3.6)."""

from collections.abc import Set
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.federation.members import Unpaired
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_DAY_MS = 86_400_000
SUMMARY = ("HEALTHY", "NOT_AVAILABLE", "DELAYED", "PENDING_FS", "FULL_SYNC_RUNNING", "ERROR", "DISABLED")
_SEVERITY = ("NOT_AVAILABLE", "ERROR", "DELAYED", "PENDING_FS", "FULL_SYNC_RUNNING", "DISABLED", "HEALTHY")
_SHOWN = {
    "FULL_SYNC_PREPARING": "FULL_SYNC_RUNNING",
    "ERROR_GENERIC": "ERROR",
    "ERROR_INACTIVE": "ERROR",
    "ERROR_OUT_OF_SYNC": "ERROR",
    "READ_ONLY": "HEALTHY",
}


def lag(platform: "Platform", row: Row) -> tuple[int, int, dict[str, int]]:
    """Milliseconds that a member is behind, when its oldest event was registered, its events by kind."""
    kinds, oldest = platform.federation.state.queued(row["id"])
    return (max(0, platform.clock.now() - oldest) if oldest else 0), oldest or 0, kinds


def connection(platform: "Platform", row: Row) -> str:
    """State of one direction (3.5)."""
    federation = platform.federation
    if not row["enabled"] or federation.paused(row["repo"]) or federation.switched_off(row["repo"]):
        return "DISABLED"
    days = platform.system_property("artifactory.events.log.cleanup.age.of.entries.to.discard.days", 3)
    if row["state"] == "HEALTHY" and lag(platform, row)[0] > days * _DAY_MS / 2:
        return "DELAYED"
    state: str = row["state"]
    return _SHOWN.get(state, state)


def _aggregated(platform: "Platform", row: Row, unsupported: Set[str]) -> str:
    """The state of a member as the summary counts it: one that is away or lacks the dashboard is not available."""
    if row["enabled"] and (row["state"] == "ERROR_INACTIVE" or _base(row) in unsupported):
        return "NOT_AVAILABLE"
    return connection(platform, row)


def _base(row: Row) -> str:
    base: str = row["url"].rpartition("/")[0]
    return base


def summary(platform: "Platform") -> dict[str, int]:
    """Number of federations by their most severe connection."""
    counts = dict.fromkeys(SUMMARY, 0)
    for states in _by_repository(platform).values():
        counts[min(states, key=_SEVERITY.index)] += 1
    return counts


def _by_repository(platform: "Platform") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    unsupported = platform.federation.state.without_dashboard()
    for row in platform.federation.state.remote():
        found.setdefault(row["repo"], []).append(_aggregated(platform, row, unsupported))
    return found


def state_list(platform: "Platform", wanted: set[str]) -> list[dict[str, Any]]:
    """Every federation with its members' states; `wanted` keeps the federations in these states."""
    rows: dict[str, list[Row]] = {}
    for row in platform.federation.state.remote():
        rows.setdefault(row["repo"], []).append(row)
    high = platform.federation.state.priorities()
    unsupported = platform.federation.state.without_dashboard()
    listed = []
    for repo, members in rows.items():
        states = [_aggregated(platform, row, unsupported) for row in members]
        if wanted and min(states, key=_SEVERITY.index) not in wanted:
            continue
        shown = [
            _member(row, state, lag(platform, row)[0], _base(row) not in unsupported)
            for row, state in zip(members, states, strict=True)
        ]
        listed.append(
            {"localRepoKey": repo, "priority": "HIGH" if repo in high else "STANDARD", "memberInfoList": shown}
        )
    return listed


def _member(row: Row, state: str, behind: int, supported: bool) -> dict[str, Any]:
    base, _, key = row["url"].rpartition("/")
    return {
        "url": base,
        "repoKey": key,
        "aggregatedStatus": "N/A" if state == "NOT_AVAILABLE" else state,
        "supported": supported,
        "disabled": not row["enabled"],
        "inLag": state == "DELAYED" or (state == "HEALTHY" and behind > 20_000),
    }


def own_connections(platform: "Platform", repo: str) -> list[dict[str, Any]]:
    """The outbound directions of a federation; none while this site only receives."""
    federation = platform.federation
    if federation.receives_only(repo):
        return []
    own = platform.configuration.federation_url
    unsupported = federation.state.without_dashboard()
    shown = []
    for row in federation.state.remote(repo):
        behind, _, kinds = lag(platform, row)
        supported = _base(row) not in unsupported
        base, _, key = row["url"].rpartition("/")
        entry = {
            "localRepoKey": repo,
            "localPlatformUrl": own,
            "remoteRepoKey": key,
            "remotePlatformUrl": base,
            "status": connection(platform, row) if supported else "UNSUPPORTED",
            "lagInMs": behind,
            "queuedEvents": sum(kinds.values()),
            "disabled": not row["enabled"],
            "supported": supported,
        }
        if row["mode"] == "receiver":
            entry["mode"] = "Receiving_Only"
        shown.append(entry)
    return shown


def all_connections(platform: "Platform", repo: str) -> list[dict[str, Any]]:
    """Both directions: the other members are asked for theirs, `N/A` when they do not answer."""
    federation = platform.federation
    shown = own_connections(platform, repo)
    own = platform.configuration.federation_url
    for row in federation.state.remote(repo):
        try:
            answer = federation.members.call("GET", row["url"], "status").json()
            shown += answer["connections"]
        except (PeerFailed, Unpaired, ValueError, KeyError):
            base, _, key = row["url"].rpartition("/")
            shown.append(
                {
                    "localRepoKey": key,
                    "localPlatformUrl": base,
                    "remoteRepoKey": repo,
                    "remotePlatformUrl": own,
                    "status": "N/A",
                    "lagInMs": 0,
                    "queuedEvents": 0,
                    "disabled": not row["enabled"],
                    "supported": True,
                }
            )
    return shown


def legacy_state(platform: "Platform") -> list[dict[str, Any]]:
    """Get Federation Sync State; both spellings of the keys."""
    shown = []
    for repo in platform.repositories.state.keys("federated"):
        rows = platform.federation.state.remote(repo)
        states = {connection(platform, row) for row in rows}
        word = "SYNCING"
        if "FULL_SYNC_RUNNING" in states:
            word = "FULL_SYNC_RUNNING"
        elif states & {"ERROR", "PENDING_FS"}:
            word = "OUT_OF_SYNC"
        elif states and states == {"DISABLED"}:
            word = "DISABLED"
        members = [_legacy_member(row) for row in rows]
        shown.append({"key": repo, "localRepoKey": repo, "status": word, "members": members})
    return shown


def _legacy_member(row: Row) -> dict[str, str]:
    base, _, key = row["url"].rpartition("/")
    return {"remoteUrl": base, "remoteKey": key, "remoteRepoKey": key}


def legacy_repository(platform: "Platform", repo: str, second: bool) -> dict[str, Any]:
    """Get Federated Repository Status, first or second version."""
    mirrors = []
    for row in platform.federation.state.remote(repo):
        behind, oldest, kinds = lag(platform, row)
        state = connection(platform, row)
        base, _, key = row["url"].rpartition("/")
        mirrors.append(
            {
                "remoteUrl": f"{base}/",
                "remoteRepoKey": key,
                "status": _second(platform, row, state)
                if second
                else ("SYNC" if state == "HEALTHY" else "OUT_OF_SYNC"),
                "createEvents": kinds.get("create", 0),
                "updateEvents": 0,
                "deleteEvents": kinds.get("delete", 0),
                "propsEvents": kinds.get("properties", 0),
                "errorEvents": row["tries"],
                "lagInMS": behind,
                "eventRegistrationTimeStamp": oldest,
            }
        )
    files = [row["sha1"] for row in platform.artifacts.state.files(repo)]
    bare = platform.federation.binaries.state.missing_here(repo)
    artificial = sum(sha1 in bare for sha1 in files)
    return {
        "localKey": repo,
        "binariesTasksInfo": binary_tasks(platform, repo),
        "mirrorEventsStatusInfo": mirrors,
        "federatedArtifactStatus": {
            "countFullyReplicateArtifacts": len(files) - artificial,
            "countArtificiallyReplicatedArtifacts": artificial,
        },
    }


def binary_tasks(platform: "Platform", repo: str) -> dict[str, int]:
    """Binary tasks of a repository that go on, and that failed."""
    going, failing = platform.federation.binaries.state.counts(repo)
    return {"inProgressTasks": going, "failingTasks": failing}


def _second(platform: "Platform", row: Row, state: str) -> str:
    """The wider states of the second version: an exhausted queue, one that lost events."""
    if state == "ERROR":
        if row["state"] == "ERROR_OUT_OF_SYNC":
            return "OUT_OF_SYNC"
        return "EXHAUSTED" if row["tries"] >= platform.federation.most_tries else "ERROR"
    return {"PENDING_FS": "PENDING_FULL_SYNC"}.get(state, state)


def mirrors_lag(platform: "Platform", threshold: int) -> list[dict[str, Any]]:
    """Members and how far behind they are."""
    shown = []
    for row in platform.federation.state.remote():
        behind, oldest, _ = lag(platform, row)
        if behind >= threshold:
            base, _, key = row["url"].rpartition("/")
            named = {"localRepoKey": row["repo"], "remoteUrl": f"{base}/", "remoteRepoKey": key}
            shown.append({**named, "lagInMS": behind, "eventRegistrationTimeStamp": oldest})
    return shown


def unavailable(platform: "Platform") -> list[dict[str, Any]]:
    """Members that are not in sync."""
    shown = []
    for row in platform.federation.state.remote():
        state = connection(platform, row)
        if state != "HEALTHY":
            base, _, key = row["url"].rpartition("/")
            shown.append({"localRepoKey": row["repo"], "remoteUrl": f"{base}/", "remoteRepoKey": key, "status": state})
    return shown
