"""The sample document, and ways to spoil it."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifactory_estate.base import dotted
from artifactory_estate.estate.load import InvalidDocument, Mistake, loads
from artifactory_estate.estate.yaml_tree import plain, read

SAMPLE_FILE = Path(__file__).with_name("acme.yaml")
"""The document of the guide, kept apart from the sandbox's, which grows."""
SAMPLE = SAMPLE_FILE.read_text(encoding="utf-8")
HERE = "§"
"""Stands where a mistake is expected; taken out before the document is read."""

Changes = Mapping[str, Any]
"""Dotted path to new value; `...` (Ellipsis) removes the key."""


@dataclass(frozen=True)
class Spoilt:
    """A document with the line and the column of its marker."""

    text: str
    line: int
    column: int


def spoilt(*replacements: tuple[str, str]) -> Spoilt:
    """The sample with texts replaced, each of which occurs exactly once; one new text holds the marker."""
    text = SAMPLE
    for old, new in replacements:
        assert text.count(old) == 1, f"{text.count(old)} times in the sample: {old}"
        text = text.replace(old, new)
    assert text.count(HERE) == 1
    before, _, after = text.partition(HERE)
    return Spoilt(before + after, before.count("\n") + 1, len(before) - before.rfind("\n"))


def mistakes_of(text: str) -> list[Mistake]:
    """Every mistake that loading finds; none for a good document."""
    try:
        loads(text, "acme.yaml")
    except InvalidDocument as invalid:
        return list(invalid.mistakes)
    return []


def sample_data() -> dict[str, Any]:
    """The sample as plain data, `defaults` apart."""
    data = plain(read(SAMPLE)[0])
    assert isinstance(data, dict)
    return data


def changed(changes: Changes) -> dict[str, Any]:
    """The sample's data with values set or removed. A dot in a key is written `\\.`."""
    data = sample_data()
    for path, value in changes.items():
        *above, last = (part.replace("\0", ".") for part in path.replace("\\.", "\0").split("."))
        holder = data
        for part in above:
            holder = holder.setdefault(part, {})
        if value is ...:
            holder.pop(last, None)
        else:
            holder[last] = deepcopy(value)
    return data


def mistakes_in(changes: Changes) -> list[Mistake]:
    """What loading says of the changed sample, which is written as JSON: YAML too."""
    return mistakes_of(json.dumps(changed(changes)))


def said(mistakes: list[Mistake]) -> str:
    """All mistakes, for a failing test's message."""
    return "\n".join(str(mistake) for mistake in mistakes) or "nothing"


def paths(mistakes: list[Mistake]) -> list[str]:
    """The dotted paths."""
    return [dotted(mistake.path) for mistake in mistakes]


def with_repositories(count: int) -> str:
    """The sample with so many more local repositories at us-east, written out."""
    types = ("maven", "npm", "pypi", "generic")
    lines = (
        f"        lib-{n:05}-local: {{package_type: {types[n % 4]}, description: number {n}}}\n" for n in range(count)
    )
    return SAMPLE.replace("      local:\n        libs-local:", f"      local:\n{''.join(lines)}        libs-local:")
