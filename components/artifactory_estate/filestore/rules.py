"""What a filestore may not be."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from artifactory_estate.base import DocumentPath, Refusal, size_text
from artifactory_estate.estate.model import Estate
from artifactory_estate.filestore import bucket_rules, former_rules, sharding_rules, store_rules
from artifactory_estate.filestore.model import Filestore
from artifactory_estate.filestore.traits import (
    is_clustered,
    is_on_one_directory,
    keeps_uploads_on_nodes,
    local_directories,
    mode_of,
)
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.sizes import CACHED, cache_of, disk_gib_of

_ALL = {"kind", "federated_repo", "largest_artifact", "checksum_replication", "move_from"}
_CACHED = {*_ALL, "cache", "caching"}
_MOUNT = {"directory", "export", "efs"}
_LATER = {"eventual", "retry"}
_COPIES = {"redundancy", "lenient_limit", "sharding"}
_READS = {
    "file-system": {*_ALL, "directory"},
    "cache-fs": {*_CACHED, "directory"},
    "nfs": {*_CACHED, *_MOUNT},
    "cluster-file-system": {*_CACHED, *_COPIES, "directory", "remote"},
    "s3-storage-v3": {*_CACHED, "mode", "path", "bucket", "s3"},
    "google-storage-v2": {*_CACHED, "mode", "path", "google"},
    "azure-blob-storage-v2": {*_CACHED, "azure"},
    "sharding": {*_CACHED, *_COPIES, "shards", "planned"},
    "sharding-cluster": {*_CACHED, *_COPIES, "shards", "remote"},
    "s3-sharding": {*_CACHED, *_COPIES, "shards", "bucket", "s3"},
}
_OWN_CACHE_BYTES = 5_000_000_000
"""Artifactory's default of `maxCacheSize` (files reference 1.4)."""
_OF_THE_MACHINE = tuple(
    PurePosixPath("/", name)
    for name in (
        *("bin", "boot", "dev", "etc", "lib", "lib64", "proc", "root", "run", "sbin", "sys", "tmp", "usr", "var/tmp"),
        *("opt/jfrog", "var/opt/jfrog"),
    )
)
"""Directories of a node itself, where nothing that nodes share is mounted."""
_OF_MODE = {"direct": set[str](), "cached": _LATER, "cluster": {*_LATER, *_COPIES, "remote"}}


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every contradiction of every managed site's filestore."""
    for name, site in estate.managed_sites.items():
        path = ("sites", name, "filestore")
        if site.filestore.kind == "s3":
            yield _gone(path)
            continue
        yield from _other_kinds_keys(site.filestore, path)
        yield from _mount(site.filestore, path)
        yield from _places(site.filestore, path)
        yield from _on_the_nodes(site, path)
        yield from _cache(site, path)
        yield from sharding_rules.refusals(site, path)
        yield from store_rules.refusals(estate, name, site, path)
        yield from former_rules.refusals(site, path)
    yield from bucket_rules.refusals(estate)


def _gone(path: DocumentPath) -> Refusal:
    why = "files reference 1.2: the JetS3t chain is unsupported from 7.46.3 on, and an upgrade with it fails"
    return Refusal((*path, "kind"), "s3", why, "Write s3-storage-v3: it reads the same bucket (6.12 and newer).")


def _other_kinds_keys(filestore: Filestore, path: DocumentPath) -> Iterator[Refusal]:
    """A key that the chosen kind does not read (files reference 1.3 to 1.15)."""
    reads, kind = _READS[filestore.kind], str(filestore.kind)
    if filestore.kind in {"s3-storage-v3", "google-storage-v2"}:
        reads, kind = reads | _OF_MODE[mode_of(filestore)], f"{kind}, mode: {mode_of(filestore)}"
    plain = Filestore()
    for key in Filestore.model_fields:
        if key in reads or getattr(filestore, key) == getattr(plain, key):
            continue
        found, why = f"given, with kind: {kind}", f"{filestore.kind} does not read it"
        if key == "redundancy":
            why = "seed 001: R copies on M mounts, R must not exceed M, and here is one place to keep them"
        yield Refusal((*path, key), found, why, f"Remove it, or write `{key}: null`." if key == "cache" else "")


def _mount(filestore: Filestore, path: DocumentPath) -> Iterator[Refusal]:
    """files reference 7.4: a directory of nodes is shared by what is mounted there."""
    if filestore.kind == "nfs":
        if not filestore.directory.startswith("/"):
            why = "files reference 7.4: nfs is a mount, by its absolute path"
            yield Refusal((*path, "directory"), f"{filestore.directory} is not absolute", why, "Write /mnt/filestore.")
        if filestore.export and filestore.efs:
            why = "files reference 7.4: one of the two is mounted at directory"
            yield Refusal((*path, "export"), "an export, and efs", why, "Keep one of them.")
    if filestore.kind == "cluster-file-system" and filestore.directory.startswith("/"):
        why = "files reference 1.9: each node keeps its own shard below its data directory, where its data volume is"
        yield Refusal((*path, "directory"), f"{filestore.directory} is absolute", why, "Write it without the slash.")
    for key, efs in (("efs", filestore.efs), ("move_from.efs", filestore.move_from and filestore.move_from.efs)):
        if efs and (efs.throughput == "provisioned") != (efs.provisioned_mib is not None):
            found = f"throughput: {efs.throughput}, provisioned_mib: {efs.provisioned_mib or 'not given'}"
            why = "files reference 7.4: elastic, or provisioned with a figure"
            yield Refusal((*path, *key.split("."), "provisioned_mib"), found, why)


def _places(filestore: Filestore, path: DocumentPath) -> Iterator[Refusal]:
    """A directory is a mount, or below the node's data directory (files reference 1.3, 7.4)."""
    for key, directory in _directories(filestore).items():
        place, named = (*path, *key.split(".")), PurePosixPath(directory)
        if ".." in named.parts:
            why = "files reference 1.3: a directory below the data directory, or a mount by its absolute path"
            yield Refusal(place, f"{directory} leads out of its directory", why, "Write it without `..`.")
        elif any(named == own or own in named.parents for own in _OF_THE_MACHINE):
            why = "files reference 7.4: what begins with a slash is a mount, and this is the node's own disk"
            do = "Name a mount such as /mnt/filestore, or a directory without the slash."
            yield Refusal(place, f"{directory} is the machine's own", why, do)


def _directories(filestore: Filestore) -> Mapping[str, str]:
    found = {"directory": filestore.directory, "caching.directory": filestore.caching.directory}
    found |= {f"shards.{name}.directory": shard.directory for name, shard in filestore.shards.items()}
    if filestore.move_from:
        found["move_from.directory"] = filestore.move_from.directory
    return {key: directory for key, directory in found.items() if directory}


def _on_the_nodes(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    """What is on a node's own disk goes with the instance, unless the disk outlives it."""
    filestore, nodes = site.filestore, site.nodes
    for key, directory in local_directories(filestore).items():
        place, found = (*path, *key.split(".")), f"{directory} is on the node's own disk"
        do = "Name the mount by its absolute path, or use s3-storage-v3."
        if nodes.ceiling > 1:
            why = f"seed 004: the {nodes.ceiling} nodes of a cluster share one filestore"
            yield Refusal(place, found, why, do)
        elif nodes.data_volume is None:
            why = "design 4: an acknowledged upload would go with the instance when it is replaced"
            yield Refusal(place, found, why, f"{do} Or give the node a disk that stays: nodes.data_volume.")
    if mode_of(filestore) == "cached" and nodes.ceiling > 1:
        why = "files reference 1.2, 1.6: with several nodes the eventual folder must be one shared mount"
        yield Refusal((*path, "mode"), f"cached, with {nodes.ceiling} nodes", why, "Write mode: direct, or cluster.")
    if keeps_uploads_on_nodes(filestore) and not local_directories(filestore) and nodes.data_volume is None:
        word = filestore.kind if mode_of(filestore) == "direct" else f"mode: {filestore.mode}"
        why = "files reference 1.6: an acknowledged upload is on an instance's disk first, and would go with it"
        do = "Give each node a disk that stays: nodes.data_volume: {size_gib: 500}; or use s3-storage-v3, mode: direct."
        yield Refusal((*path, "mode" if filestore.mode else "kind"), f"{word} without a data volume", why, do)
    if is_clustered(filestore) and nodes.ceiling < 2:
        why = "files reference 1.12: its members are the cluster's nodes"
        yield Refusal((*path, "mode" if filestore.mode else "kind"), "one node is no cluster", why, "Raise nodes.max.")


def _cache(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    """files reference 1.4: larger than the largest artifact, smaller than the disk."""
    filestore, largest = site.filestore, site.filestore.largest_artifact
    if filestore.kind == "file-system":
        return
    cache, place = filestore.cache, (*path, "cache")
    gib, named = disk_gib_of(site.nodes), "data volume" if site.nodes.data_volume else "volume"
    if cache == 0:
        yield Refusal(place, "an empty cache", "files reference 1.4: larger than the largest artifact")
    elif cache and cache >= gib << 30:
        why = f"files reference 1.4: the node's {named} has {gib} GiB, and uploads need room beside the cache"
        yield Refusal(place, f"{size_text(cache)} is too much", why)
    in_cache = min(filter(None, (largest, filestore.caching.largest)), default=None)
    usual = cache_of(site) if filestore.kind in CACHED else cache or _OWN_CACHE_BYTES
    if cache != 0 and in_cache and in_cache >= usual:
        why = f"files reference 1.4: larger than the largest artifact of {size_text(in_cache)}"
        found = size_text(cache) if cache else f"the default of {usual} bytes"
        yield Refusal(place, f"{found} is too little", why, "Raise it, or let caching.largest bypass it.")
    directory = filestore.caching.directory
    if directory and _is_below(directory, _shared_directories(filestore)):
        why = "files reference 1.4: the cache is on each node's own disk, never shared"
        yield Refusal((*path, "caching", "directory"), f"{directory} holds binaries", why)


def _is_below(directory: str, others: Sequence[str]) -> bool:
    named, known = PurePosixPath(directory), set(map(PurePosixPath, others))
    return bool(known & {named, *named.parents})


def _shared_directories(filestore: Filestore) -> Sequence[str]:
    own = [filestore.directory] if is_on_one_directory(filestore) else []
    return [*own, *(shard.directory or name for name, shard in filestore.shards.items())]
