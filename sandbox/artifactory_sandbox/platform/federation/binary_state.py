"""Rows of binaries that did not get through."""

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS federation_binaries (id {serial}, repo TEXT NOT NULL, member INTEGER NOT NULL,"
    " sha1 TEXT NOT NULL, size INTEGER NOT NULL, created INTEGER NOT NULL, failures INTEGER NOT NULL, state TEXT NOT NULL,"
    " retry_at INTEGER NOT NULL, said TEXT NOT NULL, UNIQUE (repo, member, sha1))",
)

_CHOSEN = "(? = '' OR repo = ?) AND (? = '' OR sha1 = ?)"


class BinaryState:
    """All SQL of binary tasks."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, repo: str, member: int, sha1: str, size: int, now: int) -> None:
        """A task, unless there is one."""
        self._db.run(
            "INSERT INTO federation_binaries (repo, member, sha1, size, created, failures, state, retry_at, said)"
            " VALUES (?, ?, ?, ?, ?, 0, 'AVAILABLE', 0, '') ON CONFLICT (repo, member, sha1) DO NOTHING",
            *(repo, member, sha1, size, now),
        )

    def get(self, row_id: int) -> Row | None:
        """One task."""
        return self._db.row("SELECT * FROM federation_binaries WHERE id = ?", row_id)

    def of(self, repo: str, member: int, sha1: str) -> Row | None:
        """The task for a binary and a side."""
        return self._db.row(
            "SELECT * FROM federation_binaries WHERE repo = ? AND member = ? AND sha1 = ?", repo, member, sha1
        )

    def due(self, now: int) -> list[Row]:
        """Tasks to try."""
        return self._db.rows(
            "SELECT * FROM federation_binaries WHERE state <> 'REJECTED' AND retry_at <= ? ORDER BY id LIMIT 100", now
        )

    def wait(self, row_id: int, retry_at: int) -> None:
        """Tries later."""
        self._db.run("UPDATE federation_binaries SET retry_at = ? WHERE id = ?", retry_at, row_id)

    def failed(self, row_id: int, failures: int, state: str, said: str, retry_at: int) -> None:
        """Notes a failure."""
        self._db.run(
            "UPDATE federation_binaries SET failures = ?, state = ?, said = ?, retry_at = ? WHERE id = ?",
            *(failures, state, said[:1000], retry_at, row_id),
        )

    def delete(self, row_id: int) -> None:
        """The binary is there, or nobody wants it."""
        self._db.run("DELETE FROM federation_binaries WHERE id = ?", row_id)

    def arrived(self, sha1: str) -> None:
        """A binary is here now."""
        self._db.run("DELETE FROM federation_binaries WHERE member = 0 AND sha1 = ?", sha1)

    def forget(self, repo: str) -> None:
        """Removes all of a repository."""
        self._db.run("DELETE FROM federation_binaries WHERE repo = ?", repo)

    def failures(self, repo: str, limit: int, offset: int) -> list[Row]:
        """Tasks of a repository that failed."""
        return self._db.rows(
            "SELECT * FROM federation_binaries WHERE repo = ? AND failures > 0 ORDER BY created, id LIMIT ? OFFSET ?",
            *(repo, limit, offset),
        )

    def replay(self, repo: str, sha1: str) -> int:
        """Begins anew with tasks that failed, of one repository or of all; how many. What was rejected stays so."""
        return self._db.run(
            f"UPDATE federation_binaries SET failures = 0, state = 'AVAILABLE', retry_at = 0 WHERE {_CHOSEN}"  # noqa: S608
            " AND failures > 0 AND state <> 'REJECTED'",
            *(repo, repo, sha1, sha1),
        )

    def drop(self, repo: str, sha1: str) -> int:
        """Gives up tasks that failed; how many."""
        return self._db.run(
            f"DELETE FROM federation_binaries WHERE {_CHOSEN} AND failures > 0",  # noqa: S608
            *(repo, repo, sha1, sha1),
        )

    def counts(self, repo: str) -> tuple[int, int]:
        """Tasks that go on, and tasks that failed."""
        row = self._db.row(
            "SELECT COALESCE(SUM(CASE WHEN failures = 0 THEN 1 ELSE 0 END), 0),"
            " COALESCE(SUM(CASE WHEN failures > 0 THEN 1 ELSE 0 END), 0) FROM federation_binaries WHERE repo = ?",
            repo,
        )
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def missing_here(self, repo: str) -> set[str]:
        """Binaries that files of a repository point to and that are not here."""
        rows = self._db.rows("SELECT sha1 FROM federation_binaries WHERE repo = ? AND member = 0", repo)
        return {row[0] for row in rows}
