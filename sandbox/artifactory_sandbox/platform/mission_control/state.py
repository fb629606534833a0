"""Rows of registered platforms (JPDs) and of licence buckets."""

import json
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS jpds (id TEXT PRIMARY KEY, number INTEGER NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL,"
    " location TEXT NOT NULL, tags TEXT NOT NULL, token TEXT NOT NULL, service_id TEXT NOT NULL, seen TEXT NOT NULL,"
    " checked INTEGER NOT NULL, cold INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS licence_buckets (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, url TEXT NOT NULL,"
    " contents TEXT NOT NULL, added INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS bucket_licences (bucket TEXT NOT NULL, place INTEGER NOT NULL, text TEXT NOT NULL,"
    " used_by TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (bucket, place))",
)


class MissionControlState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def jpds(self) -> list[Row]:
        """All registered platforms but the home one, unless it was changed."""
        return self._db.rows("SELECT * FROM jpds ORDER BY number")

    def jpd(self, name: str) -> Row | None:
        """One of them."""
        return self._db.row("SELECT * FROM jpds WHERE id = ?", name)

    def next_number(self) -> int:
        """Number of the next platform; numbers are not given twice."""
        last: int = self._db.value("SELECT COALESCE(MAX(number), 1) FROM jpds")
        return last + 1

    def put_jpd(self, row: Mapping[str, Any]) -> None:
        """Stores a platform; what was seen of it stays."""
        self._db.run(
            "INSERT INTO jpds (id, number, name, url, location, tags, token, service_id, cold, seen, checked)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', 0) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
            " url = excluded.url, location = excluded.location, tags = excluded.tags, token = excluded.token,"
            " service_id = excluded.service_id, cold = excluded.cold, checked = 0",
            *(row[name] for name in ("id", "number", "name", "url")),
            *(json.dumps(row["location"]), json.dumps(row["tags"]), row["token"], row["service_id"], int(row["cold"])),
        )

    def saw(self, name: str, seen: Mapping[str, Any], now: int) -> None:
        """Notes what a look at a platform found."""
        self._db.run("UPDATE jpds SET seen = ?, checked = ? WHERE id = ?", json.dumps(seen), now, name)

    def delete_jpd(self, name: str) -> bool:
        """Removes a platform; its number stays taken while a later one is there."""
        return bool(self._db.run("DELETE FROM jpds WHERE id = ?", name))

    def buckets(self) -> list[Row]:
        """All buckets with how many licences they have and how many are used."""
        return self._db.rows(
            "SELECT licence_buckets.id, licence_buckets.name, licence_buckets.url, licence_buckets.contents,"
            " COUNT(bucket_licences.place) AS size,"
            " COALESCE(SUM(CASE WHEN bucket_licences.used_by = '' THEN 0 ELSE 1 END), 0) AS used FROM licence_buckets"
            " LEFT JOIN bucket_licences ON bucket_licences.bucket = licence_buckets.id GROUP BY licence_buckets.id,"
            " licence_buckets.name, licence_buckets.url, licence_buckets.contents, licence_buckets.added"
            " ORDER BY licence_buckets.added, licence_buckets.name"
        )

    def add_bucket(self, bucket: Mapping[str, Any], licences: list[str], now: int) -> None:
        """Stores a bucket with its licences."""
        with self._db.transaction():
            self._db.run(
                "INSERT INTO licence_buckets (id, name, url, contents, added) VALUES (?, ?, ?, ?, ?)",
                *(bucket["identifier"], bucket["name"], bucket["url"], json.dumps(bucket), now),
            )
            self._db.run_many(
                "INSERT INTO bucket_licences (bucket, place, text, used_by, since) VALUES (?, ?, ?, '', 0)",
                [(bucket["identifier"], place, text) for place, text in enumerate(licences)],
            )

    def delete_bucket(self, bucket: str) -> None:
        """Removes a bucket; licences that were given out stay where they are."""
        with self._db.transaction():
            self._db.run("DELETE FROM bucket_licences WHERE bucket = ?", bucket)
            self._db.run("DELETE FROM licence_buckets WHERE id = ?", bucket)

    def licences(self, bucket: str) -> list[Row]:
        """Licences of a bucket."""
        return self._db.rows("SELECT * FROM bucket_licences WHERE bucket = ? ORDER BY place", bucket)

    def use(self, bucket: str, place: int, by: str, now: int) -> None:
        """Notes who has a licence; nobody when `by` is empty."""
        self._db.run(
            "UPDATE bucket_licences SET used_by = ?, since = ? WHERE bucket = ? AND place = ?", by, now, bucket, place
        )

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Every row, for the service's own backup."""
        return {name: [dict(row) for row in self._db.rows(f"SELECT * FROM {name}")] for name in _TABLES}  # noqa: S608

    def load(self, tables: Mapping[str, list[Mapping[str, Any]]]) -> None:
        """Replaces every row by those of a backup."""
        with self._db.transaction():
            for name, columns in _TABLES.items():
                self._db.run(f"DELETE FROM {name}")  # noqa: S608
                marks = ", ".join("?" * len(columns))
                self._db.run_many(
                    f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608
                    [tuple(row[column] for column in columns) for row in tables[name]],
                )


_TABLES = {
    "jpds": ("id", "number", "name", "url", "location", "tags", "token", "service_id", "seen", "checked", "cold"),
    "licence_buckets": ("id", "name", "url", "contents", "added"),
    "bucket_licences": ("bucket", "place", "text", "used_by", "since"),
}
