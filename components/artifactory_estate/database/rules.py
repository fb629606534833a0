"""What a site's database may not be."""

from collections.abc import Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.database.consistency import consistency_refusals
from artifactory_estate.database.engine_rules import engine_refusals
from artifactory_estate.database.jdbc import EXAMPLES, parsed
from artifactory_estate.database.model import Database, External
from artifactory_estate.database.render import type_of
from artifactory_estate.database.sizing import class_of, connections_of, max_connections
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.model import Artifactory, ManagedSite
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
        yield from engine_refusals(database, artifactory, path)
        if database.engine == "derby":
            continue
        if database.external:
            yield from _settings_of_an_instance(database, path)
            yield from _url(database.external, type_of(database), (*path, "external"))
            yield from consistency_refusals(database.external.url, (*path, "external", "url"), site.aws.region)
            yield from _several_hosts(database, artifactory, path)
        else:
            yield from _point_in_time(database, path)
            yield from _storage(database, path)
            yield from _connections(site, path)
        if database.rtfs:
            yield from _federation(site, artifactory, path)


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


def _storage(database: Database, path: Path) -> Iterator[Refusal]:
    """RDS: gp3 takes more than its own I/O from 400 GiB on, Oracle from 200, SQL Server from 20; Aurora has no volume."""
    if database.engine == "aurora-postgresql":
        for key in ("storage_gib", "iops", "throughput_mib"):
            if getattr(database, key) is not None:
                yield Refusal((*path, key), "given, with aurora-postgresql", "Aurora's storage grows by itself")
        return
    if database.throughput_mib and not database.iops:
        yield Refusal((*path, "throughput_mib"), "given, without iops", "RDS: gp3 takes the two together")
    least = {"oracle": 200, "mssql": 20}.get(database.engine, 400)
    if database.iops and (database.storage_gib or 0) < least:
        found = f"{database.iops}, with {database.storage_gib or 'no'} GiB declared"
        why = f"RDS: gp3 below {least} GiB has its own 3000 and takes none"
        yield Refusal((*path, "iops"), found, why, f"Declare storage_gib: {least} or more.")
    most = 16000 if database.engine == "mssql" else 64000
    floor = 3000 if database.engine == "mssql" else 12000
    if database.iops and not floor <= database.iops <= most:
        why = f"RDS: gp3 of this engine takes {floor} to {most}"
        yield Refusal((*path, "iops"), f"{database.iops}", why)


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
    if database.external and own.url == database.external.url:
        yield Refusal((*at, "external", "url"), "the site's own database", "files reference 2.5: a new, empty database")
