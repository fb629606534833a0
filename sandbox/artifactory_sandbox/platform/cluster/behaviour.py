"""Heartbeats: a node that does not write one for 30 s counts as gone."""

import time
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.cluster.state import ClusterState

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

BEAT_S = 5
STALE_S = 30


class Cluster:
    """Real time, not the node's clock: a skewed node is no dead node."""

    def __init__(self, platform: "Platform", stale_seconds: float = STALE_S) -> None:
        self._platform = platform
        self.state = ClusterState(platform.database)
        self.stale_ms = int(stale_seconds * 1000)
        self._started = _now()
        self._next = 0.0

    def join(self) -> None:
        """Enters the node list."""
        platform = self._platform
        self.state.beat(platform.node_id, platform.node_url, platform.version, self._started, _now())

    def leave(self) -> None:
        """Says goodbye, so that nobody waits for the heartbeat to grow old."""
        self.state.forget(self._platform.node_id)

    def tick(self) -> None:
        """Writes a heartbeat when one is due."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self.beat_seconds
            self.join()

    def live(self) -> set[str]:
        """Ids of nodes that are alive."""
        return self.state.live(_now() - self.stale_ms)

    def beats(self) -> dict[str, int]:
        """The other nodes that count as alive, with their last heartbeat."""
        border = _now() - self.stale_ms
        rows = self.state.nodes()
        return {row["id"]: row["beat"] for row in rows if row["id"] != self._platform.node_id and row["beat"] >= border}

    @property
    def beat_seconds(self) -> float:
        """Time between two heartbeats."""
        return min(BEAT_S, self.stale_ms / 4000)

    def nodes(self) -> list[dict[str, Any]]:
        """All nodes with their state."""
        border = _now() - self.stale_ms
        return [
            {
                "id": row["id"],
                "state": "RUNNING" if row["beat"] >= border else "UNAVAILABLE",
                "version": row["version"],
                "url": row["url"],
                "started": row["started"],
                "heartbeat": row["beat"],
            }
            for row in self.state.nodes()
        ]


def _now() -> int:
    return int(time.time() * 1000)
