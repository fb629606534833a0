"""What of a site is made true over REST: that it is ready, licensed, and knows its own URL."""

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import Field

from artifactory_estate.base import (
    Duration,
    EstateError,
    Lifecycle,
    Model,
    Observation,
    Refusal,
    SecretRef,
    refuse_if_any,
)
from artifactory_estate.cloud import secrets
from artifactory_estate.cloud.node_reports import NodesOf, failed_nodes, start_again
from artifactory_estate.rest import Connection, Platform, system
from artifactory_estate.rest.licences import InstalledLicence, installed, pool
from artifactory_estate.site import licence_pool
from artifactory_estate.site.readiness import Expected, look, wait


def _away(connection: Connection) -> tuple[str, ...]:
    return (f"{connection.site} is not available",)


class ReadinessDeclaration(Model):
    """What counts as ready."""

    connection: Connection
    """The site."""
    version: str | None = None
    """Artifactory version of every node; none: any."""
    nodes: Annotated[int, Field(ge=1)] = 1
    """Nodes that must run."""
    deadline: Duration = 900
    """How long a first start may take."""
    nodes_of: NodesOf | None = None
    """Of a managed site: where its nodes say how they started. A start that failed is tried once more, then told."""


class ReadinessObservation(Observation):
    """The platform that answered."""

    version: str = ""
    """Its version."""
    nodes: tuple[str, ...] = ()
    """Ids of its running nodes, sorted."""


class ReadinessLifecycle(Lifecycle[ReadinessDeclaration, ReadinessObservation]):
    """Waits until a platform answers in the declared version on enough nodes: the one bounded wait of an estate.

    4 requests a look (ping, version, nodes, router), a look every 3 seconds, nothing written. After the deadline it
    fails with what was seen last; and at once, with the node's own reason, when the start of a node fails. A node that
    failed before this run is started again first: what stopped it may have been mended. `read` looks once; a platform
    that is not ready is pending, so that the next `up` waits for it.
    """

    declared = ReadinessDeclaration
    observed = ReadinessObservation

    def create(self, wanted: ReadinessDeclaration) -> ReadinessObservation:
        """Returns when it is ready."""
        if not wanted.connection.available:
            return ReadinessObservation(pending=_away(wanted.connection))
        stuck = _stuck(wanted.nodes_of) if wanted.nodes_of else lambda: ""
        seen = wait(wanted.connection, _expected(wanted), wanted.deadline, stuck=stuck)
        return ReadinessObservation(version=seen.version, nodes=tuple(seen.nodes))

    def read(
        self, last: ReadinessDeclaration, observed: ReadinessObservation
    ) -> tuple[ReadinessDeclaration, ReadinessObservation]:
        """One look."""
        if not last.connection.available:
            return last, observed.model_copy(update={"pending": _away(last.connection)})
        seen = look(last.connection, _expected(last))
        if seen.lacking:
            return last, observed.model_copy(update={"pending": (f"not ready: {seen.lacking}",)})
        return last, ReadinessObservation(version=seen.version, nodes=tuple(seen.nodes))

    def update(
        self, old: ReadinessDeclaration, wanted: ReadinessDeclaration, observed: ReadinessObservation
    ) -> ReadinessObservation:
        """Waits again."""
        del old, observed
        return self.create(wanted)

    def delete(self, last: ReadinessDeclaration, observed: ReadinessObservation) -> None:
        """There is nothing to take away."""


def _stuck(place: NodesOf) -> Callable[[], str]:
    """Starts failed nodes again, and returns the question that tells why one failed since."""
    start_again(place)

    def why() -> str:
        failed = failed_nodes(place)
        return "; ".join(f"{report.instance} did not start: {report.reason}" for report in failed)

    return why


def _expected(declared: ReadinessDeclaration) -> Expected:
    return Expected(declared.version, declared.nodes)


class Licence(Model):
    """A licence of the pool, as the server tells it."""

    hash: str
    """The server's name for it."""
    type: str
    """`Enterprise Plus`, …"""
    valid_through: str
    """Last day, as the server writes it."""
    expired: bool
    """By the server's clock."""
    node: str
    """Which node uses it; empty: none."""


class LicencesDeclaration(Model):
    """Which licences a site runs on."""

    connection: Connection
    """The site."""
    pool: SecretRef
    """Licences separated by an empty line."""
    nodes: Annotated[int, Field(ge=1)] = 1
    """Nodes that each need one."""


class LicencesObservation(Observation):
    """The pool."""

    licences: tuple[Licence, ...] = ()
    """All that the server has, ours or not."""
    ours: tuple[str, ...] = ()
    """Hashes of the declared ones."""
    fingerprint: str = ""
    """Keyed fingerprint of the declared pool."""


class LicencesLifecycle(Lifecycle[LicencesDeclaration, LicencesObservation]):
    """Keeps the declared licences installed. 1 request when they are; 2 more to install, 2 more to remove.

    A licence that was taken out at the server, or a pool whose text has changed, is pending after a refresh, and the next
    `up` puts it right. `delete` leaves the licences: a cluster without them would stop before it could be taken down.
    """

    declared = LicencesDeclaration
    observed = LicencesObservation

    def preflight(self, old: LicencesDeclaration | None, new: LicencesDeclaration) -> Sequence[Refusal]:
        """Duplicates, and too few for the nodes."""
        del old
        return _refusals(new, pool(secrets.resolve(new.pool)))

    def create(self, wanted: LicencesDeclaration) -> LicencesObservation:
        """Installs what is missing."""
        return self._install(wanted, LicencesObservation())

    def update(
        self, old: LicencesDeclaration, wanted: LicencesDeclaration, observed: LicencesObservation
    ) -> LicencesObservation:
        """Also takes out those that were declared before and are not now."""
        del old
        return self._install(wanted, observed)

    def _install(self, wanted: LicencesDeclaration, observed: LicencesObservation) -> LicencesObservation:
        if not wanted.connection.available:
            return observed.model_copy(update={"pending": _away(wanted.connection)})
        text = secrets.resolve(wanted.pool)
        keys = pool(text)
        refuse_if_any(_refusals(wanted, keys))
        done = licence_pool.install(Platform(wanted.connection, secrets.resolve), keys, set(observed.ours))
        return LicencesObservation(
            licences=_told(done.pool),
            ours=tuple(sorted(done.ours)),
            fingerprint=_fingerprint(wanted, text),
            pending=(done.kept,) if done.kept else (),
        )

    def read(
        self, last: LicencesDeclaration, observed: LicencesObservation
    ) -> tuple[LicencesDeclaration, LicencesObservation]:
        """1 request."""
        if not last.connection.available:
            return last, observed.model_copy(update={"pending": _away(last.connection)})
        found = installed(Platform(last.connection, secrets.resolve))
        pending = [
            f"licence {name} is not installed" for name in observed.ours if name not in {one.hash for one in found}
        ]
        try:
            if _fingerprint(last, secrets.resolve(last.pool)) != observed.fingerprint:
                pending.append(f"the licences behind {last.pool} have changed")
        except secrets.SecretUnavailable as error:
            pending.append(f"licences cannot be compared: {error}")
        return last, observed.model_copy(update={"licences": _told(found), "pending": tuple(pending)})

    def delete(self, last: LicencesDeclaration, observed: LicencesObservation) -> None:
        """Leaves them."""


def _refusals(declared: LicencesDeclaration, keys: Sequence[str]) -> tuple[Refusal, ...]:
    path = ("sites", declared.connection.site, "licences")
    return tuple(licence_pool.refusals(path, keys, declared.nodes))


def _fingerprint(declared: LicencesDeclaration, text: str) -> str:
    return secrets.fingerprint("\n\n".join(pool(text)), f"licences of {declared.connection.site}")


def _told(found: Sequence[InstalledLicence]) -> tuple[Licence, ...]:
    told = (Licence(**licence._asdict()) for licence in found)
    return tuple(sorted(told, key=lambda licence: licence.hash))


class BaseUrlDeclaration(Model):
    """The URL that a platform writes into what it generates."""

    connection: Connection
    """The site."""
    url: str
    """Platform URL without `/artifactory`."""


class BaseUrlLifecycle(Lifecycle[BaseUrlDeclaration, Observation]):
    """Sets the custom base URL. 1 request when it is right, 3 when not. `delete` leaves it: no platform is better off
    without one."""

    declared = BaseUrlDeclaration
    observed = Observation

    def create(self, wanted: BaseUrlDeclaration) -> Observation:
        """Sets it where it differs, and reads it back."""
        if not wanted.connection.available:
            return Observation(pending=_away(wanted.connection))
        platform = Platform(wanted.connection, secrets.resolve)
        if system.base_url(platform) != wanted.url:
            system.set_base_url(platform, wanted.url)
            found = system.base_url(platform)
            if found != wanted.url:
                raise EstateError(f"{platform.site}: the base URL was set to {wanted.url} and is {found or 'empty'}")
        return Observation()

    def read(self, last: BaseUrlDeclaration, observed: Observation) -> tuple[BaseUrlDeclaration, Observation]:
        """The one that is set; empty when none is."""
        if not last.connection.available:
            return last, Observation(pending=_away(last.connection))
        url = system.base_url(Platform(last.connection, secrets.resolve))
        return last.model_copy(update={"url": url}), observed

    def update(self, old: BaseUrlDeclaration, wanted: BaseUrlDeclaration, observed: Observation) -> Observation:
        """As `create`."""
        del old, observed
        return self.create(wanted)

    def delete(self, last: BaseUrlDeclaration, observed: Observation) -> None:
        """Leaves it."""
