"""What may not be true of a site's machines: memory, processors, disks."""

from collections.abc import Iterator

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.machines import machine_of
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.sizes import OTHERS_GIB, heap_max, instance_type_of, preset_of, threads_of

_HEAP_MIN_GIB = 2
_IOPS_A_GIB, _IOPS_A_MIB = 500, 4
"""gp3: at most 500 operations a second for each GiB; a MiB/s needs four of them."""
_THREADS_A_CPU = 100
"""The densest preset has 50: what is far beyond it only waits."""


def refusals(estate: Estate, name: str, site: ManagedSite) -> Iterator[Refusal]:
    """Every number of a machine that cannot be."""
    del estate
    path = ("sites", name, "nodes")
    yield from _heap(site, path)
    yield from _threads(site, path)
    yield from _disk(site, path)


def warnings(estate: Estate, name: str, site: ManagedSite) -> Iterator[Refusal]:
    """What is done all the same."""
    del estate
    path, chosen = ("sites", name, "nodes"), instance_type_of(site.nodes)
    if site.nodes.size == "small":
        yield Refusal((*path, "size"), "small", "files reference 7.1: not for production")
    if machine_of(chosen) is None:
        why = "memory and processors of this type are not known here: heap and threads are not checked"
        yield Refusal((*path, "instance_type"), chosen, why)
    if site.nodes.data_volume:
        yield from _uneven(site, path)


def _uneven(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    """A volume stays in its zone; in which one the odd node starts is Auto Scaling's choice."""
    nodes, create = site.nodes, site.network.create
    zones = min(nodes.ceiling, create.zones if create else len(set(site.network.private_subnets)) or 1)
    most, volumes = -(-nodes.count // zones), nodes.ceiling // zones
    if most > volumes:
        found = f"{nodes.ceiling} volumes over {zones} zones"
        why = f"Auto Scaling may start {most} nodes in a zone that has {volumes}, and one of them finds none"
        yield Refusal((*path, "data_volume"), found, why, f"Write nodes.max: {most * zones}.")


def _heap(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    chosen, declared = instance_type_of(site.nodes), site.nodes.heap_gib
    fits = heap_max(chosen)
    if fits is None:
        return
    if fits < _HEAP_MIN_GIB:
        why = f"a quarter of the memory is Access's (files reference 2.3), {OTHERS_GIB} GiB the other services'"
        yield Refusal(
            (*path, "instance_type"), f"{chosen} leaves {max(fits, 0)} GiB for a heap", why, "Take more memory."
        )
    elif declared and declared > fits:
        why = f"files reference 2.3: Access takes a quarter of the memory; {chosen} leaves {fits} GiB"
        yield Refusal((*path, "heap_gib"), f"{declared} GiB", why, "Take a smaller heap, or a larger instance_type.")


def _threads(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    machine, threads, declared = machine_of(instance_type_of(site.nodes)), threads_of(site), site.nodes.threads
    if machine and declared.artifactory and declared.artifactory > _THREADS_A_CPU * machine.cpus:
        why = f"{machine.cpus} processors; the presets of files reference 7.1 have at most 50 threads for each"
        yield Refusal((*path, "threads", "artifactory"), f"{declared.artifactory} threads", why)
    if threads.access > threads.artifactory:
        why = "files reference 7.1: every request of Access's comes from one of Artifactory's threads"
        yield Refusal(
            (*path, "threads", "access"), f"{threads.access} threads, Artifactory has {threads.artifactory}", why
        )


def _disk(site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    """The machine's own; of a data volume `cluster_rules` speaks."""
    preset, nodes = preset_of(site.nodes), site.nodes
    gib, iops = nodes.volume_gib or preset.volume_gib, nodes.iops or preset.iops
    throughput_mib = nodes.throughput_mib or preset.throughput_mib
    if iops > _IOPS_A_GIB * gib:
        yield Refusal(
            (*path, "iops"), f"{iops} on {gib} GiB", f"gp3 gives at most {_IOPS_A_GIB} for each GiB of volume_gib"
        )
    if throughput_mib * _IOPS_A_MIB > iops:
        why = f"gp3 gives at most {iops // _IOPS_A_MIB} MiB/s with {iops} iops"
        yield Refusal((*path, "throughput_mib"), f"{throughput_mib} MiB/s", why)
