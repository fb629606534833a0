"""What about a document may surprise, and is done all the same: `estate validate` prints it."""

from collections.abc import Callable, Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.site import package_rules, security_rules, size_rules
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.properties import advice as properties

SITE_ROOMS: tuple[Callable[[Estate, str, ManagedSite], Iterator[Refusal]], ...] = (
    package_rules.warnings,
    size_rules.warnings,
    properties.warnings,
    security_rules.warnings,
)


def warnings(estate: Estate) -> Iterator[Refusal]:
    """In the words of a refusal, each once; nothing is refused."""
    sites = estate.managed_sites.items()
    yield from dict.fromkeys(said for name, site in sites for room in SITE_ROOMS for said in room(estate, name, site))
