"""From a file to an `Estate`: read, merge, validate, judge. No network, nothing but the file is opened."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.estate import rules, shape, words
from artifactory_estate.estate.mistake import InvalidDocument, Mistake
from artifactory_estate.estate.model import Estate
from artifactory_estate.estate.source import Source, source_of
from artifactory_estate.estate.yaml_tree import Fault, Mapping, NotReadable, plain, read
from artifactory_estate.site.model import ManagedSite

__all__ = ["Document", "InvalidDocument", "Mistake", "load", "load_document", "loads"]

BYTES_MAX = 8 << 20
"""8 MiB: 8,000 repositories take about one."""


@dataclass(frozen=True)
class Document:
    """A valid document, and where in its file everything stands."""

    file: str
    estate: Estate
    source: Source

    def about(self, refusal: Refusal) -> Mistake:
        """A word on the document with its line and column, as a mistake has them."""
        return Mistake(self.file, *self.source.fault(refusal))

    def place_of(self, path: DocumentPath) -> str | None:
        """`line 20`, or `line 8 (defaults)`; None where nothing stands there."""
        found = self.source.declared_at(path)
        return f"line {found[0].line}{' (defaults)' if found[1] else ''}" if found else None


def load(path: str | Path) -> Estate:
    """The estate that the file at `path` declares, all defaults filled.

    Raises `InvalidDocument` with every mistake at once: first those of form; those of content when the form is right.
    """
    return load_document(path).estate


def load_document(path: str | Path) -> Document:
    """As `load`, with the lines."""
    name = str(path)
    try:
        text = _text(Path(path))
    except _Unreadable as error:
        raise InvalidDocument([Mistake(name, None, error.refusal)]) from None
    return _document(text, name)


def loads(text: str, name: str = "estate.yaml") -> Estate:
    """As `load`, for a text. `name` stands before every mistake."""
    return _document(text, name).estate


def _document(text: str, name: str) -> Document:
    try:
        root, faults = read(text)
    except NotReadable as error:
        raise InvalidDocument([Mistake(name, *error.fault)]) from None
    if not isinstance(root, Mapping):
        refusal = Refusal((), "not an estate document", "a mapping is wanted, beginning with `estate:`")
        raise InvalidDocument(Mistake(name, *fault) for fault in (*faults, Fault(root.mark, refusal)))
    try:
        source = source_of(root)
        estate, more = _judge(source)
    except NotReadable as error:
        raise InvalidDocument([Mistake(name, *error.fault)]) from None
    if faults or more or estate is None:
        raise InvalidDocument(Mistake(name, *fault) for fault in (*faults, *more))
    return Document(name, estate, source)


def _judge(source: Source) -> tuple[Estate | None, list[Fault]]:
    data = source.data()
    faults = list(_defaults_faults(source))
    estate: Estate | None
    try:
        estate = Estate.from_data(data)
    except ValidationError as error:
        faults += _form_faults(source, words.describe(Estate, error.errors(include_url=False)))
        estate = _without_unknown_keys(data, error)
    if estate:
        faults += [source.fault(refusal) for refusal in rules.refusals(estate)]
    return estate, faults


def _form_faults(source: Source, described: Iterable[words.Described]) -> list[Fault]:
    return [source.fault(each.refusal, each.about_key) for each in described]


def _without_unknown_keys(data: Any, error: ValidationError) -> Estate | None:
    """So that a document whose only mistakes of form are unknown keys is judged by the rules in the same run."""
    for details in error.errors(include_url=False, include_context=False):
        if details["type"] != "extra_forbidden":
            return None
        path, _ = shape.walk(Estate, details["loc"])
        holder = data
        for part in path[:-1]:
            holder = holder[part]
        holder.pop(path[-1], None)
    try:
        return Estate.from_data(data)
    except ValidationError:
        return None


def _defaults_faults(source: Source) -> Iterator[Fault]:
    """`defaults` by themselves: a mistake there counts, even where every site says otherwise."""
    if source.defaults is None:
        return
    data = plain(source.defaults.value)
    if not isinstance(data, dict):
        yield source.fault(Refusal(("defaults",), "wrong type", "a mapping is wanted"))
        return
    if "platform" in data:
        why = "a site says itself whether we build it"
        yield source.fault(Refusal(("defaults", "platform"), "not among the defaults", why), about_key=True)
    try:
        ManagedSite.from_data({**data, "platform": "managed"})
    except ValidationError as error:
        details = [each for each in error.errors(include_url=False) if each["type"] != "missing"]
        yield from _form_faults(source, map(_in_defaults, words.describe(ManagedSite, details)))


def _in_defaults(described: words.Described) -> words.Described:
    refusal = described.refusal
    return replace(described, refusal=replace(refusal, path=("defaults", *refusal.path)))


class _Unreadable(Exception):
    def __init__(self, found: str, why: str, do: str = "") -> None:
        super().__init__(found)
        self.refusal = Refusal((), found, why, do)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        raise _Unreadable("cannot be read", getattr(error, "strerror", None) or str(error)) from error
    if len(content) > BYTES_MAX:
        raise _Unreadable(f"larger than {BYTES_MAX >> 20} MiB", "the limit of a document")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"not UTF-8 (byte {error.start})"
        raise _Unreadable(found, "a document is UTF-8 text", "Save it as UTF-8.") from error
