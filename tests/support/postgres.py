"""A private PostgreSQL server for tests: a folder of its own, a socket in it and no port, gone when the block ends.

The programs are taken from PATH or from where distributions keep them. The server refuses to be root, so as root it is
started as another user.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

USERS = ("postgres", "nobody")
"""Who runs the server when the tests are run by root."""
START_S = 60.0
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "400",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
}
"""Nothing here outlives a crash of the machine, and need not."""

_PR_SET_PDEATHSIG = 1
_NUMBERS = count(1)


class NoPostgres(Exception):
    """Its programs are not installed."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    folder: Path
    process: subprocess.Popen[bytes]

    def url(self, database: str = "postgres") -> str:
        """Address of one of its databases."""
        return f"postgresql://tests@/{database}?host={quote(str(self.folder), safe='')}"

    def new(self) -> str:
        """The URL of a database that nobody has used."""
        name = f"tests_{next(_NUMBERS)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def run(self, statement: str) -> None:
        """Runs a statement as the server's administrator."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def break_connections(self) -> None:
        """What a restart of the server does to its clients."""
        self.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")


@contextmanager
def server(**settings: str) -> Iterator[Server]:
    """A server until the block ends, however it ends; `settings` besides those of every test."""
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        user = _unprivileged(folder)
        data = folder / "data"
        _make(programs / "initdb", data, user)
        options = [part for name, value in (SETTINGS | settings).items() for part in ("-c", f"{name}={value}")]
        command = [str(programs / "postgres"), "-D", str(data), "-k", str(folder), *options]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=folder,
                preexec_fn=_end_with_parent,  # noqa: PLW1509  one call of the C library, which takes no lock
                **user,
            )
        try:
            made = Server(folder, process)
            _wait(made)
            yield made
        finally:
            end(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def binaries() -> Path:
    """The folder of the newest server on this machine."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not folders:
        raise NoPostgres("PostgreSQL is not installed: no initdb in PATH or below /usr/lib/postgresql")
    return max(folders, key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Options of the programs' processes; the folder is theirs."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next((known[name] for name in USERS if name in known), None)
    if entry is None:
        raise NoPostgres(f"PostgreSQL refuses to run as root, and there is no user {' or '.join(USERS)}")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _make(initdb: Path, data: Path, user: dict[str, Any]) -> None:
    command = [str(initdb), "-D", str(data), "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync"]
    made = subprocess.run(command, cwd=data.parent, capture_output=True, text=True, check=False, **user)
    if made.returncode:
        raise NoPostgres(f"initdb failed: {made.stderr.strip()}")


def _wait(made: Server) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(made.url()).close()
            return
        except psycopg.OperationalError as error:
            if made.process.poll() is not None or time.monotonic() > deadline:
                raise NoPostgres(f"the server does not start: {error}; {(made.folder / 'log').read_text()}") from error
        time.sleep(0.05)


def end(process: subprocess.Popen[bytes]) -> None:
    """At once, by its own number: SIGQUIT asks for no checkpoint and waits for no client."""
    if process.poll() is None:
        process.send_signal(signal.SIGQUIT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)


def _end_with_parent() -> None:
    """Linux ends the server when the tests are killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)
