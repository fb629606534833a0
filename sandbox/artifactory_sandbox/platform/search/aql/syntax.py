"""Reading a query: `items.find({…}).include(…).sort(…).offset(…).limit(…)`."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from artifactory_sandbox.platform.web import Refused

_HEAD = re.compile(r"\s*([a-z_]+(?:\s*\.\s*[a-z_]+)*?)\s*\.\s*find\s*\(", re.IGNORECASE)
_STEP = re.compile(r"\s*\.\s*([a-zA-Z]+)\s*\(")
_SHOWN = 500


class Object(list[tuple[str, Any]]):
    """An object of the query; unlike in JSON a name may stand in it twice."""


_DECODER = json.JSONDecoder(strict=False, object_pairs_hook=Object)


@dataclass(slots=True)
class Query:
    """What was asked."""

    text: str
    domain: str
    criteria: list[Object] = field(default_factory=list)
    include: list[str] = field(default_factory=list)
    sort: list[tuple[str, bool]] = field(default_factory=list)
    """Fields and whether they descend."""
    offset: int = 0
    limit: int | None = None

    def error(self, near: str) -> Refused:
        """The 400 for a part that cannot be understood."""
        return error(self.text, near)


def parse(text: str) -> Query:
    """Reads a query; a 400 with Artifactory's words where it cannot."""
    head = _HEAD.match(text)
    if head is None:
        raise error(text, text)
    query = Query(text, re.sub(r"\s", "", head[1]).lower())
    criteria, position = _arguments(text, head.end())
    for one in criteria:
        if not isinstance(one, Object):
            raise error(text, text[head.end() :])
        query.criteria.append(one)
    while text[position:].strip():
        step = _STEP.match(text, position)
        if step is None:
            raise error(text, text[position:])
        values, position = _arguments(text, step.end())
        _apply(query, step[1].lower(), values)
    return query


def _apply(query: Query, name: str, values: list[Any]) -> None:
    if name == "include" and values and all(isinstance(value, str) for value in values):
        query.include += values
    elif name == "sort" and len(values) == 1 and isinstance(values[0], Object):
        for order, fields in values[0]:
            if (
                order not in {"$asc", "$desc"}
                or not isinstance(fields, list)
                or not all(isinstance(f, str) for f in fields)
            ):
                raise query.error(order)
            query.sort += [(one, order == "$desc") for one in fields]
    elif name in {"offset", "limit"} and len(values) == 1 and _is_count(values[0]):
        setattr(query, name, int(values[0]))
    elif name not in {"distinct", "transitive"} or len(values) > 1:
        raise query.error(name)


def _is_count(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31) or (
        isinstance(value, str) and value.isdecimal() and len(value) < 10
    )


def _arguments(text: str, position: int) -> tuple[list[Any], int]:
    """Comma-separated values up to the closing bracket, and the place after it."""
    values: list[Any] = []
    while True:
        position = _skip(text, position)
        if text[position : position + 1] == ")":
            return values, position + 1
        if values:
            if text[position : position + 1] != ",":
                raise error(text, text[position:])
            position = _skip(text, position + 1)
        try:
            value, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            raise error(text, text[position:]) from None
        values.append(value)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def error(text: str, near: str) -> Refused:
    """The 400 for a query that cannot be read."""
    said = f"Failed to parse query: {text.strip()[:_SHOWN]}, it looks like there is syntax error near the following sub-query: "
    return Refused(400, said + near.strip()[:_SHOWN])
