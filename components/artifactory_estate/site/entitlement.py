"""Whether a site's licences allow what is declared: what has expired, or is of a lesser edition, is told by the server only."""

from collections.abc import Sequence

from artifactory_estate.base import Lifecycle, Model, Observation, refuse_if_any
from artifactory_estate.cloud import secrets
from artifactory_estate.rest import Connection, Platform
from artifactory_estate.rest.licences import InstalledLicence, installed
from artifactory_estate.site import editions
from artifactory_estate.site.editions import Feature


class EntitlementDeclaration(Model):
    """What the licences have to allow."""

    connection: Connection
    """The site."""
    licences: tuple[str, ...]
    """The server's names of the declared ones; nobody else's are judged."""
    features: tuple[Feature, ...] = ()
    """What is used."""


class Entitlement(Lifecycle[EntitlementDeclaration, Observation]):
    """Refuses, before anything that needs them is written, licences that have expired or are of a lesser edition. It stands
    behind the licences, so that better ones take the place of those that were refused. Makes nothing; 1 request.
    """

    declared = EntitlementDeclaration
    observed = Observation

    def create(self, wanted: EntitlementDeclaration) -> Observation:
        """Nothing to make, once it is not refused."""
        if not wanted.connection.available:
            return _away(wanted)
        path = ("sites", wanted.connection.site, "licences")
        refuse_if_any(editions.refusals(path, _installed(wanted), wanted.features))
        return Observation()

    def update(self, old: EntitlementDeclaration, wanted: EntitlementDeclaration, observed: Observation) -> Observation:
        """Looked at again."""
        del old, observed
        return self.create(wanted)

    def read(self, last: EntitlementDeclaration, observed: Observation) -> tuple[EntitlementDeclaration, Observation]:
        """A licence that has expired meanwhile is pending."""
        del observed
        if not last.connection.available:
            return last, _away(last)
        expired = [f"licence {licence.hash} has expired" for licence in _installed(last) if licence.expired]
        return last, Observation(pending=tuple(expired))

    def delete(self, last: EntitlementDeclaration, observed: Observation) -> None:
        """Nothing was made."""


def _away(declared: EntitlementDeclaration) -> Observation:
    return Observation(pending=(f"{declared.connection.site} is not available",))


def _installed(declared: EntitlementDeclaration) -> Sequence[InstalledLicence]:
    pool = installed(Platform(declared.connection, secrets.resolve))
    return [licence for licence in pool if licence.hash in declared.licences]
