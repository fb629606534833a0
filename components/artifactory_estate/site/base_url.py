"""The URL that a site writes into what it generates: set, and looked at from outside, as a client would."""

from collections.abc import Iterator

from artifactory_estate.base import EstateError, Lifecycle, Model, Observation
from artifactory_estate.cloud import secrets
from artifactory_estate.rest import Connection, Platform, system
from artifactory_estate.rest.generated_urls import generated_urls


class BaseUrlDeclaration(Model):
    """The URL that a platform writes into what it generates."""

    connection: Connection
    """The site."""
    url: str
    """Platform URL without `/artifactory`."""
    generated: str | None = None
    """What generated URLs begin with, where a proxy puts a service name into them; default: `url`."""


class BaseUrlLifecycle(Lifecycle[BaseUrlDeclaration, Observation]):
    """Sets the custom base URL, and looks at URLs that the site generates for clients who come by its name.

    1 request when the base URL is right, 3 when not; then 3 to 6 for what is generated. A generated URL that leads
    elsewhere is pending: a proxy or load balancer on the way says so. `delete` leaves the URL: no platform is better off
    without one.
    """

    declared = BaseUrlDeclaration
    observed = Observation

    def create(self, wanted: BaseUrlDeclaration) -> Observation:
        """Sets it where it differs, and reads it back."""
        if not wanted.connection.available:
            return _away(wanted.connection)
        platform = Platform(wanted.connection, secrets.resolve)
        if system.base_url(platform) != wanted.url:
            system.set_base_url(platform, wanted.url)
            found = system.base_url(platform)
            if found != wanted.url:
                raise EstateError(f"{platform.site}: the base URL was set to {wanted.url} and is {found or 'empty'}")
        return Observation(pending=tuple(_astray(platform, wanted)))

    def read(self, last: BaseUrlDeclaration, observed: Observation) -> tuple[BaseUrlDeclaration, Observation]:
        """The one that is set, empty when none is, and what is generated with it."""
        if not last.connection.available:
            return last, _away(last.connection)
        platform = Platform(last.connection, secrets.resolve)
        found = last.model_copy(update={"url": system.base_url(platform)})
        if found.url != last.url:
            return found, observed
        return found, Observation(pending=tuple(_astray(platform, last)))

    def update(self, old: BaseUrlDeclaration, wanted: BaseUrlDeclaration, observed: Observation) -> Observation:
        """As `create`."""
        del old, observed
        return self.create(wanted)

    def delete(self, last: BaseUrlDeclaration, observed: Observation) -> None:
        """Leaves it."""


def _away(connection: Connection) -> Observation:
    return Observation(pending=(f"{connection.site} is not available",))


def _astray(platform: Platform, wanted: BaseUrlDeclaration) -> Iterator[str]:
    """A generated URL has to begin with the name by which the client came, or with the one that a proxy puts in."""
    right = wanted.generated or wanted.url
    for what, url in generated_urls(platform).items():
        if not url.startswith(f"{right}/"):
            yield (
                f"{what} says {url}, which is not below {right}: look at load_balancer.override_base_url, "
                "and at what stands between the load balancer and the nodes"
            )
