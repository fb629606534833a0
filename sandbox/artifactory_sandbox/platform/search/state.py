"""SQL of the plain searches; files of all repositories but the trash can, or of named ones."""

from collections.abc import Sequence

from artifactory_sandbox.platform.artifacts.trash import TRASH
from artifactory_sandbox.platform.state import Database, Row

Repos = Sequence[str] | None
"""Stores to look in; None for all."""
_KINDS = frozenset({"md5", "sha1", "sha256"})
_DATES = frozenset({"created", "modified", "downloaded"})
_CHUNK = 400


class SearchState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def named(self, pattern: str, repos: Repos) -> list[Row]:
        """Files by a LIKE pattern of their name, with `\\` as escape."""
        return self._files("items.name LIKE ? ESCAPE '\\'", (pattern,), repos)

    def pathed(self, pattern: str, repos: Repos) -> list[Row]:
        """Files by a LIKE pattern of their path."""
        return self._files("items.path LIKE ? ESCAPE '\\'", (pattern,), repos)

    def with_checksum(self, kind: str, digest: str, repos: Repos) -> list[Row]:
        """Files with a checksum."""
        if kind not in _KINDS:
            raise ValueError(kind)
        return self._files(f"items.{kind} = ?", (digest,), repos)

    def with_properties(self, wanted: Sequence[tuple[str, str]], repos: Repos) -> list[Row]:
        """Files and folders that have every one of these properties, by LIKE patterns of name and value."""
        inner = (
            "EXISTS (SELECT 1 FROM properties WHERE properties.item = items.id AND properties.name LIKE ? ESCAPE '\\'"
            " AND properties.value LIKE ? ESCAPE '\\')"
        )
        where = " AND ".join([inner] * len(wanted))
        return self._items(where, tuple(one for pair in wanted for one in pair), repos)

    def declared(self, repos: Repos) -> list[Row]:
        """All files: what their clients declared stands in `original`."""
        return self._files("1 = 1", (), repos)

    def unused(self, since: int, created_before: int, repos: Repos) -> list[Row]:
        """Files made before a moment that nobody fetched since another."""
        where = "items.created < ? AND (items.downloaded IS NULL OR items.downloaded < ?)"
        return self._files(where, (created_before, since), repos)

    def dated(self, fields: Sequence[str], low: int, high: int, repos: Repos) -> list[Row]:
        """Files with one of these moments in a span."""
        if not _DATES.issuperset(fields):
            raise ValueError(fields)
        where = " OR ".join(f"(items.{name} > ? AND items.{name} <= ?)" for name in fields)
        return self._files(f"({where})", (low, high) * len(fields), repos)

    def with_entry(self, pattern: str, repos: Repos) -> list[tuple[str, Row]]:
        """Archives with an entry whose name or path meets a LIKE pattern, and that entry."""
        column = "archive_entries.path || '/' || archive_entries.name" if "/" in pattern else "archive_entries.name"
        found: list[tuple[str, Row]] = []
        where, values = _within(repos)
        if where is None:
            return []
        rows = self._db.rows(
            "SELECT items.*, archive_entries.path AS entry_path, archive_entries.name AS entry_name FROM archive_entries"  # noqa: S608
            f" JOIN items ON items.sha1 = archive_entries.sha1 WHERE {column} LIKE ? ESCAPE '\\' AND {where}"
            " ORDER BY archive_entries.path, archive_entries.name, items.repo, items.path",
            pattern,
            *values,
        )
        for row in rows:
            found.append((f"{row['entry_path']}/{row['entry_name']}".lstrip("/"), row))
        return found

    def properties(self, items: Sequence[int]) -> dict[int, dict[str, list[str]]]:
        """Properties of items by id."""
        found: dict[int, dict[str, list[str]]] = {}
        for start in range(0, len(items), _CHUNK):
            chunk = items[start : start + _CHUNK]
            marks = ", ".join("?" * len(chunk))
            for row in self._db.rows(
                f"SELECT item, name, value FROM properties WHERE item IN ({marks}) ORDER BY item, name, place",  # noqa: S608
                *chunk,
            ):
                found.setdefault(row["item"], {}).setdefault(row["name"], []).append(row["value"])
        return found

    def _files(self, where: str, values: tuple[object, ...], repos: Repos) -> list[Row]:
        return self._items(f"items.folder = 0 AND {where}", values, repos)

    def _items(self, where: str, values: tuple[object, ...], repos: Repos) -> list[Row]:
        within, stores = _within(repos)
        if within is None:
            return []
        return self._db.rows(
            f"SELECT items.* FROM items WHERE {where} AND {within} ORDER BY items.repo, items.path",  # noqa: S608
            *values,
            *stores,
        )


def _within(repos: Repos) -> tuple[str | None, tuple[str, ...]]:
    if repos is None:
        return "items.repo <> ?", (TRASH,)
    if not repos:
        return None, ()
    return f"items.repo IN ({', '.join('?' * len(repos))})", tuple(repos)
