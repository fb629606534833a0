"""Criteria as SQL: bound values, one join for each relation that is spoken of, `EXISTS` for properties."""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from artifactory_sandbox.platform.clock import parse_iso
from artifactory_sandbox.platform.search.aql.domains import DOMAINS, PAIRS, Domain, Field
from artifactory_sandbox.platform.search.aql.syntax import Object, Query
from artifactory_sandbox.platform.search.patterns import like

_COMPARE = {"$eq": "=", "$ne": "<>", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_NEGATIVE = {"$ne": "$eq", "$nmatch": "$match"}
_DAY = 86_400_000
_UNITS = {
    **dict.fromkeys(("ms", "mills", "millis", "milliseconds"), 1),
    **dict.fromkeys(("s", "second", "seconds"), 1000),
    **dict.fromkeys(("m", "minute", "minutes"), 60_000),
    **dict.fromkeys(("h", "hour", "hours"), 3_600_000),
    **dict.fromkeys(("d", "day", "days"), _DAY),
    **dict.fromkeys(("w", "week", "weeks"), 7 * _DAY),
    **dict.fromkeys(("mo", "month", "months"), 30 * _DAY),
    **dict.fromkeys(("y", "year", "years"), 365 * _DAY),
}
_SPAN = re.compile(r"(\d{1,9})\s*([a-z]+)\Z")
_MATCH_ALL = "1 = 1"
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A name of the query: the relations that lead there, the domain, and the field, or the key after `@`."""

    path: Path
    domain: Domain
    field: str = ""
    key: str | None = None


def named(query: Query, root: Domain, text: str, near: Any = "") -> Named:
    """Where a dotted name leads; a 400 for one that leads nowhere."""
    head, at, key = text.partition("@")
    parts = [part for part in head.split(".") if part]
    if parts and parts[0] == root.name and parts[0] not in root.links and (len(parts) > 1 or at):
        parts = parts[1:]
    domain, path = root, []
    while parts and parts[0] in domain.links:
        path.append(parts[0])
        domain = DOMAINS[domain.links[parts.pop(0)][0]]
    if at and not parts and key and "property" in domain.links:
        return Named(tuple(path), domain, key=key)
    if at or len(parts) > 1 or (parts and parts[0] != "*" and parts[0] not in domain.fields):
        raise query.error(f'"{text}"{": " + str(near) if near != "" else ""}')
    return Named(tuple(path), domain, parts[0] if parts else "")


class Conditions:
    """Collects SQL and its values in the order in which the text is written."""

    def __init__(self, query: Query, root: Domain, now: int, stores: Callable[[str], list[str] | None]) -> None:
        self.joins: dict[Path, str] = {(): "t0"}
        self.speaks_of_type = False
        self.shown: list[tuple[str, str, Any]] = []
        """Of `$rf`: which properties are shown, as `key` or `value`, comparator and value."""
        self._query = query
        self._root = root
        self._now = now
        self._stores = stores
        self._aliases = itertools.count(1)

    def where(self) -> tuple[str, list[Any]]:
        """All criteria as one condition, and its values."""
        values: list[Any] = []
        parts = [self._object(one, values, None) for one in self._query.criteria]
        return " AND ".join(f"({part})" for part in parts) or _MATCH_ALL, values

    def tables(self, paths: tuple[Path, ...] = (), inner: bool = False) -> str:
        """The root's table, joined with what criteria or `paths` speak of."""
        for path in paths:
            self.alias(path)
        out = f"{self._root.table} t0"
        for path, alias in self.joins.items():
            if not path:
                continue
            domain, condition = self._link(path)
            joined = condition.format(a=self.joins[path[:-1]], b=alias)
            out += f" {'JOIN' if inner and path in paths else 'LEFT JOIN'} {domain.table} {alias} ON {joined}"
        return out

    def alias(self, path: Path) -> str:
        """The alias of a relation's table; the same for all who speak of it."""
        for end in range(1, len(path) + 1):
            if path[:end] not in self.joins:
                self.joins[path[:end]] = f"t{next(self._aliases)}"
        return self.joins[path]

    def _link(self, path: Path) -> tuple[Domain, str]:
        domain, condition = self._root, ""
        for name in path:
            target, condition = domain.links[name]
            domain = DOMAINS[target]
        return domain, condition

    def _object(self, criteria: Object, values: list[Any], tied: str | None) -> str:
        return " AND ".join(f"({self._one(name, value, values, tied)})" for name, value in criteria) or _MATCH_ALL

    def _one(self, name: str, value: Any, values: list[Any], tied: str | None) -> str:
        if name in {"$and", "$or"}:
            parts = [self._one(*pair, values, tied) for one in self._objects(name, value) for pair in one]
            return (" OR " if name == "$or" else " AND ").join(f"({part})" for part in parts) or _MATCH_ALL
        if name == "$msp":
            return self._tied(self._objects(name, value), values)
        if name == "$rf":
            return self._filtered(self._objects(name, value))
        if name.startswith("$"):
            raise self._query.error(name)
        wanted = value if isinstance(value, Object) else Object([("$eq", value)])
        if not wanted:
            raise self._query.error(f'"{name}": {{}}')
        found = named(self._query, self._root, name, value)
        parts = [self._compare(found, operator, one, values, tied) for operator, one in wanted]
        return " AND ".join(f"({part})" for part in parts)

    def _objects(self, name: str, value: Any) -> list[Object]:
        if isinstance(value, Object):
            return [Object([pair]) for pair in value]
        if not isinstance(value, list) or not all(isinstance(one, Object) for one in value):
            raise self._query.error(name)
        return list(value)

    def _tied(self, criteria: list[Object], values: list[Any]) -> str:
        """One property that meets all; criteria on anything else are plain ones, and so are those of the root, which
        are met by one row anyway."""
        owner: Named | None = None
        for one in criteria:
            for name, _ in one:
                if not name.startswith("$"):
                    found = named(self._query, self._root, name)
                    owner = owner or (found if found.key or found.domain.name in PAIRS else None)
        if owner is None or not (owner.path or owner.key):
            return " AND ".join(f"({self._object(one, values, None)})" for one in criteria) or _MATCH_ALL
        path = owner.path if owner.key else owner.path[:-1]
        alias = f"p{next(self._aliases)}"
        inner = " AND ".join(f"({self._object(one, values, alias)})" for one in criteria)
        return f"EXISTS ({self._owned(path, alias)} AND {inner})"

    def _owned(self, path: Path, alias: str) -> str:
        """The start of a subquery over the properties of what a path leads to."""
        owner = self._root if not path else self._link(path)[0]
        target, condition = owner.links["property"]
        joined = condition.format(a=self.alias(path), b=alias)
        return f"SELECT 1 FROM {DOMAINS[target].table} {alias} WHERE {joined}"  # noqa: S608

    def _filtered(self, criteria: list[Object]) -> str:
        for one in criteria:
            for name, value in one:
                found = named(self._query, self._root, name, value)
                if found.key is None and found.domain.name not in PAIRS:
                    raise self._query.error(f'"{name}"')
                if found.key is not None:
                    self.shown.append(("key", "$eq", found.key))
                for operator, wanted in value if isinstance(value, Object) else [("$eq", value)]:
                    self.shown.append((found.field or "value", operator, wanted))
        return _MATCH_ALL

    def _compare(self, found: Named, operator: str, wanted: Any, values: list[Any], tied: str | None) -> str:
        if found.key is not None:
            return self._property(found, operator, wanted, values, tied)
        if not found.field:
            raise self._query.error(f'"{".".join(found.path) or self._root.name}"')
        field = found.domain.fields[found.field]
        if found.domain.name in PAIRS and found.path:
            if tied:
                return self._operator(field.sql.format(t=tied), field, operator, wanted, values)
            alias = f"p{next(self._aliases)}"
            own: list[Any] = []
            inner = self._operator(field.sql.format(t=alias), field, operator, wanted, own)
            text = f"EXISTS ({self._owned(found.path[:-1], alias)} AND {inner})"
            values += own
            return text
        if found.domain.name == "item":
            return self._of_item(found, field, operator, wanted, values)
        if found.field == "downloads" and wanted is None:
            return f"{self.alias(found.path)}.downloads {'=' if operator == '$eq' else '>'} 0"
        return self._operator(field.sql.format(t=self.alias(found.path)), field, operator, wanted, values)

    def _of_item(self, found: Named, field: Field, operator: str, wanted: Any, values: list[Any]) -> str:
        alias, name = self.alias(found.path), found.field
        if name == "type":
            self.speaks_of_type = self.speaks_of_type or not found.path
            if wanted == "any":
                return _MATCH_ALL
        if (
            name in {"repo", "virtual_repos"}
            and operator in {"$eq", "$ne"}
            and (stores := self._stores(str(wanted))) is not None
        ):
            values += stores
            marks = ", ".join("?" * len(stores)) or "NULL"
            return f"{alias}.repo {'NOT ' if operator == '$ne' else ''}IN ({marks})"
        if name in {"path", "name"} and operator == "$eq" and isinstance(wanted, str):
            values.append("" if wanted == "." else wanted)
            return f"{alias}.{'parent' if name == 'path' else 'name'} = ?"
        return self._operator(field.sql.format(t=alias), field, operator, wanted, values)

    def _property(self, found: Named, operator: str, wanted: Any, values: list[Any], tied: str | None) -> str:
        text = Field("")
        key = str(found.key)
        name_operator = "$match" if "*" in key or "?" in key else "$eq"
        alias = tied or f"p{next(self._aliases)}"
        own: list[Any] = []
        inner = self._operator(f"{alias}.name", text, name_operator, key, own)
        negative = None if tied else _NEGATIVE.get(operator)
        anything = wanted == "*" and (negative or operator) in {"$match", "$eq"}
        if wanted is None:
            negative, anything = ("$eq" if operator == "$eq" else None), True
        if not anything:
            inner += f" AND {self._operator(f'{alias}.value', text, negative or operator, wanted, own)}"
        values += own
        if tied:
            return inner
        return f"{'NOT ' if negative else ''}EXISTS ({self._owned(found.path, alias)} AND {inner})"

    def _operator(self, left: str, field: Field, operator: str, wanted: Any, values: list[Any]) -> str:
        if isinstance(wanted, (list, bool)):
            raise self._query.error(f"{operator}: {wanted}")
        if wanted is None:
            if operator not in {"$eq", "$ne"}:
                raise self._query.error(f"{operator}: null")
            return f"{left} IS {'' if operator == '$eq' else 'NOT '}NULL"
        if field.kind == "date":
            return self._moment(left, operator, wanted, values)
        if operator in {"$match", "$nmatch"}:
            if field.kind == "number":
                raise self._query.error(f"{operator}: {wanted}")
            values.append(like(str(wanted)))
            return f"{left} {'NOT ' if operator == '$nmatch' else ''}LIKE ? ESCAPE '\\'"
        if operator not in _COMPARE:
            raise self._query.error(f"{operator}: {wanted}")
        values.append(self._number(operator, wanted) if field.kind == "number" else str(wanted))
        return f"{left} {_COMPARE[operator]} ?"

    def _number(self, operator: str, wanted: Any) -> int:
        try:
            number = int(wanted)
        except (ValueError, OverflowError):
            raise self._query.error(f"{operator}: {wanted}") from None
        if abs(number) >= 2**63:
            raise self._query.error(f"{operator}: {wanted}")
        return number

    def _moment(self, left: str, operator: str, wanted: Any, values: list[Any]) -> str:
        text = str(wanted).strip()
        span = _SPAN.match(text) if operator in {"$before", "$last"} else None
        if span is not None and span[2] in _UNITS:
            at: int | None = self._now - int(span[1]) * _UNITS[span[2]]
        else:
            at = int(text) if text.isdecimal() and len(text) < 16 else parse_iso(text)
        compared = {"$before": "<", "$last": ">", **_COMPARE}.get(operator)
        if at is None or compared is None:
            raise self._query.error(f"{operator}: {wanted}")
        values.append(at)
        return f"{left} {compared} ?"
