"""What the nodes of one site may not be to each other."""

import re
from collections.abc import Iterator

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.site.cluster import CLOUD_NATIVE_SINCE, ha_of
from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.model import DataVolume, ManagedSite, Nodes

_ARM = re.compile(r"(a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\..*")
_IOPS_A_GIB, _IOPS_A_MIB = 500, 4


def refusals(name: str, site: ManagedSite, chosen: Artifactory | None) -> Iterator[Refusal]:
    """Numbers, task affinity, replacement, disks and keys."""
    nodes, path = site.nodes, ("sites", name, "nodes")
    if nodes.max is not None and nodes.max < nodes.count:
        yield Refusal(
            (*path, "max"), f"{nodes.max} is less than count: {nodes.count}", "max is what the cluster may grow to"
        )
    if chosen:
        yield from _ha(nodes, chosen, path)
        if nodes.instance_type and chosen.package and _ARM.fullmatch(nodes.instance_type):
            why = "files reference 4.4: native packages do not support ARM"
            yield Refusal(
                (*path, "instance_type"), f"{nodes.instance_type} is an ARM type", why, "Take an x86 type such as m7i."
            )
    yield from _without_tasks(nodes, path)
    yield from _refresh(nodes, path)
    if nodes.data_volume:
        yield from _data_volume(nodes.data_volume, (*path, "data_volume"))
    if site.keys.master is not None and site.keys.master == site.keys.join:
        why = "files reference 4.1: two keys: one encrypts, the other lets services join"
        yield Refusal(
            ("sites", name, "keys", "join"), "the same secret as keys.master", why, "Name a secret of its own."
        )


def _ha(nodes: Nodes, chosen: Artifactory, path: DocumentPath) -> Iterator[Refusal]:
    """files reference 4.3."""
    if nodes.ha == "cloud_native" and chosen.release < CLOUD_NATIVE_SINCE:
        why = "files reference 4.3: a cluster without a primary node begins with 7.17.4"
        yield Refusal(
            (*path, "ha"), f"cloud_native, with {chosen.version}", why, "Leave it out, or take 7.17.4 or newer."
        )
    elif nodes.without_tasks and ha_of(nodes, chosen) == "primary":
        why = "files reference 4.3: with a primary node, that node alone runs the cluster's tasks; taskAffinity is not known"
        yield Refusal((*path, "without_tasks"), "given, with a primary node", why, "Leave it out.")


def _without_tasks(nodes: Nodes, path: DocumentPath) -> Iterator[Refusal]:
    place, slots = (*path, "without_tasks"), nodes.without_tasks
    if len(set(slots)) < len(slots):
        yield Refusal(place, "a slot stands there twice", "each slot is one node")
    if beyond := [slot for slot in slots if slot > nodes.ceiling]:
        yield Refusal(place, f"no slot {beyond[0]}", f"the cluster has slots 1 to {nodes.ceiling} (nodes.max)")
    elif set(range(1, nodes.count + 1)) <= set(slots):
        why = (
            "files reference 4.3: garbage collection, backups and cron replication run on a node with taskAffinity any"
        )
        yield Refusal(place, f"all {nodes.count} nodes", why, "Leave at least one node out of it.")


def _refresh(nodes: Nodes, path: DocumentPath) -> Iterator[Refusal]:
    if nodes.refresh != "surge":
        return
    place, do = (*path, "refresh"), "Raise nodes.max, or say `refresh: terminate_first`."
    if nodes.ceiling == nodes.count:
        why = "files reference 2.6: a surge runs one node more, and the database's connections are sized for nodes.max"
        yield Refusal(place, f"surge, with max: {nodes.ceiling} and count: {nodes.count}", why, do)
    if nodes.data_volume:
        why = "a data volume is attached to one instance, and free only when the old one is gone"
        yield Refusal(place, "surge, with data_volume", why, "Say `refresh: terminate_first`.")


def _data_volume(volume: DataVolume, path: DocumentPath) -> Iterator[Refusal]:
    """The limits of EBS gp3."""
    if volume.iops > volume.size_gib * _IOPS_A_GIB:
        why = f"EBS: gp3 gives at most {_IOPS_A_GIB} I/O operations a second for each GiB"
        yield Refusal((*path, "iops"), f"{volume.iops} for {volume.size_gib} GiB", why)
    if volume.throughput_mib * _IOPS_A_MIB > volume.iops:
        why = f"EBS: gp3 needs {_IOPS_A_MIB} I/O operations a second for each MiB/s"
        need = volume.throughput_mib * _IOPS_A_MIB
        found = f"{volume.throughput_mib} MiB/s with {volume.iops} iops"
        yield Refusal((*path, "throughput_mib"), found, why, f"Give it iops: {need}, or less throughput.")
