"""AQL criteria as SQL conditions over items and properties."""

from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.clock import parse_iso
from artifactory_sandbox.platform.search.aql import Query
from artifactory_sandbox.platform.state import Database, Row
from artifactory_sandbox.platform.web import Refused

COLUMNS: Mapping[str, str] = {
    "repo": "items.repo",
    "path": "CASE WHEN items.parent = '' THEN '.' ELSE items.parent END",
    "name": "CASE WHEN items.path = '' THEN '.' ELSE items.name END",
    "type": "CASE WHEN items.folder = 1 THEN 'folder' ELSE 'file' END",
    "size": "items.size",
    "depth": "items.depth",
    "created": "items.created",
    "created_by": "items.created_by",
    "modified": "items.modified",
    "modified_by": "items.modified_by",
    "updated": "items.updated",
    "actual_md5": "items.md5",
    "actual_sha1": "items.sha1",
    "sha256": "items.sha256",
    "id": "items.id",
    "stat.downloads": "items.downloads",
    "stat.downloaded": "items.downloaded",
}
DATES = frozenset({"created", "modified", "updated", "stat.downloaded"})
_COMPARE = {"$eq": "=", "$ne": "<>", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_UNITS_MS = {"s": 1000, "seconds": 1000, "minutes": 60_000, "d": 86_400_000, "days": 86_400_000, "w": 604_800_000}
_UNITS_MS |= {"weeks": 604_800_000, "mo": 2_592_000_000, "months": 2_592_000_000, "y": 31_536_000_000}
_UNITS_MS |= {"years": 31_536_000_000}


class SearchState:
    """All SQL of the service."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def find(self, query: Query, now: int) -> list[Row]:
        """Items that meet a query; files unless the criteria speak of the type."""
        conditions = _Conditions(now)
        where = conditions.all(query.criteria)
        if not conditions.speaks_of_type:
            where = f"({where}) AND items.folder = 0"
        order = [f"{column(name)} {'DESC' if down else 'ASC'}" for name, down in query.sort]
        limit = -1 if query.limit is None else query.limit
        return self._db.rows(
            f"SELECT items.* FROM items WHERE {where} ORDER BY {', '.join([*order, 'items.id'])} LIMIT ? OFFSET ?",  # noqa: S608
            *conditions.values,
            limit,
            query.offset,
        )

    def properties(self, items: list[int]) -> dict[int, list[dict[str, str]]]:
        """Properties of items, as AQL shows them."""
        found: dict[int, list[dict[str, str]]] = {}
        for start in range(0, len(items), 500):
            chunk = items[start : start + 500]
            marks = ", ".join("?" * len(chunk))
            for row in self._db.rows(
                f"SELECT item, name, value FROM properties WHERE item IN ({marks}) ORDER BY item, name, place",  # noqa: S608
                *chunk,
            ):
                found.setdefault(row["item"], []).append({"key": row["name"], "value": row["value"]})
        return found


def column(name: str) -> str:
    """The column of a field; a 400 for one that is not known."""
    known = COLUMNS.get(name.removeprefix("item."))
    if known is None:
        raise Refused(400, f"Failed to parse query: unknown field '{name}'")
    return known


class _Conditions:
    """Collects the values of `?` marks in the order in which the text is written."""

    def __init__(self, now: int) -> None:
        self.values: list[Any] = []
        self.speaks_of_type = False
        self._now = now

    def all(self, criteria: list[dict[str, Any]], word: str = " AND ") -> str:
        parts = [self._one(name, value) for one in criteria for name, value in one.items()]
        return word.join(f"({part})" for part in parts) or "1 = 1"

    def _one(self, name: str, value: Any) -> str:
        if name in {"$and", "$or", "$msp"}:
            if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
                raise Refused(400, f"Failed to parse query: {name} needs an array of criteria")
            parts = [self.all([one]) for one in value]
            return (" OR " if name == "$or" else " AND ").join(f"({part})" for part in parts) or "1 = 1"
        if not isinstance(value, dict):
            value = {"$eq": value}
        return (
            " AND ".join(f"({self._compare(name, operator, wanted)})" for operator, wanted in value.items()) or "1 = 1"
        )

    def _compare(self, name: str, operator: str, wanted: Any) -> str:
        if name.startswith("@"):
            return self._property(name[1:], operator, wanted)
        if name in {"property.key", "property.value"}:
            kind = name.removeprefix("property.").replace("key", "name")
            inner = self._operator(f"properties.{kind}", operator, wanted)
            return f"EXISTS (SELECT 1 FROM properties WHERE properties.item = items.id AND {inner})"  # noqa: S608
        field = name.removeprefix("item.")
        if field == "type":
            self.speaks_of_type = True
            if wanted == "any":
                return "1 = 1"
        return self._operator(column(field), operator, self._moment(operator, wanted) if field in DATES else wanted)

    def _property(self, name: str, operator: str, wanted: Any) -> str:
        exists = "EXISTS (SELECT 1 FROM properties WHERE properties.item = items.id AND"
        if "*" in name or "?" in name:
            inner = self._operator("properties.name", "$match", name)
        else:
            inner = self._operator("properties.name", "$eq", name)
        if wanted == "*" and operator in {"$match", "$eq"}:
            return f"{exists} {inner})"
        negative = {"$ne": "$eq", "$nmatch": "$match"}.get(operator)
        text = f"{exists} {inner} AND {self._operator('properties.value', negative or operator, wanted)})"
        return f"NOT {text}" if negative else text

    def _operator(self, left: str, operator: str, wanted: Any) -> str:
        if wanted is None:
            return f"{left} IS NULL" if operator == "$eq" else f"{left} IS NOT NULL"
        if operator in {"$match", "$nmatch"}:
            self.values.append(like(str(wanted)))
            return f"{left} {'NOT ' if operator == '$nmatch' else ''}LIKE ? ESCAPE '\\'"
        if operator in {"$before", "$last"}:
            self.values.append(wanted)
            return f"{left} {'<' if operator == '$before' else '>'} ?"
        if operator not in _COMPARE or isinstance(wanted, (dict, list)):
            raise Refused(400, f"Failed to parse query: it looks like there is syntax error near {operator}")
        self.values.append(
            int(wanted) if left.endswith(("size", "depth", "downloads")) and str(wanted).isdigit() else wanted
        )
        return f"{left} {_COMPARE[operator]} ?"

    def _moment(self, operator: str, wanted: Any) -> int:
        text = str(wanted)
        if operator in {"$before", "$last"}:
            number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
            unit = text[len(number) :]
            if number.isdigit() and unit in _UNITS_MS:
                return self._now - int(number) * _UNITS_MS[unit]
        found = parse_iso(text)
        if found is None:
            raise Refused(400, f"Failed to parse query: '{text}' is not a date")
        return found


def like(pattern: str) -> str:
    """A pattern with `*` and `?` for LIKE, with `\\` as escape."""
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%").replace("?", "_")
