"""The properties that the reference names, one row each in `known.csv` (files reference 3; 2.6 and design 8 for two)."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

Value = str | int | bool
Release = tuple[int, ...]
Kind = Literal["number", "truth", "packages", "word", "time"]

PREFIX = "artifactory."
OF_THE_SERVICE = ("rtfs.", "rfts.")
"""Read by the federation service, without our prefix; `rfts.` is one documented spelling (files reference 9)."""
_FORMS: Mapping[str, tuple[str, str]] = {
    "packages": (r"\*|[a-z]+(,[a-z]+)*", "`*`, or package types with commas between them, is wanted"),
    "word": (r"[A-Za-z0-9._-]+", "one word is wanted"),
    "time": (r"[0-9]{1,9} ?(ms|s|m|h)?", "a time such as 5s is wanted"),
}


@dataclass(frozen=True)
class Property:
    """One row. Texts as they stand there; an empty one says that the reference does not tell."""

    key: str
    """As the reference writes it, and as a document does."""
    type: Kind
    unit: str
    """Of a number: `s`, `ms`, `threads`…"""
    default: str
    """Artifactory's own."""
    least: str
    most: str
    since: str
    """First version that has it. Two, the older with a later patch: `7.71.16 7.77.8` leaves out 7.72.0 to 7.77.7."""
    until: str
    """First version that has it no more."""
    scope: Literal["node", "cluster"]
    """Whether each node does so for itself, or the cluster once. The file is the same on all nodes (3.1)."""
    area: str
    meaning: str
    source: str
    """Section of the files reference."""

    @property
    def in_file(self) -> str:
        """As the file writes it: source constants get the prefix (3.1), the federation service's have none."""
        return self.key if self.key.startswith((PREFIX, *OF_THE_SERVICE)) else f"{PREFIX}{self.key}"

    @property
    def cited(self) -> str:
        """`files reference 3.2`."""
        return self.source if self.source.startswith("design") else f"files reference {self.source}"

    @property
    def range(self) -> str:
        """`1 to 5`, `at least 1`, or nothing."""
        return f"{self.least} to {self.most}" if self.most else f"at least {self.least}" if self.least else ""

    def fault(self, value: Value) -> str | None:
        """What is wrong with a value, or None."""
        if self.type == "number":
            return self._number_fault(value)
        if self.type == "truth":
            return None if str(value).lower() in ("true", "false") else "true or false is wanted"
        pattern, wanted = _FORMS[self.type]
        return None if re.fullmatch(pattern, str(value)) else wanted

    def _number_fault(self, value: Value) -> str | None:
        if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,18}", str(value)):
            return "a whole number is wanted"
        if self.least and int(value) < int(self.least):
            return f"at least {self.least}"
        return f"at most {self.most}" if self.most and int(value) > int(self.most) else None

    def absent_from(self, release: Release) -> str | None:
        """Why a version does not have it, or None when it does."""
        if self.until and release >= _release(self.until):
            return f"it ended with {self.until}"
        floors = [_release(version) for version in self.since.split()]
        if not floors or release >= floors[-1]:
            return None
        if any(release[:2] == floor[:2] and release >= floor for floor in floors[:-1]):
            return None
        return f"it begins with {self.since.replace(' ', ' and ')}"


@lru_cache(maxsize=1)
def known() -> Mapping[str, Property]:
    """All of them by key, sorted."""
    with (files(__package__) / "known.csv").open(encoding="utf-8") as file:
        rows: list[dict[str, str]] = list(csv.DictReader(file))
    return {row["key"]: Property(**row) for row in rows}  # type: ignore[arg-type]  # a test holds the words of the columns


def in_file(key: str) -> str:
    """The key as the file writes it, known or not.

    >>> in_file("federated.negotiation.enabled"), in_file("rtfs.file.list.size.metrics.threshold")
    ('artifactory.federated.negotiation.enabled', 'rtfs.file.list.size.metrics.threshold')
    """
    return known()[key].in_file if key in known() else key


def _release(version: str) -> Release:
    return tuple(int(part) for part in version.split("."))
