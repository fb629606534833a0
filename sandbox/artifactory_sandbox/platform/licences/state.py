"""Rows of licences."""

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS licences (hash TEXT PRIMARY KEY, text TEXT NOT NULL, node TEXT, expired INTEGER NOT NULL DEFAULT 0,"
    " added INTEGER NOT NULL)",
)


class LicenceState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> list[Row]:
        """The pool in the order it was filled."""
        return self._db.rows("SELECT * FROM licences ORDER BY added, hash")

    def add(self, hashed: str, text: str, now: int) -> bool:
        """Adds one; False when it is there already."""
        return bool(
            self._db.run(
                "INSERT INTO licences (hash, text, added) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING",
                hashed,
                text,
                now,
            )
        )

    def remove(self, hashed: str) -> bool:
        """Removes one."""
        return bool(self._db.run("DELETE FROM licences WHERE hash = ?", hashed))

    def assign(self, hashed: str, node: str) -> None:
        """Gives one to a node."""
        self._db.run("UPDATE licences SET node = ? WHERE hash = ?", node, hashed)

    def release(self, node: str) -> None:
        """Takes a node's licence back."""
        self._db.run("UPDATE licences SET node = NULL WHERE node = ?", node)

    def of(self, node: str) -> Row | None:
        """The licence of a node."""
        return self._db.row("SELECT * FROM licences WHERE node = ?", node)

    def expire(self, node: str) -> None:
        """Marks a node's licence as expired, whatever its date."""
        self._db.run("UPDATE licences SET expired = 1 WHERE node = ?", node)
