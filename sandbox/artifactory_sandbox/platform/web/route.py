"""The route table as data: what is served, where the reference says so, by whom."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from artifactory_sandbox.platform.web.answer import Answer
from artifactory_sandbox.platform.web.call import Call

Handler = Callable[[Call], Answer]


class Needs(Enum):
    """Who may call; finer permissions are the handler's."""

    NOTHING = "nothing"
    """No credentials; wrong ones are still refused."""
    PUBLIC = "public"
    """Served even while the node is locked down for want of a licence, and whatever the credentials."""
    CALLER = "caller"
    """Any caller that has logged in, or anonymous where anonymous access is on."""
    USER = "user"
    """A caller that has logged in."""
    ADMIN = "admin"
    MANAGER = "manager"
    """An administrator, or whoever may manage the repository that the path names as `repo`."""
    PEER = "peer"
    """Another platform with a token of trust; the handler checks it."""


@dataclass(frozen=True, slots=True)
class Route:
    """One row. `path` has `{name}` for one segment and a last `{name:path}` for all that is left."""

    method: str
    path: str
    section: str
    handler: Handler
    needs: Needs = Needs.ADMIN
    body: Literal["memory", "file"] = "memory"
    partly: str = ""
    """What of the section is missing; empty when it is whole."""

    @property
    def name(self) -> str:
        """Method and path, as counters call it."""
        return f"{self.method} {self.path}"


@dataclass(slots=True)
class _Step:
    fixed: dict[str, "_Step"] = field(default_factory=dict)
    any: "_Step | None" = None
    routes: dict[str, Route] = field(default_factory=dict)
    tails: dict[str, Route] = field(default_factory=dict)


class Routes:
    """Finds the row for a request; a fixed segment wins over a named one, and both over the rest of a path."""

    def __init__(self, rows: Iterable[Route]) -> None:
        self._rows = tuple(rows)
        self._root = _Step()
        for row in self._rows:
            self._add(row)

    def __iter__(self) -> Iterator[Route]:
        return iter(self._rows)

    def find(self, method: str, segments: tuple[str, ...]) -> tuple[Route, tuple[str, ...]] | None:
        """The row and the values of its named segments; HEAD falls back to GET."""
        for verb in (method, "GET") if method == "HEAD" else (method,):
            found = _match(self._root, verb, segments, ())
            if found:
                return found
        return None

    def methods(self, segments: tuple[str, ...]) -> set[str]:
        """Methods that the path knows."""
        verbs = {row.method for row in self._rows}
        return {verb for verb in verbs if _match(self._root, verb, segments, ())}

    def _add(self, row: Route) -> None:
        step = self._root
        for segment in filter(None, row.path.split("/")):  # "/" has none
            if segment.endswith(":path}"):
                _put(step.tails, row)
                return
            if segment.startswith("{"):
                step.any = step.any or _Step()
                step = step.any
            else:
                step = step.fixed.setdefault(segment, _Step())
        _put(step.routes, row)


def _put(rows: dict[str, Route], row: Route) -> None:
    if row.method in rows:
        raise ValueError(f"two rows for {row.name}")
    rows[row.method] = row


def _match(
    step: _Step, verb: str, segments: tuple[str, ...], values: tuple[str, ...]
) -> tuple[Route, tuple[str, ...]] | None:
    if not segments:
        if row := step.routes.get(verb):
            return row, values
        row = step.tails.get(verb)
        return (row, (*values, "")) if row else None
    head, rest = segments[0], segments[1:]
    known = step.fixed.get(head)
    if known and ((found := _match(known, verb, rest, values)) or head == "api"):
        return found  # no repository is called "api": an unknown call below it is not an item
    if step.any and (found := _match(step.any, verb, rest, (*values, head))):
        return found
    row = step.tails.get(verb)
    return (row, (*values, "/".join(segments))) if row else None


def names_of(path: str) -> list[str]:
    """Names of the named segments of a row's path, in order."""
    return [part.strip("{}").removesuffix(":path") for part in path.strip("/").split("/") if part.startswith("{")]
