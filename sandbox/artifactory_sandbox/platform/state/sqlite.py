"""SQLite: a file that the nodes of a cluster share, in write-ahead mode so that readers never wait."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from artifactory_sandbox.platform.state.driver import Unstorable, checked

_WAIT_S = 20  # how long a writer waits for the other nodes of the cluster
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-1000", "case_sensitive_like=ON")


class Sqlite:
    """The default: nothing to install, nothing to start."""

    alone = True

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def connect(self) -> sqlite3.Connection:
        """A connection with a row for every result."""
        made = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=_WAIT_S)
        made.row_factory = sqlite3.Row
        for pragma in _PRAGMAS:
            made.execute(f"PRAGMA {pragma}")
        return made

    def schema(self, statement: str) -> str:
        """Numbers that are never given twice."""
        return statement.replace("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT")

    def prepare(self, connection: sqlite3.Connection) -> None:
        """Nothing."""

    def execute(self, connection: sqlite3.Connection, sql: str, args: Sequence[Any]) -> sqlite3.Cursor:
        """Runs a statement."""
        try:
            return connection.execute(sql, checked(args))
        except UnicodeEncodeError as error:
            raise Unstorable("a text is not valid Unicode") from error

    def execute_many(self, connection: sqlite3.Connection, sql: str, args: Iterable[Sequence[Any]]) -> None:
        """Runs a statement many times."""
        try:
            connection.executemany(sql, [checked(one) for one in args])
        except UnicodeEncodeError as error:
            raise Unstorable("a text is not valid Unicode") from error

    def begin(self, connection: sqlite3.Connection) -> None:
        """The write lock of the file."""
        connection.execute("BEGIN IMMEDIATE")

    def commit(self, connection: sqlite3.Connection) -> None:
        """Ends it."""
        connection.commit()

    def rollback(self, connection: sqlite3.Connection) -> None:
        """Undoes it."""
        connection.rollback()

    def lost(self, connection: sqlite3.Connection) -> bool:
        """A file is always there."""
        del connection
        return False
