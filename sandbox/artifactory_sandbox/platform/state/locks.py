"""Leases: a job of the cluster is run by one node at a time."""

import time

from artifactory_sandbox.platform.state.database import Database

SCHEMA = ("CREATE TABLE IF NOT EXISTS locks (name TEXT PRIMARY KEY, owner TEXT NOT NULL, until INTEGER NOT NULL)",)


class Locks:
    """Locks with an end, in real time, so that a dead node's are taken over."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    def take(self, name: str, seconds: float = 30) -> bool:
        """Takes or renews a lease."""
        now = int(time.time() * 1000)
        return bool(
            self._database.run(
                "INSERT INTO locks (name, owner, until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET owner = excluded.owner,"
                " until = excluded.until WHERE locks.until < ? OR locks.owner = excluded.owner",
                name,
                self._owner,
                now + int(seconds * 1000),
                now,
            )
        )

    def release(self, name: str) -> None:
        """Gives a lease back."""
        self._database.run("DELETE FROM locks WHERE name = ? AND owner = ?", name, self._owner)
