"""Rows of builds, derived from the JSON items of the build-info repositories: one run is one row of `builds`.

The items are the truth, so replication, federation, trash and deletion carry builds along; `index` and `forget` keep these
rows true. `FIELDS` and `select` are for queries over the build domains (6.3).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from artifactory_sandbox.platform.state import Database, Row

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS builds (id {serial}, repo TEXT NOT NULL, path TEXT NOT NULL, project TEXT NOT NULL,"
    " name TEXT NOT NULL, number TEXT NOT NULL, started TEXT NOT NULL, started_ms INTEGER NOT NULL, url TEXT,"
    " created INTEGER NOT NULL, created_by TEXT NOT NULL, modified INTEGER NOT NULL, modified_by TEXT NOT NULL,"
    " json TEXT NOT NULL, UNIQUE (repo, path))",
    "CREATE INDEX IF NOT EXISTS builds_name ON builds (repo, name, number)",
    "CREATE TABLE IF NOT EXISTS build_properties (build INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS build_properties_build ON build_properties (build)",
    "CREATE TABLE IF NOT EXISTS build_modules (id {serial}, build INTEGER NOT NULL, place INTEGER NOT NULL,"
    " name TEXT NOT NULL, type TEXT NOT NULL, UNIQUE (build, place))",
    "CREATE TABLE IF NOT EXISTS build_module_properties (module INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS build_module_properties_module ON build_module_properties (module)",
    "CREATE TABLE IF NOT EXISTS build_artifacts (module INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, sha1 TEXT,"
    " md5 TEXT, sha256 TEXT)",
    "CREATE INDEX IF NOT EXISTS build_artifacts_module ON build_artifacts (module)",
    "CREATE INDEX IF NOT EXISTS build_artifacts_sha1 ON build_artifacts (sha1)",
    "CREATE TABLE IF NOT EXISTS build_dependencies (module INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,"
    " scope TEXT NOT NULL, sha1 TEXT, md5 TEXT, sha256 TEXT)",
    "CREATE INDEX IF NOT EXISTS build_dependencies_module ON build_dependencies (module)",
    "CREATE INDEX IF NOT EXISTS build_dependencies_sha1 ON build_dependencies (sha1)",
    "CREATE TABLE IF NOT EXISTS build_promotions (build INTEGER NOT NULL, created INTEGER NOT NULL, created_by TEXT NOT NULL,"
    " status TEXT NOT NULL, repo TEXT NOT NULL, comment TEXT NOT NULL, user_name TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS build_promotions_build ON build_promotions (build)",
)

FIELDS: Mapping[str, Mapping[str, str]] = {
    "build": {
        "id": "builds.id",
        "url": "builds.url",
        "name": "builds.name",
        "number": "builds.number",
        "started": "builds.started_ms",
        "created": "builds.created",
        "created_by": "builds.created_by",
        "modified": "builds.modified",
        "modified_by": "builds.modified_by",
        "repo": "builds.repo",
    },
    "build.property": {"key": "build_properties.name", "value": "build_properties.value"},
    "build.promotion": {
        "created": "build_promotions.created",
        "created_by": "build_promotions.created_by",
        "status": "build_promotions.status",
        "repo": "build_promotions.repo",
        "comment": "build_promotions.comment",
        "user": "build_promotions.user_name",
    },
    "module": {"name": "build_modules.name"},
    "module.property": {"key": "build_module_properties.name", "value": "build_module_properties.value"},
    "artifact": {
        "name": "build_artifacts.name",
        "type": "build_artifacts.type",
        "sha1": "build_artifacts.sha1",
        "md5": "build_artifacts.md5",
        "sha256": "build_artifacts.sha256",
    },
    "dependency": {
        "name": "build_dependencies.name",
        "type": "build_dependencies.type",
        "scope": "build_dependencies.scope",
        "sha1": "build_dependencies.sha1",
        "md5": "build_dependencies.md5",
        "sha256": "build_dependencies.sha256",
    },
}
"""Columns of each domain by AQL field. Moments (`started`, `created`, `modified`) are milliseconds."""

JOINS: Mapping[str, str] = {
    "build": "",
    "build.property": "JOIN build_properties ON build_properties.build = builds.id",
    "build.promotion": "JOIN build_promotions ON build_promotions.build = builds.id",
    "module": "JOIN build_modules ON build_modules.build = builds.id",
    "module.property": "JOIN build_module_properties ON build_module_properties.module = build_modules.id",
    "artifact": "JOIN build_artifacts ON build_artifacts.module = build_modules.id",
    "dependency": "JOIN build_dependencies ON build_dependencies.module = build_modules.id",
}
"""How each domain hangs on `builds`; artifacts, dependencies and module properties need the join of `module` before.
An item belongs to an artifact or a dependency by its checksum: `items.sha1 = build_artifacts.sha1`."""

_COLUMNS = (
    "repo, path, project, name, number, started, started_ms, url, created, created_by, modified, modified_by, json"
)
_NEED_MODULE = frozenset({"module.property", "artifact", "dependency"})


def joined(domains: Iterable[str]) -> str:
    """`builds` with the joins that these domains need, as text after FROM."""
    wanted = list(dict.fromkeys(domains))
    if _NEED_MODULE & set(wanted) and "module" not in wanted:
        wanted.insert(0, "module")
    wanted.sort(key=lambda domain: domain in _NEED_MODULE)
    return " ".join(["builds", *(JOINS[domain] for domain in wanted if JOINS[domain])])


class BuildState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def select(
        self,
        domains: Iterable[str],
        columns: str,
        where: str = "1 = 1",
        values: Iterable[Any] = (),
        order: str = "",
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Row]:
        """Rows over `builds` and the named domains; `columns`, `where` and `order` are SQL made of `FIELDS` alone, and what
        `order` names must be among the columns."""
        text = f"SELECT DISTINCT {columns} FROM {joined(domains)} WHERE {where}"  # noqa: S608
        if order:
            text += f" ORDER BY {order}"
        if limit is not None:
            text += f" LIMIT {int(limit)}"
            if offset:
                text += f" OFFSET {int(offset)}"
            return self._db.rows(text, *values)
        return self._db.rows(text, *values)[offset:]

    def put(self, row: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Stores the row of one run and everything in it, over what is there."""
        with self._db.transaction():
            self.forget(row["repo"], row["path"])
            names = _COLUMNS.split(", ")
            marks = ", ".join("?" * len(names))
            self._db.run(
                f"INSERT INTO builds ({_COLUMNS}) VALUES ({marks})",  # noqa: S608
                *(row[name] for name in names),
            )
            build = self._db.value("SELECT id FROM builds WHERE repo = ? AND path = ?", row["repo"], row["path"])
            self._put_properties("build_properties", "build", build, info.get("properties"))
            self._put_promotions(build, _objects(info.get("statuses")))
            for place, module in enumerate(_objects(info.get("modules"))):
                self._put_module(build, place, module)

    def _put_promotions(self, build: int, statuses: list[Mapping[str, Any]]) -> None:
        self._db.run_many(
            "INSERT INTO build_promotions (build, created, created_by, status, repo, comment, user_name)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    build,
                    int(one.get("timestampDate") or 0),
                    _text(one.get("user")),
                    _text(one.get("status")),
                    _text(one.get("repository")),
                    _text(one.get("comment")),
                    _text(one.get("ciUser")),
                )
                for one in statuses
            ],
        )

    def _put_module(self, build: int, place: int, module: Mapping[str, Any]) -> None:
        self._db.run(
            "INSERT INTO build_modules (build, place, name, type) VALUES (?, ?, ?, ?)",
            *(build, place, _text(module.get("id")), _text(module.get("type"))),
        )
        key = self._db.value("SELECT id FROM build_modules WHERE build = ? AND place = ?", build, place)
        self._put_properties("build_module_properties", "module", key, module.get("properties"))
        self._db.run_many(
            "INSERT INTO build_artifacts (module, name, type, sha1, md5, sha256) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (key, _text(one.get("name")), _text(one.get("type")), *_digests(one))
                for one in _objects(module.get("artifacts"))
            ],
        )
        self._db.run_many(
            "INSERT INTO build_dependencies (module, name, type, scope, sha1, md5, sha256) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (key, _text(one.get("id")), _text(one.get("type")), _scopes(one), *_digests(one))
                for one in _objects(module.get("dependencies"))
            ],
        )

    def _put_properties(self, table: str, owner: str, key: int, properties: Any) -> None:
        found = properties if isinstance(properties, dict) else {}
        self._db.run_many(
            f"INSERT INTO {table} ({owner}, name, value) VALUES (?, ?, ?)",  # noqa: S608
            [(key, str(name), _text(value)) for name, value in found.items()],
        )

    def forget(self, repo: str, path: str = "") -> None:
        """Removes the rows of a run, of all runs below a folder, or of a whole repository."""
        below, values = _below(path)
        chosen = f"SELECT id FROM builds WHERE repo = ? AND {below}"  # noqa: S608
        modules = f"SELECT id FROM build_modules WHERE build IN ({chosen})"  # noqa: S608
        for table in ("build_artifacts", "build_dependencies", "build_module_properties"):
            self._db.run(f"DELETE FROM {table} WHERE module IN ({modules})", repo, *values)  # noqa: S608
        for table in ("build_modules", "build_properties", "build_promotions"):
            self._db.run(f"DELETE FROM {table} WHERE build IN ({chosen})", repo, *values)  # noqa: S608
        self._db.run(f"DELETE FROM builds WHERE repo = ? AND {below}", repo, *values)  # noqa: S608

    def latest(self, repo: str) -> list[Row]:
        """Names of a repository's builds with the moment of the last run."""
        return self._db.rows(
            "SELECT name, MAX(started_ms) AS started_ms FROM builds WHERE repo = ? GROUP BY name ORDER BY name", repo
        )

    def runs(self, repo: str, name: str) -> list[Row]:
        """Runs of a build, the last one first."""
        return self._db.rows(
            "SELECT * FROM builds WHERE repo = ? AND name = ? ORDER BY started_ms DESC, id DESC", repo, name
        )

    def run(self, repo: str, name: str, number: str, started: str = "") -> Row | None:
        """One run by its number, the last with that number unless a start is named."""
        if started:
            text = "SELECT * FROM builds WHERE repo = ? AND name = ? AND number = ? AND started = ? ORDER BY id DESC"
            return self._db.row(text, repo, name, number, started)
        return self._db.row(
            "SELECT * FROM builds WHERE repo = ? AND name = ? AND number = ? ORDER BY started_ms DESC, id DESC",
            *(repo, name, number),
        )

    def same_start(self, repo: str, name: str, number: str, started_ms: int) -> Row | None:
        """The run that began at one moment."""
        return self._db.row(
            "SELECT * FROM builds WHERE repo = ? AND name = ? AND number = ? AND started_ms = ?",
            *(repo, name, number, started_ms),
        )

    def items_of(self, name: str, number: str) -> list[Row]:
        """Files that bear the properties `build.name` and `build.number` of a run."""
        exists = "EXISTS (SELECT 1 FROM properties WHERE properties.item = items.id AND properties.name = ? AND properties.value = ?)"
        return self._db.rows(
            f"SELECT * FROM items WHERE folder = 0 AND {exists} AND {exists} ORDER BY repo, path",  # noqa: S608
            *("build.name", name, "build.number", number),
        )

    def items_with(self, sha1: str) -> list[Row]:
        """Files with a checksum."""
        return self._db.rows("SELECT * FROM items WHERE sha1 = ? AND folder = 0 ORDER BY repo, path", sha1)


def info_of(row: Row) -> dict[str, Any]:
    """The build-info of a run."""
    found: dict[str, Any] = json.loads(row["json"])
    return found


def _below(path: str) -> tuple[str, tuple[str, ...]]:
    if not path:
        return "1 = 1", ()
    return "(path = ? OR (path > ? AND path < ?))", (path, f"{path}/", f"{path}0")


def _objects(found: Any) -> list[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _digests(one: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    sha1, md5, sha256 = (str(one[name]).lower() if one.get(name) else None for name in ("sha1", "md5", "sha256"))
    return sha1, md5, sha256


def _scopes(one: Mapping[str, Any]) -> str:
    scopes = one.get("scopes")
    return ",".join(str(scope) for scope in scopes) if isinstance(scopes, list) else _text(scopes)
