"""Rows of replications, of what became of them, of events that wait to be sent, and of runs that were asked for by hand."""

import json
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

RUNNING = "running"
"""What is said of a run that goes on; with a lease that nobody holds it was cut off."""

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS replications (id {serial}, repo TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL,"
    " config TEXT NOT NULL, password TEXT NOT NULL, replication_key TEXT NOT NULL, enabled INTEGER NOT NULL,"
    " on_event INTEGER NOT NULL, next_run INTEGER, asked TEXT, status TEXT NOT NULL, completed INTEGER, said TEXT NOT NULL,"
    " UNIQUE (repo, url))",
    "CREATE TABLE IF NOT EXISTS replication_events (id {serial}, replication INTEGER NOT NULL, kind TEXT NOT NULL,"
    " path TEXT NOT NULL, folder INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0)",
    "CREATE INDEX IF NOT EXISTS replication_events_of ON replication_events (replication, id)",
    "CREATE TABLE IF NOT EXISTS replication_requests (id {serial}, repo TEXT NOT NULL, kind TEXT NOT NULL, url TEXT NOT NULL,"
    " options TEXT NOT NULL, path TEXT NOT NULL, status TEXT NOT NULL, completed INTEGER, said TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS replication_requests_of ON replication_requests (repo, id)",
)


class ReplicationState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, repo: str) -> list[Row]:
        """Replications of a repository in the order they were made."""
        return self._db.rows("SELECT * FROM replications WHERE repo = ? ORDER BY id", repo)

    def all(self) -> list[Row]:
        """All replications."""
        return self._db.rows("SELECT * FROM replications ORDER BY repo, id")

    def put(self, row: dict[str, Any]) -> None:
        """Creates or changes the replication of a repository to a target; what became of it stays."""
        self._db.run(
            "INSERT INTO replications (repo, url, kind, config, password, replication_key, enabled, on_event, next_run, status,"
            " said) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'never_run', '') ON CONFLICT (repo, url) DO UPDATE SET"
            " config = excluded.config, password = excluded.password, enabled = excluded.enabled,"
            " on_event = excluded.on_event, next_run = excluded.next_run",
            *(row["repo"], row["url"], row["kind"], json.dumps(row["config"]), row["password"], row["replication_key"]),
            *(int(row["enabled"]), int(row["on_event"]), row["next_run"]),
        )

    def move(self, row_id: int, url: str) -> None:
        """Gives a replication another target."""
        self._db.run("UPDATE replications SET url = ? WHERE id = ?", url, row_id)

    def delete(self, repo: str, url: str | None = None) -> int:
        """Removes replications of a repository with their events; how many."""
        condition, arguments = ("repo = ?", (repo,)) if url is None else ("repo = ? AND url = ?", (repo, url))
        with self._db.transaction():
            self._db.run(
                f"DELETE FROM replication_events WHERE replication IN (SELECT id FROM replications WHERE {condition})",  # noqa: S608
                *arguments,
            )
            self._db.run(f"DELETE FROM replication_requests WHERE {condition}", *arguments)  # noqa: S608
            return self._db.run(f"DELETE FROM replications WHERE {condition}", *arguments)  # noqa: S608

    def switch(self, row_id: int, config: dict[str, Any], next_run: int | None) -> None:
        """Switches one on or off."""
        self._db.run(
            "UPDATE replications SET enabled = ?, config = ?, next_run = ? WHERE id = ?",
            *(int(config["enabled"]), json.dumps(config), next_run, row_id),
        )

    def ask(self, row_id: int, options: dict[str, Any]) -> None:
        """Notes that a run was asked for."""
        self._db.run("UPDATE replications SET asked = ? WHERE id = ?", json.dumps(options), row_id)

    def due(self, now: int) -> list[Row]:
        """Replications that were asked to run or whose time has come."""
        return self._db.rows(
            "SELECT * FROM replications WHERE asked IS NOT NULL OR (enabled = 1 AND next_run <= ?)"
            " OR (status = 'incomplete' AND said = ?) ORDER BY id",
            *(now, RUNNING),
        )

    def fresh(self, row_id: int) -> Row | None:
        """One replication as it is now."""
        return self._db.row("SELECT * FROM replications WHERE id = ?", row_id)

    def planned(self, row_id: int, next_run: int | None) -> None:
        """Sets the next run and forgets what was asked."""
        self._db.run("UPDATE replications SET next_run = ?, asked = NULL WHERE id = ?", next_run, row_id)

    def result(self, row_id: int, status: str, completed: int | None, said: str) -> None:
        """Notes what became of a run."""
        self._db.run(
            "UPDATE replications SET status = ?, completed = COALESCE(?, completed), said = ? WHERE id = ?",
            *(status, completed, said, row_id),
        )

    def on_event(self, repo: str) -> list[Row]:
        """Enabled push replications of a repository that follow events."""
        return self._db.rows(
            "SELECT * FROM replications WHERE repo = ? AND enabled = 1 AND on_event = 1 AND kind = 'PUSH'", repo
        )

    def queue(self, row_id: int, kind: str, path: str, folder: bool) -> None:
        """Adds an event."""
        self._db.run(
            "INSERT INTO replication_events (replication, kind, path, folder) VALUES (?, ?, ?, ?)",
            *(row_id, kind, path, int(folder)),
        )

    def waiting(self) -> list[int]:
        """Replications that have events."""
        return [row[0] for row in self._db.rows("SELECT DISTINCT replication FROM replication_events")]

    def events(self, row_id: int, limit: int = 200) -> list[Row]:
        """The oldest events of a replication."""
        return self._db.rows(
            "SELECT * FROM replication_events WHERE replication = ? ORDER BY id LIMIT ?", row_id, limit
        )

    def sent(self, event_id: int) -> None:
        """Forgets an event."""
        self._db.run("DELETE FROM replication_events WHERE id = ?", event_id)

    def request(self, repo: str, kind: str, url: str, options: dict[str, Any], path: str) -> None:
        """Notes a run that is not configured; of those to the same target only the newest stays."""
        with self._db.transaction():
            self._db.run("DELETE FROM replication_requests WHERE repo = ? AND url = ? AND options = ''", repo, url)
            self._db.run(
                "INSERT INTO replication_requests (repo, kind, url, options, path, status, said)"
                " VALUES (?, ?, ?, ?, ?, 'incomplete', '')",
                *(repo, kind, url, json.dumps(options), path),
            )

    def requests(self) -> list[Row]:
        """Runs by hand that are not through."""
        return self._db.rows("SELECT * FROM replication_requests WHERE options <> '' ORDER BY id")

    def request_of(self, row_id: int) -> Row | None:
        """One of them, unless it is through."""
        return self._db.row("SELECT * FROM replication_requests WHERE id = ? AND options <> ''", row_id)

    def requested(self, repo: str) -> list[Row]:
        """The last runs by hand of a repository, a target each."""
        return self._db.rows("SELECT * FROM replication_requests WHERE repo = ? ORDER BY id", repo)

    def request_done(self, row_id: int, status: str, completed: int, said: str) -> None:
        """A run by hand is through: its credentials are forgotten."""
        self._db.run(
            "UPDATE replication_requests SET status = ?, completed = ?, said = ?, options = '' WHERE id = ?",
            *(status, completed, said, row_id),
        )

    def set_statistics(self, item: int, origin: str, counted: dict[str, Any]) -> None:
        """Downloads of an item that another platform counted, in place of what it said before."""
        self._db.run(
            "INSERT INTO remote_statistics (item, origin, downloads, downloaded, downloaded_by, path)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (item, origin) DO UPDATE SET downloads = excluded.downloads,"
            " downloaded = excluded.downloaded, downloaded_by = excluded.downloaded_by, path = excluded.path",
            *(item, origin, counted["downloads"], counted["at"], counted["by"], counted["path"]),
        )

    def failed(self, event_id: int) -> None:
        """Counts a failed try."""
        self._db.run("UPDATE replication_events SET tries = tries + 1 WHERE id = ?", event_id)
