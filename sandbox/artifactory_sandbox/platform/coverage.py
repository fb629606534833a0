"""How much of the reference is served: the table of docs/sandbox.md, from `endpoints.csv` and the route table.

`python -m artifactory_sandbox.platform.coverage docs/sandbox.md` writes it between the file's two marks.
"""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from artifactory_sandbox.platform.web import Route, Routes

BEGIN, END = "<!-- endpoints: begin -->\n", "<!-- endpoints: end -->\n"
ITEMS = "/artifactory/{repo}/{path:path}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A call that the reference describes."""

    section: str
    method: str
    path: str

    def route(self, routes: Routes) -> Route | None:
        """The row that serves it; the row of all items serves nothing but items."""
        found = find(routes, self.method, self.path)
        return None if found is not None and found.path == ITEMS and "/{repo}/{path}" not in self.path else found


def endpoints() -> tuple[Endpoint, ...]:
    """Sections 1 to 12 of the reference, in their order."""
    with Path(__file__).with_name("endpoints.csv").open(newline="", encoding="utf-8") as file:
        return tuple(Endpoint(**row) for row in csv.DictReader(file))


def find(routes: Routes, method: str, path: str) -> Route | None:
    """The row for a path, whose named segments stand for themselves."""
    found = routes.find(method, tuple(filter(None, path.split("/"))))
    return found[0] if found else None


def state(endpoint: Endpoint, routes: Routes) -> str:
    """`yes`, `partly: …` or `no`."""
    row = endpoint.route(routes)
    if row is None:
        return "no"
    return f"partly: {row.partly}" if row.partly else "yes"


def share(routes: Routes) -> float:
    """Wholly served endpoints by all endpoints."""
    states = [state(endpoint, routes) for endpoint in endpoints()]
    return states.count("yes") / len(states)


def table(routes: Routes) -> str:
    """The reference's endpoints, then the rows that it does not name: package protocols and what clients call besides."""
    listed = endpoints()
    states = [state(endpoint, routes) for endpoint in listed]
    named = {row for endpoint in listed if (row := endpoint.route(routes))}
    others = [row for row in routes if row not in named and not row.path.startswith("/__sandbox__")]
    partly = sum(one.startswith("partly") for one in states)
    lines = [
        f"{len(listed)} endpoints of the reference: {states.count('yes')} implemented, {partly} partly, {states.count('no')} not.\n",
        *_rows("| endpoint | section | implemented |", zip(_named(listed), states, strict=True)),
        f"\n{len(others)} more that the reference does not list one by one:\n",
        *_rows("| endpoint | section | implemented |", ((_name(row), _state(row)) for row in others)),
    ]
    return "\n".join(lines) + "\n"


def fresh(text: str, routes: Routes) -> str:
    """A page with its table renewed."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table(routes)}{END}{after}"


def _named(listed: Iterable[Endpoint]) -> Iterator[str]:
    return (f"`{one.method} {one.path}` | {one.section}" for one in listed)


def _name(row: Route) -> str:
    path = re.sub(r":path\}", "}", row.path)
    return f"`{row.method} {path}` | {row.section}"


def _state(row: Route) -> str:
    return f"partly: {row.partly}" if row.partly else "yes"


def _rows(head: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield head
    yield "|---|---|---|"
    yield from (f"| {name} | {said} |" for name, said in rows)


def main(page: Path) -> None:
    """Renews the page."""
    from artifactory_sandbox.platform.table import ROUTES  # noqa: PLC0415  the whole platform, for this alone

    page.write_text(fresh(page.read_text(encoding="utf-8"), ROUTES), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
