"""Rows of targets, and of what was received from which source."""

import json
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS access_targets (name TEXT PRIMARY KEY, url TEXT NOT NULL, config TEXT NOT NULL,"
    " sent TEXT NOT NULL, status TEXT NOT NULL, said TEXT NOT NULL, retry_at INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS access_received (source TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,"
    " PRIMARY KEY (source, kind, name))",
)


class AccessState:
    """All SQL of access federation."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def targets(self) -> list[Row]:
        """All targets by name."""
        return self._db.rows("SELECT * FROM access_targets ORDER BY name")

    def target(self, name: str) -> Row | None:
        """One target."""
        return self._db.row("SELECT * FROM access_targets WHERE name = ?", name)

    def put(self, name: str, url: str, config: dict[str, Any]) -> None:
        """Stores a target; what it has is sent anew."""
        self._db.run(
            "INSERT INTO access_targets (name, url, config, sent, status, said, retry_at) VALUES (?, ?, ?, '', 'PENDING', '', 0)"
            " ON CONFLICT (name) DO UPDATE SET url = excluded.url, config = excluded.config, sent = '', retry_at = 0",
            *(name, url, json.dumps(config)),
        )

    def delete(self, name: str) -> bool:
        """Removes a target."""
        return bool(self._db.run("DELETE FROM access_targets WHERE name = ?", name))

    def result(self, name: str, status: str, said: str, sent: str | None, retry_at: int) -> None:
        """Notes what became of a broadcast; `sent` is the digest of what the target has now."""
        self._db.run(
            "UPDATE access_targets SET status = ?, said = ?, sent = COALESCE(?, sent), retry_at = ? WHERE name = ?",
            *(status, said[:1000], sent, retry_at, name),
        )

    def received(self, source: str, kind: str) -> set[str]:
        """Names that a source has sent."""
        rows = self._db.rows("SELECT name FROM access_received WHERE source = ? AND kind = ?", source, kind)
        return {row[0] for row in rows}

    def note(self, source: str, kind: str, name: str) -> None:
        """A source sent an entity."""
        self._db.run(
            "INSERT INTO access_received (source, kind, name) VALUES (?, ?, ?) ON CONFLICT (source, kind, name) DO NOTHING",
            *(source, kind, name),
        )

    def forget(self, source: str, kind: str, name: str) -> None:
        """A source has it no more."""
        self._db.run("DELETE FROM access_received WHERE source = ? AND kind = ? AND name = ?", *(source, kind, name))
