"""What follows from a declared filestore alone: where binaries are, in how many copies, and what that needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from artifactory_estate.base import SecretRef
from artifactory_estate.filestore.model import Bucket, Filestore
from artifactory_estate.filestore.settings import Efs, NfsExport
from artifactory_estate.site.names import shortened

AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn")
SECRET_PREFIX = "filestore-"  # noqa: S105 (a name)
_ON_ONE_DIRECTORY = frozenset({"file-system", "cache-fs", "nfs"})
_CLUSTERED = frozenset({"cluster-file-system", "sharding-cluster"})
_SHARDED = frozenset({"sharding", "sharding-cluster", "s3-sharding"})


@dataclass(frozen=True)
class Mount:
    """A directory that the nodes share."""

    directory: str
    """Absolute."""
    export: NfsExport | None = None
    """What is mounted there; empty where somebody else does it, or it is `efs`."""
    efs: Efs | None = None
    """A file system that we make."""


def mode_of(filestore: Filestore) -> str:
    """`direct`, `cached` or `cluster`."""
    return filestore.mode or "direct"


def is_sharded(filestore: Filestore) -> bool:
    """Whether it has `shards`."""
    return filestore.kind in _SHARDED


def is_clustered(filestore: Filestore) -> bool:
    """Whether its members are the cluster's nodes: on so many of them a binary is kept, for good or until it is in the store."""
    return filestore.kind in _CLUSTERED or mode_of(filestore) == "cluster"


def is_on_one_directory(filestore: Filestore) -> bool:
    """Whether all binaries are below `directory`."""
    return filestore.kind in _ON_ONE_DIRECTORY


def local_directories(filestore: Filestore) -> Mapping[str, str]:
    """Directories on the node's own disk that hold binaries, by the key that names each."""
    named = {"directory": filestore.directory} if is_on_one_directory(filestore) else {}
    if filestore.kind == "sharding":
        named = {f"shards.{name}.directory": shard.directory or name for name, shard in filestore.shards.items()}
    return {key: directory for key, directory in named.items() if not directory.startswith("/")}


def keeps_uploads_on_nodes(filestore: Filestore) -> bool:
    """Whether an acknowledged upload may be on an instance's disk only (files reference 1.6, 1.7, 1.9)."""
    return is_clustered(filestore) or mode_of(filestore) == "cached" or bool(local_directories(filestore))


def copies_of(filestore: Filestore, nodes: int) -> int:
    """Copies a binary. `nodes`: that the cluster may have (`nodes.ceiling`)."""
    if filestore.redundancy is not None:
        return filestore.redundancy
    if is_clustered(filestore):
        return nodes // 2 + 1
    return min(2, len(filestore.shards)) if filestore.kind == "sharding" else 1


def is_made_elsewhere(filestore: Filestore) -> bool:
    """Whether the buckets are at an S3-compatible store that is not AWS."""
    return filestore.s3.endpoint is not None and not filestore.s3.endpoint.endswith(AWS_DOMAINS)


def buckets_of(filestore: Filestore, default: str) -> Mapping[str, str]:
    """Bucket names by shard, an empty text for the one of `s3-storage-v3`. `default`: the site's filestore bucket."""
    if filestore.kind == "s3-storage-v3":
        return {"": filestore.bucket.name or default}
    if filestore.kind == "s3-sharding":
        return {name: shard.bucket or shortened(f"{default}-{name}", 63) for name, shard in filestore.shards.items()}
    return {}


def made_buckets(filestore: Filestore, default: str) -> Mapping[str, Bucket]:
    """The buckets that we make, by shard, each with its name filled in."""
    if is_made_elsewhere(filestore):
        return {}
    names = buckets_of(filestore, default)
    return {shard: filestore.bucket.model_copy(update={"name": name}) for shard, name in names.items()}


def in_use(filestore: Filestore) -> Filestore:
    """What the nodes run on: the former filestore until its binaries are moved."""
    former = filestore.move_from
    if former is None or former.switch:
        return filestore
    kept = {"cache": filestore.cache, "caching": filestore.caching} if former.kind != "file-system" else {}
    return Filestore(
        kind=former.kind,
        directory=former.directory,
        export=former.export,
        efs=former.efs,
        federated_repo=filestore.federated_repo,
    ).model_copy(update=kept)


def mounts_of(filestore: Filestore) -> tuple[Mount, ...]:
    """Shared directories that the nodes mount, those of a move's both sides among them; each once."""
    former = filestore.move_from
    found = {former.directory: Mount(former.directory, former.export, former.efs)} if former else {}
    if is_on_one_directory(filestore):
        found[filestore.directory] = Mount(filestore.directory, filestore.export, filestore.efs)
    found = {directory: mount for directory, mount in found.items() if mount.export or mount.efs}
    for shard in filestore.shards.values():
        if shard.export and shard.directory:
            found[shard.directory] = Mount(shard.directory, shard.export)
    return tuple(found.values())


def shared_directories(filestore: Filestore) -> tuple[str, ...]:
    """Absolute directories that hold binaries and can run full, whoever mounts them. EFS grows."""
    sides = (filestore, in_use(filestore))
    named = [side.directory for side in sides if is_on_one_directory(side) and not side.efs]
    if not is_clustered(filestore):
        named += [shard.directory or "" for shard in filestore.shards.values()]
    return tuple(dict.fromkeys(directory for directory in named if directory.startswith("/")))


def secrets_of(filestore: Filestore) -> Mapping[str, SecretRef]:
    """What binarystore.xml wants filled in on the node: name of the secret to reference."""
    s3, proxy, cloud_front = filestore.s3, filestore.s3.proxy, filestore.s3.cloud_front
    given = {
        "identity": s3.identity,
        "credential": s3.credential,
        "proxy-credential": proxy.credential if proxy else None,
        "cloudfront-key": cloud_front.private_key if cloud_front else None,
        "account-key": filestore.azure.account_key if filestore.azure else None,
        "google-credentials": filestore.google.credentials if filestore.google else None,
    }
    return {f"{SECRET_PREFIX}{name}": reference for name, reference in given.items() if reference}
