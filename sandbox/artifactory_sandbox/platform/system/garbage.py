"""Garbage collection: binaries that no file points to (1.7)."""

from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.system.state import SystemState
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_LAST = "gc-last"
_GRACE, _FULL_EVERY = "artifactory.gc.gracePeriodSecs", "artifactory.gc.skipFullGcBetweenMinorIterations"


class Garbage:
    """A binary goes when nothing has pointed to it for the grace period, which is none unless a property says so."""

    def __init__(self, platform: "Platform", state: SystemState) -> None:
        self._platform = platform
        self._state = state

    def collect(self) -> dict[str, Any]:
        """Runs once; what was done. A 409 while another run is under way."""
        busy = Refused(409, "Garbage collection is already running.")
        with self._platform.system.tasks.running("gc", "garbage collection", busy):
            return self._collect()

    def last(self) -> dict[str, Any] | None:
        """What the last run did."""
        found: dict[str, Any] | None = self._platform.settings.get(_LAST)
        return found

    def _collect(self) -> dict[str, Any]:
        platform = self._platform
        began = platform.clock.now()
        number = int((self.last() or {}).get("number", 0)) + 1
        _, before = platform.artifacts.state.binary_totals()
        spared = self._spared(began)
        removed = platform.artifacts.collect_garbage(spared) if spared else platform.artifacts.collect_garbage()
        count, after = platform.artifacts.state.binary_totals()
        full = number % max(1, int(platform.system_property(_FULL_EVERY, 20))) == 0
        done = {
            "number": number,
            "start": began,
            "end": platform.clock.now(),
            "status": "COMPLETED",
            "type": "FULL" if full else "TRASH_AND_BINARIES",
            "removed": removed,
            "cleaned": max(0, before - after),
            "binaries": count,
            "size": after,
        }
        platform.settings.set(_LAST, done)
        platform.binaries.after_collection(full)
        return done

    def _spared(self, now: int) -> set[str]:
        """Binaries that have not been unused for long enough."""
        grace = int(self._platform.system_property(_GRACE, 0) * 1000)
        if grace <= 0:
            return set()
        with self._platform.database.transaction():
            unused = {row["sha1"] for row in self._platform.artifacts.state.unused_binaries()}
            since = self._state.unused_since(unused, now)
        return {sha1 for sha1 in unused if now - since[sha1] < grace}
