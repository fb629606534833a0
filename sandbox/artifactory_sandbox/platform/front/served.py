"""What a web server's file comes to, whichever server it is written for: where each request goes, and with which headers."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

OWN = frozenset({"127.0.0.1", "localhost"})


class Refused(Exception):
    """The file has something that the web server, or the one that stands for it, does not know. `line` 0: not said where."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class Variable:
    """A value of the request, by nginx's name for it."""

    name: str


Text = tuple[str | Variable, ...]
"""Literals and values of the request, one after the other."""


@dataclass(slots=True)
class Route:
    """What becomes of a request: it goes to a port of the node, or is answered at once."""

    headers: dict[str, Text] = field(default_factory=dict)
    answer_headers: dict[str, Text] = field(default_factory=dict)
    port: int | None = None
    returns: tuple[int, Text] | None = None


class Served(Protocol):
    """A site of a web server: `server` is what it calls itself in answers, `port` where it listens."""

    server: str
    port: int

    def route(self, path: str) -> Route | None:
        """Where a request of a path goes; None: nobody has it."""


def text_of(text: str, variable: re.Pattern[str], known: Mapping[str, str] | Collection[str], unknown: str) -> Text:
    """`text` with what `variable` matches (its first group is the name) made values of the request.

    `known` maps the server's names to ours, or holds names that are the same. Raises `Refused` with `unknown` and the name.
    """
    found: list[str | Variable] = []
    for place, piece in enumerate(variable.split(text)):
        if place % 2 == 0:
            found += [piece] if piece else []
        elif piece in known:
            found.append(Variable(known[piece] if isinstance(known, Mapping) else piece))
        else:
            raise Refused(unknown.format(piece))
    return tuple(found)


def filled(text: Text, values: Mapping[str, str]) -> str:
    """The text of one request."""
    return "".join(values[piece.name] if isinstance(piece, Variable) else piece for piece in text)


def own_port(where: str, own: str, server: str) -> int:
    """The port of `host:port`, which must be the node's own."""
    host, _, port = where.rpartition(":")
    if host not in OWN | {own}:
        raise Refused(f"the simulated {server} reaches its own node only, not {where}")
    return int(port)
