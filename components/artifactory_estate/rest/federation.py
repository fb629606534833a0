"""Federations as the servers see them: states and lag in one vocabulary, and the calls that mend (REST reference 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from artifactory_estate.rest.errors import NotAllowed, NotThere
from artifactory_estate.rest.transport import Platform

State = Literal[
    "error", "delayed", "pending_full_sync", "full_sync_running", "disabled", "unsupported", "receiving_only",
    "unknown", "healthy",
]  # fmt: skip
"""Most severe first (3.5). `error`: out of sync, exhausted or unreachable; a Full Sync or a repair is needed."""

SEVERITY: Sequence[State] = (
    "error", "delayed", "pending_full_sync", "full_sync_running", "disabled", "unsupported", "receiving_only",
    "unknown", "healthy",
)  # fmt: skip

_FEDERATION = "/artifactory/api/federation"
_WORDS: Mapping[str, State] = {
    "HEALTHY": "healthy",
    "SYNC": "healthy",
    "SYNCING": "healthy",
    "DELAYED": "delayed",
    "PENDING_FS": "pending_full_sync",
    "PENDING_FULL_SYNC": "pending_full_sync",
    "PENDING_FULLSYNC": "pending_full_sync",
    "FULL_SYNC_PREPARING": "full_sync_running",
    "FULL_SYNC_RUNNING": "full_sync_running",
    "ERROR": "error",
    "ERROR_GENERIC": "error",
    "ERROR_INACTIVE": "error",
    "ERROR_OUT_OF_SYNC": "error",
    "ERROR_EXHAUSTED": "error",
    "EXHAUSTED": "error",
    "OUT_OF_SYNC": "error",
    "DISABLED": "disabled",
    "UNSUPPORTED": "unsupported",
    "READ_ONLY": "receiving_only",
    "RECEIVING_ONLY": "receiving_only",
    "N/A": "unknown",
}


@dataclass(frozen=True)
class Mirror:
    """What one site says of its connection to one other member."""

    repository: str
    """Key here."""
    peer: str
    """Platform URL of the other member, without `/artifactory`."""
    state: State
    lag_ms: int
    """Age of the oldest event that the other member has not got; 0 when there is none."""
    queued: int
    """Events that wait."""


def mirrors(platform: Platform, repository: str) -> Sequence[Mirror]:
    """The outbound connections of one federated repository, from whichever federation service the site runs.

    The other service's calls answer 405 (3.5, 3.6); which one it is, is asked once.
    """
    if platform.once("federation service", lambda: _has_rtfs(platform)):
        return _from_service(platform, repository)
    return _from_legacy(platform, repository)


def worst(states: Sequence[State]) -> State:
    """The most severe of them; `healthy` for none, as a federation of one is."""
    return min(states, key=SEVERITY.index, default="healthy")


def config_sync(platform: Platform, repository: str) -> None:
    """Push this member's configuration to the others again, after a push that failed (3.2)."""
    platform.request("POST", f"{_FEDERATION}/configSync/{repository}", repeatable=True)


def full_sync(platform: Platform, repository: str) -> None:
    """Start copying what is here and missing at the others; it comes back at once and never deletes (3.2)."""
    platform.request("POST", f"{_FEDERATION}/fullSync/{repository}", repeatable=True)


def _has_rtfs(platform: Platform) -> bool:
    try:
        platform.get_json(f"{_FEDERATION}/status/stateSummary")
    except (NotAllowed, NotThere):  # 404: older than 7.104.2
        return False
    return True


def _from_service(platform: Platform, repository: str) -> Sequence[Mirror]:
    answer = platform.get_json(f"{_FEDERATION}/status/connectionStates/{repository}")
    own = platform.connection.url
    return tuple(
        Mirror(
            repository,
            peer,
            _state(row.get("status"), disabled=bool(row.get("disabled", row.get("isDisabled")))),
            int(row.get("lagInMs") or 0),
            int(row.get("queuedEvents") or 0),
        )
        for row in answer.get("memberConnections") or ()
        if (peer := _platform_url(row.get("remotePlatformUrl"))) != own
        and _platform_url(row.get("localPlatformUrl")) in {own, ""}
    )


def _from_legacy(platform: Platform, repository: str) -> Sequence[Mirror]:
    try:
        answer = platform.get_json(f"/artifactory/api/v2/federation/status/repo/{repository}")
    except (NotThere, NotAllowed):  # older than 7.82.2
        answer = platform.get_json(f"{_FEDERATION}/status/repo/{repository}")
    return tuple(
        Mirror(
            repository,
            _platform_url(row.get("remoteUrl")),
            _state(row.get("status"), disabled=False),
            int(row.get("lagInMS") or 0),
            sum(int(row.get(kind) or 0) for kind in ("createEvents", "updateEvents", "deleteEvents", "propsEvents")),
        )
        for row in answer.get("mirrorEventsStatusInfo") or ()
    )


def _state(word: Any, disabled: bool) -> State:
    if disabled:
        return "disabled"
    return _WORDS.get(str(word).upper().replace(" ", "_"), "unknown")


def _platform_url(url: Any) -> str:
    return str(url or "").rstrip("/").removesuffix("/artifactory")
