"""Whether a platform answers as declared, and waiting for it with a deadline."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from artifactory_estate.base import EstateError, duration_text
from artifactory_estate.cloud import secrets
from artifactory_estate.rest import Answered, BadAnswer, Connection, Forbidden, NotThere, Platform, licences, system

_PAUSE_S = 3.0
_ANSWER_WITHIN_S = 10.0
_STUCK_EVERY = 4
_RUNNING = "RUNNING"


class NotReady(EstateError):
    """The deadline is over; names what was seen last."""


@dataclass(frozen=True)
class Expected:
    """What counts as ready."""

    version: str | None
    """Of every node; None: any."""
    nodes: int
    """Running, at least."""


@dataclass(frozen=True)
class Seen:
    """One look at a platform."""

    version: str
    nodes: Sequence[str]
    """Ids of the nodes that run."""
    lacking: str
    """What keeps it from being ready; empty: it is."""


def look(connection: Connection, expected: Expected) -> Seen:
    """Once: router, ping, version, nodes, 4 requests without repetition. No answer is an answer: it is not ready."""
    platform = Platform(connection, secrets.resolve, attempts=1, timeout_s=_ANSWER_WITHIN_S)
    try:
        return _look(platform, expected)
    except EstateError as error:  # the secret too: the first node stores the token late in its first start
        return Seen("", (), str(error))


def _look(platform: Platform, expected: Expected) -> Seen:
    system.ping(platform)
    version = str(system.version(platform))
    nodes = _running(platform)
    lacking = _unhealthy(platform)
    if not lacking and expected.version not in (None, version):
        lacking = f"Artifactory {version} answers, {expected.version} is declared"
    others = sorted(node.id for node in nodes if expected.version and node.version not in ("", expected.version))
    if not lacking and others:
        lacking = f"not yet on {expected.version}: {', '.join(others)}"
    if not lacking and len(nodes) < expected.nodes:
        names = ", ".join(sorted(node.id for node in nodes)) or "none"
        lacking = f"{len(nodes)} of {expected.nodes} nodes run: {names}"
    return Seen(version, tuple(sorted(node.id for node in nodes)), lacking)


def _unhealthy(platform: Platform) -> str:
    try:
        services = system.router_health(platform)
    except (NotThere, Forbidden, BadAnswer):
        return ""  # an external platform may not show its router; ping, version and nodes have to do
    ill = [f"{item.service_id} on {item.node_id}: {item.message}" for item in services if item.state != "HEALTHY"]
    return "not healthy: " + "; ".join(ill) if ill else ""


def _running(platform: Platform) -> Sequence[system.Node]:
    """By the cluster's own list; of a server that does not tell, the nodes that hold a licence, else the one we spoke to."""
    try:
        nodes = system.nodes(platform)
    except Answered:
        nodes = ()
    if nodes:
        return tuple(node for node in nodes if node.state == _RUNNING)
    try:
        holders = sorted({licence.node for licence in licences.installed(platform) if licence.node})
    except Answered:
        holders = []
    return tuple(system.Node(name, _RUNNING, "") for name in holders or ["node"])


def wait(
    connection: Connection,
    expected: Expected,
    deadline_s: float,
    pause: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
    stuck: Callable[[], str] = lambda: "",
) -> Seen:
    """Looks every 3 seconds until it is ready. Raises `NotReady` with what was seen last, and at once when `stuck`, which
    is asked at every fourth look, says why waiting is in vain."""
    until = now() + deadline_s
    looked = 0
    while True:
        seen = look(connection, expected)
        if not seen.lacking:
            return seen
        if looked % _STUCK_EVERY == 0 and (why := stuck()):
            raise NotReady(f"{connection.site}: {why}")
        left = until - now()
        if left <= 0:
            waited = duration_text(int(deadline_s))
            raise NotReady(f"{connection.site}: not ready after {waited}. Seen last: {seen.lacking}")
        pause(min(_PAUSE_S, left))
        looked += 1
