"""Where each number comes from: `estate validate --explain`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from artifactory_estate.base import DocumentPath, EstateError, dotted
from artifactory_estate.estate.load import Document
from artifactory_estate.estate.model import Estate
from artifactory_estate.estate.number import Number
from artifactory_estate.site import numbers as site

ROOMS: tuple[Callable[[Estate], Iterator[Number]], ...] = (site.numbers,)


@dataclass(frozen=True)
class Row:
    """One number of one site."""

    path: DocumentPath
    """Of the key that sets it, whether it stands in the document or not."""
    value: str | int | bool
    unit: str
    origin: str
    """`declared in line 20`, `size small (files reference 7.1)`, `computed: …`, `Artifactory's default (…)`."""

    def to_data(self) -> dict[str, object]:
        """Plain data."""
        return {"path": dotted(self.path), "value": self.value, "unit": self.unit, "origin": self.origin}


def explain(document: Document, below: str = "") -> Sequence[Row]:
    """Every number that decides something; those at or below a dotted path only, and there Artifactory's own defaults too.

    Raises `EstateError` when there is none at that path.
    """
    numbers = [number for room in ROOMS for number in room(document.estate)]
    wanted = [number for number in numbers if _is_wanted(number, below)]
    if below and not wanted:
        raise EstateError(_nothing_at(below, numbers))
    return [Row(number.path, number.value, number.unit, _origin(document, number)) for number in wanted]


def paths(rows: Iterable[Row]) -> Sequence[str]:
    """Their dotted paths."""
    return [dotted(row.path) for row in rows]


def _nothing_at(below: str, numbers: Sequence[Number]) -> str:
    """The places to ask for instead: the keys below the longest part of `below` that leads to a number."""
    known = [dotted(number.path).split(".") for number in numbers]
    parts = below.split(".")
    depth = max(n for n in range(len(parts) + 1) if n == 0 or any(path[:n] == parts[:n] for path in known))
    names = sorted({path[depth] for path in known if path[:depth] == parts[:depth] and len(path) > depth})
    at = f"below {'.'.join(parts[:depth])}" if depth else "in the document"
    return f"{below}: no number stands there ({at} there are: {', '.join(names) or 'none'})"


def _is_wanted(number: Number, below: str) -> bool:
    path = dotted(number.path)
    if below and not (path == below or path.startswith(f"{below}.")):
        return False
    return (bool(below) and below.count(".") > 1) or not number.is_servers


def _origin(document: Document, number: Number) -> str:
    if not number.is_computed and (place := document.place_of(number.path)):
        return f"declared in {place}"
    return number.otherwise
