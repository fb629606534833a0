"""SQLite: a file that the nodes of a cluster share, in write-ahead mode so that readers never wait."""

import sqlite3
from collections.abc import Iterable, Sequence
from os import F_OK, access
from pathlib import Path
from typing import Any

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_random

from artifactory_sandbox.platform.state.driver import Unreachable, Unstorable, checked

_WAIT_S = 20  # how long a writer waits for the other nodes of the cluster
_PRAGMAS = ("synchronous=NORMAL", "cache_size=-1000", "case_sensitive_like=ON")

AWAY, FULL = "away", "full"
"""What the sandbox says of a database: its server does not answer; its storage takes nothing more."""


def say(path: Path, word: str) -> None:
    """Tells every node; an empty word: it is as it should be."""
    mark = _mark(path)
    if not word:
        mark.unlink(missing_ok=True)
        return
    beside = mark.with_name(f"{mark.name}.new")
    beside.write_text(word)
    beside.replace(mark)


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.fault")


@retry(
    retry=retry_if_exception_type(sqlite3.OperationalError),
    stop=stop_after_delay(_WAIT_S),
    wait=wait_random(0, 0.05),
    reraise=True,
)
def _write_ahead(connection: sqlite3.Connection) -> None:
    """Of those that switch a new file at the same moment SQLite refuses some on the spot, whatever they would wait."""
    connection.execute("PRAGMA journal_mode=WAL")


class Sqlite:
    """The default: nothing to install, nothing to start."""

    alone = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = _mark(path)
        self._marked = str(self._mark)
        path.parent.mkdir(parents=True, exist_ok=True)

    def connect(self) -> sqlite3.Connection:
        """A connection with a row for every result."""
        self._answers()
        made = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=_WAIT_S)
        made.row_factory = sqlite3.Row
        _write_ahead(made)
        for pragma in _PRAGMAS:
            made.execute(f"PRAGMA {pragma}")
        return made

    def schema(self, statement: str) -> str:
        """Numbers that are never given twice."""
        return statement.replace("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT").replace("{bytes}", "BLOB")

    def prepare(self, connection: sqlite3.Connection) -> None:
        """Nothing."""

    def execute(self, connection: sqlite3.Connection, sql: str, args: Sequence[Any]) -> sqlite3.Cursor:
        """Runs a statement."""
        self._answers(writes=not sql.lstrip()[:6].upper().startswith(("SELECT", "WITH")))
        try:
            return connection.execute(sql, checked(args))
        except UnicodeEncodeError as error:
            raise Unstorable("a text is not valid Unicode") from error

    def execute_many(self, connection: sqlite3.Connection, sql: str, args: Iterable[Sequence[Any]]) -> None:
        """Runs a statement many times."""
        self._answers(writes=True)
        try:
            connection.executemany(sql, [checked(one) for one in args])
        except UnicodeEncodeError as error:
            raise Unstorable("a text is not valid Unicode") from error

    def begin(self, connection: sqlite3.Connection) -> None:
        """The write lock of the file."""
        self._answers(writes=True)
        connection.execute("BEGIN IMMEDIATE")

    def commit(self, connection: sqlite3.Connection) -> None:
        """Ends it."""
        connection.commit()

    def rollback(self, connection: sqlite3.Connection) -> None:
        """Undoes it."""
        connection.rollback()

    def _answers(self, writes: bool = False) -> None:
        """One look at the folder: the sandbox says there when the server for which the file stands has a fault."""
        if not access(self._marked, F_OK):
            return
        try:
            word = self._mark.read_text()
        except OSError:
            return
        if word == AWAY:
            raise Unreachable("the database gives no connection: Connection refused")
        if word == FULL and writes:
            raise Unreachable("the database takes no writes: could not extend file: No space left on device")

    def lost(self, connection: sqlite3.Connection) -> bool:
        """A file is always there."""
        del connection
        return False
