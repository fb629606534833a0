"""Which engines and versions Artifactory takes, and what each needs (files reference 7.2)."""

import re
from collections.abc import Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.database.model import Database
from artifactory_estate.database.render import ASKS_FOR_POSTGRESQL
from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.package_rules import signed

_MYSQL_8 = (7, 7, 0)
_SE2_SIZES = {"micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge"}
_WEB_MULTI_AZ = 16
_EDITIONS = {"oracle": ("ee", "se2"), "mssql": ("ee", "se", "web")}

Path = tuple[str, ...]


def engine_refusals(database: Database, artifactory: Artifactory | None, path: Path, chosen: str) -> Iterator[Refusal]:
    """Of the engine alone, wherever the database is. `chosen`: the instance class, should we make it."""
    if database.engine == "derby":
        why = "seed 004: high availability needs an external database; a lone node's would go with its instance"
        yield Refusal((*path, "engine"), "derby", why, "Take postgresql.")
        return
    yield from _postgresql_only(database, artifactory, path)
    yield from _versions(database, artifactory, path)
    yield from _keys_of_others(database, path)
    if not database.external:
        yield from _on_rds(database, artifactory, path, chosen)
    elif database.engine == "aurora-postgresql":
        do = "Write engine: postgresql: that is what an Aurora cluster of yours is to Artifactory."
        yield Refusal((*path, "engine"), "aurora-postgresql, with external", "it says what we make", do)


def _postgresql_only(database: Database, artifactory: Artifactory | None, path: Path) -> Iterator[Refusal]:
    release = artifactory.release if artifactory else ASKS_FOR_POSTGRESQL
    if database.is_postgresql:
        for key in ("allow_non_postgresql", "driver"):
            if getattr(database, key):
                why = "files reference 2.7: PostgreSQL's driver comes with Artifactory"
                yield Refusal((*path, key), f"given, with engine: {database.engine}", why, "Remove it.")
        return
    if release >= ASKS_FOR_POSTGRESQL and not database.allow_non_postgresql:
        why = "files reference 7.2: since 7.84.7 a new installation starts on PostgreSQL only, unless it is allowed"
        do = "Say `allow_non_postgresql: true`, or take postgresql."
        yield Refusal((*path, "engine"), database.engine, why, do)
    if database.driver:
        yield from signed(database.driver.source, (*path, "driver", "source"))
    else:
        why = f"files reference 2.7: the driver of {database.engine} does not come with Artifactory"
        yield Refusal((*path, "driver"), "missing", why, "Name its jar: `driver: {source: …, sha256: …}`.")


def _versions(database: Database, artifactory: Artifactory | None, path: Path) -> Iterator[Refusal]:
    if database.version is None and database.external:
        return
    found, at = database.release, (*path, "version")
    number = tuple(int(part) for part in re.findall(r"^[0-9]+|(?<=\.)[0-9]+(?=\.|$)", found))
    major = number[0]
    if database.is_postgresql and major < 10:
        yield Refusal(at, f"{found} is too old", "files reference 7.2: PostgreSQL 10 or newer")
    elif database.engine == "mysql":
        yield from _mysql(number, found, artifactory, at)
    elif database.engine == "mariadb" and not _is_mariadb(number):
        yield Refusal(at, found, "files reference 7.2: MariaDB 10.2.9 to 10.4, and 10.5.9 or newer")
    elif database.engine == "mariadb" and not database.external and number[:2] < (10, 5):
        why = "RDS: MariaDB can demand TLS of its clients (`require_secure_transport`) from 10.5 on"
        yield Refusal(at, found, why, 'Write "10.6".')
    elif database.engine == "oracle" and not (number[:2] == (12, 2) or major in {18, 19}):
        yield Refusal(at, found, "files reference 7.2: Oracle 12.2, 18 and 19")
    elif database.engine == "mssql" and major < 10:
        yield Refusal(at, found, "files reference 7.2: SQL Server 2008 (10.0) or newer", 'Write "15.00" for 2019.')


def _mysql(number: tuple[int, ...], found: str, artifactory: Artifactory | None, at: Path) -> Iterator[Refusal]:
    if number[:2] != (5, 7) and number[0] != 8:
        yield Refusal(at, found, "files reference 7.2: MySQL 5.7 and 8")
    elif number[0] == 8 and artifactory and artifactory.release < _MYSQL_8:
        yield Refusal(
            at, f"{found}, with Artifactory {artifactory.version}", "files reference 7.2: MySQL 8 from 7.7 on"
        )


def _is_mariadb(number: tuple[int, ...]) -> bool:
    if number[:2] in {(10, 2), (10, 5)}:
        return len(number) < 3 or number[2] >= 9
    return number[:2] > (10, 2)


def _keys_of_others(database: Database, path: Path) -> Iterator[Refusal]:
    if database.rac and database.engine != "oracle":
        yield Refusal((*path, "rac"), f"true, with engine: {database.engine}", "a Real Application Cluster is Oracle's")
    if database.engine != "aurora-postgresql" and database.readers is not None:
        do = "Remove it: multi_az gives the instance its standby."
        yield Refusal((*path, "readers"), f"given, with engine: {database.engine}", "Aurora has readers", do)
    if database.engine not in _EDITIONS:
        for key in ("edition", "licence"):
            if getattr(database, key):
                yield Refusal(
                    (*path, key), f"given, with engine: {database.engine}", "it has one edition, without licence"
                )


def _on_rds(database: Database, artifactory: Artifactory | None, path: Path, chosen: str) -> Iterator[Refusal]:
    yield from _class(database, chosen, (*path, "instance_class"))
    if database.rac and database.engine == "oracle":
        do = "Name a cluster of yours: `external`."
        yield Refusal((*path, "rac"), "true, without external", "RDS for Oracle has no Real Application Clusters", do)
    if database.engine == "aurora-postgresql" and database.multi_az and database.readers == 0:
        do = "Say `readers: 1`, or `multi_az: false`."
        yield Refusal((*path, "readers"), "0, with multi_az", "nothing would take over from the writer", do)
    if database.engine in _EDITIONS:
        yield from _commercial(database, artifactory, path)


def _commercial(database: Database, artifactory: Artifactory | None, path: Path) -> Iterator[Refusal]:
    engine, editions = database.engine, _EDITIONS[database.engine]
    if database.edition not in editions:
        found = f"{database.edition}" if database.edition else "missing"
        yield Refusal((*path, "edition"), found, f"RDS: {engine} comes as {' or '.join(editions)}")
    if database.licence is None:
        yield Refusal(
            (*path, "licence"), "missing", f"RDS: whose licence does {engine} run on?", "Say included or own."
        )
    elif engine == "mssql" and database.licence == "own":
        yield Refusal((*path, "licence"), "own, with mssql", "RDS: SQL Server comes with its licence")
    elif database.edition == "ee" and engine == "oracle" and database.licence == "included":
        yield Refusal((*path, "licence"), "included, with edition: ee", "RDS: Oracle EE runs on a licence of yours")
    if database.edition == "web" and database.multi_az and int(database.release.split(".")[0]) < _WEB_MULTI_AZ:
        why = "RDS: SQL Server's web edition has no standby before 2022 (16.00)"
        yield Refusal(
            (*path, "multi_az"), "true, with edition: web", why, "Take edition: se, or say `multi_az: false`."
        )
    if engine == "oracle" and not database.release.startswith("19"):
        yield Refusal((*path, "version"), database.release, "of the versions that Artifactory takes, RDS has Oracle 19")
    if artifactory and artifactory.package and not artifactory.pre_install:
        client = {"oracle": "sqlplus", "mssql": "sqlcmd"}[engine]
        why = f"the first node makes the application's user by {client}, which no repository of the system has"
        do = f"Bring {client} by `artifactory.pre_install` or an `ami`."
        yield Refusal((*path, "engine"), f"{engine} on RDS, without pre_install", why, do)


def _class(database: Database, chosen: str, place: Path) -> Iterator[Refusal]:
    """What each engine runs on, declared or by the site's size."""
    _, family, size = chosen.split(".")
    if database.engine == "aurora-postgresql" and family.startswith("m"):
        why = "RDS: Aurora runs on memory-optimised and burstable classes"
        yield Refusal(place, f"{chosen} is general-purpose", why, "Take db.r8g.")
    if database.engine in _EDITIONS and re.fullmatch(r"[a-z]+[0-9]+g[a-z]*", family):
        yield Refusal(place, f"{chosen} is ARM", f"RDS: {database.engine} runs on x86 only", "Take db.m7i.")
    if database.edition == "se2" and size not in _SE2_SIZES:
        why = "RDS: Oracle SE2 runs on 16 processors at most"
        yield Refusal(place, chosen, why, "Take a 4xlarge, or edition: ee.")
