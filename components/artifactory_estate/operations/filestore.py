"""Operations on a site's filestore: bring back what was deleted, balance shards."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice

from artifactory_estate.base import EstateError, Model
from artifactory_estate.cloud.secrets import resolve
from artifactory_estate.cloud.versions import Changed, Outcome, Versions
from artifactory_estate.estate.model import Estate
from artifactory_estate.filestore.traits import buckets_of, is_made_elsewhere, is_sharded
from artifactory_estate.rest import Platform, storage
from artifactory_estate.site.connection import connection_to
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import names_of

SIDE_BY_SIDE = 8
_AT_ONCE = 64


class Restored(Model):
    """How far a restore is, or how it ended."""

    found: int = 0
    """Objects deleted or replaced after the moment."""
    found_bytes: int = 0
    restored: int = 0
    intact: int = 0
    """Replaced by the same content."""
    damaged: tuple[str, ...] = ()
    """Keys of which no version has the checksum that they name."""


def managed_site(estate: Estate, name: str) -> ManagedSite:
    """The site, or an `EstateError` that says which there are."""
    if found := estate.managed_sites.get(name):
        return found
    raise EstateError(f"there is no managed site {name}; there are {', '.join(estate.managed_sites) or 'none'}")


def restore(
    estate: Estate, name: str, after: datetime, *, dry_run: bool = False, tell: Callable[[Restored], None] | None = None
) -> Restored:
    """Bring back every binary that was deleted or replaced after `after` (with a time zone), each verified by its checksum.

    `dry_run` only counts. `tell` hears how far it is. The bucket itself is the journal: what was brought back is not found
    again, so a killed run goes on where it stopped.
    """
    if after.tzinfo is None:
        raise EstateError(f"{after.isoformat()}: without a time zone; write {after.isoformat()}Z")
    now = Restored()
    for versions in _versions(estate, name):
        changed = versions.changed_since(after)
        while batch := list(islice(changed, _AT_ONCE)):
            now = _counted(now, batch, [] if dry_run else _all(versions, batch))
            if tell:
                tell(now)
    return now


def _versions(estate: Estate, name: str) -> Iterator[Versions]:
    site = managed_site(estate, name)
    names, filestore = names_of(estate.estate, name, site.aws), site.filestore
    buckets = {} if is_made_elsewhere(filestore) else buckets_of(filestore, names.filestore_bucket)
    if not buckets:
        raise EstateError(f"{name}: its filestore is {filestore.kind}, which has no bucket of ours with old versions")
    for shard, bucket in buckets.items():
        path = filestore.shards[shard].path if shard else filestore.path
        yield Versions(bucket, f"{path}/", names.region, names.role)


def _all(versions: Versions, batch: Sequence[Changed]) -> list[Outcome]:
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return list(pool.map(versions.restore, batch))


def _counted(now: Restored, batch: Sequence[Changed], outcomes: Sequence[Outcome]) -> Restored:
    damaged = [changed.key for changed, outcome in zip(batch, outcomes, strict=False) if outcome == "damaged"]
    return Restored(
        found=now.found + len(batch),
        found_bytes=now.found_bytes + sum(changed.size for changed in batch),
        restored=now.restored + outcomes.count("restored"),
        intact=now.intact + outcomes.count("intact"),
        damaged=(*now.damaged, *damaged),
    )


def balance(estate: Estate, name: str) -> storage.Balancing:
    """Spread a sharded filestore's binaries over its members again, and make up for missing copies, as after adding a
    shard. Where only the next garbage collection does it, that is started too."""
    site = managed_site(estate, name)
    if not is_sharded(site.filestore) and site.filestore.kind != "cluster-file-system":
        raise EstateError(f"{name}: its filestore is {site.filestore.kind}: there is nothing to balance")
    platform = Platform(connection_to(estate.estate, name, site), resolve)
    begun = storage.optimize(platform)
    if begun == "with the next garbage collection":
        storage.collect_garbage(platform)
    return begun
