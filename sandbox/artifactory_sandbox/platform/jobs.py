"""Work of a node beside its calls: a few threads, each job under a name that runs once at a time."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from artifactory_sandbox.platform.state import Locks

log = logging.getLogger(__name__)

MOST = 4
LEASE_S = 30.0


@contextmanager
def leased(locks: Locks, name: str) -> Iterator[bool]:
    """Whether the block may do what only one node of the cluster does at a time; renews the lease until it ends."""
    if not locks.take(name, LEASE_S):
        yield False
        return
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(locks, name, over), name=f"lease-{name}", daemon=True)
    keeper.start()
    try:
        yield True
    finally:
        over.set()
        keeper.join()
        locks.release(name)


def _keep(locks: Locks, name: str, over: threading.Event) -> None:
    while not over.wait(LEASE_S / 3):
        locks.take(name, LEASE_S)


class Jobs:
    """A job that hangs holds back no other; `done` is called when one ends while others had been turned away."""

    def __init__(self, name: str, stopping: threading.Event, done: Callable[[], None], most: int = MOST) -> None:
        self._name = name
        self._stopping = stopping
        self._done = done
        self._most = most
        self._lock = threading.Lock()
        self._running: dict[str, threading.Thread] = {}
        self._turned_away = False

    def start(self, name: str, job: Callable[[], None]) -> bool:
        """Runs a job in a thread of its own; False when it runs already, or when all threads are busy."""
        with self._lock:
            if name in self._running or len(self._running) >= self._most or self._stopping.is_set():
                self._turned_away = True
                return False
            thread = threading.Thread(target=self._run, args=(name, job), name=f"{self._name}-{name}", daemon=True)
            self._running[name] = thread
        thread.start()
        return True

    def stop(self, within_s: float = 10.0) -> None:
        """Waits for those that run."""
        deadline = time.monotonic() + within_s
        with self._lock:
            threads = list(self._running.values())
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self, name: str, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception:
            if not self._stopping.is_set():
                log.exception("%s %s failed", self._name, name)
        finally:
            with self._lock:
                del self._running[name]
                others, self._turned_away = self._turned_away, False
            if others and not self._stopping.is_set():
                self._done()
