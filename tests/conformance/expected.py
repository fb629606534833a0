"""What an answer may be: exact values, and the few ways to say less than that."""

import re
from dataclasses import dataclass
from typing import Any

Expected = Any


@dataclass(frozen=True)
class Anything:
    """Whatever is there."""


@dataclass(frozen=True)
class Nothing:
    """A member that must not be there."""


@dataclass(frozen=True)
class Exactly:
    """An object with these members and no other."""

    members: dict[str, Expected]


@dataclass(frozen=True)
class Includes:
    """A list, or a text, in which each of these is found."""

    elements: tuple[Expected, ...]


@dataclass(frozen=True)
class Matching:
    """A text in which the expression is found."""

    expression: str


ANY = Anything()
ABSENT = Nothing()


def exactly(members: dict[str, Expected]) -> Exactly:
    """No member more."""
    return Exactly(members)


def includes(*elements: Expected) -> Includes:
    """At least these, in any order."""
    return Includes(elements)


def matching(expression: str) -> Matching:
    """A regular expression, searched for."""
    return Matching(expression)


def difference(expected: Expected, actual: Any, place: str = "body") -> str | None:  # noqa: PLR0911  one way for each kind
    """Where an answer is not what was expected, None when it is."""
    match expected:
        case Anything():
            return None
        case Nothing():
            return f"{place}: {actual!r} should not be there"
        case Matching(expression):
            found = isinstance(actual, str) and re.search(expression, actual)
            return None if found else f"{place}: {actual!r} does not match {expression!r}"
        case Includes(elements):
            return _missing(elements, actual, place)
        case Exactly(members):
            if isinstance(actual, dict) and (more := actual.keys() - members.keys()):
                return f"{place}: has {sorted(more)} as well"
            return difference(members, actual, place)
        case dict():
            return _members(expected, actual, place)
        case list():
            return _elements(expected, actual, place)
    same = type(expected) is type(actual) and expected == actual
    return None if same else f"{place}: {actual!r} is not {expected!r}"


def _members(expected: dict[str, Expected], actual: Any, place: str) -> str | None:
    if not isinstance(actual, dict):
        return f"{place}: {actual!r} is not an object"
    for name, value in expected.items():
        if name not in actual:
            if isinstance(value, Nothing):
                continue
            return f"{place}.{name}: is missing in {actual!r}"
        if said := difference(value, actual[name], f"{place}.{name}"):
            return said
    return None


def _elements(expected: list[Expected], actual: Any, place: str) -> str | None:
    if not isinstance(actual, list) or len(actual) != len(expected):
        return f"{place}: {actual!r} is not a list of {len(expected)}"
    found = (
        difference(one, other, f"{place}[{n}]") for n, (one, other) in enumerate(zip(expected, actual, strict=True))
    )
    return next((said for said in found if said), None)


def _missing(elements: tuple[Expected, ...], actual: Any, place: str) -> str | None:
    if isinstance(actual, str):
        absent = [one for one in elements if one not in actual]
    elif isinstance(actual, list):
        absent = [one for one in elements if all(difference(one, other) for other in actual)]
    else:
        return f"{place}: {actual!r} is neither a list nor a text"
    return f"{place}: {actual!r} lacks {absent!r}" if absent else None
