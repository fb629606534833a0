"""What may not be true together: every room's rules on the whole document."""

from collections.abc import Callable, Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.database import rules as database
from artifactory_estate.disaster_recovery import rules as disaster_recovery
from artifactory_estate.estate.model import Estate
from artifactory_estate.federation import rules as federation
from artifactory_estate.filestore import rules as filestore
from artifactory_estate.load_balancer import rules as load_balancer
from artifactory_estate.replication import rules as replication
from artifactory_estate.repositories import rules as repositories
from artifactory_estate.site import rules as site
from artifactory_estate.site import upgrade_rules as upgrade
from artifactory_estate.trust import rules as trust

ROOMS: tuple[Callable[[Estate], Iterator[Refusal]], ...] = (
    site.refusals,
    upgrade.refusals,
    filestore.refusals,
    database.refusals,
    load_balancer.refusals,
    repositories.refusals,
    replication.refusals,
    trust.refusals,
    federation.refusals,
    disaster_recovery.refusals,
)


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every refusal of the whole estate. Pure: no network, no file."""
    for room in ROOMS:
        yield from room(estate)
