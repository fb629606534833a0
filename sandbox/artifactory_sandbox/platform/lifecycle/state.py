"""Rows of release bundles v2, their files, promotions, and of distributions and exports."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS release_bundles (id {serial}, repo TEXT NOT NULL, project TEXT NOT NULL, name TEXT NOT NULL,"
    " version TEXT NOT NULL, status TEXT NOT NULL, messages TEXT NOT NULL, request TEXT NOT NULL, key_name TEXT NOT NULL,"
    " tag TEXT NOT NULL, created INTEGER NOT NULL, created_by TEXT NOT NULL, UNIQUE (repo, name, version))",
    "CREATE INDEX IF NOT EXISTS release_bundles_status ON release_bundles (status)",
    "CREATE TABLE IF NOT EXISTS release_bundle_files (bundle INTEGER NOT NULL, repo TEXT NOT NULL, path TEXT NOT NULL,"
    " sha1 TEXT NOT NULL, sha256 TEXT NOT NULL, md5 TEXT NOT NULL, size INTEGER NOT NULL, package_type TEXT NOT NULL,"
    " properties TEXT NOT NULL, PRIMARY KEY (bundle, repo, path))",
    "CREATE TABLE IF NOT EXISTS release_bundle_promotions (id {serial}, bundle INTEGER NOT NULL, created INTEGER NOT NULL,"
    " environment TEXT NOT NULL, status TEXT NOT NULL, messages TEXT NOT NULL, request TEXT NOT NULL,"
    " created_by TEXT NOT NULL, files TEXT NOT NULL, UNIQUE (bundle, created))",
    "CREATE INDEX IF NOT EXISTS release_bundle_promotions_status ON release_bundle_promotions (status)",
    "CREATE TABLE IF NOT EXISTS release_bundle_exports (bundle INTEGER PRIMARY KEY, status TEXT NOT NULL, path TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS distributions (id {serial}, kind TEXT NOT NULL, type TEXT NOT NULL, repo TEXT NOT NULL,"
    " name TEXT NOT NULL, version TEXT NOT NULL, status TEXT NOT NULL, request TEXT NOT NULL, sites TEXT NOT NULL,"
    " created_by TEXT NOT NULL, created INTEGER NOT NULL, started INTEGER, finished INTEGER)",
    "CREATE INDEX IF NOT EXISTS distributions_status ON distributions (status)",
)

_FILE = "bundle, repo, path, sha1, sha256, md5, size, package_type, properties"

_WAITING = "(status IN ('PENDING', 'DELETING') OR (status = 'PROCESSING' AND created < ?))"


class LifecycleState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, row: Mapping[str, Any]) -> Row:
        """Stores a new bundle over a failed one of the same name and version."""
        names = ("repo", "project", "name", "version", "status", "request", "key_name", "created", "created_by")
        with self._db.transaction():
            if (older := self.bundle(row["repo"], row["name"], row["version"])) is not None:
                self.delete(older["id"])
            self._db.run(
                f"INSERT INTO release_bundles ({', '.join(names)}, messages, tag) VALUES"  # noqa: S608
                f" ({', '.join('?' * len(names))}, '[]', '')",
                *(row[name] for name in names),
            )
            return self.must(row["repo"], row["name"], row["version"])

    def must(self, repo: str, name: str, version: str) -> Row:
        """A bundle that is there."""
        found = self.bundle(repo, name, version)
        if found is None:
            raise LookupError(f"{repo}/{name}/{version}")
        return found

    def bundle(self, repo: str, name: str, version: str) -> Row | None:
        """One version."""
        return self._db.row(
            "SELECT * FROM release_bundles WHERE repo = ? AND name = ? AND version = ?", repo, name, version
        )

    def by_id(self, bundle: int) -> Row | None:
        """One version by its number."""
        return self._db.row("SELECT * FROM release_bundles WHERE id = ?", bundle)

    def versions(self, repo: str, name: str) -> list[Row]:
        """All versions of a bundle, the last one first."""
        return self._db.rows(
            "SELECT * FROM release_bundles WHERE repo = ? AND name = ? ORDER BY created DESC, id DESC", repo, name
        )

    def in_repo(self, repo: str) -> list[Row]:
        """All bundles of a repository; of all repositories when none is named."""
        return self._db.rows(
            "SELECT * FROM release_bundles WHERE ? = '' OR repo = ? ORDER BY created DESC, id DESC", repo, repo
        )

    def waiting(self, left: int) -> list[Row]:
        """Bundles that wait for work, and those whose work began before `left`."""
        return self._db.rows(f"SELECT * FROM release_bundles WHERE {_WAITING} ORDER BY id", left)  # noqa: S608

    def set_status(self, bundle: int, status: str, messages: Iterable[Mapping[str, Any]] = ()) -> None:
        """Moves a bundle on."""
        self._db.run(
            "UPDATE release_bundles SET status = ?, messages = ? WHERE id = ?",
            status,
            json.dumps(list(messages)),
            bundle,
        )

    def set_request(self, bundle: int, request: Mapping[str, Any], key_name: str) -> None:
        """Changes what a draft is made of."""
        self._db.run(
            "UPDATE release_bundles SET request = ?, key_name = ? WHERE id = ?", json.dumps(request), key_name, bundle
        )

    def set_tag(self, bundle: int, tag: str) -> None:
        """Labels a bundle."""
        self._db.run("UPDATE release_bundles SET tag = ? WHERE id = ?", tag, bundle)

    def delete(self, bundle: int) -> None:
        """Removes a bundle and all about it; what was promoted stays where it is."""
        with self._db.transaction():
            for table in ("release_bundle_files", "release_bundle_promotions", "release_bundle_exports"):
                self._db.run(f"DELETE FROM {table} WHERE bundle = ?", bundle)  # noqa: S608
            self._db.run("DELETE FROM release_bundles WHERE id = ?", bundle)

    def set_files(self, bundle: int, files: Iterable[Mapping[str, Any]]) -> None:
        """Replaces the files of a bundle."""
        names = _FILE.split(", ")[1:]
        with self._db.transaction():
            self._db.run("DELETE FROM release_bundle_files WHERE bundle = ?", bundle)
            self._db.run_many(
                f"INSERT INTO release_bundle_files ({_FILE}) VALUES ({', '.join('?' * (len(names) + 1))})",  # noqa: S608
                [(bundle, *(one[name] for name in names)) for one in files],
            )

    def files(self, bundle: int) -> list[Row]:
        """Files of a bundle."""
        return self._db.rows("SELECT * FROM release_bundle_files WHERE bundle = ? ORDER BY repo, path", bundle)

    def add_promotion(self, bundle: int, row: Mapping[str, Any]) -> Row:
        """Stores a promotion; its moment is its name, so it is moved on until it is free."""
        created = row["created"]
        with self._db.transaction():
            while self.promotion(bundle, created) is not None:
                created += 1
            self._db.run(
                "INSERT INTO release_bundle_promotions (bundle, created, environment, status, messages, request, created_by,"
                " files) VALUES (?, ?, ?, ?, '[]', ?, ?, '[]')",
                *(bundle, created, row["environment"], row["status"], row["request"], row["created_by"]),
            )
            found = self.promotion(bundle, created)
        if found is None:
            raise LookupError(f"promotion {created}")
        return found

    def promotion(self, bundle: int, created: int) -> Row | None:
        """One promotion."""
        return self._db.row("SELECT * FROM release_bundle_promotions WHERE bundle = ? AND created = ?", bundle, created)

    def promotions(self, repo: str, name: str, version: str = "") -> list[Row]:
        """Promotions of a version, or of all versions, with what names the bundle; the last one first."""
        return self._db.rows(
            "SELECT release_bundle_promotions.*, release_bundles.repo, release_bundles.name, release_bundles.version"
            " FROM release_bundle_promotions JOIN release_bundles ON release_bundles.id = release_bundle_promotions.bundle"
            " WHERE release_bundles.repo = ? AND release_bundles.name = ? AND (? = '' OR release_bundles.version = ?)"
            " ORDER BY release_bundle_promotions.created DESC",
            *(repo, name, version, version),
        )

    def promotions_waiting(self, left: int) -> list[Row]:
        """Promotions that wait for work, and those whose work began before `left`."""
        return self._db.rows(f"SELECT * FROM release_bundle_promotions WHERE {_WAITING} ORDER BY id", left)  # noqa: S608

    def end_promotion(
        self, promotion: int, status: str, messages: Iterable[Mapping[str, Any]], files: Iterable[Mapping[str, Any]]
    ) -> None:
        """Notes how a promotion went."""
        self._db.run(
            "UPDATE release_bundle_promotions SET status = ?, messages = ?, files = ? WHERE id = ?",
            *(status, json.dumps(list(messages)), json.dumps(list(files)), promotion),
        )

    def delete_promotion(self, promotion: int) -> None:
        """Forgets a promotion."""
        self._db.run("DELETE FROM release_bundle_promotions WHERE id = ?", promotion)

    def set_export(self, bundle: int, status: str, path: str) -> None:
        """Notes how an export stands."""
        self._db.run(
            "INSERT INTO release_bundle_exports (bundle, status, path) VALUES (?, ?, ?) ON CONFLICT (bundle)"
            " DO UPDATE SET status = excluded.status, path = excluded.path",
            *(bundle, status, path),
        )

    def export(self, bundle: int) -> Row | None:
        """How an export stands."""
        return self._db.row("SELECT * FROM release_bundle_exports WHERE bundle = ?", bundle)

    def exports_waiting(self) -> list[Row]:
        """Exports to make."""
        return self._db.rows("SELECT * FROM release_bundle_exports WHERE status = 'IN_PROGRESS' ORDER BY bundle")

    def add_distribution(self, row: Mapping[str, Any]) -> int:
        """Stores a distribution or a remote deletion; its number."""
        names = ("kind", "type", "repo", "name", "version", "status", "request", "sites", "created_by", "created")
        with self._db.transaction():
            self._db.run(
                f"INSERT INTO distributions ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",  # noqa: S608
                *(row[name] for name in names),
            )
            return int(self._db.value("SELECT MAX(id) FROM distributions"))

    def distributions(self, kind: str, name: str = "", version: str = "", number: int = 0) -> list[Row]:
        """Distributions, narrowed by what is given; the last one first."""
        return self._db.rows(
            "SELECT * FROM distributions WHERE kind = ? AND (? = '' OR name = ?) AND (? = '' OR version = ?)"
            " AND (? = 0 OR id = ?) ORDER BY id DESC",
            *(kind, name, name, version, version, number, number),
        )

    def distributions_waiting(self) -> list[Row]:
        """Distributions to do."""
        return self._db.rows("SELECT * FROM distributions WHERE status IN ('In queue', 'In progress') ORDER BY id")

    def start_distribution(self, number: int, now: int) -> None:
        """Notes that it began."""
        self._db.run("UPDATE distributions SET status = 'In progress', started = ? WHERE id = ?", now, number)

    def end_distribution(self, number: int, status: str, sites: Iterable[Mapping[str, Any]], now: int) -> None:
        """Notes how it went."""
        self._db.run(
            "UPDATE distributions SET status = ?, sites = ?, finished = ? WHERE id = ?",
            *(status, json.dumps(list(sites)), now, number),
        )
