"""Reading AQL: `items.find({...}).include(...).sort(...).offset(n).limit(n)` (6.3)."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from artifactory_sandbox.platform.web import Refused

_NAME = re.compile(r"\s*\.?\s*([a-zA-Z]+)\s*\(")
_DECODER = json.JSONDecoder()


@dataclass(slots=True)
class Query:
    """A read query; `criteria` is the argument of find."""

    domain: str
    criteria: list[dict[str, Any]] = field(default_factory=list)
    include: list[str] = field(default_factory=list)
    sort: list[tuple[str, bool]] = field(default_factory=list)
    """Fields and whether they descend."""
    offset: int = 0
    limit: int | None = None


def parse(text: str) -> Query:
    """Reads a query; a 400 with Artifactory's words where it cannot."""
    head = re.match(r"\s*([a-z]+)\s*\.\s*find\s*\(", text)
    if head is None:
        raise _error(text, text)
    query = Query(head[1])
    position = head.end()
    query.criteria, position = _arguments(text, position)
    if not all(isinstance(one, dict) for one in query.criteria):
        raise _error(text, text[head.end() :])
    while text[position:].strip():
        found = _NAME.match(text, position)
        if found is None:
            raise _error(text, text[position:])
        values, position = _arguments(text, found.end())
        _apply(query, found[1], values, text)
    return query


def _apply(query: Query, name: str, values: list[Any], text: str) -> None:
    if name == "include" and all(isinstance(value, str) for value in values):
        query.include += values
    elif name == "sort" and values and isinstance(values[0], dict):
        for order, fields in values[0].items():
            if order not in {"$asc", "$desc"} or not isinstance(fields, list):
                raise _error(text, order)
            query.sort += [(str(one), order == "$desc") for one in fields]
    elif name in {"offset", "limit"} and len(values) == 1 and isinstance(values[0], int):
        setattr(query, name, values[0])
    elif name not in {"distinct", "transitive"}:
        raise _error(text, name)


def _arguments(text: str, position: int) -> tuple[list[Any], int]:
    """Comma-separated JSON values up to the closing bracket, and the place after it."""
    values: list[Any] = []
    while True:
        position = _skip(text, position)
        if text[position : position + 1] == ")":
            return values, position + 1
        if values:
            if text[position : position + 1] != ",":
                raise _error(text, text[position:])
            position = _skip(text, position + 1)
        try:
            value, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            raise _error(text, text[position:]) from None
        values.append(value)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _error(text: str, near: str) -> Refused:
    said = f"Failed to parse query: {text.strip()[:500]}, it looks like there is syntax error near the following sub-query: "
    return Refused(400, said + near.strip()[:200])
