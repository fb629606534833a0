"""Durations and sizes: a number is never without its unit."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

DURATION_PATTERN = r"^[0-9]{1,9}(s|m|h|d)$"
SIZE_PATTERN = r"^[0-9]{1,9}(MiB|GiB)$"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_BYTES = {"MiB": 1 << 20, "GiB": 1 << 30}


def _parse(text: Any, units: dict[str, int], kind: str) -> int:
    if isinstance(text, str) and (match := re.fullmatch(r"([0-9]{1,9})(" + "|".join(units) + ")", text)):
        return int(match[1]) * units[match[2]]
    raise ValueError(f"not a {kind}: a whole number and its unit ({', '.join(units)}), such as 5{max(units)}")


def _print(value: int, units: dict[str, int]) -> str:
    largest_first = sorted(units, key=units.__getitem__, reverse=True)
    unit = next((unit for unit in largest_first if value and value % units[unit] == 0), largest_first[-1])
    return f"{value // units[unit]}{unit}"


def seconds(text: Any) -> int:
    """`5m` as 300.

    >>> seconds("35d"), seconds("30s")
    (3024000, 30)
    """
    return _parse(text, _SECONDS, "duration")


def duration_text(value: int) -> str:
    """300 as `5m`.

    >>> duration_text(300), duration_text(90)
    ('5m', '90s')
    """
    return _print(value, _SECONDS)


def size_in_bytes(text: Any) -> int:
    """`1GiB` as 1073741824.

    >>> size_in_bytes("1GiB")
    1073741824
    """
    return _parse(text, _BYTES, "size")


def size_text(value: int) -> str:
    """1073741824 as `1GiB`."""
    return _print(value, _BYTES)


Duration = Annotated[
    int,
    BeforeValidator(seconds),
    PlainSerializer(duration_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["30s", "5m", "35d"]}),
]
"""Seconds, written as `30s`, `5m`, `2h`, `35d`."""

Size = Annotated[
    int,
    BeforeValidator(size_in_bytes),
    PlainSerializer(size_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": SIZE_PATTERN, "examples": ["512MiB", "1GiB"]}),
]
"""Bytes, written as `512MiB` or `1GiB`."""
