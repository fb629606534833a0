"""Rows of uploads that go on, on whichever node, and the registry's questions to the items."""

from typing import Any

from artifactory_sandbox.platform.artifacts.state import below
from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS docker_uploads (id TEXT PRIMARY KEY, repo TEXT NOT NULL, image TEXT NOT NULL,"
    " size INTEGER NOT NULL, started INTEGER NOT NULL, started_by TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS docker_chunks (upload TEXT NOT NULL, place INTEGER NOT NULL, sha1 TEXT NOT NULL,"
    " PRIMARY KEY (upload, place))",
    "CREATE INDEX IF NOT EXISTS docker_chunks_sha1 ON docker_chunks (sha1)",
    "CREATE TABLE IF NOT EXISTS docker_digests (digest TEXT PRIMARY KEY, sha256 TEXT NOT NULL)",
)
MANIFEST, LIST = "manifest.json", "list.manifest.json"
SUBJECT = "oci.subject.digest"


class DockerState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def manifests(self, repo: str, image: str) -> list[Row]:
        """Manifests of an image, by path."""
        found = self._db.rows(
            "SELECT * FROM items WHERE repo = ? AND path > ? AND path < ? AND folder = 0 AND (name = ? OR name = ?)"
            " AND depth = ? ORDER BY path",
            *(repo, *below(image)[1:], MANIFEST, LIST, image.count("/") + 3),
        )
        return [row for row in found if "/_uploads/" not in row["path"]]

    def images(self, repo: str) -> list[str]:
        """Every image that has a manifest, sorted."""
        rows = self._db.rows(
            "SELECT DISTINCT parent FROM items WHERE repo = ? AND folder = 0 AND (name = ? OR name = ?)",
            *(repo, MANIFEST, LIST),
        )
        return sorted({row[0].rpartition("/")[0] for row in rows} - {""})

    def of_image(self, repo: str, image: str, name: str) -> list[Row]:
        """Files of one name in the folders of an image."""
        return self._db.rows(
            "SELECT * FROM items WHERE repo = ? AND path > ? AND path < ? AND name = ? AND folder = 0 AND depth = ?"
            " ORDER BY path",
            *(repo, *below(image)[1:], name, image.count("/") + 3),
        )

    def with_digest(self, repo: str, image: str, sha256: str) -> list[Row]:
        """Files of an image with a digest."""
        return self._db.rows(
            "SELECT * FROM items WHERE sha256 = ? AND repo = ? AND path > ? AND path < ? AND folder = 0 AND depth = ?"
            " ORDER BY path",
            *(sha256, repo, *below(image)[1:], image.count("/") + 3),
        )

    def referring(self, repo: str, image: str, digest: str) -> list[Row]:
        """Manifests of an image that name a digest as their subject."""
        return self._db.rows(
            "SELECT items.* FROM items JOIN properties ON properties.item = items.id WHERE properties.name = ?"
            " AND properties.value = ? AND items.repo = ? AND items.path > ? AND items.path < ? AND items.depth = ?"
            " ORDER BY items.path",
            *(SUBJECT, digest, repo, *below(image)[1:], image.count("/") + 3),
        )

    def begin(self, upload: str, repo: str, image: str, by: str, now: int) -> None:
        """Notes an upload that begins."""
        self._db.run(
            "INSERT INTO docker_uploads (id, repo, image, size, started, started_by) VALUES (?, ?, ?, 0, ?, ?)",
            *(upload, repo, image, now, by),
        )

    def upload(self, upload: str) -> Row | None:
        """One upload."""
        return self._db.row("SELECT * FROM docker_uploads WHERE id = ?", upload)

    def add(self, upload: str, sha1: str, size: int) -> None:
        """Adds a chunk, inside a transaction."""
        place = self._db.value("SELECT COUNT(*) FROM docker_chunks WHERE upload = ?", upload)
        self._db.run("INSERT INTO docker_chunks (upload, place, sha1) VALUES (?, ?, ?)", upload, place, sha1)
        self._db.run("UPDATE docker_uploads SET size = size + ? WHERE id = ?", size, upload)

    def chunks(self, upload: str) -> list[str]:
        """SHA-1 of the chunks, in order."""
        rows = self._db.rows("SELECT sha1 FROM docker_chunks WHERE upload = ? ORDER BY place", upload)
        return [row[0] for row in rows]

    def end(self, upload: str) -> None:
        """Forgets an upload."""
        self._db.run("DELETE FROM docker_chunks WHERE upload = ?", upload)
        self._db.run("DELETE FROM docker_uploads WHERE id = ?", upload)

    def noted(self, digest: str) -> str:
        """The SHA-256 that a digest of another algorithm stands for, empty when none is known."""
        return str(self._db.value("SELECT sha256 FROM docker_digests WHERE digest = ?", digest) or "")

    def note(self, digest: str, sha256: str) -> None:
        """Remembers what a digest of another algorithm stands for, inside a transaction."""
        self._db.run("INSERT INTO docker_digests (digest, sha256) VALUES (?, ?) ON CONFLICT DO NOTHING", digest, sha256)

    def readable(self, repo: str, sha256: str) -> list[Row]:
        """Files of a repository with a digest, whichever image has them."""
        return self._db.rows(
            "SELECT * FROM items WHERE sha256 = ? AND repo = ? AND folder = 0 ORDER BY path", sha256, repo
        )

    def stale(self, before: int) -> list[str]:
        """Uploads that began before a moment."""
        rows: list[Any] = self._db.rows("SELECT id FROM docker_uploads WHERE started < ?", before)
        return [row[0] for row in rows]
