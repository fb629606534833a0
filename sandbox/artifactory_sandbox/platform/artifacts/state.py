"""Rows of items (files and folders), their properties, and the binaries that files point to."""

from collections.abc import Iterable
from typing import Any

from artifactory_sandbox.platform.artifacts.archive_state import SCHEMA as ARCHIVES
from artifactory_sandbox.platform.artifacts.cache_state import SCHEMA as CACHES
from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS items (id {serial}, repo TEXT NOT NULL, path TEXT NOT NULL, parent TEXT NOT NULL,"
    " name TEXT NOT NULL, depth INTEGER NOT NULL, folder INTEGER NOT NULL, size INTEGER NOT NULL, md5 TEXT, sha1 TEXT,"
    " sha256 TEXT, original TEXT NOT NULL, mime TEXT, created INTEGER NOT NULL, created_by TEXT NOT NULL,"
    " modified INTEGER NOT NULL, modified_by TEXT NOT NULL, updated INTEGER NOT NULL, properties_at INTEGER,"
    " downloads INTEGER NOT NULL DEFAULT 0, downloaded INTEGER, downloaded_by TEXT, UNIQUE (repo, path))",
    "CREATE INDEX IF NOT EXISTS items_parent ON items (repo, parent)",
    "CREATE INDEX IF NOT EXISTS items_sha1 ON items (sha1)",
    "CREATE INDEX IF NOT EXISTS items_sha256 ON items (sha256)",
    "CREATE TABLE IF NOT EXISTS properties (item INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"
    " place INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS properties_item ON properties (item)",
    "CREATE INDEX IF NOT EXISTS properties_name ON properties (name, value)",
    "CREATE TABLE IF NOT EXISTS binaries (sha1 TEXT PRIMARY KEY, sha256 TEXT NOT NULL, md5 TEXT NOT NULL, size INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS binaries_sha256 ON binaries (sha256)",
    "CREATE TABLE IF NOT EXISTS binary_leases (sha1 TEXT PRIMARY KEY, until INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS remote_statistics (item INTEGER NOT NULL, origin TEXT NOT NULL, downloads INTEGER NOT NULL,"
    " downloaded INTEGER, downloaded_by TEXT, path TEXT, PRIMARY KEY (item, origin))",
    *CACHES,
    *ARCHIVES,
)

_COLUMNS = (
    "repo, path, parent, name, depth, folder, size, md5, sha1, sha256, original, mime, created, created_by, modified,"
    " modified_by, updated"
)
_BELOW = "(path = ? OR (path > ? AND path < ?))"


def below(path: str) -> tuple[str, str, str]:
    """Arguments of the condition "this path or below it"; everything for the root."""
    return (path, f"{path}/", f"{path}0") if path else ("", "", "\U0010ffff")


class ArtifactState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def item(self, repo: str, path: str) -> Row | None:
        """One item."""
        return self._db.row("SELECT * FROM items WHERE repo = ? AND path = ?", repo, path)

    def put(self, item: dict[str, Any]) -> None:
        """Stores an item, over what is there."""
        names = _COLUMNS.split(", ")
        changed = ", ".join(f"{name} = excluded.{name}" for name in names if name not in {"repo", "path"})
        marks = ", ".join("?" * len(names))
        self._db.run(
            f"INSERT INTO items ({_COLUMNS}) VALUES ({marks}) ON CONFLICT (repo, path) DO UPDATE SET {changed}",  # noqa: S608
            *(item[name] for name in names),
        )

    def put_many(self, items: Iterable[dict[str, Any]]) -> None:
        """Stores items where there are none yet."""
        names = _COLUMNS.split(", ")
        marks = ", ".join("?" * len(names))
        self._db.run_many(
            f"INSERT INTO items ({_COLUMNS}) VALUES ({marks}) ON CONFLICT (repo, path) DO NOTHING",  # noqa: S608
            [tuple(item[name] for name in names) for item in items],
        )

    def folders(self, repo: str, paths: list[str]) -> dict[str, bool]:
        """Which of these paths are there, and whether they are folders."""
        marks = ", ".join("?" * len(paths))
        rows = self._db.rows(f"SELECT path, folder FROM items WHERE repo = ? AND path IN ({marks})", repo, *paths)  # noqa: S608
        return {row["path"]: bool(row["folder"]) for row in rows}

    def first_of(self, repos: list[str], path: str) -> dict[str, Row]:
        """The item of a path in each of these repositories that has one."""
        found: dict[str, Row] = {}
        for start in range(0, len(repos), 200):
            chunk = repos[start : start + 200]
            marks = ", ".join("?" * len(chunk))
            for row in self._db.rows(f"SELECT * FROM items WHERE path = ? AND repo IN ({marks})", path, *chunk):  # noqa: S608
                found[row["repo"]] = row
        return found

    def children(self, repo: str, path: str) -> list[Row]:
        """Items right below a folder."""
        return self._db.rows(
            "SELECT * FROM items WHERE repo = ? AND parent = ? AND path <> '' ORDER BY name", repo, path
        )

    def tree(self, repo: str, path: str) -> list[Row]:
        """An item and everything below it, by path."""
        return self._db.rows(f"SELECT * FROM items WHERE repo = ? AND {_BELOW} ORDER BY path", repo, *below(path))  # noqa: S608

    def files(self, repo: str, path: str = "") -> list[Row]:
        """Files of a repository below a path, by path."""
        return self._db.rows(
            f"SELECT * FROM items WHERE repo = ? AND folder = 0 AND {_BELOW} ORDER BY path",  # noqa: S608
            repo,
            *below(path),
        )

    def page(self, repo: str, after: str, limit: int) -> list[Row]:
        """Items of a repository by path, after one."""
        return self._db.rows(
            "SELECT path, sha1, modified FROM items WHERE repo = ? AND path > ? ORDER BY path LIMIT ?",
            repo,
            after,
            limit,
        )

    def delete(self, repo: str, path: str) -> int:
        """Removes an item and everything below it; the number of files."""
        arguments = (repo, *below(path))
        count = f"SELECT COUNT(*) FROM items WHERE repo = ? AND folder = 0 AND {_BELOW}"  # noqa: S608
        files: int = self._db.value(count, *arguments)
        for table in ("properties", "remote_statistics", "cached"):
            self._db.run(
                f"DELETE FROM {table} WHERE item IN (SELECT id FROM items WHERE repo = ? AND {_BELOW})",  # noqa: S608
                *arguments,
            )
        self._db.run(f"DELETE FROM items WHERE repo = ? AND {_BELOW}", *arguments)  # noqa: S608
        return files

    def properties(self, item: int) -> dict[str, list[str]]:
        """Properties of an item."""
        found: dict[str, list[str]] = {}
        for row in self._db.rows("SELECT name, value FROM properties WHERE item = ? ORDER BY name, place", item):
            found.setdefault(row["name"], []).append(row["value"])
        return found

    def properties_below(self, repo: str, path: str = "") -> dict[str, dict[str, list[str]]]:
        """Properties of everything below a path, by path."""
        found: dict[str, dict[str, list[str]]] = {}
        for row in self._db.rows(
            "SELECT items.path, properties.name, properties.value FROM properties JOIN items ON items.id = properties.item"  # noqa: S608
            f" WHERE items.repo = ? AND {_BELOW.replace('path', 'items.path')}"
            " ORDER BY items.path, properties.name, place",
            repo,
            *below(path),
        ):
            found.setdefault(row[0], {}).setdefault(row[1], []).append(row[2])
        return found

    def set_property(self, item: int, name: str, values: Iterable[str]) -> None:
        """Replaces the values of one property; none removes it."""
        self._db.run("DELETE FROM properties WHERE item = ? AND name = ?", item, name)
        rows = [(item, name, value, place) for place, value in enumerate(values)]
        self._db.run_many("INSERT INTO properties (item, name, value, place) VALUES (?, ?, ?, ?)", rows)

    def touch_properties(self, item: int, now: int) -> None:
        """Notes when the properties of an item changed."""
        self._db.run("UPDATE items SET properties_at = ?, updated = ? WHERE id = ?", now, now, item)

    def set_original(self, item: int, original: str) -> None:
        """Replaces what clients declared the checksums of a file to be."""
        self._db.run("UPDATE items SET original = ? WHERE id = ?", original, item)

    def clear_properties(self, item: int) -> None:
        """Removes every property of an item."""
        self._db.run("DELETE FROM properties WHERE item = ?", item)
        self._db.run("UPDATE items SET properties_at = NULL WHERE id = ?", item)

    def downloaded(self, counts: Iterable[tuple[int, int, str, int]]) -> None:
        """Counts downloads: how many, when the last one was, by whom, and of which item."""
        self._db.run_many(
            "UPDATE items SET downloads = downloads + ?, downloaded = ?, downloaded_by = ? WHERE id = ?", counts
        )

    def set_statistics(self, item: int, downloads: int, downloaded: int | None, by: str | None) -> None:
        """Overwrites the download statistics of an item."""
        self._db.run(
            "UPDATE items SET downloads = ?, downloaded = ?, downloaded_by = ? WHERE id = ?",
            downloads,
            downloaded,
            by,
            item,
        )

    def downloaded_elsewhere(self, item: int, origin: str, count: int, at: int, by: str, path: str) -> None:
        """Counts downloads that another platform reports."""
        self._db.run(
            "INSERT INTO remote_statistics (item, origin, downloads, downloaded, downloaded_by, path) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (item, origin) DO UPDATE SET downloads = remote_statistics.downloads + excluded.downloads,"
            " downloaded = excluded.downloaded, downloaded_by = excluded.downloaded_by, path = excluded.path",
            *(item, origin, count, at, by, path),
        )

    def elsewhere(self, item: int) -> Row | None:
        """Sum of the downloads that other platforms reported, and the last moment."""
        return self._db.row(
            "SELECT COALESCE(SUM(downloads), 0) AS downloads, MAX(downloaded) AS downloaded FROM remote_statistics WHERE item = ?",
            item,
        )

    def newest(self, repo: str, path: str) -> Row | None:
        """The file below a path that was changed last."""
        return self._db.row(
            f"SELECT * FROM items WHERE repo = ? AND folder = 0 AND {_BELOW} ORDER BY modified DESC, path LIMIT 1",  # noqa: S608
            repo,
            *below(path),
        )

    def binary(self, kind: str, digest: str) -> Row | None:
        """A binary by `sha1` or `sha256`."""
        column = {"sha1": "sha1", "sha256": "sha256", "md5": "md5"}[kind]
        return self._db.row(f"SELECT * FROM binaries WHERE {column} = ?", digest)  # noqa: S608

    def put_binary(self, sha1: str, sha256: str, md5: str, size: int) -> None:
        """Notes that the filestore has a binary."""
        self._db.run(
            "INSERT INTO binaries (sha1, sha256, md5, size) VALUES (?, ?, ?, ?) ON CONFLICT (sha1) DO NOTHING",
            *(sha1, sha256, md5, size),
        )

    def unused_binaries(self) -> list[Row]:
        """Binaries that no file points to, and no upload of a registry that goes on."""
        return self._db.rows(
            "SELECT * FROM binaries WHERE sha1 NOT IN (SELECT sha1 FROM items WHERE sha1 IS NOT NULL)"
            " AND sha1 NOT IN (SELECT sha1 FROM docker_chunks)"
        )

    def lease(self, sha1: str, until: int) -> None:
        """A binary is about to be used: garbage collection leaves it alone until a moment in real time."""
        self._db.run(
            "INSERT INTO binary_leases (sha1, until) VALUES (?, ?) ON CONFLICT (sha1) DO UPDATE SET until = excluded.until",
            *(sha1, until),
        )

    def leased(self, sha1: str, now: int) -> bool:
        """Whether a binary is about to be used."""
        return self._db.value("SELECT 1 FROM binary_leases WHERE sha1 = ? AND until > ?", sha1, now) is not None

    def end_lease(self, sha1: str) -> None:
        """A file points to the binary, or it is gone."""
        self._db.run("DELETE FROM binary_leases WHERE sha1 = ?", sha1)

    def forget_leases(self, now: int) -> None:
        """Removes what has run out."""
        self._db.run("DELETE FROM binary_leases WHERE until <= ?", now)

    def known_binaries(self) -> set[str]:
        """SHA-1 of every binary."""
        return {row[0] for row in self._db.rows("SELECT sha1 FROM binaries")}

    def forget_binary(self, sha1: str) -> None:
        """Removes the row of a binary."""
        self._db.run("DELETE FROM binaries WHERE sha1 = ?", sha1)

    def with_checksum(self, kind: str, digest: str) -> list[Row]:
        """Files with a checksum."""
        column = {"sha1": "sha1", "sha256": "sha256", "md5": "md5"}[kind]
        return self._db.rows(f"SELECT * FROM items WHERE {column} = ? ORDER BY repo, path", digest)  # noqa: S608

    def named(self, pattern: str) -> list[Row]:
        """Files whose name meets a LIKE pattern with `\\` as escape."""
        return self._db.rows(
            "SELECT * FROM items WHERE folder = 0 AND name LIKE ? ESCAPE '\\' ORDER BY repo, path", pattern
        )

    def older_in_trash(self, repo: str, name: str, before: str) -> list[Row]:
        """Files one of whose properties, a moment as text, is before another."""
        return self._db.rows(
            "SELECT items.* FROM properties JOIN items ON items.id = properties.item WHERE items.repo = ? AND items.folder = 0"
            " AND properties.name = ? AND properties.value < ? ORDER BY items.path",
            *(repo, name, before),
        )

    def totals(self) -> list[Row]:
        """Folders, files and bytes of each repository."""
        return self._db.rows(
            "SELECT repo, SUM(folder) AS folders, SUM(1 - folder) AS files, SUM(size) AS bytes FROM items WHERE path <> ''"
            " GROUP BY repo ORDER BY repo"
        )

    def binary_totals(self) -> tuple[int, int]:
        """Number and bytes of binaries."""
        found = self._db.row("SELECT COUNT(*), COALESCE(SUM(size), 0) FROM binaries")
        return (found[0], found[1]) if found else (0, 0)
