"""What a filestore may not be."""

from collections.abc import Iterator

from artifactory_estate.base import Refusal, size_text
from artifactory_estate.estate.model import Estate
from artifactory_estate.filestore.model import Bucket, Filestore
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.sizes import preset_of

_S3 = "s3-storage-v3"
_DAY = 86400


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every contradiction of every managed site's filestore."""
    for name, site in estate.managed_sites.items():
        path = ("sites", name, "filestore")
        yield from _other_kinds_keys(site.filestore, path)
        yield from _redundancy(site.filestore, path)
        yield from _directory(site, path)
        yield from _cache(site, path)
        if site.filestore.kind == _S3:
            yield from _old_versions(site, path)
            yield from _copy(estate, name, site.filestore.bucket, path)
    yield from _shared_buckets(estate)


def _other_kinds_keys(filestore: Filestore, path: tuple[str, ...]) -> Iterator[Refusal]:
    """A key that the chosen kind does not read (files reference 1.3, 1.4, 1.13)."""
    plain = Filestore()
    useless = {
        "s3-storage-v3": ("directory",),
        "cache-fs": ("bucket", "path"),
        "file-system": ("bucket", "path", "cache"),
    }[filestore.kind]
    for key in useless:
        if getattr(filestore, key) != getattr(plain, key):
            why = f"{filestore.kind} does not read it"
            yield Refusal(
                (*path, key),
                f"given, with kind: {filestore.kind}",
                why,
                f"Remove it, or write `{key}: null`." if key == "cache" else "",
            )


def _redundancy(filestore: Filestore, path: tuple[str, ...]) -> Iterator[Refusal]:
    if filestore.redundancy is not None:
        found = f"{filestore.redundancy} copies, but {filestore.kind} has one place to keep them"
        why = "seed 001: R copies on M mounts, R must not exceed M; sharded chains are not offered"
        yield Refusal((*path, "redundancy"), found, why, "Remove it: the bucket itself is redundant.")


def _directory(site: ManagedSite, path: tuple[str, ...]) -> Iterator[Refusal]:
    """A relative directory is on the node's own disk, which goes with the node."""
    if site.filestore.kind == _S3 or site.filestore.directory.startswith("/"):
        return
    found = f"{site.filestore.directory} is on the node's own disk"
    do = "Name the mount by its absolute path, or use s3-storage-v3."
    if site.nodes.ceiling > 1:
        why = f"seed 004: the {site.nodes.ceiling} nodes of a cluster share one filestore"
        yield Refusal((*path, "directory"), found, why, do)
    else:
        why = "design 4: an acknowledged upload would go with the instance when it is replaced"
        yield Refusal((*path, "directory"), found, why, do)


def _cache(site: ManagedSite, path: tuple[str, ...]) -> Iterator[Refusal]:
    cache = site.filestore.cache
    if cache is None or site.filestore.kind == "file-system":
        return
    volume = site.nodes.volume_gib or preset_of(site.nodes).volume_gib
    if cache == 0:
        yield Refusal((*path, "cache"), "an empty cache", "files reference 1.4: larger than the largest artifact")
    elif cache >= volume << 30:
        why = f"files reference 1.4: the node's volume has {volume} GiB, and uploads need room beside the cache"
        yield Refusal((*path, "cache"), f"{size_text(cache)} is too much", why)


def _old_versions(site: ManagedSite, path: tuple[str, ...]) -> Iterator[Refusal]:
    kept, place = site.filestore.bucket.keep_old_versions, (*path, "bucket", "keep_old_versions")
    if kept < _DAY or kept % _DAY:
        yield Refusal(place, f"{kept} s are no whole days", "S3 expires old versions by the day")
    elif not site.database.external and kept < site.database.point_in_time:
        found = f"{kept // _DAY}d is less than the database's point_in_time of {site.database.point_in_time // _DAY}d"
        why = "files reference 7.3: a restored database would point at purged objects"
        yield Refusal(place, found, why, "Keep old versions longer, or shorten database.point_in_time.")


def _copy(estate: Estate, name: str, bucket: Bucket, path: tuple[str, ...]) -> Iterator[Refusal]:
    place, to = (*path, "bucket", "replicate_to"), bucket.replicate_to
    if to is None:
        return
    target = estate.managed_sites.get(to)
    if to == name:
        yield Refusal(place, "a copy into itself", "another site's bucket is wanted")
    elif target is None or target.filestore.kind != _S3:
        managed = ", ".join(other for other in estate.managed_sites if other != name) or "none"
        yield Refusal(place, f"there is no managed site {to} with an S3 filestore", f"managed sites: {managed}")


def _shared_buckets(estate: Estate) -> Iterator[Refusal]:
    first: dict[str, str] = {}
    for name, site in estate.managed_sites.items():
        bucket = site.filestore.bucket.name
        if site.filestore.kind == _S3 and bucket and (other := first.setdefault(bucket, name)) != name:
            why = "files reference 7.3: the garbage collection of one cluster deletes the other's objects"
            yield Refusal(("sites", name, "filestore", "bucket", "name"), f"the same bucket as {other}'s", why)
