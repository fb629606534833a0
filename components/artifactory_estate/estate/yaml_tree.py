"""YAML text as a tree in which every key and every value knows its line and column.

Only what a document needs: mappings, lists, texts, numbers, true, false and null (YAML 1.2's idea of them), anchors,
aliases and merge keys. Tags are refused, and so are duplicate keys and what two readers read differently.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import yaml
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from artifactory_estate.base import DocumentPath, Refusal

DEPTH_MAX = 40
"""Levels of nesting, aliases followed. A document needs about ten."""
WEIGHT_MAX = 500_000
"""Nodes, aliases counted each time they stand for something: 8,000 repositories are about 60,000."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,29})")
_FLOAT = re.compile(r"([-+]?[0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Mark(NamedTuple):
    """A place in the file; the first line and the first column are 1."""

    line: int
    column: int


@dataclass(slots=True, eq=False)
class Scalar:
    """A text, number, truth value or null."""

    mark: Mark
    value: str | int | float | bool | None
    weight: int = 1
    depth: int = 1


@dataclass(slots=True, eq=False)
class Sequence:
    """A list."""

    mark: Mark
    items: list["Node"]
    weight: int = 1
    depth: int = 1


class Entry(NamedTuple):
    """A key's place and its value."""

    key_mark: Mark
    value: "Node"


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys in the order of the file."""

    mark: Mark
    entries: dict[str, Entry]
    weight: int = 1
    depth: int = 1


Node = Scalar | Sequence | Mapping
Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]


class Fault(NamedTuple):
    """A refusal and where in the file it belongs."""

    mark: Mark
    refusal: Refusal


class NotReadable(Exception):
    """The text is no YAML, or more of it than we read: nothing can be said about the rest."""

    def __init__(self, mark: Mark, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.fault = Fault(mark, refusal)


def read(text: str) -> tuple[Node, list[Fault]]:
    """The tree of `text` and what is wrong with it as YAML. Raises `NotReadable`."""
    reader = _Reader(text)
    return reader.document(), reader.faults


def mapping(mark: Mark, entries: dict[str, Entry]) -> Mapping:
    """A mapping with its weight and depth."""
    values = [entry.value for entry in entries.values()]
    return Mapping(mark, entries, 1 + sum(v.weight for v in values), 1 + max((v.depth for v in values), default=0))


def plain(node: Node) -> Plain:
    """The tree without places, aliases written out."""
    if isinstance(node, Mapping):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value


def nodes_of(node: Node, path: DocumentPath = ()) -> Iterator[tuple[DocumentPath, Node]]:
    """Every node below and including `node`, with its path."""
    yield path, node
    if isinstance(node, Mapping):
        for key, entry in node.entries.items():
            yield from nodes_of(entry.value, (*path, key))
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from nodes_of(item, (*path, index))


class _Reader:
    """Recursive descent over libyaml's events; the depth is bounded before the recursion is."""

    def __init__(self, text: str) -> None:
        self.faults: list[Fault] = []
        self._text = text
        self._parser = self._started(text)
        self._anchors: dict[str, Node] = {}
        self._path: list[str | int] = []
        self._count = 0

    def document(self) -> Node:
        self._next()  # the stream's start
        start = self._next()
        if not isinstance(start, DocumentStartEvent):
            raise NotReadable(Mark(1, 1), Refusal((), "the file is empty", "an estate document is wanted"))
        node = self._node(self._next())
        while not isinstance(event := self._next(), StreamEndEvent):
            if not isinstance(event, DocumentEndEvent):
                why = "one estate, one document"
                raise NotReadable(_mark(event), Refusal((), "a second YAML document begins here", why))
        return node

    def _node(self, event: Event) -> Node:
        self._count += 1
        if self._count > WEIGHT_MAX:
            raise self._too_much(event, f"more than {WEIGHT_MAX} values")
        if len(self._path) > DEPTH_MAX:
            raise self._too_much(event, f"nested more than {DEPTH_MAX} levels deep")
        if isinstance(event, AliasEvent):
            return self._aliased(event)
        node = self._fresh(event)
        if node.weight > WEIGHT_MAX:
            raise self._too_much(event, f"more than {WEIGHT_MAX} values, aliases written out")
        if node.depth > DEPTH_MAX:
            raise self._too_much(event, f"nested more than {DEPTH_MAX} levels deep, aliases written out")
        anchor: str | None = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _fresh(self, event: Event) -> Node:
        if getattr(event, "tag", None) is not None:
            self._refuse(
                _mark(event), "a YAML tag", "plain YAML only: texts, numbers, true, false, null, lists, mappings"
            )
        if isinstance(event, ScalarEvent):
            return Scalar(_mark(event), self._scalar(event))
        if isinstance(event, SequenceStartEvent):
            return self._sequence(event)
        return self._mapping(event)

    def _sequence(self, start: Event) -> Sequence:
        items: list[Node] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            self._path.append(len(items))
            items.append(self._node(event))
            self._path.pop()
        weight, depth = 1 + sum(item.weight for item in items), 1 + max((item.depth for item in items), default=0)
        return Sequence(_mark(start), items, weight, depth)

    def _mapping(self, start: Event) -> Mapping:
        entries: dict[str, Entry] = {}
        merged: list[tuple[Mark, Node]] = []
        while not isinstance(event := self._next(), MappingEndEvent):
            key = self._key(event)
            self._path.append(key)
            value = self._node(self._next())
            if key == "<<" and isinstance(event, ScalarEvent) and event.implicit[0]:
                merged.append((_mark(event), value))
            elif key in entries:
                why = f"the first one is in line {entries[key].key_mark.line}"
                self._refuse(_mark(event), "duplicate key", why, "Keep one of the two.")
            else:
                entries[key] = Entry(_mark(event), value)
            self._path.pop()
        for mark, value in merged:
            self._merge(mark, value, entries)
        return mapping(_mark(start), entries)

    def _merge(self, mark: Mark, value: Node, entries: dict[str, Entry]) -> None:
        sources = value.items if isinstance(value, Sequence) else [value]
        for source in sources:
            if isinstance(source, Mapping):
                for key, entry in source.entries.items():
                    entries.setdefault(key, entry)
            else:
                self._refuse(
                    mark, "a merge key of something that is no mapping", "`<<` takes a mapping or a list of them"
                )

    def _key(self, event: Event) -> str:
        if isinstance(event, ScalarEvent):
            return str(event.value)
        raise NotReadable(
            _mark(event), Refusal(tuple(self._path), "a key that is no text", "a list or an alias is no key")
        )

    def _aliased(self, event: AliasEvent) -> Node:
        node = self._anchors.get(str(event.anchor))
        if node is None:  # the name is not shown: a secret that begins with `*` looks like an alias
            self._refuse(_mark(event), "an alias to nothing", "its anchor has to stand above, and be complete there")
            return Scalar(_mark(event), None)
        if node.depth + len(self._path) > DEPTH_MAX:
            raise self._too_much(event, f"nested more than {DEPTH_MAX} levels deep, aliases written out")
        return node

    def _scalar(self, event: ScalarEvent) -> str | int | float | bool | None:
        text: str = event.value
        if event.style in ("", None) and event.implicit[0]:
            if _LEADING_ZERO.fullmatch(text):
                why = "octal to one reader of YAML, decimal to another"
                self._refuse(
                    _mark(event), "a number with a leading zero", why, "Write it in quotes, or without the zero."
                )
                return text
            return _resolved(text)
        if _CONTROL.search(text):
            self._refuse(_mark(event), "a control character", "no value holds one")
        return text

    def _refuse(self, mark: Mark, found: str, why: str, do: str = "") -> None:
        self.faults.append(Fault(mark, Refusal(tuple(self._path), found, why, do)))

    def _too_much(self, event: Event, found: str) -> NotReadable:
        return NotReadable(_mark(event), Refusal(tuple(self._path), found, "the limit of a document"))

    def _started(self, text: str) -> CParser:
        try:
            return CParser(text)
        except yaml.YAMLError as error:
            raise _not_yaml(text, error) from error

    def _next(self) -> Event:
        try:
            event = self._parser.get_event()
        except yaml.YAMLError as error:
            raise _not_yaml(self._text, error) from error
        assert event is not None  # noqa: S101  the stream's end comes first
        return event


def _resolved(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def _mark(event: Event) -> Mark:
    start: yaml.Mark = event.start_mark  # type: ignore[assignment]  # an event of a text always has one
    return Mark(start.line + 1, start.column + 1)


def _not_yaml(text: str, error: yaml.YAMLError) -> NotReadable:
    if not isinstance(error, yaml.MarkedYAMLError):  # a character that YAML does not allow
        before = text.encode()[: getattr(error, "position", 0)].decode(errors="ignore")
        place = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        return NotReadable(place, Refusal((), "not YAML", str(getattr(error, "reason", "")) or "unreadable"))
    said = ", ".join(part for part in (error.problem, error.context) if part)
    unfinished = error.context_mark if "end of stream" in said else None  # where it began says more than where it ends
    mark = unfinished or error.problem_mark or error.context_mark
    place = Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)
    tab = mark is not None and text[mark.index : mark.index + 1] == "\t"
    return NotReadable(place, Refusal((), "not YAML", said, "Indent with spaces, not with tabs." if tab else ""))
