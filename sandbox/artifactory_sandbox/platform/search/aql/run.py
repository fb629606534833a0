"""Answering a query: rows of its own domain, then what it includes of others, nested."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.trash import TRASH
from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.search.aql.conditions import Conditions, Named, Path, named
from artifactory_sandbox.platform.search.aql.domains import DOMAINS, PAIRS, ROOTS, Domain
from artifactory_sandbox.platform.search.aql.syntax import Query, parse
from artifactory_sandbox.platform.search.patterns import glob
from artifactory_sandbox.platform.security.behaviour import Check
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_CHUNK = 500
_ALL = 2**62
_NEEDED = {"repo", "path", "name"}
_RESTRICTED = "For permissions reasons AQL demands the following fields: repo, path and name."
_ADMIN = Caller("_system_", admin=True)


@dataclass(frozen=True, slots=True)
class Result:
    """Rows as the call shows them, and where they stand."""

    rows: list[dict[str, Any]]
    offset: int
    limit: int | None

    @property
    def range(self) -> dict[str, int]:
        """`total` is the number of rows that are shown (6.3)."""
        span = {"start_pos": self.offset, "end_pos": self.offset + len(self.rows), "total": len(self.rows)}
        return span if self.limit is None else {**span, "limit": self.limit}


@dataclass(slots=True)
class _Level:
    """What is shown of one relation: field names, keys of properties, and what hangs below."""

    domain: Domain
    fields: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    below: dict[str, "_Level"] = field(default_factory=dict)


def find(platform: "Platform", text: str) -> list[dict[str, Any]]:
    """Rows of a query that the server itself asks, such as a release bundle's."""
    return query(platform, text, _ADMIN).rows


def query(platform: "Platform", text: str, caller: Caller) -> Result:
    """Runs a query as a caller, who sees what he may read."""
    asked = parse(text)
    if asked.domain not in ROOTS:
        raise asked.error(asked.domain)
    return _Run(platform, asked, caller).result()


class _Run:
    def __init__(self, platform: "Platform", asked: Query, caller: Caller) -> None:
        self._platform = platform
        self._query = asked
        self._caller = caller
        self._root = DOMAINS[ROOTS[asked.domain]]
        self._db = platform.database
        self._conditions = Conditions(asked, self._root, platform.clock.now(), self._stores_of_virtual)
        self._where, self._values = self._conditions.where()
        self._add_defaults()
        self._top = self._included()

    def result(self) -> Result:
        asked = self._query
        self._check_caller()
        rows = self._rows()
        shown = [self._shown(row, self._top) for row in rows]
        self._add_related(rows, shown)
        return Result(shown, asked.offset, asked.limit)

    def _add_defaults(self) -> None:
        if self._root.name != "item":
            return
        if not self._conditions.speaks_of_type:
            self._where = f"({self._where}) AND t0.folder = 0"
        if TRASH not in self._query.text:
            self._where = f"({self._where}) AND t0.repo <> ?"
            self._values.append(TRASH)

    def _included(self) -> _Level:
        """What to show: the fields of `include`, or those that are shown anyway."""
        top = _Level(self._root)
        for text in self._query.include:
            self._include(top, named(self._query, self._root, text))
        if not top.fields:
            top.fields = [name for name, one in self._root.fields.items() if one.shown]
        return top

    def _include(self, top: _Level, found: Named) -> None:
        level = top
        for name in found.path:
            level = level.below.setdefault(name, _Level(DOMAINS[level.domain.links[name][0]]))
        if found.key is not None:
            target = DOMAINS[found.domain.links["property"][0]]
            level.below.setdefault("property", _Level(target, list(target.fields))).keys.append(found.key)
            return
        every = [name for name, one in level.domain.fields.items() if name not in {"virtual_repos", "id"} and one]
        shown = [name for name, one in level.domain.fields.items() if one.shown]
        wanted = every if found.field == "*" else [found.field] if found.field else shown
        level.fields += [name for name in wanted if name not in level.fields]

    def _check_caller(self) -> None:
        """Who is no administrator asks for items, and must be told where each of them is."""
        if self._caller.admin:
            return
        if self._root.name not in {"item", "build"}:
            raise Refused(403, "Only an administrator may query this domain.")
        if self._root.name == "item" and not set(self._top.fields) >= _NEEDED:
            raise Refused(403, _RESTRICTED)

    def _rows(self) -> list[Row]:
        """Rows of the root's domain, in order, those left out that the caller may not read."""
        if self._caller.admin:
            return self._select(self._query.offset, _ALL if self._query.limit is None else self._query.limit)
        may = self._platform.security.checker(self._caller)
        rows = [row for row in self._select(0, _ALL) if self._readable(row, may)]
        end = None if self._query.limit is None else self._query.offset + self._query.limit
        return rows[self._query.offset : end]

    def _readable(self, row: Row, may: Check) -> bool:
        path = row["path"] if self._root.name == "item" else f"{row['name']}/{row['number']}"
        return row["repo"] != TRASH and may("read", row["repo"], path)

    def _select(self, offset: int, limit: int) -> list[Row]:
        root = self._root
        order = [self._order(name, down) for name, down in self._query.sort]
        tables = self._conditions.tables()
        if root.key:
            inner = f"({self._where})"
            if len(self._conditions.joins) > 1:
                inner = f"t0.{root.key} IN (SELECT t0.{root.key} FROM {tables} WHERE {self._where})"  # noqa: S608
            order.append(f"t0.{root.key}")
            text = f"SELECT t0.*{self._computed()} FROM {root.table} t0 WHERE {inner} ORDER BY {', '.join(order)} LIMIT ? OFFSET ?"  # noqa: S608
            return self._db.rows(text, *self._values, limit, offset)
        columns = ", ".join(f"{one.sql.format(t='t0')} AS {name}" for name, one in root.fields.items())
        columns = columns or "t0.sha1 AS sha1"
        order = order or ["1"]
        text = (
            f"SELECT DISTINCT {columns} FROM {tables} WHERE {self._where} ORDER BY {', '.join(order)} LIMIT ? OFFSET ?"  # noqa: S608
        )
        return self._db.rows(text, *self._values, limit, offset)

    def _computed(self) -> str:
        """Fields of the root's domain that no column of its table holds."""
        fields = self._root.fields.items()
        return "".join(f", {one.sql.format(t='t0')} AS {name}" for name, one in fields if one.sql.startswith("("))

    def _order(self, name: str, down: bool) -> str:
        found = named(self._query, self._root, name)
        if not found.field or found.field == "*" or found.path not in {(), ("stat",)}:
            raise self._query.error(f'sort "{name}"')
        own = self._root.key or found.path
        text = found.domain.fields[found.field].sql.format(t="t0") if own else found.field
        return f"{text} {'DESC NULLS LAST' if down else 'ASC NULLS FIRST'}"

    def _shown(self, row: Row, level: _Level) -> dict[str, Any]:
        shown = {level.domain.prefix + name: self._value(row, level.domain, name) for name in level.fields}
        return {name: value for name, value in shown.items() if value is not None}

    def _value(self, row: Row, domain: Domain, name: str) -> Any:
        if domain.name == "item":
            return self._of_item(row, name)
        value = row["started_ms"] if (domain.name, name) == ("build", "started") else row[name]
        return iso(value) if domain.fields[name].kind == "date" and value is not None else value

    def _of_item(self, row: Row, name: str) -> Any:
        if name == "path":
            return row["parent"] or "."
        if name == "name":
            return row["name"] or "."
        if name == "type":
            return "folder" if row["folder"] else "file"
        if name == "virtual_repos":
            return self._virtuals_of(row["repo"])
        if name in {"original_md5", "original_sha1"}:
            kind = name.removeprefix("original_")
            return json.loads(row["original"]).get(kind) or row[kind]
        value = row[{"actual_md5": "md5", "actual_sha1": "sha1"}.get(name, name)]
        return iso(value) if DOMAINS["item"].fields[name].kind == "date" else value

    def _stores_of_virtual(self, repo: str) -> list[str] | None:
        """The stores behind a virtual repository; None for another one."""
        if self._platform.repositories.state.class_of(repo) != "virtual":
            return None
        members = self._platform.repositories.members_of(repo)
        return [store for member in members if (store := self._platform.artifacts.store_of(member))]

    def _virtuals_of(self, repo: str) -> list[str]:
        key = repo.removesuffix("-cache")
        return sorted(one["key"] for one in self._platform.repositories.state.virtuals() if key in one["repositories"])

    def _add_related(self, rows: list[Row], shown: list[dict[str, Any]]) -> None:
        for name, level in self._top.below.items():
            if level.domain.name in PAIRS and self._root.key:
                self._add_properties(rows, shown, level)
            elif self._root.key:
                self._add_nested(rows, shown, name, level)

    def _add_properties(self, rows: list[Row], shown: list[dict[str, Any]], level: _Level) -> None:
        owner = {"item.property": "item", "build.property": "build", "module.property": "module"}[level.domain.name]
        by_id = {row["id"]: one for row, one in zip(rows, shown, strict=True)}
        place = ", place" if owner == "item" else ""
        for chunk in _chunks(list(by_id)):
            marks = ", ".join("?" * len(chunk))
            text = (
                f"SELECT {owner} AS owner, name, value FROM {level.domain.table} WHERE {owner} IN ({marks})"  # noqa: S608
                f" ORDER BY {owner}, name{place}"
            )
            for pair in self._db.rows(text, *chunk):
                if self._shows(level, pair["name"], pair["value"]):
                    both = {"key": pair["name"], "value": pair["value"]}
                    entry = {name: both[name] for name in level.fields or both}
                    by_id[pair["owner"]].setdefault("properties", []).append(entry)

    def _shows(self, level: _Level, key: str, value: str) -> bool:
        if level.keys and not any(glob(wanted).match(key) for wanted in level.keys):
            return False
        for name, operator, wanted in self._conditions.shown:
            found = key if name == "key" else value
            met = bool(glob(str(wanted)).match(found)) if operator in {"$match", "$nmatch"} else found == str(wanted)
            if met == (operator in {"$ne", "$nmatch"}):
                return False
        return True

    def _add_nested(self, rows: list[Row], shown: list[dict[str, Any]], name: str, level: _Level) -> None:
        """One query for a whole branch; rows that agree in what a level shows are one there."""
        by_id = {row["id"]: one for row, one in zip(rows, shown, strict=True)}
        chain = list(_chains((name,), level))
        for path, levels in chain:
            paths = tuple(path[: end + 1] for end in range(len(path)))
            tables = self._conditions.tables(paths, inner=True)
            columns, labels = self._columns(path, levels)
            for chunk in _chunks(list(by_id)):
                marks = ", ".join("?" * len(chunk))
                text = (
                    f"SELECT DISTINCT t0.id AS root, {columns} FROM {tables} WHERE ({self._where})"  # noqa: S608
                    f" AND t0.id IN ({marks})"
                )
                for row in self._db.rows(text, *self._values, *chunk):
                    _grow(by_id[row["root"]], row, levels, labels)

    def _columns(self, path: Path, levels: list[_Level]) -> tuple[str, list[dict[str, str]]]:
        columns, labels = [], []
        for end, level in enumerate(levels):
            alias = self._conditions.alias(path[: end + 1])
            label = {}
            for number, name in enumerate(level.fields):
                columns.append(f"{level.domain.fields[name].sql.format(t=alias)} AS c{end}_{number}")
                label[name] = f"c{end}_{number}"
            labels.append(label)
        return ", ".join(columns) or "1 AS c_", labels


def _chains(path: Path, level: _Level) -> Iterable[tuple[Path, list[_Level]]]:
    """Each way from a level down to the last that is shown."""
    if not level.below:
        yield path, [level]
        return
    for name, below in level.below.items():
        for deeper, levels in _chains((*path, name), below):
            yield deeper, [level, *levels]


def _grow(into: dict[str, Any], row: Row, levels: list[_Level], labels: list[dict[str, str]]) -> None:
    """Hangs one row of a branch below a result, level by level."""
    for level, label in zip(levels, labels, strict=True):
        values = {name: row[column] for name, column in label.items()}
        entry = {
            level.domain.prefix + name: iso(value) if level.domain.fields[name].kind == "date" else value
            for name, value in values.items()
            if value is not None
        }
        listed: list[dict[str, Any]] = into.setdefault(level.domain.plural, [])
        known = next((one for one in listed if all(one.get(name) == value for name, value in entry.items())), None)
        if known is None:
            known = entry
            listed.append(entry)
        into = known


def _chunks(ids: list[int]) -> Iterable[list[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
