"""What of a site is made true over REST: that it is ready and licensed.

`BaseUrlLifecycle` has moved to `site.base_url`; states of before name it here.
"""

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import Field

from artifactory_estate.base import (
    DocumentPath,
    Duration,
    Lifecycle,
    Model,
    Observation,
    Refusal,
    SecretRef,
    refuse_if_any,
)
from artifactory_estate.cloud import secrets
from artifactory_estate.cloud.node_reports import (
    FrontsOf,
    NodeReport,
    NodesOf,
    failed_fronts,
    failed_nodes,
    start_again,
)
from artifactory_estate.rest import Connection, Platform
from artifactory_estate.rest.licences import InstalledLicence, installed
from artifactory_estate.site import editions, licence_bucket, licence_pool
from artifactory_estate.site.base_url import BaseUrlLifecycle
from artifactory_estate.site.editions import Feature
from artifactory_estate.site.licence_bucket import HeldLicences
from artifactory_estate.site.readiness import Expected, NotReady, look, wait


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
    fronts_of: FrontsOf | None = None
    """Of a site with fronts: where they say why they do not serve, or not with their new files."""


class ReadinessObservation(Observation):
    """The platform that answered."""

    version: str = ""
    """Its version."""
    nodes: tuple[str, ...] = ()
    """Ids of its running nodes, sorted."""


class ReadinessLifecycle(Lifecycle[ReadinessDeclaration, ReadinessObservation]):
    """Waits until a platform answers in the declared version on enough nodes: the one bounded wait of an estate.

    4 requests a look (ping, version, nodes, router), a look every 3 seconds, nothing written. After the deadline it
    fails with what was seen last; and at once, with the machine's own reason, when the start of a node or a front fails. A
    node that failed before this run is started again first: what stopped it may have been mended. A front that fails is
    told although others serve. `read` looks once; what is not ready is pending, so that the next `up` waits for it.
    """

    declared = ReadinessDeclaration
    observed = ReadinessObservation

    def create(self, wanted: ReadinessDeclaration) -> ReadinessObservation:
        """Returns when it is ready."""
        if not wanted.connection.available:
            return ReadinessObservation(pending=_away(wanted.connection))
        stuck = _stuck(wanted.nodes_of) if wanted.nodes_of else lambda: ""
        fronts = wanted.fronts_of
        seen = wait(
            wanted.connection, _expected(wanted), wanted.deadline, stuck=lambda: stuck() or _failing_fronts(fronts)
        )
        if why := _failing_fronts(fronts):
            raise NotReady(f"{wanted.connection.site}: {why}")
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
        ill = _said(failed_nodes(last.fronts_of, "fronts")) if last.fronts_of else ""
        return last, ReadinessObservation(version=seen.version, nodes=tuple(seen.nodes), pending=(ill,) if ill else ())

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


def _failing_fronts(place: FrontsOf | None) -> str:
    return _said(failed_fronts(place)) if place else ""


def _said(fronts: Sequence[NodeReport]) -> str:
    return "; ".join(f"the front {front.instance} does not serve as declared: {front.reason}" for front in fronts)


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
    pool: SecretRef | tuple[SecretRef, ...] = ()
    """Each leads to licences separated by an empty line."""
    bucket: HeldLicences | None = None
    """Instead of `pool`: what nobody needs any more goes back to it."""
    nodes: Annotated[int, Field(ge=1)] = 1
    """Licences needed: one a node. Of a pool, that is checked before the nodes start."""
    features: tuple[Feature, ...] = ()
    """What the licences have to allow."""


class LicencesObservation(Observation):
    """The pool."""

    licences: tuple[Licence, ...] = ()
    """All that the server has, ours or not."""
    ours: tuple[str, ...] = ()
    """Hashes of the declared ones."""
    fingerprint: str = ""
    """Keyed fingerprint of the declared pool."""


class LicencesLifecycle(Lifecycle[LicencesDeclaration, LicencesObservation]):
    """Keeps the declared licences installed. Those that do not allow what is declared are pending, so that the next `up`
    looks whether there are better ones; `Entitlement` refuses them. 1 request; 2 more to install, 2 more to remove.

    A licence that was taken out at the server, or a pool whose text has changed, is pending after a refresh, and the next
    `up` puts it right. `delete` leaves the licences: a cluster without them would stop before it could be taken down.
    """

    declared = LicencesDeclaration
    observed = LicencesObservation

    def preflight(self, old: LicencesDeclaration | None, new: LicencesDeclaration) -> Sequence[Refusal]:
        """Duplicates, and too few for the nodes."""
        del old
        return () if new.bucket else _refusals(new, licence_pool.keys_behind(new.pool))

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
        keys = _keys(wanted)
        refuse_if_any(_refusals(wanted, keys))
        done = licence_pool.install(Platform(wanted.connection, secrets.resolve), keys, set(observed.ours))
        lacking = editions.refusals(_path(wanted), [one for one in done.pool if one.hash in done.ours], wanted.features)
        if wanted.bucket and not done.kept:
            licence_bucket.give_back_beyond(wanted.bucket, wanted.nodes)
        return LicencesObservation(
            licences=_told(done.pool),
            ours=tuple(sorted(done.ours)),
            fingerprint=_fingerprint(wanted, keys),
            pending=(*([done.kept] if done.kept else []), *(f"{refusal.found} ({refusal.why})" for refusal in lacking)),
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
        pending += [f"licence {one.hash} has expired" for one in found if one.expired and one.hash in observed.ours]
        try:
            if _fingerprint(last, _keys(last)) != observed.fingerprint:
                pending.append(f"the licences behind {_source(last)} have changed")
        except secrets.SecretUnavailable as error:
            pending.append(f"licences cannot be compared: {error}")
        return last, observed.model_copy(update={"licences": _told(found), "pending": tuple(pending)})

    def delete(self, last: LicencesDeclaration, observed: LicencesObservation) -> None:
        """Leaves them."""


def _refusals(declared: LicencesDeclaration, keys: Sequence[str]) -> tuple[Refusal, ...]:
    return tuple(licence_pool.refusals(_path(declared), keys, declared.nodes))


def _path(declared: LicencesDeclaration) -> DocumentPath:
    return ("sites", declared.connection.site, "licences")


def _keys(declared: LicencesDeclaration) -> Sequence[str]:
    if declared.bucket:
        return licence_bucket.held(declared.bucket)[: declared.nodes]
    return licence_pool.keys_behind(declared.pool)


def _source(declared: LicencesDeclaration) -> str:
    if declared.bucket:
        return declared.bucket.bucket
    return declared.pool if isinstance(declared.pool, str) else ", ".join(declared.pool)


def _fingerprint(declared: LicencesDeclaration, keys: Sequence[str]) -> str:
    return secrets.fingerprint("\n\n".join(keys), f"licences of {declared.connection.site}")


def _told(found: Sequence[InstalledLicence]) -> tuple[Licence, ...]:
    told = (Licence(**licence._asdict()) for licence in found)
    return tuple(sorted(told, key=lambda licence: licence.hash))


__all__ = [
    "BaseUrlLifecycle",
    "Licence",
    "LicencesDeclaration",
    "LicencesLifecycle",
    "LicencesObservation",
    "ReadinessDeclaration",
    "ReadinessLifecycle",
    "ReadinessObservation",
]
