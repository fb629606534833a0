"""Rows of channels: who elsewhere follows a repository's changes, what waits for them, and how far we have read theirs (5.1, 5.4)."""

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS replication_channels (id {serial}, repo TEXT NOT NULL, subscriber TEXT NOT NULL,"
    " opened INTEGER NOT NULL, seen INTEGER NOT NULL, UNIQUE (repo, subscriber))",
    "CREATE TABLE IF NOT EXISTS replication_channel_events (id {serial}, channel INTEGER NOT NULL, kind TEXT NOT NULL,"
    " path TEXT NOT NULL, folder INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS replication_channel_events_of ON replication_channel_events (channel, id)",
    "CREATE TABLE IF NOT EXISTS replication_cursors (replication INTEGER PRIMARY KEY, place INTEGER NOT NULL)",
)


class ChannelState:
    """All SQL of both ends."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def open(self, repo: str, subscriber: str, now: int) -> int:
        """The channel of a subscriber, made at the first call."""
        self._db.run(
            "INSERT INTO replication_channels (repo, subscriber, opened, seen) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (repo, subscriber) DO UPDATE SET seen = excluded.seen",
            *(repo, subscriber, now, now),
        )
        found: int = self._db.value(
            "SELECT id FROM replication_channels WHERE repo = ? AND subscriber = ?", repo, subscriber
        )
        return found

    def add(self, repo: str, kind: str, path: str, folder: bool) -> None:
        """Queues a change for every channel of a repository."""
        self._db.run(
            "INSERT INTO replication_channel_events (channel, kind, path, folder)"
            " SELECT id, ?, ?, ? FROM replication_channels WHERE repo = ?",
            *(kind, path, int(folder), repo),
        )

    def events(self, channel: int, limit: int) -> list[Row]:
        """The oldest events of a channel."""
        return self._db.rows(
            "SELECT * FROM replication_channel_events WHERE channel = ? ORDER BY id LIMIT ?", channel, limit
        )

    def read(self, channel: int, last: int) -> None:
        """Forgets events that the subscriber has."""
        self._db.run("DELETE FROM replication_channel_events WHERE channel = ? AND id <= ?", channel, last)

    def of(self, repo: str) -> list[Row]:
        """Channels of a repository with the number of their events."""
        return self._db.rows(
            "SELECT replication_channels.*, (SELECT COUNT(*) FROM replication_channel_events"
            " WHERE channel = replication_channels.id) AS queued FROM replication_channels WHERE repo = ? ORDER BY id",
            repo,
        )

    def release(self, before: int, repo: str = "") -> int:
        """Closes channels that were not asked for since; how many."""
        condition = "seen < ? AND (? = '' OR repo = ?)"
        with self._db.transaction():
            self._db.run(
                f"DELETE FROM replication_channel_events WHERE channel IN (SELECT id FROM replication_channels WHERE {condition})",  # noqa: S608
                *(before, repo, repo),
            )
            return self._db.run(f"DELETE FROM replication_channels WHERE {condition}", before, repo, repo)  # noqa: S608

    def cursor(self, replication: int) -> int:
        """How far a pull replication has read its channel."""
        return int(self._db.value("SELECT place FROM replication_cursors WHERE replication = ?", replication) or 0)

    def advance(self, replication: int, place: int) -> None:
        """Notes how far it has read."""
        self._db.run(
            "INSERT INTO replication_cursors (replication, place) VALUES (?, ?)"
            " ON CONFLICT (replication) DO UPDATE SET place = excluded.place",
            replication,
            place,
        )

    def following(self) -> list[Row]:
        """Enabled pull replications that follow events."""
        return self._db.rows(
            "SELECT * FROM replications WHERE enabled = 1 AND on_event = 1 AND kind = 'PULL' ORDER BY id"
        )
