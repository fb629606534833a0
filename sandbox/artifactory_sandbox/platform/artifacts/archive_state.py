"""Rows of archive entries, by the SHA-1 of the archive, and of uploads in parts."""

from collections.abc import Iterable

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS archives (sha1 TEXT PRIMARY KEY, entries INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS archive_entries (sha1 TEXT NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS archive_entries_sha1 ON archive_entries (sha1)",
    "CREATE INDEX IF NOT EXISTS archive_entries_name ON archive_entries (name)",
    "CREATE TABLE IF NOT EXISTS uploads (id TEXT PRIMARY KEY, repo TEXT NOT NULL, path TEXT NOT NULL, owner TEXT NOT NULL,"
    " status TEXT NOT NULL, error TEXT NOT NULL, token TEXT NOT NULL, sha1 TEXT NOT NULL, created INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS upload_parts (upload TEXT NOT NULL, number INTEGER NOT NULL, sha1 TEXT NOT NULL,"
    " size INTEGER NOT NULL, PRIMARY KEY (upload, number))",
)


class ArchiveState:
    """All SQL about what is inside archives, and about uploads that are not whole yet."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def indexed(self, sha1: str) -> bool:
        """Whether the entries of an archive are known."""
        return self._db.value("SELECT 1 FROM archives WHERE sha1 = ?", sha1) is not None

    def index(self, sha1: str, entries: Iterable[str]) -> None:
        """Notes the entries of an archive."""
        split = [entry.rpartition("/") for entry in entries]
        with self._db.transaction():
            if self.indexed(sha1):
                return
            self._db.run("INSERT INTO archives (sha1, entries) VALUES (?, ?)", sha1, len(split))
            self._db.run_many(
                "INSERT INTO archive_entries (sha1, path, name) VALUES (?, ?, ?)",
                [(sha1, folder, name) for folder, _, name in split],
            )

    def forget(self, sha1: str) -> None:
        """The binary is gone."""
        self._db.run("DELETE FROM archive_entries WHERE sha1 = ?", sha1)
        self._db.run("DELETE FROM archives WHERE sha1 = ?", sha1)

    def start_upload(self, upload: str, repo: str, path: str, owner: str, now: int) -> None:
        """An upload in parts begins."""
        self._db.run(
            "INSERT INTO uploads (id, repo, path, owner, status, error, token, sha1, created)"
            " VALUES (?, ?, ?, ?, 'CREATED', '', '', '', ?)",
            *(upload, repo, path, owner, now),
        )

    def upload(self, upload: str) -> Row | None:
        """An upload in parts."""
        return self._db.row("SELECT * FROM uploads WHERE id = ?", upload)

    def upload_of_token(self, token: str) -> Row | None:
        """The finished upload that a checksum token stands for."""
        return self._db.row("SELECT * FROM uploads WHERE token = ? AND token <> ''", token)

    def set_upload(self, upload: str, status: str, error: str = "", token: str = "", sha1: str = "") -> None:
        """What became of an upload."""
        self._db.run(
            "UPDATE uploads SET status = ?, error = ?, token = ?, sha1 = ? WHERE id = ?",
            status,
            error,
            token,
            sha1,
            upload,
        )

    def put_part(self, upload: str, number: int, sha1: str, size: int) -> None:
        """A part has arrived, perhaps anew."""
        self._db.run(
            "INSERT INTO upload_parts (upload, number, sha1, size) VALUES (?, ?, ?, ?) ON CONFLICT (upload, number)"
            " DO UPDATE SET sha1 = excluded.sha1, size = excluded.size",
            *(upload, number, sha1, size),
        )

    def parts(self, upload: str) -> list[Row]:
        """Parts in their order."""
        return self._db.rows("SELECT * FROM upload_parts WHERE upload = ? ORDER BY number", upload)

    def drop_parts(self, upload: str) -> None:
        """Forgets the parts."""
        self._db.run("DELETE FROM upload_parts WHERE upload = ?", upload)

    def part_digests(self) -> set[str]:
        """SHA-1 of parts that are still needed, and of finished uploads that nobody deployed yet."""
        kept = {row[0] for row in self._db.rows("SELECT sha1 FROM upload_parts")}
        return kept | {
            row[0] for row in self._db.rows("SELECT sha1 FROM uploads WHERE sha1 <> '' AND status = 'FINISHED'")
        }

    def forget_uploads(self, before: int) -> None:
        """Removes uploads that began before a moment."""
        self._db.run("DELETE FROM upload_parts WHERE upload IN (SELECT id FROM uploads WHERE created < ?)", before)
        self._db.run("DELETE FROM uploads WHERE created < ?", before)
