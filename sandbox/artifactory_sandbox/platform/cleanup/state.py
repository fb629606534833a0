"""Rows of cleanup and archive policies, and of their runs."""

import json
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS cleanup_policies (name TEXT PRIMARY KEY, kind TEXT NOT NULL, project TEXT NOT NULL,"
    " enabled INTEGER NOT NULL, config TEXT NOT NULL, next_run INTEGER)",
    "CREATE TABLE IF NOT EXISTS cleanup_runs (id {serial}, policy TEXT NOT NULL, dry INTEGER NOT NULL, status TEXT NOT NULL,"
    " asked INTEGER NOT NULL, started INTEGER, finished INTEGER, removed INTEGER NOT NULL DEFAULT 0,"
    " bytes INTEGER NOT NULL DEFAULT 0, report TEXT NOT NULL DEFAULT '[]', error TEXT NOT NULL DEFAULT '')",
    "CREATE INDEX IF NOT EXISTS cleanup_runs_policy ON cleanup_runs (policy)",
)
KEPT = 100
"""Runs of a policy that are remembered, reports and all."""
WAITING, RUNNING, STOPPING = "PENDING", "IN_PROGRESS", "STOPPING"


class CleanupState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, kind: str, config: Mapping[str, Any], next_run: int | None) -> None:
        """Stores a policy over what is there."""
        self._db.run(
            "INSERT INTO cleanup_policies (name, kind, project, enabled, config, next_run) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET project = excluded.project, enabled = excluded.enabled,"
            " config = excluded.config, next_run = excluded.next_run",
            *(
                config["key"],
                kind,
                config.get("projectKey") or "",
                int(config["enabled"]),
                json.dumps(config),
                next_run,
            ),
        )

    def policy(self, name: str) -> Row | None:
        """One policy of any kind."""
        return self._db.row("SELECT * FROM cleanup_policies WHERE name = ?", name)

    def policies(self, kind: str, project: str) -> list[Row]:
        """Policies of a kind, or those of a project."""
        return self._db.rows(
            "SELECT * FROM cleanup_policies WHERE kind = ? AND (? = '' OR project = ?) ORDER BY name",
            *(kind, project, project),
        )

    def of_kinds(self, *kinds: str) -> list[Row]:
        """Policies of several kinds."""
        return self._db.rows(
            f"SELECT * FROM cleanup_policies WHERE kind IN ({', '.join('?' * len(kinds))}) ORDER BY name",  # noqa: S608
            *kinds,
        )

    def delete(self, name: str) -> None:
        """Removes a policy and what is known of its runs."""
        with self._db.transaction():
            self._db.run("DELETE FROM cleanup_runs WHERE policy = ?", name)
            self._db.run("DELETE FROM cleanup_policies WHERE name = ?", name)

    def due(self, now: int) -> list[Row]:
        """Enabled policies whose time has come."""
        return self._db.rows(
            "SELECT * FROM cleanup_policies WHERE enabled = 1 AND next_run IS NOT NULL AND next_run <= ?", now
        )

    def planned(self, name: str, next_run: int | None) -> None:
        """Notes when a policy runs next."""
        self._db.run("UPDATE cleanup_policies SET next_run = ? WHERE name = ?", next_run, name)

    def ask(self, policy: str, dry: bool, now: int) -> int:
        """Queues a run; its number."""
        with self._db.transaction():
            self._db.run(
                "INSERT INTO cleanup_runs (policy, dry, status, asked) VALUES (?, ?, ?, ?)",
                *(policy, int(dry), WAITING, now),
            )
            return int(self._db.value("SELECT MAX(id) FROM cleanup_runs"))

    def unfinished(self, policy: str = "") -> list[Row]:
        """Runs that wait or go on, of one policy or of all."""
        return self._db.rows(
            "SELECT * FROM cleanup_runs WHERE status IN (?, ?, ?) AND (? = '' OR policy = ?) ORDER BY id",
            *(WAITING, RUNNING, STOPPING, policy, policy),
        )

    def run(self, number: int) -> Row | None:
        """One run."""
        return self._db.row("SELECT * FROM cleanup_runs WHERE id = ?", number)

    def runs(self, policy: str = "") -> list[Row]:
        """Runs, the last one first, without what they report."""
        return self._db.rows(
            "SELECT id, policy, dry, status, asked, started, finished, removed, bytes, error FROM cleanup_runs"
            " WHERE ? = '' OR policy = ? ORDER BY id DESC LIMIT 1000",
            policy,
            policy,
        )

    def move(self, number: int, before: str, status: str) -> bool:
        """Moves a run from one status to the next; False when it had another."""
        return bool(
            self._db.run("UPDATE cleanup_runs SET status = ? WHERE id = ? AND status = ?", status, number, before)
        )

    def start(self, number: int, now: int) -> None:
        """Notes that a run began."""
        self._db.run("UPDATE cleanup_runs SET started = ? WHERE id = ?", now, number)

    def end(self, number: int, status: str, now: int, report: list[Mapping[str, Any]], error: str = "") -> None:
        """Notes how a run went, and forgets those of the policy that were long ago."""
        with self._db.transaction():
            self._db.run(
                "UPDATE cleanup_runs SET status = ?, finished = ?, removed = ?, bytes = ?, report = ?, error = ? WHERE id = ?",
                *(status, now, len(report), sum(int(one["size"]) for one in report), json.dumps(report), error, number),
            )
            policy = self._db.value("SELECT policy FROM cleanup_runs WHERE id = ?", number)
            self._db.run(
                "DELETE FROM cleanup_runs WHERE policy = ? AND finished IS NOT NULL AND id NOT IN"
                " (SELECT id FROM cleanup_runs WHERE policy = ? ORDER BY id DESC LIMIT ?)",
                *(policy, policy, KEPT),
            )
