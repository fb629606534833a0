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


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a table makes of a value of the request; `default` is its row for every other one."""

    name: str
    table: Mapping[str, str]


Text = tuple[str | Variable | Mapped, ...]
"""Literals and values of the request, one after the other."""


@dataclass(slots=True)
class Route:
    """What becomes of a request: it goes to a port of the node, or is answered at once."""

    headers: dict[str, Text] = field(default_factory=dict)
    answer_headers: dict[str, Text] = field(default_factory=dict)
    port: int | None = None
    to: Text = ()
    """The path there; empty: the one that was asked for."""
    returns: tuple[int, Text] | None = None


@dataclass(frozen=True, slots=True)
class Tls:
    """The files of a certificate, as the configuration names them."""

    certificate: str
    key: str


class Served(Protocol):
    """What a web server does at one port: `server` is what it calls itself in answers."""

    server: str
    port: int
    tls: Tls | None

    def route(self, path: str, host: str) -> Route | None:
        """Where a request goes; None: nobody has it."""


def text_of(text: str, variable: re.Pattern[str], known: Mapping[str, str] | Collection[str], unknown: str) -> Text:
    """`text` with what `variable` matches (its first group is the name) made values of the request.

    `known` maps the server's names to ours, or holds names that are the same. Raises `Refused` with `unknown` and the name.
    """
    found: list[str | Variable | Mapped] = []
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
    return "".join(_filled(piece, values) for piece in text)


def _filled(piece: str | Variable | Mapped, values: Mapping[str, str]) -> str:
    if isinstance(piece, Mapped):
        return piece.table.get(values[piece.name], piece.table.get("default", ""))
    return values[piece.name] if isinstance(piece, Variable) else piece


def known(text: Text, values: Mapping[str, str]) -> Text:
    """`text` with the values that are known already; the others stay values of the request."""
    return tuple(
        values[piece.name] if isinstance(piece, Variable) and piece.name in values else piece for piece in text
    )


def own_port(where: str, own: str, server: str) -> int:
    """The port of `host:port`, which must be the node's own; `own` is `*` on a machine in front of nodes."""
    host, _, port = where.rpartition(":")
    if host not in OWN | {own} and own != "*":
        raise Refused(f"the simulated {server} reaches its own node only, not {where}")
    return int(port)
