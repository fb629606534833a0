"""What may not be said of a site's buckets, and of one site's beside another's (files reference 7.3)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.filestore.model import Filestore
from artifactory_estate.filestore.traits import buckets_of, is_made_elsewhere
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import names_of

_S3 = "s3-storage-v3"
_DAY = 86400


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Old versions, copies to other sites, buckets of two."""
    for name, site in estate.managed_sites.items():
        path = ("sites", name, "filestore")
        if site.filestore.kind in {_S3, "s3-sharding"} and not is_made_elsewhere(site.filestore):
            yield from _old_versions(site, path)
        if site.filestore.kind == "s3-sharding" and site.filestore.bucket.name:
            why = "files reference 1.10: each shard has a bucket"
            yield Refusal((*path, "bucket", "name"), "one name", why, "Name them at the shards.")
        yield from _copy(estate, name, site, path)
    yield from _shared(estate)


def _old_versions(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    kept, place = site.filestore.bucket.keep_old_versions, (*path, "bucket", "keep_old_versions")
    if kept < _DAY or kept % _DAY:
        yield Refusal(place, f"{kept} s are no whole days", "S3 expires old versions by the day")
    elif not site.database.external and kept < site.database.point_in_time:
        found = f"{kept // _DAY}d is less than the database's point_in_time of {site.database.point_in_time // _DAY}d"
        why = "files reference 7.3: a restored database would point at purged objects"
        yield Refusal(place, found, why, "Keep old versions longer, or shorten database.point_in_time.")


def _copy(estate: Estate, name: str, site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    bucket = site.filestore.bucket
    place, to = (*path, "bucket", "replicate_to"), bucket.replicate_to
    if bucket.replicate_deletes and to is None:
        yield Refusal((*path, "bucket", "replicate_deletes"), "without replicate_to", "there is no copy to follow")
    if to is None:
        return
    target = estate.managed_sites.get(to)
    if to == name:
        yield Refusal(place, "a copy into itself", "another site's bucket is wanted")
    elif target is None or target.filestore.kind != _S3 or is_made_elsewhere(target.filestore):
        managed = ", ".join(other for other in estate.managed_sites if other != name) or "none"
        yield Refusal(place, f"there is no managed site {to} with an S3 filestore", f"managed sites: {managed}")
    else:
        yield from _copy_between(estate, name, site, target, place)


def _copy_between(
    estate: Estate, name: str, site: ManagedSite, target: ManagedSite, place: DocumentPath
) -> Iterator[Refusal]:
    to = site.filestore.bucket.replicate_to or ""
    if site.filestore.kind != _S3:
        yield Refusal(
            place, f"{to}, with kind: {site.filestore.kind}", "one bucket is copied into one (files reference 7.3)"
        )
    if target.aws.region == site.aws.region:
        why = "files reference 7.3: a copy in the same region goes with it"
        yield Refusal(place, f"{to} is in {site.aws.region} too", why, "Name a site in another region.")
    if target.aws.account != site.aws.account:
        why = "the other bucket's policy would have to name a role of this account (files reference 7.3)"
        yield Refusal(place, f"{to} is in the account {target.aws.account}", why, "Name a site of the same account.")
    if target.filestore.path != site.filestore.path:
        why = f"files reference 7.3: an object keeps its key, and {to} reads {target.filestore.path}"
        yield Refusal(place, f"binaries are at {site.filestore.path}", why, "Give both the same path.")
    if _leads_back(estate, name):
        why = "a bucket has to be there before it can be copied into, so one of the two stacks comes first"
        yield Refusal(place, f"{to} copies back, by itself or through others", why, "Copy in one direction.")
    if target.filestore.checksum_replication is None and (beside := _repositories_too(estate, name, to)):
        found = f"{beside} sends the same binaries to {to}"
        why = (
            "files reference 6.1: replication of repositories and of the bucket underneath go together only with "
            "checksum replication"
        )
        do = f"Write sites.{to}.filestore.checksum_replication: 0 (days to trust), or remove one of the two."
        yield Refusal(place, found, why, do)


def _leads_back(estate: Estate, name: str) -> bool:
    at, seen = _next(estate, name), set[str]()
    while at and at not in seen:
        if at == name:
            return True
        seen.add(at)
        at = _next(estate, at)
    return False


def _next(estate: Estate, name: str) -> str | None:
    site = estate.managed_sites.get(name)
    return site.filestore.bucket.replicate_to if site else None


def _repositories_too(estate: Estate, name: str, to: str) -> str:
    """What replicates repositories from `name` to `to`."""
    pair = estate.pair_of(name)
    if pair and set(pair[1].sides) == {name, to}:
        return f"the pair {pair[0]}"
    pushes = estate.sites[name].replications.push
    return next((f"the replication of {key}" for key, push in pushes.items() if to in push.targets), "")


class _Place(NamedTuple):
    path: DocumentPath
    """Below the filestore."""
    what: str
    """Bucket, container or export."""
    identity: tuple[str, ...]


def _shared(estate: Estate) -> Iterator[Refusal]:
    """One bucket, container or export of two sites, or of two shards."""
    ours = dict(_named_by_us(estate))
    first = dict(ours)
    for name, site in estate.managed_sites.items():
        places = _given(site.filestore)
        times = Counter(place.identity for place in places)
        for place in places:
            at = ("sites", name, "filestore", *place.path)
            other = first.setdefault(place.identity, name)
            if other != name:
                why = "files reference 7.3: the garbage collection of one cluster deletes the other's objects"
                yield Refusal(at, f"the same {place.what} as {other}'s", why)
            elif place.identity in ours:
                why = "files reference 7.3: binaries have a bucket of their own, where the garbage collection deletes"
                yield Refusal(at, f"{place.identity[-1]} is the name of another bucket of the site's", why)
            elif times[place.identity] > 1:
                found = f"{place.identity[-1]} is another shard's too"
                why = f"files reference 1.12: two shards in one {place.what} are one copy"
                yield Refusal(at, found, why)


def _named_by_us(estate: Estate) -> Iterator[tuple[tuple[str, ...], str]]:
    """Buckets that the document does not name, and whose they are: of filestores, and each site's own."""
    for name, site in estate.managed_sites.items():
        names, filestore = names_of(estate.estate, name, site.aws), site.filestore
        yield ("s3", "", names.site_bucket), name
        for shard, bucket in buckets_of(filestore, names.filestore_bucket).items():
            if not (filestore.shards[shard].bucket if shard else filestore.bucket.name):
                yield (*_store(filestore), bucket), name


def _store(filestore: Filestore) -> tuple[str, str]:
    return ("s3", (filestore.s3.endpoint or "") if is_made_elsewhere(filestore) else "")


def _given(filestore: Filestore) -> Sequence[_Place]:
    """What the document names."""
    if filestore.kind == "google-storage-v2" and filestore.google:
        return [_Place(("google", "bucket"), "bucket", ("google", filestore.path, filestore.google.bucket))]
    if filestore.kind == "azure-blob-storage-v2" and filestore.azure:
        azure = filestore.azure
        return [_Place(("azure", "container"), "container", ("azure", azure.account, azure.container))]
    if filestore.kind == "nfs" and filestore.export:
        return [_Place(("export",), "export", _export(filestore.export))]
    at = _store(filestore)
    if filestore.kind == _S3 and filestore.bucket.name:
        return [_Place(("bucket", "name"), "bucket", (*at, filestore.bucket.name))]
    shards = filestore.shards.items() if filestore.kind in {"sharding", "s3-sharding"} else ()
    buckets = [_Place(("shards", key, "bucket"), "bucket", (*at, each.bucket)) for key, each in shards if each.bucket]
    exports = [_Place(("shards", key, "export"), "export", _export(each.export)) for key, each in shards if each.export]
    return buckets + exports


def _export(export: str) -> tuple[str, ...]:
    host, _, directory = export.partition(":")
    return ("nfs", f"{host.lower()}:{directory.rstrip('/')}")
