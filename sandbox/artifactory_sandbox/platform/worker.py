"""The one thread of a node that does what nobody calls for: heartbeats, replication, federation."""

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

TICK_S = 1.0


class Worker:
    """Wakes when told to, and once a second for what other nodes queued and for what has come due.

    Three threads, so that a transfer that hangs stops no heartbeat, and replication no federation.
    """

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self._events = {name: threading.Event() for name in ("cluster", "replication", "federation")}
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts the threads."""
        platform = self._platform
        jobs = {
            "cluster": platform.cluster.tick,
            "replication": platform.replication.tick,
            "federation": platform.federation.tick,
        }
        for name, job in jobs.items():
            thread = threading.Thread(
                target=self._loop, args=(self._events[name], job), name=f"{name}-{platform.node_id}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def wake(self) -> None:
        """Ends the wait."""
        for event in self._events.values():
            event.set()

    def stop(self) -> None:
        """Waits for the step that runs."""
        self.wake()
        for thread in self._threads:
            thread.join(timeout=10)

    def _loop(self, event: threading.Event, job: object) -> None:
        while not self._platform.stopping.is_set():
            event.clear()
            try:
                job()  # type: ignore[operator]
            except Exception:
                if not self._platform.stopping.is_set():
                    log.exception("%s failed", threading.current_thread().name)
            event.wait(TICK_S)
