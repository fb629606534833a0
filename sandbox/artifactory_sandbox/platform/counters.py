"""Counts calls: what clients read and wrote, and what they asked for that is not there."""

import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.web import Call, Route

PEER_HEADER = "X-Sandbox-Peer"
_READS = {"GET", "HEAD", "OPTIONS"}
_MOST = 2000
"""Different unknown calls that are kept; later ones are counted as one."""


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
            self._unimplemented: dict[tuple[str, str], _Unknown] = {}

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
        key = (call.method[:20], call.path[:300])
        with self._lock:
            if key not in self._unimplemented and len(self._unimplemented) >= _MOST:
                key = ("*", "(others)")
            self._unimplemented.setdefault(key, _Unknown(int(time.time() * 1000))).count += 1

    def data(self) -> dict[str, Any]:
        """`{"reads","writes","by_call"}`."""
        with self._lock:
            return {"reads": self._reads, "writes": self._writes, "by_call": dict(self._calls)}

    def unimplemented_data(self) -> list[dict[str, Any]]:
        """Unknown calls, how often they came and when first."""
        with self._lock:
            return [
                {"method": method, "path": path, "count": seen.count, "first_seen": iso(seen.first)}
                for (method, path), seen in self._unimplemented.items()
            ]


@dataclass(slots=True)
class _Unknown:
    first: int
    count: int = 0
