"""The numbers of a managed site, each with its source, for `estate validate --explain`."""

from collections.abc import Iterator

from artifactory_estate.base import DocumentPath
from artifactory_estate.base.quantity import size_text
from artifactory_estate.database.sizing import (
    RESERVE,
    SMALL_IOPS,
    SMALL_THROUGHPUT_MIB,
    class_of,
    gp3_of,
    io_of,
    max_connections,
)
from artifactory_estate.estate.model import Estate
from artifactory_estate.estate.number import Number
from artifactory_estate.site.machines import machine_of
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.properties.table import known
from artifactory_estate.site.sizes import (
    ACCESS_CONNECTIONS,
    ACCESS_SHARE,
    ASYNC_THREADS,
    CACHE_SHARE,
    CACHED,
    OTHERS_GIB,
    TASKS_A_CPU_MAX,
    async_threads_of,
    cache_of,
    disk_gib_of,
    fronts_of,
    heap_of,
    instance_type_of,
    pools_of,
    preset_of,
    properties_of,
    threads_of,
)

_GP3 = {"iops": 3000, "throughput_mib": 125}


def numbers(estate: Estate) -> Iterator[Number]:
    """Site by site, in the order of the document."""
    for name, site in estate.managed_sites.items():
        path = ("sites", name)
        yield from _nodes(site, (*path, "nodes"))
        if site.filestore.kind in CACHED:
            yield _cache(site, (*path, "filestore", "cache"))
        yield from _database(site, (*path, "database"))
        if site.load_balancer.on_fronts:
            yield from _fronts(site, (*path, "load_balancer", "fronts"))
        yield from _properties(site, (*path, "system_properties"))


def _by_size(site: ManagedSite) -> str:
    return f"size {site.nodes.size} (files reference 7.1)"


def _nodes(site: ManagedSite, path: DocumentPath) -> Iterator[Number]:
    nodes, preset, by_size = site.nodes, preset_of(site.nodes), _by_size(site)
    yield Number((*path, "count"), nodes.count, by_size, "nodes")
    yield Number((*path, "max"), nodes.ceiling, f"computed: count, {nodes.count}", "nodes")
    yield Number((*path, "instance_type"), instance_type_of(nodes), by_size)
    yield Number((*path, "volume_gib"), nodes.volume_gib or preset.volume_gib, by_size, "GiB")
    yield Number((*path, "iops"), nodes.iops or preset.iops, by_size, "1/s")
    yield Number((*path, "throughput_mib"), nodes.throughput_mib or preset.throughput_mib, by_size, "MiB/s")
    if volume := nodes.data_volume:
        yield Number((*path, "data_volume", "size_gib"), volume.size_gib, "", "GiB")
        yield Number((*path, "data_volume", "iops"), volume.iops, f"gp3's own {_GP3['iops']}", "1/s")
        own = f"gp3's own {_GP3['throughput_mib']}"
        yield Number((*path, "data_volume", "throughput_mib"), volume.throughput_mib, own, "MiB/s")
    yield Number((*path, "heap_gib"), heap_of(nodes), _heap_origin(site), "GiB")
    threads = threads_of(site)
    yield Number((*path, "threads", "artifactory"), threads.artifactory, by_size, "threads")
    yield Number((*path, "threads", "accept"), threads.accept, by_size, "connections")
    follows = ACCESS_CONNECTIONS in site.system_properties.declared
    origin = f"computed: {ACCESS_CONNECTIONS} (files reference 2.3: equal)" if follows else by_size
    yield Number((*path, "threads", "access"), threads.access, origin, "threads")


def _heap_origin(site: ManagedSite) -> str:
    chosen, preset = instance_type_of(site.nodes), preset_of(site.nodes).heap_gib
    machine = machine_of(chosen)
    if machine is None or heap_of(site.nodes) == preset:
        return f"size {site.nodes.size} (ours)"
    memory, share = machine.memory_gib, 1 - ACCESS_SHARE
    return (
        f"computed: {memory:g} GiB of {chosen} × {share:g} - {OTHERS_GIB}, less than {preset} of size {site.nodes.size}"
    )


def _cache(site: ManagedSite, path: DocumentPath) -> Number:
    disk = disk_gib_of(site.nodes)
    return Number(path, size_text(cache_of(site)), f"computed: {disk} GiB × {CACHE_SHARE:g} (files reference 1.4)")


def _fronts(site: ManagedSite, path: DocumentPath) -> Iterator[Number]:
    count, preset = fronts_of(site), preset_of(site.nodes)
    by_size = _by_size(site)
    origin = (
        by_size
        if count == preset.fronts
        else f"computed: {count} before a cluster, more than {preset.fronts} of {by_size}"
    )
    yield Number((*path, "count"), count, origin, "instances")
    yield Number((*path, "instance_type"), site.load_balancer.fronts.instance_type or preset.front_type, by_size)


def _database(site: ManagedSite, path: DocumentPath) -> Iterator[Number]:
    database, preset, by_size = site.database, preset_of(site.nodes), _by_size(site)
    if not database.external:
        chosen = class_of(database, preset.database_class)
        of_engine = "" if chosen == preset.database_class else f", in a class that {database.engine} runs on"
        yield Number((*path, "instance_class"), chosen, by_size + of_engine)
        if not database.engine.startswith("aurora"):
            yield from _volume(site, path)
    pools = pools_of(site)
    for service in ("artifactory", "access", "metadata"):
        yield Number((*path, "pools", service), getattr(pools, service), by_size, "connections")
    small = {name: getattr(pools, name) for name in ("mc", "idgenerator", "jfconfig", "topology")}
    if pools.rtfs:
        yield Number((*path, "pools", "rtfs"), pools.rtfs, by_size, "connections")
    sources = {"mc": "files reference 2.3", "idgenerator": "files reference 2.3"}
    for service, value in small.items():
        source = sources.get(service, "decision 0014")
        yield Number((*path, "pools", service), value, f"default ({source})", "connections")
    extra = pools.of_a_node - 2 * pools.artifactory - pools.access - pools.metadata
    nodes = site.nodes.ceiling
    formula = f"{nodes} × (2 × {pools.artifactory} + {pools.access} + {pools.metadata} + {extra}) + {RESERVE}"
    wanted = max_connections(database, nodes, preset.pool)
    origin = f"computed: {formula} (files reference 2.6)"
    yield Number((*path, "max_connections"), wanted, origin, "connections", is_computed=True)


def _volume(site: ManagedSite, path: DocumentPath) -> Iterator[Number]:
    """The database's disk, and what it is told."""
    database, preset, by_size = site.database, preset_of(site.nodes), _by_size(site)
    gib, limits = database.storage_gib or preset.database_gib, gp3_of(database.engine)
    small = gib < limits.from_gib
    own = (SMALL_IOPS, SMALL_THROUGHPUT_MIB) if small else (limits.iops[0], limits.throughput_mib[0])
    wanted = (preset.database_iops, preset.database_throughput_mib)
    yield Number((*path, "storage_gib"), gib, by_size, "GiB")
    values = io_of(database, gib, *wanted) or own
    for key, unit, value, its_own, of_size in zip(
        ("iops", "throughput_mib"), ("1/s", "MiB/s"), values, own, wanted, strict=True
    ):
        origin = by_size if value == of_size else f"gp3's own {its_own} at {gib} GiB"
        if value not in (of_size, its_own):
            origin = f"computed: what gp3 takes of the {of_size} of {by_size}"
        yield Number((*path, key), value, origin, unit)


def _properties(site: ManagedSite, path: DocumentPath) -> Iterator[Number]:
    """Those that are written to the file, then those that Artifactory fills in."""
    set_by_size = properties_of(site)
    declared = site.system_properties.declared
    for key, value in sorted({**set_by_size, **site.system_properties.named}.items()):
        yield Number((*path, key), value, _property_origin(site, key), known()[key].unit)
    for key, value in sorted(site.system_properties.extra.items()):
        yield Number((*path, "extra", key), value, "")
    for key, each in known().items():
        if key not in declared and key not in set_by_size and each.default:
            yield Number(
                (*path, key), each.default, f"Artifactory's default ({each.cited})", each.unit, is_servers=True
            )


def _property_origin(site: ManagedSite, key: str) -> str:
    if key == ACCESS_CONNECTIONS and site.nodes.threads.access:
        return "computed: nodes.threads.access (files reference 2.3: equal)"
    preset = preset_of(site.nodes).async_threads
    chosen = instance_type_of(site.nodes)
    machine = machine_of(chosen)
    if key == ASYNC_THREADS and machine and async_threads_of(site.nodes) != preset:
        formula = f"{TASKS_A_CPU_MAX} × {machine.cpus} processors of {chosen}"
        return f"computed: {formula} (files reference 3.4), less than {preset} of size {site.nodes.size}"
    return _by_size(site)
