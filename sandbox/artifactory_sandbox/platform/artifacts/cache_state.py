"""Rows about upstreams: when a cached file was last checked, what an upstream lacks, which ones are away."""

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS cached (item INTEGER PRIMARY KEY, checked INTEGER NOT NULL, etag TEXT NOT NULL,"
    " modified TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS upstream_misses (repo TEXT NOT NULL, path TEXT NOT NULL, until INTEGER NOT NULL,"
    " PRIMARY KEY (repo, path))",
    "CREATE TABLE IF NOT EXISTS upstream_away (repo TEXT PRIMARY KEY, until INTEGER NOT NULL)",
)


class CacheState:
    """All SQL about upstreams."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def checked(self, item: int) -> Row | None:
        """When an item was last compared with its upstream, and by which marks."""
        return self._db.row("SELECT checked, etag, modified FROM cached WHERE item = ?", item)

    def note_checked(self, item: int, now: int, etag: str = "", modified: str = "") -> None:
        """An item is what the upstream has."""
        self._db.run(
            "INSERT INTO cached (item, checked, etag, modified) VALUES (?, ?, ?, ?) ON CONFLICT (item) DO UPDATE SET"
            " checked = excluded.checked, etag = excluded.etag, modified = excluded.modified",
            *(item, now, etag, modified),
        )

    def expire(self, repo: str, low: str, high: str) -> None:
        """Everything between two paths is to be compared at the next call, and what was missing asked for."""
        self._db.run(
            "UPDATE cached SET checked = 0 WHERE item IN (SELECT id FROM items WHERE repo = ? AND path >= ? AND path < ?)",
            *(repo, low, high),
        )

    def missed(self, repo: str, path: str, now: int) -> bool:
        """Whether the upstream said lately that it has no such file."""
        return (
            self._db.value("SELECT 1 FROM upstream_misses WHERE repo = ? AND path = ? AND until > ?", repo, path, now)
            is not None
        )

    def note_miss(self, repo: str, path: str, until: int) -> None:
        """The upstream has no such file."""
        self._db.run(
            "INSERT INTO upstream_misses (repo, path, until) VALUES (?, ?, ?) ON CONFLICT (repo, path) DO UPDATE SET"
            " until = excluded.until",
            *(repo, path, until),
        )

    def forget_misses(self, repo: str, path: str = "") -> None:
        """The next call asks the upstream again, for one path or for all."""
        if path:
            self._db.run("DELETE FROM upstream_misses WHERE repo = ? AND path = ?", repo, path)
        else:
            self._db.run("DELETE FROM upstream_misses WHERE repo = ?", repo)

    def forget_old_misses(self, now: int) -> None:
        """Removes what has run out."""
        self._db.run("DELETE FROM upstream_misses WHERE until <= ?", now)

    def away(self, repo: str, now: int) -> bool:
        """Whether the upstream is assumed to be offline."""
        return self._db.value("SELECT 1 FROM upstream_away WHERE repo = ? AND until > ?", repo, now) is not None

    def note_away(self, repo: str, until: int) -> None:
        """The upstream gave no answer."""
        self._db.run(
            "INSERT INTO upstream_away (repo, until) VALUES (?, ?) ON CONFLICT (repo) DO UPDATE SET until = excluded.until",
            *(repo, until),
        )

    def forget_away(self, repo: str) -> None:
        """The upstream answers again."""
        self._db.run("DELETE FROM upstream_away WHERE repo = ?", repo)

    def unused(self, repo: str, before: int) -> list[str]:
        """Files of a cache that nobody fetched since a moment."""
        rows = self._db.rows(
            "SELECT path FROM items WHERE repo = ? AND folder = 0 AND COALESCE(downloaded, created) < ? ORDER BY path",
            *(repo, before),
        )
        return [row["path"] for row in rows]
