"""From the document's words to what the federation's resource declares; `estate watch` and `status` ask with the same."""

from collections.abc import Mapping

from artifactory_estate.base import Owner
from artifactory_estate.federation.declared import DeclaredFederation
from artifactory_estate.federation.form import compact_all
from artifactory_estate.federation.model import Federation
from artifactory_estate.rest import Connection


def declare(
    owner: Owner, name: str, federation: Federation, connections: Mapping[str, Connection]
) -> DeclaredFederation:
    """`connections` has one for each member."""
    return DeclaredFederation(
        owner=owner,
        federation=name,
        connections={site: connections[site] for site in federation.members},
        members=federation.members,
        repositories=compact_all(federation.repositories),
        on_unreachable=federation.on_unreachable,
    )
