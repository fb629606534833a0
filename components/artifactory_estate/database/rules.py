"""What a site's database may not be."""

import re
from collections.abc import Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.database.model import Database
from artifactory_estate.database.sizing import max_connections
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.sizes import preset_of

_DAY = 86400
_OF_INSTANCE = ("instance_class", "storage_gib", "multi_az", "point_in_time")
_BYTES_A_CONNECTION = 9531392
_CONNECTIONS_MAX = 5000
_GIB = {
    "medium": 4,
    "large": 8,
    "xlarge": 16,
    "2xlarge": 32,
    "4xlarge": 64,
    "8xlarge": 128,
    "12xlarge": 192,
    "16xlarge": 256,
    "24xlarge": 384,
}
"""Memory of a general-purpose class (db.m…, and db.t… from medium on)."""
_SMALL_GIB = {"micro": 1, "small": 2}


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every contradiction of every managed site's database."""
    for name, site in estate.managed_sites.items():
        path = ("sites", name, "database")
        if site.database.external:
            yield from _external(site.database, path)
        else:
            yield from _point_in_time(site.database, path)
            yield from _version(site.database, path)
            yield from _connections(site, path)


def _external(database: Database, path: tuple[str, ...]) -> Iterator[Refusal]:
    plain = Database()
    for key in _OF_INSTANCE:
        if getattr(database, key) != getattr(plain, key):
            yield Refusal((*path, key), "given, with external", "it is a setting of an instance that we make")
    if database.external and re.search(r"://[^/]*@|[?&](user|password)=", database.external.url, re.IGNORECASE):
        why = "the URL goes into state; the password is a reference"
        yield Refusal(
            (*path, "external", "url"), "a user or a password in the URL", why, "Use `username` and `password`."
        )


def _point_in_time(database: Database, path: tuple[str, ...]) -> Iterator[Refusal]:
    window = database.point_in_time
    if not _DAY <= window <= 35 * _DAY or window % _DAY:
        yield Refusal(
            (*path, "point_in_time"),
            f"{window} s are not 1 to 35 whole days",
            "RDS keeps backups by the day",
            "Write 7d.",
        )


def _version(database: Database, path: tuple[str, ...]) -> Iterator[Refusal]:
    if int(database.version.split(".")[0]) < 10:
        yield Refusal(
            (*path, "version"), f"{database.version} is too old", "files reference 7.2: PostgreSQL 10 or newer"
        )


def _connections(site: ManagedSite, path: tuple[str, ...]) -> Iterator[Refusal]:
    """files reference 2.6: what all nodes together may open, against what the instance's memory allows."""
    chosen = site.database.instance_class or preset_of(site.nodes).database_class
    allowed = connections_of(chosen)
    wanted = max_connections(site.database.pools, site.nodes.ceiling)
    if allowed is not None and wanted > allowed:
        found = f"{wanted} connections for {site.nodes.ceiling} nodes"
        why = f"files reference 2.6: {chosen} allows {allowed}"
        yield Refusal(
            (*path, "pools"), found, why, "Take smaller pools, fewer nodes (`nodes.max`) or a larger instance_class."
        )


def connections_of(instance_class: str) -> int | None:
    """RDS's own limit, LEAST(memory/9531392, 5000). None for a class that we do not know.

    >>> connections_of("db.m8g.2xlarge"), connections_of("db.t4g.micro"), connections_of("db.z9.enormous")
    (3604, 112, None)
    """
    _, family, size = instance_class.split(".")
    gib = (_GIB | _SMALL_GIB if family.startswith("t") else _GIB).get(size)
    if gib is None or not re.match(r"[tmr][0-9]", family):
        return None
    memory = gib * (2 if family.startswith("r") else 1) << 30
    return min(memory // _BYTES_A_CONNECTION, _CONNECTIONS_MAX)
