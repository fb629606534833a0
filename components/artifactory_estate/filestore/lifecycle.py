"""Where a site's binaries are, kept from being lost by a change of the document; and whether its filestore is trusted."""

from collections.abc import Iterator, Sequence

from artifactory_estate.base import DocumentPath, Lifecycle, Model, Observation, Refusal, refuse_if_any
from artifactory_estate.cloud import documents, secrets
from artifactory_estate.filestore.moves import JOURNAL, Move
from artifactory_estate.rest import Connection, Platform, storage


class PlaceDeclaration(Model):
    """Where binaries are."""

    site: str
    bucket: str
    """The site's own, where the journal of a move is."""
    region: str
    role: str | None = None
    place: str
    """What nodes run on: `s3://acme-us-east-filestore/filestore`, `/mnt/filestore`, `shards`, `nodes`."""
    former: str | None = None
    """Where they came from, while a move is declared."""
    members: tuple[str, ...] = ()
    """Shards."""
    shards: dict[str, str] = {}
    """Where each is: `s3://acme-us-east-filestore-shard-a/filestore`, `/mnt/shard-a`. Empty in a state of before."""
    drained: tuple[str, ...] = ()
    """Those that nothing is written to any more."""
    on_every_node: bool = False
    """Whether a shard is a directory of each node."""
    buckets_stay: bool = False
    """Whether shards are buckets of ours, which AWS deletes only empty."""
    copies: int = 1
    """Of each binary, on as many shards."""


class Place(Lifecycle[PlaceDeclaration, Observation]):
    """Refuses a change that would leave binaries behind, before the nodes hear of it (decision 0012).

    Makes nothing. Reads one small object when the place changes, or a move ends.
    """

    declared = PlaceDeclaration
    observed = Observation

    def preflight(self, old: PlaceDeclaration | None, new: PlaceDeclaration) -> Sequence[Refusal]:
        """A place that no move has filled, a move that has not ended, shards with the only copy."""
        return () if old is None else tuple(_left_behind(old, new))

    def create(self, wanted: PlaceDeclaration) -> Observation:
        """Nothing to make."""
        del wanted
        return Observation()

    def update(self, old: PlaceDeclaration, wanted: PlaceDeclaration, observed: Observation) -> Observation:
        """Nothing to change, once it is not refused."""
        del observed
        refuse_if_any(self.preflight(old, wanted))
        return Observation()

    def read(self, last: PlaceDeclaration, observed: Observation) -> tuple[PlaceDeclaration, Observation]:
        """No request."""
        return last, observed

    def delete(self, last: PlaceDeclaration, observed: Observation) -> None:
        """Nothing to take away."""


def _left_behind(old: PlaceDeclaration, new: PlaceDeclaration) -> Iterator[Refusal]:
    path = ("sites", new.site, "filestore")
    if new.place != old.place:
        journal = _journal(new)
        if not (journal and journal.copied and (journal.source, journal.target) == (old.place, new.place)):
            found = f"the binaries are in {old.place}, and nothing says that they are in {new.place} too"
            why = "decision 0012: the chain is switched when a copy of every binary has been verified"
            do = "Declare filestore.move_from, run up, then estate filestore move, and switch only then."
            yield Refusal((*path, "move_from", "switch") if new.former else (*path, "kind"), found, why, do)
    elif old.former and new.former is None and old.former != old.place:
        journal = _journal(new)
        if not (journal and journal.finished and (journal.source, journal.target) == (old.former, new.place)):
            found = f"what was uploaded to {old.former} before the last node switched may not be in {new.place}"
            why = "decision 0012: a move ends with one more run"
            yield Refusal(
                (*path, "move_from"), found, why, "Keep it, run estate filestore move once more, then remove it."
            )
    if new.place == old.place:
        yield from _shards_lost(old, new, (*path, "shards"))


def _shards_lost(old: PlaceDeclaration, new: PlaceDeclaration, path: DocumentPath) -> Iterator[Refusal]:
    """Shards that are no more where they were: with them goes what is nowhere else."""
    gone = {*old.members} - {*new.members}
    elsewhere = {name for name, where in old.shards.items() if new.shards.get(name, where) != where}
    lost = sorted(gone | elsewhere)
    said = ", ".join(f"{name} removed" if name in gone else f"{name} now at {new.shards[name]}" for name in lost)
    if old.on_every_node and (full := [name for name in lost if name not in old.drained]):
        why = "files reference 1.12: one directory less on every node, and all copies of a binary may be in it"
        do = f"Write write_enabled: false at {full[0]}, run up and estate filestore balance, and remove it then."
        yield Refusal(path, said, why, do)
    elif not old.on_every_node and len(lost) >= old.copies:
        why = "files reference 1.12: any R-1 mounts can be lost without losing data"
        do = "Write write_enabled: false at one of them, balance, and remove one at a time with redundancy 2 or more."
        yield Refusal(path, f"{said}, with {old.copies} copies of each binary", why, do)
    elif old.buckets_stay and {*map(_bucket, old.shards.values())} - {*map(_bucket, new.shards.values())}:
        why = "S3 deletes no bucket that holds objects or old versions of them"
        do = "Write bucket: {allow_delete: true}, run up, and remove it then."
        yield Refusal(path, said, why, do)


def _bucket(where: str) -> str:
    return where.removeprefix("s3://").partition("/")[0]


def _journal(declared: PlaceDeclaration) -> Move | None:
    found = documents.read(declared.bucket, JOURNAL, declared.region, declared.role)
    return Move.from_data(found) if found else None


class ChecksumTrustDeclaration(Model):
    """Whether a site's filestore may answer for binaries that came from underneath."""

    connection: Connection
    days: int
    """0 to 30."""


class ChecksumTrust(Lifecycle[ChecksumTrustDeclaration, Observation]):
    """Checksum replication, on the target (REST reference 1.7): sources need not send a binary that is there already.

    1 request when it is on, 2 when not. `delete` turns it off.
    """

    declared = ChecksumTrustDeclaration
    observed = Observation

    def create(self, wanted: ChecksumTrustDeclaration) -> Observation:
        if not wanted.connection.available:
            return Observation(pending=(f"{wanted.connection.site} is not available",))
        storage.trust_checksums(_platform(wanted), allowed=True, days=wanted.days)
        return Observation()

    def update(
        self, old: ChecksumTrustDeclaration, wanted: ChecksumTrustDeclaration, observed: Observation
    ) -> Observation:
        """As `create`."""
        del old, observed
        return self.create(wanted)

    def read(
        self, last: ChecksumTrustDeclaration, observed: Observation
    ) -> tuple[ChecksumTrustDeclaration, Observation] | None:
        """None when somebody has turned it off."""
        if not last.connection.available:
            return last, Observation(pending=(f"{last.connection.site} is not available",))
        return (last, observed) if storage.trusts_checksums(_platform(last)) else None

    def delete(self, last: ChecksumTrustDeclaration, observed: Observation) -> None:
        """Off; a site that is away goes with its setting."""
        del observed
        if last.connection.available:
            storage.trust_checksums(_platform(last), allowed=False, days=0)


def _platform(declared: ChecksumTrustDeclaration) -> Platform:
    return Platform(declared.connection, secrets.resolve)
