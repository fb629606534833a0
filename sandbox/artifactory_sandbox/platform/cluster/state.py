"""Rows of nodes."""

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS nodes (id TEXT PRIMARY KEY, url TEXT NOT NULL, version TEXT NOT NULL, started INTEGER NOT NULL,"
    " beat INTEGER NOT NULL)",
)


class ClusterState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def beat(self, node: str, url: str, version: str, started: int, now: int) -> None:
        """Writes a heartbeat."""
        self._db.run(
            "INSERT INTO nodes (id, url, version, started, beat) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " url = excluded.url, version = excluded.version, started = excluded.started, beat = excluded.beat",
            *(node, url, version, started, now),
        )

    def nodes(self) -> list[Row]:
        """All nodes that did not say goodbye."""
        return self._db.rows("SELECT * FROM nodes ORDER BY started, id")

    def live(self, since: int) -> set[str]:
        """Nodes whose last heartbeat is not older."""
        return {row["id"] for row in self._db.rows("SELECT id FROM nodes WHERE beat >= ?", since)}

    def forget(self, node: str) -> None:
        """Removes a node that leaves."""
        self._db.run("DELETE FROM nodes WHERE id = ?", node)
