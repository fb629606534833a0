"""Where each number comes from, as a table a site."""

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table

from artifactory_estate.base import dotted
from artifactory_estate.estate.explain import Row


def print_numbers(console: Console, rows: Sequence[Row]) -> None:
    """One table for each `sites.<name>`."""
    for site, of_site in groupby(rows, key=lambda row: dotted(row.path[:2])):
        table = Table(title=site, title_justify="left")
        for heading in ("number", "value", "from"):
            table.add_column(heading, overflow="fold", no_wrap=False)
        for row in of_site:
            table.add_row(dotted(row.path[2:]), f"{_shown(row.value)} {row.unit}".strip(), row.origin)
        console.print(table, markup=False, highlight=False)


def _shown(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
