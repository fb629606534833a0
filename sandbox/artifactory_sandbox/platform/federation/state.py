"""Rows of members and of events that wait to be delivered to them."""

from collections.abc import Iterable
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS federation_members (id {serial}, repo TEXT NOT NULL, url TEXT NOT NULL, own INTEGER NOT NULL,"
    " enabled INTEGER NOT NULL, mode TEXT NOT NULL, state TEXT NOT NULL, said TEXT NOT NULL, tries INTEGER NOT NULL,"
    " retry_at INTEGER NOT NULL, full_sync INTEGER NOT NULL, consistent INTEGER NOT NULL, UNIQUE (repo, url))",
    "CREATE TABLE IF NOT EXISTS federation_events (id {serial}, member INTEGER NOT NULL, kind TEXT NOT NULL, path TEXT NOT NULL,"
    " folder INTEGER NOT NULL, at INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS federation_events_of ON federation_events (member, id)",
    "CREATE TABLE IF NOT EXISTS federation_priorities (repo TEXT PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS federation_platforms (base TEXT PRIMARY KEY, dashboard INTEGER NOT NULL, seen INTEGER NOT NULL)",
)

_PENDING = "EXISTS (SELECT 1 FROM federation_events WHERE member = federation_members.id)"


class FederationState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def members(self, repo: str) -> list[Row]:
        """Members of a repository, its own included."""
        return self._db.rows("SELECT * FROM federation_members WHERE repo = ? ORDER BY id", repo)

    def remote(self, repo: str = "") -> list[Row]:
        """Members elsewhere, of one repository or of all."""
        return self._db.rows(
            "SELECT * FROM federation_members WHERE own = 0 AND (? = '' OR repo = ?) ORDER BY repo, id", repo, repo
        )

    def member(self, row_id: int) -> Row | None:
        """One member."""
        return self._db.row("SELECT * FROM federation_members WHERE id = ?", row_id)

    def put(self, repo: str, member: dict[str, Any], own: bool, fresh: str) -> None:
        """Creates a member in the state `fresh`, or changes its switches."""
        self._db.run(
            "INSERT INTO federation_members (repo, url, own, enabled, mode, state, said, tries, retry_at, full_sync, consistent)"
            " VALUES (?, ?, ?, ?, ?, ?, '', 0, 0, ?, 1) ON CONFLICT (repo, url) DO UPDATE SET own = excluded.own,"
            " enabled = excluded.enabled, mode = excluded.mode",
            *(
                repo,
                member["url"],
                int(own),
                int(member["enabled"]),
                member.get("mode", "bidirectional"),
                fresh,
                int(not own),
            ),
        )

    def keep_only(self, repo: str, urls: Iterable[str]) -> None:
        """Removes the members that are not named, with their events."""
        kept = set(urls)
        for row in self.members(repo):
            if row["url"] not in kept:
                self._db.run("DELETE FROM federation_events WHERE member = ?", row["id"])
                self._db.run("DELETE FROM federation_members WHERE id = ?", row["id"])

    def rename(self, row_id: int, url: str) -> None:
        """Gives a member another address."""
        self._db.run("UPDATE federation_members SET url = ? WHERE id = ?", url, row_id)

    def forget(self, repo: str) -> None:
        """Removes all of a repository."""
        self.keep_only(repo, ())
        self._db.run("DELETE FROM federation_priorities WHERE repo = ?", repo)

    def due(self, now: int) -> list[Row]:
        """Members elsewhere that wait for a full sync or for events, and whose pause is over."""
        return self._db.rows(
            f"SELECT * FROM federation_members WHERE own = 0 AND enabled = 1 AND retry_at <= ? AND (full_sync > 0 OR {_PENDING})"  # noqa: S608
            " ORDER BY repo NOT IN (SELECT repo FROM federation_priorities), id",
            now,
        )

    def result(self, row_id: int, state: str, said: str = "", tries: int = 0, retry_at: int = 0) -> None:
        """Notes how a member does."""
        self._db.run(
            "UPDATE federation_members SET state = ?, said = ?, tries = ?, retry_at = ? WHERE id = ?",
            *(state, said, tries, retry_at, row_id),
        )

    def pause_platform(self, base: str, retry_at: int) -> None:
        """Leaves every member of a platform alone for a while: one try at it is enough."""
        pattern = base.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "/%"
        self._db.run(
            "UPDATE federation_members SET retry_at = ? WHERE own = 0 AND retry_at < ? AND url LIKE ? ESCAPE '\\'",
            *(retry_at, retry_at, pattern),
        )

    def ask_full_sync(self, row_id: int, state: str, force: bool = False) -> None:
        """A full sync is wanted, now; one that runs goes on, unless `force` ends it and begins anew."""
        change = "full_sync + 1" if force else "CASE WHEN full_sync > 0 THEN full_sync ELSE 1 END"
        kept = "" if force else " AND state NOT IN ('FULL_SYNC_PREPARING', 'FULL_SYNC_RUNNING')"
        self._db.run(
            f"UPDATE federation_members SET full_sync = {change}, state = ?, tries = 0, retry_at = 0 WHERE id = ?{kept}",  # noqa: S608
            state,
            row_id,
        )

    def full_sync_done(self, row_id: int, which: int) -> bool:
        """The full sync went through; False when another one was forced meanwhile."""
        return bool(
            self._db.run("UPDATE federation_members SET full_sync = 0 WHERE id = ? AND full_sync = ?", row_id, which)
        )

    def seen(self, base: str, dashboard: bool, now: int) -> None:
        """A platform answered, and said whether it has the federation service."""
        self._db.run(
            "INSERT INTO federation_platforms (base, dashboard, seen) VALUES (?, ?, ?) ON CONFLICT (base) DO UPDATE SET"
            " dashboard = excluded.dashboard, seen = excluded.seen",
            *(base, int(dashboard), now),
        )

    def without_dashboard(self) -> set[str]:
        """Platforms that answered and run a version without the federation dashboard (seed 003, Unsupported)."""
        return {row[0] for row in self._db.rows("SELECT base FROM federation_platforms WHERE dashboard = 0")}

    def backlog(self) -> int:
        """Events that wait for members that are switched on."""
        return int(
            self._db.value(
                "SELECT COUNT(*) FROM federation_events WHERE member IN"
                " (SELECT id FROM federation_members WHERE own = 0 AND enabled = 1)"
            )
        )

    def retry_now(self, repo: str) -> int:
        """Ends the pauses of a repository's members, or of all; how many."""
        return self._db.run(
            "UPDATE federation_members SET retry_at = 0, tries = 0 WHERE own = 0 AND (? = '' OR repo = ?)", repo, repo
        )

    def set_consistent(self, repo: str, url: str, consistent: bool) -> None:
        """Notes whether a member has taken our configuration."""
        self._db.run(
            "UPDATE federation_members SET consistent = ? WHERE repo = ? AND url = ?", int(consistent), repo, url
        )

    def inconsistent(self) -> list[str]:
        """Repositories with a member that has not taken our configuration."""
        found = self._db.rows("SELECT DISTINCT repo FROM federation_members WHERE consistent = 0 ORDER BY repo")
        return [row[0] for row in found]

    def queue(self, repo: str, kind: str, path: str, folder: bool, at: int) -> bool:
        """Adds an event for each member elsewhere; False when there is none."""
        return bool(
            self._db.run(
                "INSERT INTO federation_events (member, kind, path, folder, at) SELECT id, ?, ?, ?, ? FROM federation_members"
                " WHERE repo = ? AND own = 0",
                *(kind, path, int(folder), at, repo),
            )
        )

    def events(self, member: int, limit: int) -> list[Row]:
        """A member's oldest events."""
        return self._db.rows("SELECT * FROM federation_events WHERE member = ? ORDER BY id LIMIT ?", member, limit)

    def delivered(self, member: int, last: int) -> None:
        """Forgets a member's events up to one."""
        self._db.run("DELETE FROM federation_events WHERE member = ? AND id <= ?", member, last)

    def queued(self, member: int) -> tuple[dict[str, int], int | None]:
        """A member's number of events by kind, and when the oldest was registered."""
        rows = self._db.rows(
            "SELECT kind, COUNT(*), MIN(at) FROM federation_events WHERE member = ? GROUP BY kind", member
        )
        return {row[0]: row[1] for row in rows}, min((row[2] for row in rows), default=None)

    def purge(self, repo: str, before: int) -> list[int]:
        """Drops events that are older; the members that lost some."""
        condition = "at < ? AND member IN (SELECT id FROM federation_members WHERE ? = '' OR repo = ?)"
        found = f"SELECT DISTINCT member FROM federation_events WHERE {condition}"  # noqa: S608
        lost = [row[0] for row in self._db.rows(found, before, repo, repo)]
        self._db.run(f"DELETE FROM federation_events WHERE {condition}", before, repo, repo)  # noqa: S608
        return lost

    def prioritize(self, repo: str, high: bool) -> None:
        """Puts a repository before the others, or back."""
        if high:
            self._db.run("INSERT INTO federation_priorities (repo) VALUES (?) ON CONFLICT DO NOTHING", repo)
        else:
            self._db.run("DELETE FROM federation_priorities WHERE repo = ?", repo)

    def priorities(self) -> set[str]:
        """Repositories that come first."""
        return {row[0] for row in self._db.rows("SELECT repo FROM federation_priorities")}
