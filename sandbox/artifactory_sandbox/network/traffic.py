"""How many requests reached which site and node through the proxy; calls between simulated nodes are left out."""

import threading
from collections import Counter

PEER_HEADER = b"x-sandbox-peer"
_READS = {b"GET", b"HEAD", b"OPTIONS"}


class Traffic:
    """Reads and writes since the last reset, by site and by node."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, bool]] = Counter()

    def count(self, site: str, node: str, method: bytes) -> None:
        """Counts one request, for its site and for its node."""
        reads = method in _READS
        with self._lock:
            for name in {site or node, node}:
                self._counts[name, reads] += 1

    def reset(self) -> None:
        """Starts again at zero."""
        with self._lock:
            self._counts.clear()

    def data(self) -> dict[str, dict[str, int]]:
        """`{name: {"reads", "writes"}}`; a name never seen is missing."""
        with self._lock:
            names = sorted({name for name, _ in self._counts})
            return {name: {"reads": self._counts[name, True], "writes": self._counts[name, False]} for name in names}
