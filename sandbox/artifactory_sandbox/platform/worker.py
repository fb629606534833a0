"""What a node does unasked: heartbeats, replication, federation, upkeep."""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.state import Unreachable

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

TICK_S = 1.0


class Worker:
    """Wakes when told to, and once a second for what other nodes queued and for what has come due.

    A thread for each job, so that a transfer that hangs stops no heartbeat, and replication no federation.
    """

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self._jobs = {
            "cluster": platform.cluster.tick,
            "system": platform.system.tick,
            "security": platform.security.tick,
            "replication": platform.replication.tick,
            "federation": platform.federation.tick,
            "artifacts": platform.artifacts.tick,
            "binaries": platform.binaries.tick,
            "webhooks": platform.webhooks.tick,
            "lifecycle": platform.lifecycle.tick,
            "cleanup": platform.cleanup.tick,
        }
        self._events = {name: threading.Event() for name in self._jobs}
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts the threads."""
        for name, job in self._jobs.items():
            thread = threading.Thread(
                target=self._loop, args=(self._events[name], job), name=f"{name}-{self._platform.node_id}", daemon=True
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

    def _loop(self, event: threading.Event, job: Callable[[], object]) -> None:
        while not self._platform.stopping.is_set():
            event.clear()
            try:
                job()
            except Unreachable as error:
                log.error("%s failed: %s", threading.current_thread().name, error)
            except Exception:
                if not self._platform.stopping.is_set():
                    log.exception("%s failed", threading.current_thread().name)
            event.wait(TICK_S)
