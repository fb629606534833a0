"""How federations do now."""

from artifactory_estate.base import EstateError, Model, Owner
from artifactory_estate.estate.model import Estate
from artifactory_estate.federation import health
from artifactory_estate.federation.declare import declare
from artifactory_estate.federation.declared import DeclaredFederation
from artifactory_estate.site.connection import connection_to


class ConnectionStatus(Model):
    """What one site says of its connection to another, for one repository."""

    repository: str
    site: str
    peer: str
    state: str
    lag_ms: int
    queued: int


class FederationStatus(Model):
    """One federation."""

    name: str
    state: str
    """The most severe state of its connections."""
    settled: bool
    """Whether everything is everywhere that answers."""
    connections: tuple[ConnectionStatus, ...] = ()
    deferred: tuple[str, ...] = ()
    """Members that are left for later, and why."""


def declared(estate: Estate, name: str) -> DeclaredFederation:
    """As the federation's stack declares it; for asking, the owner does not matter."""
    federation = estate.federations[name]
    connections = {site: connection_to(estate.estate, site, estate.sites[site]) for site in federation.members}
    return declare(Owner(estate=estate.estate, resource=f"federation-{name}"), name, federation, connections)


def federation_status(estate: Estate, name: str) -> FederationStatus:
    """Ask every member that answers."""
    try:
        found = health.observe(declared(estate, name))
    except EstateError as error:
        return FederationStatus(name=name, state=str(error), settled=False)
    return FederationStatus(
        name=name,
        state=found.state,
        settled=found.settled,
        connections=tuple(
            ConnectionStatus(
                repository=each.repository,
                site=each.site,
                peer=each.peer,
                state=each.state,
                lag_ms=each.lag_ms,
                queued=each.queued,
            )
            for each in found.connections
        ),
        deferred=tuple(f"deferred: {sentence}" for sentence in found.away),
    )
