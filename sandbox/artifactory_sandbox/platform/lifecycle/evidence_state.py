"""Rows of evidence about stored files, and of AppTrust applications."""

import json
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS evidence (id {serial}, repo TEXT NOT NULL, subject TEXT NOT NULL, sha256 TEXT NOT NULL,"
    " path TEXT NOT NULL, predicate_type TEXT NOT NULL, predicate_slug TEXT NOT NULL, predicate TEXT NOT NULL,"
    " provider TEXT NOT NULL, key_name TEXT NOT NULL, verified INTEGER NOT NULL, created INTEGER NOT NULL,"
    " created_by TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS evidence_subject ON evidence (repo, subject)",
    "CREATE TABLE IF NOT EXISTS applications (name TEXT PRIMARY KEY, config TEXT NOT NULL)",
)
_COLUMNS = (
    *("repo", "subject", "sha256", "path", "predicate_type", "predicate_slug", "predicate", "provider", "key_name"),
    *("verified", "created", "created_by"),
)


class EvidenceState:
    """All SQL of the two."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, row: Mapping[str, Any]) -> None:
        """Notes a piece of evidence."""
        self._db.run(
            f"INSERT INTO evidence ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})",  # noqa: S608
            *(row[name] for name in _COLUMNS),
        )

    def about(self, repo: str, subject: str) -> list[Row]:
        """Evidence about a file, the last one first."""
        return self._db.rows("SELECT * FROM evidence WHERE repo = ? AND subject = ? ORDER BY id DESC", repo, subject)

    def delete(self, number: int) -> None:
        """Forgets a piece of evidence."""
        self._db.run("DELETE FROM evidence WHERE id = ?", number)

    def put_application(self, config: Mapping[str, Any]) -> None:
        """Stores an application."""
        self._db.run(
            "INSERT INTO applications (name, config) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET config = excluded.config",
            *(config["application_key"], json.dumps(config)),
        )

    def application(self, name: str) -> dict[str, Any] | None:
        """One application."""
        found = self._db.value("SELECT config FROM applications WHERE name = ?", name)
        return json.loads(found) if found else None

    def applications(self) -> list[dict[str, Any]]:
        """All applications."""
        return [json.loads(row["config"]) for row in self._db.rows("SELECT config FROM applications ORDER BY name")]

    def delete_application(self, name: str) -> bool:
        """Removes an application."""
        return bool(self._db.run("DELETE FROM applications WHERE name = ?", name))
