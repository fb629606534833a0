"""Rows of release bundles v1, and of bundles that other platforms distributed to this one."""

import json
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS release_bundles_v1 (name TEXT NOT NULL, version TEXT NOT NULL, state TEXT NOT NULL,"
    " request TEXT NOT NULL, repo TEXT NOT NULL, files TEXT NOT NULL, checksum TEXT NOT NULL, created INTEGER NOT NULL,"
    " created_by TEXT NOT NULL, PRIMARY KEY (name, version))",
    "CREATE TABLE IF NOT EXISTS received_bundles (name TEXT NOT NULL, version TEXT NOT NULL, source TEXT NOT NULL,"
    " files TEXT NOT NULL, received INTEGER NOT NULL, PRIMARY KEY (name, version))",
)


class DistributionState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, row: Mapping[str, Any]) -> None:
        """Stores a bundle over its older self."""
        self._db.run(
            "INSERT INTO release_bundles_v1 (name, version, state, request, repo, files, checksum, created, created_by)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name, version) DO UPDATE SET state = excluded.state,"
            " request = excluded.request, repo = excluded.repo, files = excluded.files, checksum = excluded.checksum",
            *(row[name] for name in ("name", "version", "state", "request", "repo", "files", "checksum")),
            *(row["created"], row["created_by"]),
        )

    def bundle(self, name: str, version: str) -> Row | None:
        """One version."""
        return self._db.row("SELECT * FROM release_bundles_v1 WHERE name = ? AND version = ?", name, version)

    def bundles(self, name: str = "") -> list[Row]:
        """All bundles, or the versions of one; the last one first."""
        return self._db.rows(
            "SELECT * FROM release_bundles_v1 WHERE ? = '' OR name = ? ORDER BY created DESC, name, version", name, name
        )

    def delete(self, name: str, version: str) -> None:
        """Removes a version."""
        self._db.run("DELETE FROM release_bundles_v1 WHERE name = ? AND version = ?", name, version)

    def receive(self, name: str, version: str, source: str, files: list[str], now: int) -> None:
        """Notes a bundle that came from another platform."""
        self._db.run(
            "INSERT INTO received_bundles (name, version, source, files, received) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (name, version) DO UPDATE SET source = excluded.source, files = excluded.files,"
            " received = excluded.received",
            *(name, version, source, json.dumps(files), now),
        )

    def forget_received(self, name: str, version: str) -> bool:
        """It was taken away again."""
        return bool(self._db.run("DELETE FROM received_bundles WHERE name = ? AND version = ?", name, version))

    def received(self) -> list[Row]:
        """All bundles that came."""
        return self._db.rows("SELECT * FROM received_bundles ORDER BY name, received DESC")
