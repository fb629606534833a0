"""The little of GraphQL that clients use: one query with arguments, aliases and variables over trees of data."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r'\s+|,|#[^\n]*|(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)'
    r"|(?P<name>[A-Za-z_]\w*)|(?P<mark>\.\.\.|[{}()\[\]:$!=@|])"
)
_DEPTH = 30
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None}


class Wrong(ValueError):
    """The query cannot be answered; the text says why."""


@dataclass(frozen=True, slots=True)
class Field:
    """One wanted field."""

    name: str
    label: str
    arguments: Mapping[str, Any]
    below: Sequence["Field"] = field(default_factory=tuple)


def run(text: str, variables: Mapping[str, Any], roots: Mapping[str, Any]) -> dict[str, Any]:
    """`{"data"}` or `{"errors"}`. A value of the tree that is callable gets the arguments of its field."""
    try:
        wanted = _Reader(text, variables).query()
        return {"data": _object(roots, wanted)}
    except Wrong as error:
        return {"errors": [{"message": str(error)}]}


def connection(nodes: Sequence[Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A page of nodes; cursors are places in the list."""
    first, after = arguments.get("first"), arguments.get("after")
    start = int(after) + 1 if isinstance(after, str) and after.isdecimal() else 0
    end = start + first if isinstance(first, int) and first >= 0 else len(nodes)
    page = list(enumerate(nodes))[start:end]
    return {
        "totalCount": len(nodes),
        "edges": [{"cursor": str(place), "node": node} for place, node in page],
        "pageInfo": {
            "hasNextPage": end < len(nodes),
            "hasPreviousPage": start > 0,
            "startCursor": str(page[0][0]) if page else None,
            "endCursor": str(page[-1][0]) if page else None,
        },
    }


def _object(tree: Mapping[str, Any], wanted: Sequence[Field]) -> dict[str, Any]:
    made = {}
    for one in wanted:
        if one.name not in tree:
            raise Wrong(f'Cannot query field "{one.name}".')
        value = tree[one.name]
        made[one.label] = _value(value(one.arguments) if callable(value) else value, one)
    return made


def _value(value: Any, one: Field) -> Any:
    if isinstance(value, Mapping) and one.below:
        return _object(value, one.below)
    if isinstance(value, list):
        return [_value(each, one) for each in value]
    return value


class _Reader:
    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        self._tokens = _tokens(text)
        self._place = 0
        self._variables = variables

    def query(self) -> list[Field]:
        """The fields of the first operation."""
        if self._peek() == "query":
            while self._peek() not in {"{", ""}:
                self._place += 1
        elif self._peek() != "{":
            raise Wrong(f"Syntax error: unexpected {self._peek() or 'end'}")
        return self._selection(0)

    def _peek(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def _next(self, expected: str = "") -> str:
        found = self._peek()
        if not found or (expected and found != expected):
            raise Wrong(f"Syntax error: expected {expected or 'more'}, found {found or 'end'}")
        self._place += 1
        return found

    def _selection(self, depth: int) -> list[Field]:
        if depth > _DEPTH:
            raise Wrong("The query is too deep")
        self._next("{")
        made = []
        while self._peek() != "}":
            label = name = self._next()
            if not re.match(r"[A-Za-z_]", name):
                raise Wrong(f"Syntax error: unexpected {name}")
            if self._peek() == ":":
                self._next()
                name = self._next()
            arguments = self._arguments(depth) if self._peek() == "(" else {}
            below = self._selection(depth + 1) if self._peek() == "{" else []
            made.append(Field(name, label, arguments, below))
        self._next("}")
        return made

    def _arguments(self, depth: int) -> dict[str, Any]:
        self._next("(")
        made = {}
        while self._peek() != ")":
            name = self._next()
            self._next(":")
            made[name] = self._literal(depth + 1)
        self._next(")")
        return made

    def _literal(self, depth: int) -> Any:
        if depth > _DEPTH:
            raise Wrong("The query is too deep")
        piece = self._next()
        if piece == "$":
            return self._variables.get(self._next())
        if piece == "[":
            items = []
            while self._peek() != "]":
                items.append(self._literal(depth + 1))
            self._next("]")
            return items
        if piece == "{":
            found = {}
            while self._peek() != "}":
                name = self._next()
                self._next(":")
                found[name] = self._literal(depth + 1)
            self._next("}")
            return found
        if piece in _WORDS:
            return _WORDS[piece]
        if piece[0] == '"' or piece[0] == "-" or piece[0].isdigit():
            return _json(piece)
        return piece


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise Wrong(f"Syntax error: unexpected {text[place]}")
        if match.lastgroup:
            found.append(match[0])
        place = match.end()
    return found


def _json(token: str) -> Any:
    try:
        return json.loads(token)
    except ValueError:
        raise Wrong(f"Syntax error: unexpected {token[:40]}") from None
