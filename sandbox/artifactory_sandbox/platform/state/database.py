"""A thin layer over a database: one connection a thread, transactions that nest, a schema made once.

The SQL of the services keeps to what SQLite and PostgreSQL both know: `?` marks, `ON CONFLICT`, INTEGER and TEXT, and
`{serial}` and `{bytes}` in the schema (decision 9).
"""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from artifactory_sandbox.platform.state.driver import Driver, Row
from artifactory_sandbox.platform.state.sqlite import Sqlite


class _Session:
    """What a thread has: its connection, and what waits for the commit of its transaction."""

    __slots__ = ("connection", "thread", "waiting")

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.thread = threading.current_thread()
        self.waiting: list[Callable[[], None]] | None = None


class Database:
    """One cluster's database: a file, or the `postgresql://` URL of a server, there with the node's `pools`."""

    def __init__(self, where: Path | str, schema: Iterable[str], pools: Mapping[str, int] | None = None) -> None:
        self._pools = _opened(where, pools)
        self._driver = _driver(where, self._pools)
        self._local = threading.local()
        self._sessions: list[_Session] = []
        self._lock = threading.Lock()
        self._closed = False
        with self.transaction():
            self._driver.prepare(self._session().connection)
            for statement in schema:
                self.run(self._driver.schema(statement))

    def rows(self, sql: str, *args: Any) -> list[Row]:
        """All rows."""
        found: list[Row] = self._read(sql, args).fetchall()
        return found

    def row(self, sql: str, *args: Any) -> Row | None:
        """The first row."""
        found: Row | None = self._read(sql, args).fetchone()
        return found

    def value(self, sql: str, *args: Any) -> Any:
        """First column of the first row, None when there is none."""
        found = self._read(sql, args).fetchone()
        return found[0] if found else None

    def run(self, sql: str, *args: Any) -> int:
        """Runs a statement; returns the number of rows it touched."""
        with self._writing():
            touched: int = self._driver.execute(self._session().connection, sql, args).rowcount
            return touched

    def run_many(self, sql: str, args: Iterable[tuple[Any, ...]]) -> None:
        """Runs a statement for each set of arguments; inside a transaction."""
        with self._writing():
            self._driver.execute_many(self._session().connection, sql, args)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and alone among writers; joins the transaction it stands in."""
        if self._session().waiting is not None:
            yield
            return
        session = self._begin()
        waiting: list[Callable[[], None]] = []
        session.waiting = waiting
        try:
            yield
            self._driver.commit(session.connection)
        except BaseException:
            self._driver.rollback(session.connection)
            raise
        finally:
            session.waiting = None
        for action in waiting:
            action()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Runs an action when the transaction that this thread stands in is through; at once without one."""
        waiting = self._session().waiting
        if waiting is None:
            action()
        elif action not in waiting:
            waiting.append(action)

    def connections(self) -> tuple[int, int, int]:
        """How many are in a transaction, how many are not, and the most there can be: one a thread."""
        with self._lock:
            active = sum(session.waiting is not None for session in self._sessions)
            return active, len(self._sessions) - active, max(100, len(self._sessions))

    def close(self) -> None:
        """Closes every thread's connection."""
        with self._lock:
            self._closed = True
            for session in self._sessions:
                session.connection.close()
            self._sessions.clear()
        if self._pools is not None:
            self._pools.close()

    def _read(self, sql: str, args: tuple[Any, ...]) -> Any:
        """A cursor. A connection that was lost is replaced once, but never inside a transaction."""
        session = self._session()
        try:
            return self._driver.execute(session.connection, sql, args)
        except Exception:
            if session.waiting is not None or not self._driver.lost(session.connection):
                raise
        return self._driver.execute(self._session().connection, sql, args)

    def _begin(self) -> _Session:
        session = self._session()
        try:
            self._driver.begin(session.connection)
        except Exception:
            if not self._driver.lost(session.connection):
                raise
            session = self._session()
            self._driver.begin(session.connection)
        return session

    def _writing(self) -> contextlib.AbstractContextManager[None]:
        return _NOTHING if self._driver.alone else self.transaction()

    def _session(self) -> _Session:
        """This thread's; a new one for a thread that has none or lost its connection."""
        session: _Session | None = getattr(self._local, "session", None)
        if session is not None and (session.waiting is not None or not self._driver.lost(session.connection)):
            return session
        session = _Session(self._driver.connect())
        with self._lock:
            if self._closed:
                session.connection.close()
                raise RuntimeError("the database was closed")
            self._forget_the_dead()
            self._sessions.append(session)
        self._local.session = session
        return session

    def _forget_the_dead(self) -> None:
        """Threads that ended and connections that were lost."""
        gone = [one for one in self._sessions if not one.thread.is_alive() or self._driver.lost(one.connection)]
        for session in gone:
            session.connection.close()
            self._sessions.remove(session)


_NOTHING = contextlib.nullcontext()


def _opened(where: Path | str, sizes: Mapping[str, int] | None) -> Any:
    """The services' pools; a file has none."""
    if isinstance(where, Path) or not sizes:
        return None
    from artifactory_sandbox.platform.state.pools import Pools  # noqa: PLC0415  only who uses it needs it

    return Pools(where, sizes)


def _driver(where: Path | str, pools: Any) -> Driver:
    if isinstance(where, Path):
        return Sqlite(where)
    from artifactory_sandbox.platform.state.postgresql import Postgresql  # noqa: PLC0415  only who uses it needs it

    return Postgresql(where, pools)
