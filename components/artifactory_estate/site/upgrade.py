"""What stands between a site and a new version of Artifactory: the path is judged, and the way back is made.

The nodes themselves are upgraded by the bundle, one at a time, after this.
"""

from collections.abc import Iterator, Sequence

from artifactory_estate.base import Change, Lifecycle, Model, Observation, Refusal, refuse_if_any
from artifactory_estate.cloud.converted import converted_by, record_restored
from artifactory_estate.cloud.node_commands import to_standard_error
from artifactory_estate.cloud.snapshots import Snapshots
from artifactory_estate.site import version_path


class UpgradeDeclaration(Model):
    """Which version a site's database is used by."""

    site: str
    version: str
    """The wanted one."""
    version_path: tuple[str, ...]
    """Where it stands in the document."""
    bucket: str
    """The site's."""
    region: str
    role: str | None = None
    nodes: int
    """Of the cluster."""
    database: str | None = None
    """RDS identifier of ours; none: an external one."""
    is_cluster: bool = False
    """An Aurora cluster."""
    snapshot: str | None = None
    """What is made before an upgrade to this version, or the user's word for an external database."""
    from_version: str | None = None
    """Of an external database, before any node of ours."""
    restored: str | None = None
    """Snapshot that was restored: the database is an older one again."""


class UpgradeObservation(Observation):
    """What has been done."""

    version: str = ""
    """The database may be used by it."""
    snapshot: str = ""
    """Made, or confirmed, before the last upgrade. Kept until somebody deletes it."""
    restored: str = ""
    """The word that was last acted on."""


class UpgradeLifecycle(Lifecycle[UpgradeDeclaration, UpgradeObservation]):
    """Judges the path of versions and makes a named snapshot before the first node is upgraded. 1 request when there is
    nothing to do. Deletes nothing, snapshots neither."""

    declared = UpgradeDeclaration
    observed = UpgradeObservation

    def plan(self, old: UpgradeDeclaration, new: UpgradeDeclaration) -> Change:
        """The number of nodes is for the notices: a node more is no change here."""
        return Change(changed=old != new.model_copy(update={"nodes": old.nodes}))

    def preflight(self, old: UpgradeDeclaration | None, new: UpgradeDeclaration) -> Sequence[Refusal]:
        """By the version that has really run on the database, whatever state and document say."""
        before = _before(new, old.restored if old else None)
        if not before or before == new.version:
            return ()
        way_back = _way_back(new, before)
        return (
            *version_path.refusals(new.version_path, before, new.version, way_back),
            *_unconfirmed(old, new, before),
        )

    def notices(self, old: UpgradeDeclaration | None, new: UpgradeDeclaration) -> Sequence[str]:
        """What an upgrade does, and what going back costs."""
        before = _before(new, old.restored if old else None)
        if not before or version_path.release_of(before) >= version_path.release_of(new.version):
            return ()
        return tuple(_notices(new, before))

    def create(self, wanted: UpgradeDeclaration) -> UpgradeObservation:
        refuse_if_any(self.preflight(None, wanted))
        return self._prepare(wanted, UpgradeObservation())

    def update(
        self, old: UpgradeDeclaration, wanted: UpgradeDeclaration, observed: UpgradeObservation
    ) -> UpgradeObservation:
        refuse_if_any(self.preflight(old, wanted))
        return self._prepare(wanted, observed)

    def read(
        self, last: UpgradeDeclaration, observed: UpgradeObservation
    ) -> tuple[UpgradeDeclaration, UpgradeObservation]:
        """No request: what was done was done."""
        return last, observed

    def delete(self, last: UpgradeDeclaration, observed: UpgradeObservation) -> None:
        """The snapshots stay."""

    def _prepare(self, wanted: UpgradeDeclaration, observed: UpgradeObservation) -> UpgradeObservation:
        done = {"version": wanted.version}
        if wanted.restored and wanted.restored != observed.restored:
            record_restored(wanted.bucket, wanted.version, wanted.region, wanted.role)
            return observed.model_copy(update={**done, "restored": wanted.restored})
        before = _before(wanted, wanted.restored)
        if before and before != wanted.version:
            done["snapshot"] = self._snapshot(wanted)
        return observed.model_copy(update=done)

    def _snapshot(self, wanted: UpgradeDeclaration) -> str:
        name = str(wanted.snapshot)
        if wanted.database is None:
            return name
        to_standard_error(f"snapshot {name} of the database {wanted.database}, before the first node is upgraded")
        snapshots = Snapshots(wanted.database, wanted.is_cluster, wanted.region, wanted.role)
        made = snapshots.ensure(name)
        to_standard_error(f"snapshot {made} is there; restoring it is the way back")
        return made


def snapshot_name(database: str, version: str) -> str:
    """`acme-us-east-before-7-117-5`."""
    return f"{database}-before-{version.replace('.', '-')}"


def _before(declared: UpgradeDeclaration, restored_before: str | None) -> str:
    """The version that the database was last used by; empty: none yet. A restored database has the declared one."""
    if declared.restored and declared.restored != restored_before:
        return declared.version
    recorded = converted_by(declared.bucket, declared.region, declared.role)
    return recorded or declared.from_version or ""


def _way_back(declared: UpgradeDeclaration, before: str) -> str:
    made = snapshot_name(declared.database, before) if declared.database else "your snapshot"
    word = f'`sites.{declared.site}.upgrade.restored: "<its name>"`'
    return (
        f"Declare {before} or newer. Going back means restoring {made}, which loses what was uploaded and changed since "
        f"it was made; then say {word}."
    )


def _unconfirmed(old: UpgradeDeclaration | None, new: UpgradeDeclaration, before: str) -> Iterator[Refusal]:
    """An external database is the user's to save, anew for each upgrade."""
    if new.database is not None or version_path.release_of(new.version) < version_path.release_of(before):
        return
    path = ("sites", new.site, "upgrade", "snapshot")
    why = f"{new.version} converts the external database, and only a snapshot of yours leads back to {before}"
    if not new.snapshot:
        yield Refusal(path, "missing", why, "Make one now, and give its name.")
    elif old and old.snapshot == new.snapshot and old.version == before:
        yield Refusal(path, f"{new.snapshot} was made for {old.version}", why, "Make one now, and give its name.")


def _notices(declared: UpgradeDeclaration, before: str) -> Iterator[str]:
    whose = f"is made of {declared.database}" if declared.database else "is yours"
    yield (
        f"upgrade from {before} to {declared.version}: snapshot {declared.snapshot} {whose} before the first node, then "
        "one node at a time; the first bad node stops it and the others serve on"
    )
    yield (
        f"{declared.version} converts the database: going back to {before} means restoring {declared.snapshot}, and what "
        "was uploaded and changed after it is lost"
    )
    if declared.nodes == 1:
        yield "one node: the site is down while it is upgraded"
    elif declared.nodes == 2:
        yield "files reference 4.2: three nodes are recommended for an upgrade; with two, one serves alone meanwhile"
