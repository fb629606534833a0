"""The connections that a node's services keep open to a PostgreSQL, as many as its system.yaml declares.

Each carries the service's name as `application_name`. Those of `artifactory` are the ones that the node works with; the
others only stand there and are counted. What the server cut is opened again.
"""

import contextlib
import select
import threading
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import pq

from artifactory_sandbox.platform.state.driver import Unreachable

WORKING = "artifactory"
"""Whose connections the node's threads borrow."""
_EVERY_S = 0.5


class Pools:
    """Pools of one node, open from the first moment; raises `Unreachable` when the server does not give them all."""

    def __init__(self, url: str, sizes: Mapping[str, int]) -> None:
        self._url = url
        self._sizes = dict(sizes)
        self._idle: dict[str, list[psycopg.Connection[Any]]] = {service: [] for service in sizes}
        self._lent: list[psycopg.Connection[Any]] = []
        self._lock = threading.Lock()
        self._ending = threading.Event()
        try:
            self._fill()
        except psycopg.OperationalError as error:
            self.close()
            raise Unreachable(_said(error)) from error
        self._keeper = threading.Thread(target=self._keep, name="database-pools", daemon=True)
        self._keeper.start()

    def take(self) -> psycopg.Connection[Any] | None:
        """A connection to work with, whose taker closes it; None when all are lent. Raises `psycopg.OperationalError`."""
        with self._lock:
            self._forget(WORKING)
            idle = self._idle.get(WORKING, [])
            if not idle and self._working() >= self._sizes.get(WORKING, 0):
                return None
            taken = idle.pop() if idle else self._connect(WORKING)
            self._lent.append(taken)
            return taken

    def opened(self) -> dict[str, int]:
        """Open connections by service."""
        with self._lock:
            found = {service: len(idle) for service, idle in self._idle.items()}
            if WORKING in found:
                found[WORKING] += self._working()
            return found

    def close(self) -> None:
        """Closes all but the lent ones."""
        self._ending.set()
        with self._lock:
            for idle in self._idle.values():
                for connection in idle:
                    _close(connection)
                idle.clear()

    def _keep(self) -> None:
        while not self._ending.wait(_EVERY_S):
            with contextlib.suppress(psycopg.OperationalError):
                self._fill()

    def _fill(self) -> None:
        for service, size in self._sizes.items():
            with self._lock:
                self._forget(service)
                missing = size - len(self._idle[service]) - (self._working() if service == WORKING else 0)
                for surplus in self._idle[service][:-missing] if missing < 0 else ():
                    self._idle[service].remove(surplus)
                    _close(surplus)
            for _ in range(missing):
                made = self._connect(service)
                with self._lock:
                    if self._ending.is_set():
                        _close(made)
                        return
                    self._idle[service].append(made)

    def _working(self) -> int:
        """Lent ones that live. One in the middle of its work may look cut: what is opened for it goes the next time."""
        return sum(not _left(lent) for lent in self._lent)

    def _connect(self, service: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self._url, autocommit=True, connect_timeout=10, application_name=service)

    def _forget(self, service: str) -> None:
        """What the server has cut, or its taker closed."""
        for connection in [one for one in self._idle.get(service, []) if _cut(one)]:
            _close(connection)
            self._idle[service].remove(connection)
        if service == WORKING:
            self._lent = [one for one in self._lent if not one.closed]


def _cut(connection: psycopg.Connection[Any]) -> bool:
    """An idle connection has nothing to read but its end."""
    if connection.closed:
        return True
    try:
        return bool(select.select([connection.fileno()], [], [], 0)[0])
    except (psycopg.Error, OSError, ValueError):
        return True


def _left(connection: psycopg.Connection[Any]) -> bool:
    """Whether a lent connection is closed, or was cut while its taker did not look."""
    idle = connection.closed or connection.info.transaction_status == pq.TransactionStatus.IDLE
    return idle and _cut(connection)


def _close(connection: psycopg.Connection[Any]) -> None:
    with contextlib.suppress(psycopg.Error):
        connection.close()


def _said(error: Exception) -> str:
    return str(error).splitlines()[0]
