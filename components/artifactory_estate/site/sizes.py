"""What `nodes.size` means (files reference 7.1; heaps are ours), and what a site gets once its own words are heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from artifactory_estate.database.sizing import Opened, opened
from artifactory_estate.site.machines import machine_of

if TYPE_CHECKING:
    from artifactory_estate.site.model import ManagedSite, Nodes

ACCESS_CONNECTIONS = "artifactory.access.client.max.connections"
ASYNC_THREADS = "artifactory.async.corePoolSize"
TASKS_A_CPU_MAX = 8
"""Background tasks for each processor (files reference 3.4)."""
ACCESS_SHARE, OTHERS_GIB = 0.25, 4
"""Memory that the heap leaves: Access's quarter (files reference 2.3), and what the other services take (ours)."""
CACHE_SHARE = 0.8
"""Of the disk (files reference 1.4, 7.1)."""
CACHED = ("s3-storage-v3", "google-storage-v2", "azure-blob-storage-v2", "s3-sharding")
"""Filestores away from the node, with a cache on it."""


@dataclass(frozen=True)
class Preset:
    """One row of the reference architecture, with x86 types of the same size: native packages do not support ARM."""

    nodes: int
    instance_type: str
    volume_gib: int
    """gp3."""
    iops: int
    throughput_mib: int
    """MiB/s."""
    heap_gib: int
    """Artifactory's; Access and the other services have theirs besides."""
    artifactory_threads: int
    accept_count: int
    access_threads: int
    """Tomcat's in Access, and `artifactory.access.client.max.connections`: they must be equal (checklist 4)."""
    pool: int
    """`maxOpenConnections` of Artifactory, Access and Metadata, each."""
    async_threads: int
    """`artifactory.async.corePoolSize`; what is more than eight a processor is cut (3.4)."""
    async_queue: int
    http_connections: int
    """`artifactory.http.client.max.total.connections`, and as many to one host."""
    metadata_threads: int
    fronts: int
    """Instances with nginx or Apache in front."""
    front_type: str
    database_class: str
    database_gib: int
    database_iops: int
    database_throughput_mib: int


# fmt: off
PRESETS = {
    "small": Preset(1, "m7i.2xlarge", 500, 3000, 500, 8, 300, 600, 75, 50, 40, 10000, 50, 3,
                    1, "c7i.xlarge", "db.m8g.2xlarge", 100, 4000, 500),
    "medium": Preset(2, "m7i.2xlarge", 500, 3000, 500, 12, 300, 600, 75, 50, 40, 10000, 50, 3,
                     2, "c7i.xlarge", "db.m8g.4xlarge", 250, 6000, 600),
    "large": Preset(3, "m7i.4xlarge", 1000, 6000, 1000, 24, 500, 800, 125, 100, 80, 20000, 100, 4,
                    2, "c7i.xlarge", "db.m8g.8xlarge", 500, 10000, 800),
    "xlarge": Preset(4, "m7i.4xlarge", 1000, 6000, 1000, 28, 600, 1200, 150, 150, 160, 50000, 150, 5,
                     2, "c7i.2xlarge", "db.m8g.12xlarge", 1000, 12000, 1000),
    "2xlarge": Preset(6, "m7i.4xlarge", 1000, 6000, 1000, 32, 800, 1200, 200, 200, 200, 100000, 150, 5,
                      3, "c7i.2xlarge", "db.m8g.16xlarge", 1500, 20000, 1500),
}
# fmt: on


class Threads(NamedTuple):
    """Tomcat's."""

    artifactory: int
    accept: int
    access: int


def preset_of(nodes: Nodes) -> Preset:
    """The preset of `nodes.size`."""
    return PRESETS[nodes.size]


def instance_type_of(nodes: Nodes) -> str:
    """EC2 type of the nodes."""
    return nodes.instance_type or preset_of(nodes).instance_type


def heap_max(instance_type: str) -> int | None:
    """The largest heap in GiB that leaves Access and the other services theirs; None for a type that we do not know.

    >>> heap_max("m7i.2xlarge"), heap_max("m7i.4xlarge"), heap_max("m7i.large"), heap_max("p5.48xlarge")
    (20, 44, 2, None)
    """
    machine = machine_of(instance_type)
    return int(machine.memory_gib * (1 - ACCESS_SHARE) - OTHERS_GIB) if machine else None


def heap_of(nodes: Nodes) -> int:
    """Artifactory's heap in GiB: as declared, else the preset's, on a smaller machine what fits."""
    if nodes.heap_gib:
        return nodes.heap_gib
    fits = heap_max(instance_type_of(nodes))
    return preset_of(nodes).heap_gib if fits is None else max(1, min(preset_of(nodes).heap_gib, fits))


def threads_of(site: ManagedSite) -> Threads:
    """Tomcat's threads. Access's follow the connections that Artifactory opens to it, wherever those are declared."""
    preset, declared = preset_of(site.nodes), site.nodes.threads
    return Threads(
        declared.artifactory or preset.artifactory_threads,
        declared.accept or preset.accept_count,
        site.system_properties.number(ACCESS_CONNECTIONS, declared.access or preset.access_threads),
    )


def async_threads_of(nodes: Nodes) -> int:
    """The preset's background tasks, at most eight a processor (files reference 3.4): 2xlarge has 200 for 16."""
    machine = machine_of(instance_type_of(nodes))
    preset = preset_of(nodes).async_threads
    return min(preset, TASKS_A_CPU_MAX * machine.cpus) if machine else preset


def pools_of(site: ManagedSite) -> Opened:
    """Connection pools of one node: as declared, else the preset's."""
    return opened(site.database, preset_of(site.nodes).pool)


def fronts_of(site: ManagedSite) -> int:
    """Instances in front: as declared, or as the size says, and two at least before a cluster."""
    least = 2 if site.nodes.ceiling > 1 else 1
    return site.load_balancer.fronts.count or max(preset_of(site.nodes).fronts, least)


def disk_gib_of(nodes: Nodes) -> int:
    """The disk that a node's cache is on: the data volume, or the machine's own."""
    return nodes.data_volume.size_gib if nodes.data_volume else nodes.volume_gib or preset_of(nodes).volume_gib


def cache_of(site: ManagedSite) -> int:
    """Bytes of the node-local cache: as declared, else 80 % of the disk."""
    return site.filestore.cache or int(disk_gib_of(site.nodes) * CACHE_SHARE) << 30


def properties_of(site: ManagedSite) -> dict[str, int]:
    """The system properties that a size sets; a site's own win."""
    preset = preset_of(site.nodes)
    return {
        ACCESS_CONNECTIONS: threads_of(site).access,
        ASYNC_THREADS: async_threads_of(site.nodes),
        "artifactory.async.poolMaxQueueSize": preset.async_queue,
        "artifactory.http.client.max.connections.per.route": preset.http_connections,
        "artifactory.http.client.max.total.connections": preset.http_connections,
        "artifactory.metadata.event.operator.threads": preset.metadata_threads,
    }
