"""What a sharded filestore may not be (seed 001; files reference 1.8 to 1.12)."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from artifactory_estate.base import DocumentPath, Refusal, size_text
from artifactory_estate.filestore.chains import CROSS_NETWORK
from artifactory_estate.filestore.model import LOCAL_ZONE, REMOTE_ZONE, Filestore
from artifactory_estate.filestore.traits import copies_of, is_clustered, is_sharded, mode_of
from artifactory_estate.site.model import ManagedSite

SHARDS_MAX = 10
_ZONED = {"zone", "zoneFreeSpace", "zonePercentageFreeSpace"}
_SAMPLED = {"freeSpace", "percentageFreeSpace", "zoneFreeSpace", "zonePercentageFreeSpace"}


def refusals(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    """Of the shards themselves, their copies, their zones and their room."""
    filestore = site.filestore
    if is_sharded(filestore):
        yield from _shards(filestore, path)
    if is_clustered(filestore):
        yield from _cluster(site, path)
    elif is_sharded(filestore):
        yield from _copies(filestore, path)
        yield from _room(filestore, path)
    if is_sharded(filestore) or is_clustered(filestore):
        yield from _lenient(site, path)
        yield from _behaviours(filestore, path)


def _shards(filestore: Filestore, path: DocumentPath) -> Iterator[Refusal]:
    place, count = (*path, "shards"), len(filestore.shards)
    least = 2 if filestore.kind == "s3-sharding" else 1
    if count < least:
        found = f"{count} shards" if count else "missing"
        yield Refusal(place, found, f"files reference 1.11: {filestore.kind} has {least} or more")
    if count > SHARDS_MAX:
        why = f"seed 001: more than {SHARDS_MAX} shards cost performance"
        yield Refusal(place, f"{count} shards", why, "Take fewer, larger mounts.")
    yield from _keys(filestore, place)
    if filestore.kind != "s3-sharding":
        yield from _directories(filestore, place)


def _keys(filestore: Filestore, place: DocumentPath) -> Iterator[Refusal]:
    """Keys of a mount at a bucket, and the other way round (1.9, 1.10)."""
    of_bucket = filestore.kind == "s3-sharding"
    useless = ("directory", "export", "size") if of_bucket else ("bucket",)
    for name, shard in filestore.shards.items():
        for key in useless:
            if getattr(shard, key) is not None:
                why = (
                    "files reference 1.10: its shards are buckets"
                    if of_bucket
                    else "files reference 1.9: its shards are mounts"
                )
                yield Refusal((*place, name, key), f"given, with kind: {filestore.kind}", why)
        if shard.export and not (shard.directory or "").startswith("/"):
            why = "an export is mounted at an absolute directory (files reference 7.4)"
            yield Refusal((*place, name, "directory"), shard.directory or "missing", why)
        if filestore.kind == "sharding-cluster" and shard.export:
            why = "files reference 1.2: a cluster's shards are each node's own; what is shared is kind: sharding"
            yield Refusal((*place, name, "export"), f"{shard.export} is shared", why)
        if is_clustered(filestore) and shard.zone:
            why = f"files reference 1.2: in a cluster the node's own shards are the zone {LOCAL_ZONE}"
            yield Refusal((*place, name, "zone"), shard.zone, why, "Remove it.")


def _directories(filestore: Filestore, place: DocumentPath) -> Iterator[Refusal]:
    """Each on a mount of its own: two in one place are one copy (1.9)."""
    seen: dict[PurePosixPath, str] = {}
    for name, shard in filestore.shards.items():
        here = PurePosixPath(shard.directory or name)
        for there, other in seen.items():
            if here == there or there in here.parents or here in there.parents:
                why = f"files reference 1.9: its own mount per shard, and {other} is at {there}"
                yield Refusal((*place, name, "directory"), f"{here}", why)
        seen.setdefault(here, name)


def _copies(filestore: Filestore, path: DocumentPath) -> Iterator[Refusal]:
    """R <= M (seed 001, files reference 1.12), of those mounts that may be written."""
    copies, mounts = copies_of(filestore, 1), len(filestore.shards)
    writable = sum(shard.write_enabled for shard in filestore.shards.values())
    if mounts and not writable:
        why = "files reference 1.9: writeEnabled: false is read-only"
        yield Refusal((*path, "shards"), "none may be written", why)
    elif copies > mounts > 0:
        found = f"{copies} is more than the {mounts} mounts"
        yield Refusal((*path, "redundancy"), found, "seed 001: R must not exceed M")
    elif copies > writable:
        why = "files reference 1.12: as many copies are written, each to another mount"
        yield Refusal((*path, "redundancy"), f"{copies} is more than the {writable} mounts that may be written", why)


def _cluster(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    """More than half the nodes, and no more than there are (1.12)."""
    nodes, place = site.nodes, (*path, "redundancy")
    copies = copies_of(site.filestore, nodes.ceiling)
    if nodes.ceiling < 2:
        return
    if copies > nodes.count:
        why = f"files reference 1.12: a copy a node, and there are {nodes.count}; never scale below the redundancy"
        yield Refusal(place, f"{copies} copies", why, "Lower redundancy, or raise nodes.count.")
    elif 2 * copies <= nodes.ceiling:
        why = f"files reference 1.12: more than half of the {nodes.ceiling} nodes that there may be"
        yield Refusal(place, f"{copies} copies", why, f"Write {nodes.ceiling // 2 + 1} or more, or lower nodes.max.")


def _lenient(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    filestore, limit = site.filestore, site.filestore.lenient_limit
    place, copies = (*path, "lenient_limit"), copies_of(filestore, site.nodes.ceiling)
    if limit is not None and limit > copies:
        why = "files reference 1.12: 1 to the redundancy, or 0 for all of it"
        yield Refusal(place, f"{limit} is more than the redundancy of {copies}", why)
    if limit == 0 and is_clustered(filestore) and copies >= site.nodes.count > 1:
        why = "files reference 1.12: 0 is strict: with one node down, no upload succeeds"
        yield Refusal(place, f"0, with {copies} copies on {site.nodes.count} nodes", why, "Write 1.")


def _behaviours(filestore: Filestore, path: DocumentPath) -> Iterator[Refusal]:
    """Each behaviour with what it works on (1.11)."""
    declared, place, clustered = filestore.sharding, (*path, "sharding"), is_clustered(filestore)
    for key in ("read_behaviour", "write_behaviour"):
        word = getattr(declared, key)
        if word is not None and (word == CROSS_NETWORK) != clustered:
            why = f"files reference 1.11: {CROSS_NETWORK} is a cluster's behaviour, and its only one here"
            kind = filestore.kind if mode_of(filestore) == "direct" else f"mode: {filestore.mode}"
            yield Refusal((*place, key), f"{word}, with {kind}", why)
    if filestore.kind == "s3-sharding" and declared.write_behaviour in _SAMPLED - _ZONED:
        why = "files reference 1.11: a bucket has no free space to compare"
        yield Refusal((*place, "write_behaviour"), f"{declared.write_behaviour}", why, "Write roundRobin.")
    sampled = declared.write_behaviour or ("percentageFreeSpace" if filestore.kind == "sharding" else "roundRobin")
    if declared.free_space_sample_interval is not None and sampled not in _SAMPLED:
        why = f"files reference 1.11: {CROSS_NETWORK if clustered else sampled} does not look at free space"
        yield Refusal((*place, "free_space_sample_interval"), "given", why)
    yield from _cluster_zones(filestore, place) if clustered else _zones(filestore, path)


def _cluster_zones(filestore: Filestore, place: DocumentPath) -> Iterator[Refusal]:
    known = (LOCAL_ZONE, REMOTE_ZONE)
    if filestore.sharding.zones and set(filestore.sharding.zones) != set(known):
        why = f"files reference 1.2: the zones of a cluster's chain are {LOCAL_ZONE} and {REMOTE_ZONE}"
        yield Refusal((*place, "zones"), ", ".join(filestore.sharding.zones), why)


def _zones(filestore: Filestore, path: DocumentPath) -> Iterator[Refusal]:
    """A zone for every shard or for none, all of them in `zones`, and a behaviour that looks at them (1.11, 1.12)."""
    declared, place = filestore.sharding, (*path, "sharding", "zones")
    zoned = {word for word in (declared.read_behaviour, declared.write_behaviour) if word in _ZONED}
    without = [name for name, shard in filestore.shards.items() if shard.zone is None]
    named = {shard.zone for shard in filestore.shards.values() if shard.zone}
    if zoned and without:
        why = f"files reference 1.12: each member gets a zone, for {', '.join(sorted(map(str, zoned)))}"
        yield Refusal((*path, "shards", without[0], "zone"), "missing", why)
    if (named or declared.zones) and not zoned:
        why = "files reference 1.11: only the read behaviour `zone` and the write behaviours zone… look at zones"
        yield Refusal(place, "zones, and no behaviour by zone", why, "Write read_behaviour: zone, or remove the zones.")
    if unknown := [zone for zone in declared.zones if zone not in named]:
        yield Refusal(place, f"no shard is in {unknown[0]}", "files reference 1.12: the order of the members' zones")
    if declared.zones and (left := sorted(named - set(declared.zones))):
        yield Refusal(place, f"{left[0]} is not named", "files reference 1.12: a zone without a place is never used")


def _room(filestore: Filestore, path: DocumentPath) -> Iterator[Refusal]:
    """All copies of what is planned, with spare space left (files reference 1.11, 1.12). A mount that is being drained
    has no room."""
    writable = {name: shard.size for name, shard in filestore.shards.items() if shard.write_enabled}
    sizes = [size for size in writable.values() if size is not None]
    planned, copies = filestore.planned, copies_of(filestore, 1)
    if planned is None:
        return
    if len(sizes) < len(writable):
        name = next(name for name, size in writable.items() if size is None)
        why = "planned is checked against the size of every mount (files reference 1.12)"
        yield Refusal((*path, "shards", name, "size"), "missing", why)
        return
    share, do = 100 - filestore.sharding.spare_space, "Add a shard, or take larger ones."
    spare = f"{filestore.sharding.spare_space} % stay spare"
    if planned * copies * 100 > sum(sizes) * share:
        found = f"{copies} copies of {size_text(planned)} on mounts of {size_text(sum(sizes))}"
        why = f"seed 001: a mount is added before storage is depleted; {spare}"
        yield Refusal((*path, "planned"), found, why, do)
    elif copies == len(sizes) and planned * 100 > min(sizes) * share:
        found = f"{size_text(planned)} on each mount, and the smallest has {size_text(min(sizes))}"
        why = f"seed 001: R = M: every mount holds every binary; {spare}"
        yield Refusal((*path, "planned"), found, why, do)
    elif sum(min(size * share, planned * 100) for size in sizes) < planned * copies * 100:
        found = f"{copies} copies of {size_text(planned)}, and a mount takes one of each binary"
        why = f"seed 001: R copies on R mounts: the smaller ones of {size_text(sum(sizes))} have no room; {spare}"
        yield Refusal((*path, "planned"), found, why, do)
