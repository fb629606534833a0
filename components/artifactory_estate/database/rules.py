"""What a site's database may not be."""

from collections.abc import Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.database.consistency import consistency_refusals
from artifactory_estate.database.engine_rules import engine_refusals
from artifactory_estate.database.jdbc import EXAMPLES, PORTS, parsed
from artifactory_estate.database.model import Database, External
from artifactory_estate.database.render import type_of
from artifactory_estate.database.sizing import (
    IOPS_A_GIB,
    IOPS_A_MIB,
    class_of,
    connections_of,
    gp3_of,
    max_connections,
)
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.sizes import preset_of

_DAY = 86400
_OF_INSTANCE = (
    "instance_class",
    "storage_gib",
    "iops",
    "throughput_mib",
    "multi_az",
    "point_in_time",
    "insights",
    "logs",
    "readers",
    "edition",
    "licence",
    "password",
)
_PLAIN_TEXT = {"sslmode": {"disable", "disabled", "allow"}, "usessl": {"false"}, "encrypt": {"false"}, "ssl": {"false"}}

Path = tuple[str, ...]


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every contradiction of every managed site's database."""
    for name, site in estate.managed_sites.items():
        path, database = ("sites", name, "database"), site.database
        artifactory = site.artifactory or estate.artifactory
        chosen = class_of(database, preset_of(site.nodes).database_class)
        yield from engine_refusals(database, artifactory, path, chosen)
        if database.engine == "derby":
            continue
        if database.external:
            yield from _settings_of_an_instance(database, path)
            yield from _url(database.external, type_of(database), (*path, "external"))
            yield from consistency_refusals(database.external.url, (*path, "external", "url"), site.aws.region)
            yield from _several_hosts(database, artifactory, path)
        else:
            yield from _point_in_time(database, path)
            yield from _storage(site, path)
            yield from _connections(site, path)
        if database.rtfs:
            yield from _federation(site, artifactory, path)
    yield from _shared(estate)


def _settings_of_an_instance(database: Database, path: Path) -> Iterator[Refusal]:
    plain = Database()
    for key in _OF_INSTANCE:
        if getattr(database, key) != getattr(plain, key):
            yield Refusal((*path, key), "given, with external", "it is a setting of an instance that we make")


def _url(external: External, wanted: str, path: Path) -> Iterator[Refusal]:
    """A URL of the engine, with a database in it, without a user, encrypted (files reference 2.7)."""
    at, url = (*path, "url"), parsed(external.url)
    example = f"Write {EXAMPLES[wanted]}."
    if url is None or not url.name:
        yield Refusal(at, "not a JDBC URL with a host and a database", "files reference 2.7", example)
    elif url.type != wanted:
        found = f"a URL of {url.type or 'no engine that Artifactory knows'}, with engine: {wanted}"
        yield Refusal(at, found, "files reference 2.7: type, driver and URL go together", example)
    if url is None:
        return
    if url.carries_user:
        why = "the URL goes into state; the password is a reference"
        yield Refusal(at, "a user or a password in the URL", why, "Use `username` and `password`.")
    off = [name for name, values in _PLAIN_TEXT.items() if url.options.get(name, "").lower() in values]
    if off and external.tls:
        why = "passwords and metadata would cross the network readable"
        yield Refusal(at, f"{off[0]} switches encryption off", why, "Remove it, or say `tls: false`.")


def _several_hosts(database: Database, artifactory: Artifactory | None, path: Path) -> Iterator[Refusal]:
    """A PostgreSQL HA URL (files reference 2.7)."""
    url = parsed(database.external.url) if database.external else None
    if url is None or url.type != "postgresql" or len(url.hosts) < 2:
        return
    why = "files reference 2.7: PostgreSQL HA URLs need Artifactory 7.31.10 and PostgreSQL 13"
    if artifactory and artifactory.release < (7, 31, 10):
        yield Refusal((*path, "external", "url"), f"several hosts, with Artifactory {artifactory.version}", why)
    if database.version and int(database.version.split(".")[0]) < 13:
        yield Refusal((*path, "version"), f"{database.version}, with several hosts in the URL", why)


def _point_in_time(database: Database, path: Path) -> Iterator[Refusal]:
    window = database.point_in_time
    if not _DAY <= window <= 35 * _DAY or window % _DAY:
        yield Refusal(
            (*path, "point_in_time"),
            f"{window} s are not 1 to 35 whole days",
            "RDS keeps backups by the day",
            "Write 7d.",
        )


def _storage(site: ManagedSite, path: Path) -> Iterator[Refusal]:
    """What RDS lets a volume be told; Aurora has none."""
    database = site.database
    if database.engine == "aurora-postgresql":
        for key in ("storage_gib", "iops", "throughput_mib"):
            if getattr(database, key) is not None:
                yield Refusal((*path, key), "given, with aurora-postgresql", "Aurora's storage grows by itself")
        return
    if database.iops is None:
        if database.throughput_mib:
            yield Refusal((*path, "throughput_mib"), "given, without iops", "RDS: gp3 takes the two together")
        return
    yield from _iops(site, database.iops, path)
    if database.throughput_mib:
        yield from _throughput(database, database.iops, database.throughput_mib, (*path, "throughput_mib"))


def _iops(site: ManagedSite, iops: int, path: Path) -> Iterator[Refusal]:
    database, limits, place = site.database, gp3_of(site.database.engine), (*path, "iops")
    gib = database.storage_gib or preset_of(site.nodes).database_gib
    of = "declared" if database.storage_gib else f"of size {site.nodes.size}"
    least, most = limits.iops
    if gib < limits.from_gib:
        why = f"RDS: gp3 below {limits.from_gib} GiB has its own 3000 and takes none"
        yield Refusal(place, f"{iops}, with {gib} GiB {of}", why, f"Declare storage_gib: {limits.from_gib} or more.")
    elif not least <= iops <= most:
        yield Refusal(place, f"{iops}", f"RDS: gp3 of this engine takes {least} to {most}")
    elif iops > IOPS_A_GIB * gib:
        yield Refusal(place, f"{iops}, with {gib} GiB {of}", f"RDS: gp3 gives at most {IOPS_A_GIB} for each GiB")


def _throughput(database: Database, iops: int, throughput: int, place: Path) -> Iterator[Refusal]:
    least, most = gp3_of(database.engine).throughput_mib
    if not least <= throughput <= most:
        yield Refusal(place, f"{throughput}", f"RDS: gp3 of this engine takes {least} to {most} MiB/s")
    elif throughput * IOPS_A_MIB > iops:
        why = f"RDS: gp3 gives at most {iops // IOPS_A_MIB} MiB/s with {iops} iops"
        yield Refusal(place, f"{throughput}", why, f"Give it iops: {throughput * IOPS_A_MIB}, or less throughput.")


def _connections(site: ManagedSite, path: Path) -> Iterator[Refusal]:
    """files reference 2.6: what all nodes together may open, against what the instance's memory allows."""
    preset = preset_of(site.nodes)
    chosen = class_of(site.database, preset.database_class)
    allowed = connections_of(chosen, site.database.engine)
    wanted = max_connections(site.database, site.nodes.ceiling, preset.pool)
    if allowed is not None and wanted > allowed:
        found = f"{wanted} connections for {site.nodes.ceiling} nodes"
        why = f"files reference 2.6: {chosen} allows {allowed}"
        yield Refusal(
            (*path, "pools"), found, why, "Take smaller pools, fewer nodes (`nodes.max`) or a larger instance_class."
        )


def _federation(site: ManagedSite, artifactory: Artifactory | None, path: Path) -> Iterator[Refusal]:
    """files reference 2.5."""
    database, at = site.database, (*path, "rtfs")
    own = database.rtfs.external if database.rtfs else None
    release = artifactory.release if artifactory else (7, 146, 7)
    if release < (7, 111, 0):
        yield Refusal(at, "given", "files reference 2.5: native packages have the Federation Service from 7.111 on")
    if own is None:
        if not database.is_postgresql:
            do = "Give it `external`, a PostgreSQL of its own (Artifactory 7.146.7 or newer)."
            yield Refusal(
                at, f"shares {database.engine}", "files reference 2.5: it keeps its data in PostgreSQL only", do
            )
        elif int(database.release.split(".")[0]) < 13:
            why = "files reference 2.5: the Federation Service needs PostgreSQL 13 or newer"
            yield Refusal((*path, "version"), f"{database.release}, with rtfs", why)
        return
    if release < (7, 146, 7):
        why = "files reference 2.5: a database of its own from 7.146.7 on"
        yield Refusal((*at, "external"), "given", why, "Let it share the site's PostgreSQL: `rtfs: {}`.")
    yield from _url(own, "postgresql", (*at, "external"))
    yield from consistency_refusals(own.url, (*at, "external", "url"), site.aws.region)
    if database.external and _place_of(own) == _place_of(database.external):
        yield Refusal((*at, "external", "url"), "the site's own database", "files reference 2.5: a new, empty database")


def _shared(estate: Estate) -> Iterator[Refusal]:
    """One database of two clusters."""
    first: dict[tuple[str, ...], str] = {}
    for name, site in estate.managed_sites.items():
        own = site.database.rtfs.external if site.database.rtfs else None
        for keys, external in ((("external",), site.database.external), (("rtfs", "external"), own)):
            if external is None:
                continue
            other = first.setdefault(_place_of(external), name)
            if other != name:
                why = "seed 004: the nodes of one cluster share a database; a second cluster would write over the first"
                do = "Give each site a database of its own: two on one server have two names."
                yield Refusal(("sites", name, "database", *keys, "url"), f"the same database as {other}'s", why, do)


def _place_of(external: External) -> tuple[str, ...]:
    """Where a URL leads to, however it is written."""
    url = parsed(external.url)
    if url is None:
        return (external.url,)
    return (url.type, *sorted(url.hosts), url.port or str(PORTS.get(url.type, "")), url.name.lower())
