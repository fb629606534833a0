"""What `estate validate` says: each number's origin as a table a site, and all of it for machines."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table

from artifactory_estate.base import dotted
from artifactory_estate.estate import offered, warnings
from artifactory_estate.estate.explain import Row
from artifactory_estate.estate.load import Document, InvalidDocument, Mistake


def print_numbers(console: Console, rows: Sequence[Row]) -> None:
    """One table for each `sites.<name>`."""
    for site, of_site in groupby(rows, key=lambda row: dotted(row.path[:2])):
        table = Table(title=site, title_justify="left")
        for heading in ("number", "value", "from"):
            table.add_column(heading, overflow="fold", no_wrap=False)
        for row in of_site:
            table.add_row(dotted(row.path[2:]), f"{_shown(row.value)} {row.unit}".strip(), row.origin)
        console.print(table, markup=False, highlight=False)


def data(document: Document, rows: Sequence[Row]) -> dict[str, Any]:
    """A valid document for machines; `not_offered`: what `up` will refuse all the same."""
    return {
        "valid": True,
        "not_offered": [str(document.about(refusal)) for refusal in offered.refusals(document.estate)],
        "warnings": [str(document.about(warning)) for warning in warnings.warnings(document.estate)],
        "numbers": [row.to_data() for row in rows],
    }


def invalid(error: InvalidDocument) -> dict[str, Any]:
    """Every mistake for machines, however many."""
    return {"valid": False, "mistakes": [_mistake(mistake) for mistake in error.mistakes]}


def _mistake(mistake: Mistake) -> dict[str, Any]:
    refusal = mistake.refusal
    return {
        "file": mistake.file,
        "line": mistake.line,
        "column": mistake.column,
        "path": dotted(refusal.path),
        "found": refusal.found,
        "why": refusal.why,
        "do": refusal.do,
    }


def _shown(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
