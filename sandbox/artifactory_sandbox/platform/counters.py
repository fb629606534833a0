"""Counts calls: what clients read and wrote, and what they asked for that is not there."""

import threading
from collections import Counter
from typing import Any

from artifactory_sandbox.platform.web import Call, Route

PEER_HEADER = "X-Sandbox-Peer"
_READS = {"GET", "HEAD", "OPTIONS"}


class Counters:
    """Calls of other simulated nodes and of the control side are left out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Starts again at zero."""
        with self._lock:
            self._reads = self._writes = 0
            self._calls: Counter[str] = Counter()
            self._unimplemented: Counter[str] = Counter()

    def count(self, call: Call, row: Route | None) -> None:
        """Counts a call."""
        if PEER_HEADER in call.headers or call.path.startswith("/__sandbox__"):
            return
        with self._lock:
            if call.method in _READS:
                self._reads += 1
            else:
                self._writes += 1
            self._calls[row.name if row else f"{call.method} (unknown)"] += 1

    def unimplemented(self, call: Call) -> None:
        """Counts a call that no row serves."""
        with self._lock:
            self._unimplemented[f"{call.method} {call.path}"[:300]] += 1

    def data(self) -> dict[str, Any]:
        """`{"reads","writes","by_call"}`."""
        with self._lock:
            return {"reads": self._reads, "writes": self._writes, "by_call": dict(self._calls)}

    def unimplemented_data(self) -> dict[str, int]:
        """Unknown calls and how often they came."""
        with self._lock:
            return dict(self._unimplemented)
