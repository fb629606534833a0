"""One federation across its members."""

import pulumi

from artifactory_estate.estate.model import Estate
from artifactory_estate.federation.component import Federation
from artifactory_estate.site.connection import connection_to


def make(estate: Estate, name: str) -> None:
    """The stack `federation-<name>`."""
    declared = estate.federations[name]
    connections = {member: connection_to(estate.estate, member, estate.sites[member]) for member in declared.members}
    made = Federation(name, estate.estate, declared, connections)
    pulumi.export("pending", made.observed.apply(lambda observed: observed["pending"]))
