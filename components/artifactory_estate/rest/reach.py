"""Which of several platforms answer now: asked side by side, with one deadline for all."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from artifactory_estate.base import EstateError
from artifactory_estate.base.side_by_side import Outcome, side_by_side
from artifactory_estate.rest import system
from artifactory_estate.rest.connection import Connection
from artifactory_estate.rest.errors import Answered
from artifactory_estate.rest.transport import Platform, Resolve

DEADLINE_S = 10.0
"""For all of them together, reading their credentials included."""


@dataclass(frozen=True)
class Reach:
    """Who answers, and why the others do not."""

    platforms: Mapping[str, Platform]
    """By site; those that answer."""
    away: Mapping[str, str]
    """By site; why it is left alone, as a sentence that begins with its name."""


def reach(connections: Mapping[str, Connection], resolve: Resolve, deadline_s: float = DEADLINE_S) -> Reach:
    """Ping each, once. A site that is declared unavailable is not asked.

    Raises the site's own error when it answers but refuses our credentials: that is no reason to leave it alone.
    """

    def ping(connection: Connection) -> bool:
        system.ping(Platform(connection, resolve, attempts=1, timeout_s=5.0))
        return True

    asked = sorted(site for site, connection in connections.items() if connection.available)
    outcomes = side_by_side({site: partial(ping, connections[site]) for site in asked}, deadline_s)
    away = {site: f"{site} is not available, as the document says" for site in connections if site not in outcomes}
    for site, outcome in outcomes.items():
        if not outcome.value:
            away[site] = f"{site} is not reachable: {_why(outcome, deadline_s)}"
    return Reach({site: Platform(connections[site], resolve) for site in asked if site not in away}, away)


def _why(outcome: Outcome[bool], deadline_s: float) -> str:
    error = outcome.error
    if error is None:
        return f"no answer within {deadline_s:g} s"
    refused = isinstance(error, Answered) and error.status < 500
    if refused or not isinstance(error, EstateError):
        raise error
    return str(error)
