"""What a site needs of AWS that must not, or cannot, be a Pulumi resource: secrets, bundles, commands, look-ups, a guard.

The names of these classes are state.
"""

import re
import shlex
from collections.abc import Callable, Iterator, Sequence

from artifactory_estate.base import Lifecycle, Model, Observation, Owner, Refusal, SecretRef, refuse_if_any
from artifactory_estate.cloud import holdings, package, zones
from artifactory_estate.cloud.bundle import Shelf, digest_of
from artifactory_estate.cloud.made_once import Vault, new_key, new_password
from artifactory_estate.cloud.node_commands import Group
from artifactory_estate.cloud.secrets import SecretUnavailable, fingerprint, resolve

ADMIN_TOKEN = "admin-token"  # noqa: S105 (a name)


class SiteSecretsDeclaration(Model):
    """References and names; no value."""

    prefix: str
    """`<estate>/<site>`."""
    region: str
    role: str | None = None
    owner: Owner
    tags: dict[str, str] = {}
    licences: SecretRef
    """Copied, and again when it changes."""
    master_key: SecretRef | None = None
    """Copied once; made by us when not given."""
    join_key: SecretRef | None = None
    """Copied once; made by us when not given."""
    database_password: SecretRef | None = None
    """Of a database that is not ours: copied, and again when it changes. Made by us when not given."""


class SiteSecretsObservation(Observation):
    """Nothing that would help to guess a value."""

    fingerprints: dict[str, str] = {}
    """Keyed fingerprint by name of what was copied."""


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
        return tuple(_key_refusals(new))

    def create(self, wanted: SiteSecretsDeclaration) -> SiteSecretsObservation:
        refuse_if_any(self.preflight(None, wanted))
        vault, prefix = _vault(wanted), wanted.prefix
        vault.ensure(f"{prefix}/admin-password", new_password)
        vault.ensure(f"{prefix}/master-key", _given_or(wanted.master_key, new_key))
        vault.ensure(f"{prefix}/join-key", _given_or(wanted.join_key, new_key))
        vault.ensure(f"{prefix}/{ADMIN_TOKEN}", None)
        if wanted.database_password:
            vault.put_if_other(f"{prefix}/database-password", resolve(wanted.database_password))
        else:
            vault.ensure(f"{prefix}/database-password", new_password)
        vault.put_if_other(f"{prefix}/licences", resolve(wanted.licences))
        return SiteSecretsObservation(fingerprints=_fingerprints(wanted))

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
        vault = _vault(last)
        missing = [name for name in _names(last) if not vault.is_there(name)]
        if len(missing) == len(_names(last)):
            return None
        pending = [f"{name} is to be made again" for name in missing]
        try:
            now = _fingerprints(last)
        except SecretUnavailable:
            now = observed.fingerprints
        pending += [f"{name} has changed" for name in now if now[name] != observed.fingerprints.get(name)]
        return last, observed.model_copy(update={"pending": tuple(pending)})

    def delete(self, last: SiteSecretsDeclaration, observed: SiteSecretsObservation) -> None:
        del observed
        vault = _vault(last)
        for name in _names(last):
            vault.remove(name, recoverable=not name.endswith(ADMIN_TOKEN))


def _names(declared: SiteSecretsDeclaration) -> Sequence[str]:
    names = ("admin-password", "master-key", "join-key", "database-password", "licences", ADMIN_TOKEN)
    return [f"{declared.prefix}/{name}" for name in names]


def _vault(declared: SiteSecretsDeclaration) -> Vault:
    return Vault(declared.owner, declared.region, declared.role, declared.tags)


def _given_or(reference: SecretRef | None, make: Callable[[], str]) -> Callable[[], str]:
    return (lambda: resolve(reference)) if reference else make


def _fingerprints(declared: SiteSecretsDeclaration) -> dict[str, str]:
    copied = {"licences": declared.licences, "database-password": declared.database_password}
    return {
        name: fingerprint(resolve(reference), f"{declared.prefix}/{name}")
        for name, reference in copied.items()
        if reference
    }


def _key_refusals(declared: SiteSecretsDeclaration) -> Iterator[Refusal]:
    vault, site = _vault(declared), declared.prefix.split("/")[-1]
    for name, reference in (("master", declared.master_key), ("join", declared.join_key)):
        if not reference:
            continue
        path, key = ("sites", site, "keys", name), resolve(reference)
        if not re.fullmatch(r"([0-9a-f]{32}){1,2}", key):
            yield Refusal(path, f"{reference} is no key", "files reference 4.1: 32 or 64 hexadecimal digits")
        elif vault.value(f"{declared.prefix}/{name}-key") not in {None, key}:
            yield Refusal(
                path,
                f"{reference} differs from the key that the site has",
                "files reference 4.1: master and join key cannot change after the first start",
                "Name the key that the site was made with, or leave it out.",
            )


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


class BundleObservation(Observation):
    """Which bundle is current."""

    digest: str = ""


class Bundle(Lifecycle[BundleDeclaration, BundleObservation]):
    """The rendered files of a site in its bucket, named by their digest, and a pointer to the current ones.

    A change is uploaded, then applied to the running nodes one at a time, and only then becomes current: a bundle that
    the first node cannot live with stops there, and a node that is replaced meanwhile takes the old one.
    """

    declared = BundleDeclaration
    observed = BundleObservation

    def create(self, wanted: BundleDeclaration) -> BundleObservation:
        shelf = _shelf(wanted)
        digest = shelf.upload(wanted.files)
        if shelf.current() != digest:
            group = Group(wanted.group, wanted.region, wanted.role)
            # Systems Manager hands the command to sh; the script is bash.
            group.roll(f"ESTATE_BUNDLE={digest} exec bash -c {shlex.quote(wanted.script)}")
            shelf.point_to(digest)
        return BundleObservation(digest=digest)

    def update(
        self, old: BundleDeclaration, wanted: BundleDeclaration, observed: BundleObservation
    ) -> BundleObservation:
        """As `create`: a node that runs the bundle already is left alone by its own script."""
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
        return last, observed.model_copy(update={"digest": current, "pending": pending})

    def delete(self, last: BundleDeclaration, observed: BundleObservation) -> None:
        del observed
        _shelf(last).clear()


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


class DeletionGuardDeclaration(Model):
    """What must not be lost without a word."""

    site: str
    region: str
    role: str | None = None
    bucket: str | None = None
    """Filestore bucket of ours."""
    database: str | None = None
    """RDS instance of ours."""
    allow_delete_bucket: bool = False
    allow_delete_database: bool = False


class DeletionGuard(Lifecycle[DeletionGuardDeclaration, Observation]):
    """Made last, so deleted first: refuses the destruction of a site before anything of it is gone.

    Refuses while the bucket holds an object or an old version of one, or the database exists, unless an earlier run has
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
        refuse_if_any(_losses(last))


def _losses(guard: DeletionGuardDeclaration) -> Iterator[Refusal]:
    where = (guard.region, guard.role)
    if guard.bucket and not guard.allow_delete_bucket and holdings.has_objects(guard.bucket, *where):
        yield _needs_word(
            ("sites", guard.site, "filestore", "bucket", "allow_delete"), f"{guard.bucket} holds binaries"
        )
    if guard.database and not guard.allow_delete_database and holdings.has_database(guard.database, *where):
        yield _needs_word(("sites", guard.site, "database", "allow_delete"), f"{guard.database} holds the metadata")


def _needs_word(path: tuple[str, ...], found: str) -> Refusal:
    do = "Say `allow_delete: true` there, run `up`, and destroy again."
    return Refusal(path, found, "design 3: a loss needs a word that an earlier run has applied", do)
