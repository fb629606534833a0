"""What a site needs of AWS that must not, or cannot, be a Pulumi resource: secrets, bundles, commands, look-ups, a guard.

The names of these classes and of this module are state.
"""

import shlex
from collections.abc import Sequence

from artifactory_estate.base import Lifecycle, Model, Observation, Refusal, refuse_if_any
from artifactory_estate.cloud import package, site_secrets, zones
from artifactory_estate.cloud.bundle import Shelf, differences, digest_of
from artifactory_estate.cloud.losses import DeletionGuardDeclaration, losses
from artifactory_estate.cloud.node_commands import Group
from artifactory_estate.cloud.node_reports import FrontsOf, await_fronts, has_applied
from artifactory_estate.cloud.site_secrets import SiteSecretsDeclaration, SiteSecretsObservation


class SiteSecrets(Lifecycle[SiteSecretsDeclaration, SiteSecretsObservation]):
    """The secrets of one managed site in Secrets Manager.

    Made once and never overwritten: `admin-password`, `master-key`, `join-key`, `database-password`. Without a value
    until the first node puts it: `admin-token`. Copied from a reference: `licences`, and what the document gives.
    Deletion can be undone for 7 days, and making the site again does so, except for the token, which dies with its site.
    """

    declared = SiteSecretsDeclaration
    observed = SiteSecretsObservation

    def preflight(self, old: SiteSecretsDeclaration | None, new: SiteSecretsDeclaration) -> Sequence[Refusal]:
        """Keys of the wrong form, and keys that differ from those the site already has."""
        del old
        return tuple(site_secrets.key_refusals(new))

    def create(self, wanted: SiteSecretsDeclaration) -> SiteSecretsObservation:
        refuse_if_any(self.preflight(None, wanted))
        return site_secrets.ensure(wanted)

    def update(
        self, old: SiteSecretsDeclaration, wanted: SiteSecretsDeclaration, observed: SiteSecretsObservation
    ) -> SiteSecretsObservation:
        """The same as making them: nothing that exists is overwritten but what is copied."""
        del old, observed
        return self.create(wanted)

    def read(
        self, last: SiteSecretsDeclaration, observed: SiteSecretsObservation
    ) -> tuple[SiteSecretsDeclaration, SiteSecretsObservation] | None:
        """Missing secrets and changed sources are pending; a source that cannot be read now changes nothing."""
        pending = site_secrets.pending(last, observed)
        return None if pending is None else (last, observed.model_copy(update={"pending": tuple(pending)}))

    def delete(self, last: SiteSecretsDeclaration, observed: SiteSecretsObservation) -> None:
        del observed
        site_secrets.remove(last)


class BundleDeclaration(Model):
    """What a site's nodes run."""

    bucket: str
    region: str
    role: str | None = None
    files: dict[str, str]
    """Name to text; no secret."""
    script: str
    """Fetches the bundle that `ESTATE_BUNDLE` names, or the current one, and applies it: the nodes' own user data."""
    group: str
    """Auto Scaling group whose nodes follow; one that does not exist yet has none."""
    fronts: FrontsOf | None = None
    """The fronts, which follow by themselves."""


class BundleObservation(Observation):
    """Which bundle is current."""

    digest: str = ""


class Bundle(Lifecycle[BundleDeclaration, BundleObservation]):
    """The rendered files of a site in its bucket, named by their digest, and a pointer to the current ones.

    A change is uploaded, then applied to the running nodes one at a time, and only then becomes current: a bundle that
    the first node cannot live with stops there, and a node that is replaced meanwhile takes the old one. Fronts take
    the current one by themselves, and are waited for.
    A node that does not serve is pending after a refresh; the next `up` runs its bootstrap again.
    """

    declared = BundleDeclaration
    observed = BundleObservation

    def notices(self, old: BundleDeclaration | None, new: BundleDeclaration) -> Sequence[str]:
        """What the nodes are restarted for. No request."""
        changed = differences(old.files, new.files) if old else []
        text = "the nodes restart one after another by command, no instance is replaced, for"
        return (f"{text} {', '.join(changed)}",) if changed else ()

    def create(self, wanted: BundleDeclaration) -> BundleObservation:
        shelf, group = _shelf(wanted), _group(wanted)
        digest = shelf.upload(wanted.files)
        # Systems Manager hands the command to sh; the script is bash.
        script = f"ESTATE_BUNDLE={digest} exec bash -c {shlex.quote(wanted.script)}"

        def is_done(node: str) -> bool:
            return has_applied(wanted.bucket, node, digest, wanted.region, wanted.role)

        group.roll(script, is_done)
        if shelf.current() != digest:
            shelf.point_to(digest)
            group.roll(script, is_done)  # an instance that began to boot before has taken the bundle of then
        if wanted.fronts:
            await_fronts(wanted.fronts, digest)
        return BundleObservation(digest=digest)

    def update(
        self, old: BundleDeclaration, wanted: BundleDeclaration, observed: BundleObservation
    ) -> BundleObservation:
        """As `create`: a node that runs the bundle and serves is left alone."""
        del old, observed
        return self.create(wanted)

    def read(
        self, last: BundleDeclaration, observed: BundleObservation
    ) -> tuple[BundleDeclaration, BundleObservation] | None:
        shelf = _shelf(last)
        current = shelf.current()
        if current is None:
            return None
        as_declared = current == digest_of(last.files) and shelf.holds(current)
        pending = () if as_declared else ("the current bundle is not the declared one",)
        ill = tuple(f"{node} does not serve" for node in _group(last).not_serving())
        return last, observed.model_copy(update={"digest": current, "pending": (*pending, *ill)})

    def delete(self, last: BundleDeclaration, observed: BundleObservation) -> None:
        del observed
        _shelf(last).clear()


def _group(declared: BundleDeclaration) -> Group:
    return Group(declared.group, declared.region, declared.role)


def _shelf(declared: BundleDeclaration) -> Shelf:
    return Shelf(declared.bucket, declared.region, declared.role)


class PackageDeclaration(Model):
    """The installer to mirror."""

    source: str
    """`https://…` or `s3://…`."""
    sha256: str
    bucket: str
    region: str
    role: str | None = None


class PackageObservation(Observation):
    """Where it is."""

    url: str = ""
    """`s3://<bucket>/packages/<sha256>/<file>`."""


class Package(Lifecycle[PackageDeclaration, PackageObservation]):
    """The installer in the site's bucket, checked against its digest. Nodes never download it from elsewhere."""

    declared = PackageDeclaration
    observed = PackageObservation

    def create(self, wanted: PackageDeclaration) -> PackageObservation:
        key = package.key_of(wanted.source, wanted.sha256)
        if not package.is_mirrored(wanted.bucket, key, wanted.region, wanted.role):
            package.mirror(wanted.source, wanted.sha256, wanted.bucket, wanted.region, wanted.role)
        return PackageObservation(url=f"s3://{wanted.bucket}/{key}")

    def update(
        self, old: PackageDeclaration, wanted: PackageDeclaration, observed: PackageObservation
    ) -> PackageObservation:
        """The old one stays for nodes that are not upgraded yet; it goes with the bucket."""
        del old, observed
        return self.create(wanted)

    def read(
        self, last: PackageDeclaration, observed: PackageObservation
    ) -> tuple[PackageDeclaration, PackageObservation] | None:
        key = package.key_of(last.source, last.sha256)
        return (last, observed) if package.is_mirrored(last.bucket, key, last.region, last.role) else None

    def delete(self, last: PackageDeclaration, observed: PackageObservation) -> None:
        """It goes with the bucket."""


class HostedZoneDeclaration(Model):
    """A zone that exists."""

    name: str
    """`acme.example`."""
    region: str
    role: str | None = None


class HostedZoneObservation(Observation):
    """Kept in state, so that nothing asks Route 53 again, in a failover above all."""

    zone_id: str = ""


class HostedZone(Lifecycle[HostedZoneDeclaration, HostedZoneObservation]):
    """Looks up a hosted zone by its name, once. Makes and removes nothing."""

    declared = HostedZoneDeclaration
    observed = HostedZoneObservation

    def create(self, wanted: HostedZoneDeclaration) -> HostedZoneObservation:
        return HostedZoneObservation(zone_id=zones.find(wanted.name, wanted.region, wanted.role))

    def update(
        self, old: HostedZoneDeclaration, wanted: HostedZoneDeclaration, observed: HostedZoneObservation
    ) -> HostedZoneObservation:
        return self.create(wanted) if old.name != wanted.name else observed

    def read(
        self, last: HostedZoneDeclaration, observed: HostedZoneObservation
    ) -> tuple[HostedZoneDeclaration, HostedZoneObservation]:
        """As it was found: no request."""
        return last, observed

    def delete(self, last: HostedZoneDeclaration, observed: HostedZoneObservation) -> None:
        """Not ours."""


class DeletionGuard(Lifecycle[DeletionGuardDeclaration, Observation]):
    """Made last, so deleted first: refuses the destruction of a site before anything of it is gone.

    Refuses while a bucket holds an object or an old version of one, or a file system or the database exists, unless an earlier run has
    applied the word that allows it. AWS refuses both itself too, but only when half of the site is gone.
    """

    declared = DeletionGuardDeclaration
    observed = Observation

    def create(self, wanted: DeletionGuardDeclaration) -> Observation:
        """Nothing to make."""
        del wanted
        return Observation()

    def update(
        self, old: DeletionGuardDeclaration, wanted: DeletionGuardDeclaration, observed: Observation
    ) -> Observation:
        """The words that are applied now are those that a later deletion sees."""
        del old, wanted, observed
        return Observation()

    def read(
        self, last: DeletionGuardDeclaration, observed: Observation
    ) -> tuple[DeletionGuardDeclaration, Observation]:
        """No request."""
        return last, observed

    def delete(self, last: DeletionGuardDeclaration, observed: Observation) -> None:
        del observed
        refuse_if_any(losses(last))
