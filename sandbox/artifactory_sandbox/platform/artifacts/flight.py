"""One fetch for all who want the same file at the same time, in this node and in the cluster."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_LEASE_S = 60.0
_WAIT_S = 120.0

_guard = threading.Lock()
_held: dict[tuple[str, str], tuple[threading.Lock, int]] = {}


@contextmanager
def alone(platform: "Platform", name: str) -> Iterator[None]:
    """Waits until nobody else in the cluster does this; after two minutes it goes on all the same."""
    place = (platform.node_id + str(id(platform)), name)
    with _guard:
        lock, users = _held.get(place, (threading.Lock(), 0))
        _held[place] = (lock, users + 1)
    try:
        with lock:
            end = time.monotonic() + _WAIT_S
            while not platform.locks.take(name, _LEASE_S) and time.monotonic() < end and not platform.stopping.is_set():
                time.sleep(0.05)
            try:
                yield
            finally:
                platform.locks.release(name)
    finally:
        with _guard:
            lock, users = _held[place]
            if users == 1:
                del _held[place]
            else:
                _held[place] = (lock, users - 1)
