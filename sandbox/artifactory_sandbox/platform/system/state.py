"""Rows of the system's own: the descriptor, scheduled jobs, tasks."""

import secrets

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS descriptor (name TEXT PRIMARY KEY, revision INTEGER NOT NULL, stamp TEXT NOT NULL,"
    " tree TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS system_jobs (name TEXT PRIMARY KEY, cron TEXT NOT NULL, next INTEGER)",
    "CREATE TABLE IF NOT EXISTS system_tasks (id TEXT PRIMARY KEY, type TEXT NOT NULL, description TEXT NOT NULL,"
    " node TEXT NOT NULL, started INTEGER NOT NULL, stop INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS gc_unused (sha1 TEXT PRIMARY KEY, since INTEGER NOT NULL)",
)

_NAME = "current"


class SystemState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def revision(self) -> int:
        """How often the descriptor was stored."""
        return int(self._db.value("SELECT revision FROM descriptor WHERE name = ?", _NAME) or 0)

    def stamp(self) -> str:
        """Changes with the descriptor, also when a transaction is rolled back; empty while there is none."""
        return str(self._db.value("SELECT stamp FROM descriptor WHERE name = ?", _NAME) or "")

    def descriptor(self) -> Row | None:
        """Stamp and JSON text of the descriptor."""
        return self._db.row("SELECT stamp, tree FROM descriptor WHERE name = ?", _NAME)

    def put_descriptor(self, revision: int, tree: str) -> None:
        """Stores the descriptor whole."""
        self._db.run(
            "INSERT INTO descriptor (name, revision, stamp, tree) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " revision = excluded.revision, stamp = excluded.stamp, tree = excluded.tree",
            *(_NAME, revision, secrets.token_hex(8), tree),
        )

    def jobs(self) -> dict[str, Row]:
        """Scheduled jobs by name."""
        return {row["name"]: row for row in self._db.rows("SELECT name, cron, next FROM system_jobs")}

    def put_job(self, name: str, cron: str, due: int | None) -> None:
        """Notes when a new or changed job is due next; what another node noted already stays."""
        self._db.run(
            "INSERT INTO system_jobs (name, cron, next) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " cron = excluded.cron, next = excluded.next WHERE system_jobs.cron <> excluded.cron",
            *(name, cron, due),
        )

    def take_job(self, name: str, seen: int, due: int | None) -> bool:
        """Moves a due job on; False when another node has done so already."""
        return bool(
            self._db.run("UPDATE system_jobs SET next = ? WHERE name = ? AND next = ?", due, name, seen),
        )

    def forget_job(self, name: str) -> None:
        """Removes a job."""
        self._db.run("DELETE FROM system_jobs WHERE name = ?", name)

    def begin_task(self, task: str, kind: str, description: str, node: str, now: int) -> None:
        """Notes that a task runs."""
        self._db.run(
            "INSERT INTO system_tasks (id, type, description, node, started, stop) VALUES (?, ?, ?, ?, ?, 0)",
            *(task, kind, description, node, now),
        )

    def end_task(self, task: str) -> None:
        """Forgets a task."""
        self._db.run("DELETE FROM system_tasks WHERE id = ?", task)

    def end_tasks_of(self, node: str) -> None:
        """Forgets what a node left when it was killed."""
        self._db.run("DELETE FROM system_tasks WHERE node = ?", node)

    def tasks(self) -> list[Row]:
        """Tasks that run, oldest first."""
        return self._db.rows("SELECT id, type, description, node, started, stop FROM system_tasks ORDER BY started, id")

    def stop_tasks(self, kind: str) -> bool:
        """Asks the tasks of a kind to stop; False when none runs."""
        return bool(self._db.run("UPDATE system_tasks SET stop = 1 WHERE type = ?", kind))

    def stopped(self, task: str) -> bool:
        """Whether a task was asked to stop."""
        return bool(self._db.value("SELECT stop FROM system_tasks WHERE id = ?", task))

    def unused_since(self, unused: set[str], now: int) -> dict[str, int]:
        """Notes which binaries are unused, and since when each has been; others are forgotten."""
        known = {row["sha1"]: int(row["since"]) for row in self._db.rows("SELECT sha1, since FROM gc_unused")}
        self._db.run_many("DELETE FROM gc_unused WHERE sha1 = ?", [(sha1,) for sha1 in known.keys() - unused])
        self._db.run_many(
            "INSERT INTO gc_unused (sha1, since) VALUES (?, ?) ON CONFLICT (sha1) DO NOTHING",
            [(sha1, now) for sha1 in unused - known.keys()],
        )
        return {sha1: known.get(sha1, now) for sha1 in unused}
