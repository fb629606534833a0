"""A thin layer over SQLite: one connection a thread, transactions that nest, a schema made once.

The SQL of the services keeps to what PostgreSQL knows too: `?` marks, `ON CONFLICT`, and `{serial}` in the schema.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = sqlite3.Row

_WAIT_MS = 20_000  # how long a writer waits for the other nodes of the cluster


class Database:
    """One cluster's database file, in write-ahead mode so that readers never wait."""

    def __init__(self, path: Path, schema: Iterable[str]) -> None:
        self.path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.transaction():
            for statement in schema:
                self.run(statement.replace("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT"))

    def rows(self, sql: str, *args: Any) -> list[Row]:
        """All rows."""
        return self._connection().execute(sql, args).fetchall()

    def row(self, sql: str, *args: Any) -> Row | None:
        """The first row."""
        found: Row | None = self._connection().execute(sql, args).fetchone()
        return found

    def value(self, sql: str, *args: Any) -> Any:
        """First column of the first row, None when there is none."""
        found = self.row(sql, *args)
        return found[0] if found else None

    def run(self, sql: str, *args: Any) -> int:
        """Runs a statement; returns the number of rows it touched."""
        return self._connection().execute(sql, args).rowcount

    def run_many(self, sql: str, args: Iterable[tuple[Any, ...]]) -> None:
        """Runs a statement for each set of arguments; inside a transaction."""
        self._connection().executemany(sql, args)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and alone among writers; joins the transaction it stands in."""
        connection = self._connection()
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN IMMEDIATE")
        waiting: list[Callable[[], None]] = []
        self._local.waiting = waiting
        try:
            yield
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
        for action in waiting:
            action()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Runs an action when the transaction that this thread stands in is through; at once without one."""
        if not self._connection().in_transaction:
            action()
        elif action not in self._local.waiting:
            self._local.waiting.append(action)

    def close(self) -> None:
        """Closes every thread's connection."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=_WAIT_MS / 1000
            )
            connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-1000", "case_sensitive_like=ON"):
                connection.execute(f"PRAGMA {pragma}")
            self._local.connection = connection
            with self._lock:
                self._open.append(connection)
        return connection
