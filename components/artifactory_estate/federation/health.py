"""How a federation does now: every connection's state and lag, in one vocabulary. Reads only; for `watch` and `status`."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from artifactory_estate.cloud.secrets import resolve
from artifactory_estate.federation.declared import DeclaredFederation
from artifactory_estate.rest import Platform, RestError
from artifactory_estate.rest import federation as rest
from artifactory_estate.rest.reach import reach

_AT_ONCE = 4


@dataclass(frozen=True)
class Connection:
    """What `site` says of its connection to `peer`, for one repository."""

    repository: str
    site: str
    peer: str
    """A site of the federation, or the URL of a member that is none."""
    state: rest.State
    lag_ms: int
    queued: int


@dataclass(frozen=True)
class Health:
    """One look at all of it."""

    connections: Sequence[Connection]
    away: Sequence[str]
    """Sentences on the members that do not answer."""

    @property
    def state(self) -> rest.State:
        """The most severe state of all connections; `unknown` when none could be read."""
        return rest.worst([connection.state for connection in self.connections]) if self.connections else "unknown"

    @property
    def settled(self) -> bool:
        """Whether every connection that was read carries everything to the other side."""
        quiet = {"healthy", "receiving_only", "disabled"}
        return bool(self.connections) and all(
            connection.state in quiet and not connection.queued for connection in self.connections
        )


def observe(declared: DeclaredFederation) -> Health:
    """Ask each member that answers about each repository: 1 or 2 requests each, four at a time."""
    there = reach(declared.connections, resolve)
    sites = {connection.url: site for site, connection in declared.connections.items()}
    asked = [(platform, key) for platform in there.platforms.values() for key in sorted(declared.repositories)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = pool.map(lambda question: _of(*question), asked)
    found = [
        Connection(
            repository=mirror.repository,
            site=platform.site,
            peer=sites.get(mirror.peer, mirror.peer),
            state=mirror.state,
            lag_ms=mirror.lag_ms,
            queued=mirror.queued,
        )
        for (platform, _), mirrors in zip(asked, answers, strict=True)
        for mirror in mirrors
    ]
    away = [there.away[site] for site in sorted(there.away)]
    return Health(tuple(found), tuple(away))


def _of(platform: Platform, key: str) -> Sequence[rest.Mirror]:
    try:
        return rest.mirrors(platform, key)
    except RestError:
        return (rest.Mirror(key, platform.connection.url, "unknown", 0, 0),)
