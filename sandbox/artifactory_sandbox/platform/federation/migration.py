"""Moving federations from the legacy service to the federation service and back (3.4).

The migrator plugin's own calls are not documented: `start` and `roll_back` stand for them. What its steps look like from outside
is: nothing while it is off, then a status, then a service that answers the one family of monitoring calls or the other.
"""

import time
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.federation.state import FederationState
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_NAME = "federation-service"
NOT_CONFIGURED = "Status not configured"
STARTED, MOVING = "MIGRATION_STARTED", "MIGRATING_EVENTS_TO_RTFS"
COMPLETED, WITH_ERRORS = "MIGRATION_COMPLETED", "COMPLETED_WITH_ERRORS"
_LEGACY = "LEGACY"
PATIENCE_MS = 60_000


class Migration:
    """Its state is the cluster's."""

    def __init__(self, platform: "Platform", state: FederationState) -> None:
        self._platform = platform
        self._state = state

    @property
    def status(self) -> str:
        """What `migration/status` says."""
        if not self._platform.rtfs:
            return NOT_CONFIGURED
        found = str(self._data()["status"])
        return NOT_CONFIGURED if found == _LEGACY else found

    @property
    def complete(self) -> bool:
        """Whether the federation service is in use."""
        return bool(self._data()["status"] == COMPLETED)

    def start(self, force: bool) -> None:
        """Begins; `force` does not wait for events that are queued."""
        if not self._platform.rtfs:
            raise Refused(405, "The Artifactory Federation Service (RTFS) is not enabled")
        if self.complete:
            return
        if any(row["state"] in {"FULL_SYNC_PREPARING", "FULL_SYNC_RUNNING"} for row in self._state.remote()):
            raise Refused(409, "A Full Sync is running: migrate when it is through")
        self._store(STARTED, force)
        self._platform.wake()

    def roll_back(self) -> None:
        """Back to the legacy service."""
        self._store(_LEGACY)

    def tick(self) -> None:
        """One step at a time, so that each can be seen."""
        if not self._platform.rtfs:
            if self._platform.settings.get(_NAME) is None and self._state.remote():
                self._store(_LEGACY)  # they were made without the service: it has to be told of them
            return
        data = self._data()
        if self._platform.settings.get(_NAME) is None:
            self._store(data["status"])
        elif data["status"] == STARTED:
            self._store(MOVING, data["force"], data["since"])
            self._platform.wake()
        elif data["status"] == MOVING:
            if data["force"] or not self._state.backlog():
                self._store(COMPLETED)
            elif _now() - int(data["since"]) > PATIENCE_MS:
                self._store(WITH_ERRORS)

    def _data(self) -> dict[str, Any]:
        """A fresh cluster with the service on has nothing to migrate."""
        return self._platform.settings.get(_NAME) or {"status": COMPLETED, "force": False, "since": 0}

    def _store(self, status: str, force: bool = False, since: int | None = None) -> None:
        data = {"status": status, "force": force, "since": _now() if since is None else since}
        self._platform.settings.set(_NAME, data)


def _now() -> int:
    return int(time.time() * 1000)
