"""A move of binaries from one filestore to another: where from, where to, how far (decision 0012)."""

from artifactory_estate.base import Model
from artifactory_estate.filestore.model import Filestore
from artifactory_estate.filestore.traits import buckets_of, is_on_one_directory, is_sharded

JOURNAL = "boot/filestore-move.json"
"""In the site's own bucket."""
PREFIXES = tuple(f"{number:02x}" for number in range(256))
"""The folders of a filestore: the first two digits of a binary's SHA-1 (files reference 1.3)."""


class Move(Model):
    """The journal of a move."""

    source: str
    target: str
    done: tuple[str, ...] = ()
    """Prefixes that the first pass has copied."""
    binaries: int = 0
    """Copied so far."""
    size: int = 0
    """Bytes copied so far."""
    damaged: tuple[str, ...] = ()
    """At the source, with another checksum than their name; never copied."""
    copied: bool = False
    """A later pass found everything there: the chain may be switched."""
    finished: bool = False
    """So did one after the switch: the former filestore may go."""


def place_of(filestore: Filestore, bucket: str) -> str:
    """Where its binaries are, in one line; the same for chains that find each other's binaries. `bucket`: the site's default."""
    if filestore.kind == "s3-storage-v3":
        return f"s3://{buckets_of(filestore, bucket)['']}/{filestore.path}"
    if is_on_one_directory(filestore):
        return filestore.directory
    if filestore.kind == "cluster-file-system":
        return f"nodes:{filestore.directory}"
    if is_sharded(filestore):
        return filestore.kind
    other = filestore.google or filestore.azure
    return f"{filestore.kind}:{getattr(other, 'bucket', None) or getattr(other, 'container', '')}/{filestore.path}"


def shard_places(filestore: Filestore, bucket: str) -> dict[str, str]:
    """Where each shard's binaries are, by its id. `bucket`: the site's default."""
    if filestore.kind == "s3-sharding":
        return {
            name: f"s3://{found}/{filestore.shards[name].path}" for name, found in buckets_of(filestore, bucket).items()
        }
    return {name: shard.directory or name for name, shard in filestore.shards.items()}


def former_place(filestore: Filestore) -> str | None:
    """Where binaries are moved from; None without a move."""
    return filestore.move_from.directory if filestore.move_from else None
