"""The kinds of parts that the descriptor is made of; `descriptor_table` says which stand where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "flag", "number", "cron", "url"]


@dataclass(frozen=True, slots=True)
class Value:
    """One element with a text. Without a default it is absent until it is set."""

    kind: Kind = "text"
    default: Any = None
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 2**63 - 1
    secret: bool = False
    """Kept encrypted while the key encryption is on (1.9)."""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """An element with named parts, once. An optional one is absent until it is set, and gone after a null."""

    fields: Mapping[str, "Part"]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Keyed:
    """A map by key in YAML, a list of `entry` elements that carry the key as an element in XML (12.6)."""

    entry: str
    key: str
    fields: Mapping[str, "Part"]
    start: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Entries of a fresh server."""
    whole: bool = False
    """A patch names all entries: what it does not name is gone."""
    xml_id: bool = False
    """The key starts with a letter and has no space."""


@dataclass(frozen=True, slots=True)
class Names:
    """A list of texts, each an `entry` element."""

    entry: str


Part = Value | Group | Keyed | Names


def flag(default: bool = False) -> Value:
    """A boolean."""
    return Value("flag", default)


def number(default: int | None = None, least: int = 0, most: int = 2**63 - 1) -> Value:
    """A whole number."""
    return Value("number", default, least=least, most=most)


def cron(default: str | None = None) -> Value:
    """A Quartz expression (9)."""
    return Value("cron", default, required=True)


def choice(*words: str) -> Value:
    """One of a few words, the first by default."""
    return Value(default=words[0], choices=words)


TEXT = Value()
NEEDED = Value(required=True)
SECRET = Value(secret=True)
URL = Value("url")
