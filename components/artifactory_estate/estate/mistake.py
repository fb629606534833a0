"""A mistake in a document: a refusal with the line and the column it is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from artifactory_estate.base import DocumentPath, EstateError, Refusal
from artifactory_estate.estate.yaml_tree import Mark

SHOWN_MAX = 100
"""Mistakes that the error's text shows; `mistakes` has them all."""


@dataclass(frozen=True)
class Mistake:
    """Prints `acme.yaml:41:7: sites.us-east.nodes.count: 0 is out of range (at least 1)`."""

    file: str
    """As the caller named it."""
    mark: Mark | None
    """None when the file could not be read at all."""
    refusal: Refusal

    @property
    def line(self) -> int:
        """Beginning with 1; 0 when there is none."""
        return self.mark.line if self.mark else 0

    @property
    def column(self) -> int:
        """Beginning with 1; 0 when there is none."""
        return self.mark.column if self.mark else 0

    @property
    def path(self) -> DocumentPath:
        """Where in the document; below `defaults` when that is where the value stands."""
        return self.refusal.path

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.mark else self.file
        return f"{place}: {self.refusal}"


class InvalidDocument(EstateError):
    """The document cannot be used. Holds every mistake, in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        unique = {str(mistake): mistake for mistake in mistakes}
        self.mistakes: Sequence[Mistake] = sorted(unique.values(), key=lambda mistake: (mistake.line, mistake.column))
        lines = [str(mistake) for mistake in self.mistakes[:SHOWN_MAX]]
        if len(self.mistakes) > SHOWN_MAX:
            lines.append(f"and {len(self.mistakes) - SHOWN_MAX} more")
        super().__init__("\n".join(lines))
