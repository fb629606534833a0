"""The licences of a site before its nodes want them."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from artifactory_estate.base import EstateError, Lifecycle, Model, Observation, Refusal, SecretRef, refuse_if_any
from artifactory_estate.cloud import secrets
from artifactory_estate.rest import Connection, Platform, licences
from artifactory_estate.site import licence_bucket, licence_pool
from artifactory_estate.site.licence_bucket import HeldLicences


class LicenceSupplyDeclaration(Model):
    """Where the licences come from, and how many nodes there will be."""

    connection: Connection
    """The site."""
    references: tuple[SecretRef, ...] = ()
    """Each leads to one licence or more, separated by an empty line."""
    bucket: HeldLicences | None = None
    """Instead of `references`."""
    nodes: Annotated[int, Field(ge=1)]
    """Nodes that each need one."""
    surge: bool = False
    """Instances are replaced by starting the new one first: that takes one licence more."""

    @property
    def needed(self) -> int:
        """Licences that must be there."""
        return self.nodes + self.surge


class LicenceSupplyObservation(Observation):
    """Nothing of a licence."""

    count: int = 0
    """Licences there are."""


class LicenceSupply(Lifecycle[LicenceSupplyDeclaration, LicenceSupplyObservation]):
    """Sees to it that each node that is to start finds a licence (files reference 4.2: the licence comes before the node).

    Refuses too few and duplicates; gets from the bucket what is missing; and puts new ones into the pool of a site that
    runs, before its new node starts. The first node of a new site brings the pool along. What is no longer needed goes
    back later, when the node is gone: `LicencesLifecycle`.
    """

    declared = LicenceSupplyDeclaration
    observed = LicenceSupplyObservation

    def preflight(self, old: LicenceSupplyDeclaration | None, new: LicenceSupplyDeclaration) -> Sequence[Refusal]:
        """Duplicates, and too few for the nodes. A bucket is asked when the licences are taken."""
        del old
        if new.bucket:
            return ()
        path = ("sites", new.connection.site, "licences")
        return tuple(licence_pool.refusals(path, _given(new), new.nodes, surge=new.surge))

    def create(self, wanted: LicenceSupplyDeclaration) -> LicenceSupplyObservation:
        """No server is there yet, or it has what it needs."""
        return LicenceSupplyObservation(count=len(self._get(wanted)))

    def update(
        self, old: LicenceSupplyDeclaration, wanted: LicenceSupplyDeclaration, observed: LicenceSupplyObservation
    ) -> LicenceSupplyObservation:
        """Also installs what is new."""
        del old, observed
        keys = self._get(wanted)
        if not wanted.connection.available:
            return LicenceSupplyObservation(count=len(keys), pending=(f"{wanted.connection.site} is not available",))
        try:
            licence_pool.add(Platform(wanted.connection, secrets.resolve), keys)
        except licences.LicenceRefused:
            raise
        except EstateError as error:
            return LicenceSupplyObservation(count=len(keys), pending=(f"licences are not in the pool yet: {error}",))
        return LicenceSupplyObservation(count=len(keys))

    def _get(self, wanted: LicenceSupplyDeclaration) -> Sequence[str]:
        refuse_if_any(self.preflight(None, wanted))
        return licence_bucket.acquire_up_to(wanted.bucket, wanted.needed) if wanted.bucket else _given(wanted)

    def read(
        self, last: LicenceSupplyDeclaration, observed: LicenceSupplyObservation
    ) -> tuple[LicenceSupplyDeclaration, LicenceSupplyObservation]:
        """How many there are now; a source that cannot be read changes nothing."""
        try:
            count = len(licence_bucket.held(last.bucket) if last.bucket else _given(last))
        except EstateError:
            return last, observed
        short = last.needed - count
        pending = (
            (f"{short} more licence{'s' * (short > 1)} to be had from {last.bucket.bucket}",) if last.bucket else ()
        )
        return last, LicenceSupplyObservation(count=count, pending=pending if short > 0 else ())

    def delete(self, last: LicenceSupplyDeclaration, observed: LicenceSupplyObservation) -> None:
        """All go back to the bucket."""
        if last.bucket:
            licence_bucket.give_back_beyond(last.bucket, 0)


def _given(declared: LicenceSupplyDeclaration) -> Sequence[str]:
    return licence_pool.keys_behind(declared.references)
