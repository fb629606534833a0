"""Download statistics: exact, and yet no write for each of many small downloads.

A download is written at once while they are few. A node that serves many gathers them for a moment; whoever asks
this node for statistics sees them all, another node sees them within `GATHER_S`.
"""

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

GATHER_S = 0.25
_BURST = 10
"""Downloads within `GATHER_S` that are still written one by one."""


class Statistics:
    """Counts downloads of items by id."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[int, int, str]] = {}
        self._began = 0.0
        self._count = 0

    def downloaded(self, item: int, by: str) -> None:
        """A file was fetched."""
        now = time.monotonic()
        with self._lock:
            count = self._waiting.get(item, (0, 0, ""))[0]
            self._waiting[item] = (count + 1, self._platform.clock.now(), by)
            if now - self._began > GATHER_S:
                self._began, self._count = now, 0
                due = True
            else:
                due = self._count < _BURST
            self._count += 1
        if due:
            self.flush()

    def flush(self) -> None:
        """Writes what was gathered."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        rows = sorted((count, at, by, item) for item, (count, at, by) in waiting.items())
        with self._platform.database.transaction():
            self._platform.artifacts.state.downloaded(sorted(rows, key=lambda row: row[3]))
