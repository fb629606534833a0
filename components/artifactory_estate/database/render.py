"""What a node's files say about the database."""

from dataclasses import dataclass

from artifactory_estate.database.jdbc import DRIVERS, PORTS, parsed
from artifactory_estate.database.model import Database
from artifactory_estate.database.sizing import Opened, opened

NAME = "artifactory"
"""Of the database that we make."""
USER = "artifactory"
"""Application user that we make."""
ASKS_FOR_POSTGRESQL = (7, 84, 7)
"""From here on a new installation wants PostgreSQL (files reference 7.2)."""
_ON_RDS = {
    "postgresql": "jdbc:postgresql://{host}:5432/{name}?sslmode=require",
    "mysql": "jdbc:mysql://{host}:3306/{name}?characterEncoding=UTF-8&elideSetAutoCommits=true&sslMode=REQUIRED",
    "mariadb": "jdbc:mariadb://{host}:3306/{name}?characterEncoding=UTF-8&elideSetAutoCommits=true"
    "&useMysqlMetadata=true&useSsl=true&trustServerCertificate=true",
    "oracle": "jdbc:oracle:thin:@{host}:1521/{name}",
    "mssql": "jdbc:sqlserver://{host}:1433;databaseName={name};sendStringParametersAsUnicode=false;"
    "applicationName=Artifactory Binary Repository;encrypt=true;trustServerCertificate=true",
}
"""TLS, without a check of RDS's authority, which Java does not know; Oracle encrypts by its own means."""


@dataclass(frozen=True)
class DatabaseFacts:
    """Where the database is, once it is there."""

    url: str
    """JDBC URL."""
    username: str
    """Application user."""
    name: str = NAME
    host: str = ""
    """Empty for a database that is not ours to prepare."""
    master_secret: str = ""
    """ARN of the secret of RDS's master user."""
    driver_url: str = ""
    """S3 URL of the mirrored jar; empty for PostgreSQL, whose driver comes with Artifactory."""
    password_mark: str = ""
    """Fingerprint of a given password: another one restarts the nodes."""

    @property
    def identity(self) -> str:
        """Differs between a database and the one made later under the same name."""
        return self.master_secret or self.url


def type_of(database: Database) -> str:
    """`shared.database.type`: Aurora is a PostgreSQL to its clients."""
    return "postgresql" if database.is_postgresql else database.engine


def name_of(database: Database) -> str:
    """Name of the database that we make: Oracle's has at most eight letters."""
    return "ORCL" if database.engine == "oracle" else NAME


def jdbc_url(host: str, database: Database | None = None) -> str:
    """JDBC URL of a database on RDS; encryption is required of the server.

    >>> jdbc_url("db.example")
    'jdbc:postgresql://db.example:5432/artifactory?sslmode=require'
    """
    declared = database or Database()
    return _ON_RDS[type_of(declared)].format(host=host, name=name_of(declared))


def facts_of(
    database: Database, host: str, master_secret: str, driver_url: str = "", password_mark: str = ""
) -> DatabaseFacts:
    """`host` and `master_secret` are empty for a database that exists already."""
    known = {"driver_url": driver_url, "password_mark": password_mark}
    if external := database.external:
        return DatabaseFacts(url=external.url, username=external.username, **known)
    url = jdbc_url(host, database)
    return DatabaseFacts(
        url=url, username=USER, name=name_of(database), host=host, master_secret=master_secret, **known
    )


def metadata_url(database: Database, url: str) -> str:
    """`metadata.database.url`, where the one derived from `shared` does not do (files reference 2.7); else empty.

    >>> metadata_url(Database(), "jdbc:postgresql://h1:5432,h2:5432/artifactory?targetServerType=primary")
    'jdbc:postgresql://h1:5432,h2:5432/artifactory?target_session_attrs=read-write'
    """
    if database.external and database.external.metadata_url:
        return database.external.metadata_url
    found = parsed(url)
    if found is None:
        return ""
    where = f"{found.hosts[0]}:{found.port or PORTS.get(found.type, '')}"
    if found.type == "oracle" and found.name:
        return f"oracle://{where}/{found.name}"
    if found.type == "mssql":
        secure = "&encrypt=true&TrustServerCertificate=true" if found.options.get("encrypt") == "true" else ""
        return f"sqlserver://{where}?database={found.name}{secure}"
    if found.type == "postgresql" and len(found.hosts) > 1:
        return url.replace("targetServerType=primary", "target_session_attrs=read-write")
    return ""


@dataclass(frozen=True)
class DatabasePart:
    """The database's part of system.yaml."""

    type: str
    driver: str
    url: str
    username: str
    allow_non_postgresql: bool
    metadata_url: str
    pools: Opened
    rtfs: "RtfsPart | None"


@dataclass(frozen=True)
class RtfsPart:
    """Of the Federation Service; without a URL it shares the site's database."""

    pool: int
    url: str = ""
    username: str = ""


def part_of(database: Database, facts: DatabaseFacts, release: tuple[int, ...], usual: int) -> DatabasePart:
    """`release` is Artifactory's, `usual` what a pool holds that the declaration leaves open."""
    return DatabasePart(
        type=type_of(database),
        driver=DRIVERS[type_of(database)],
        url=facts.url,
        username=facts.username,
        allow_non_postgresql=database.allow_non_postgresql and release >= ASKS_FOR_POSTGRESQL,
        metadata_url=metadata_url(database, facts.url),
        pools=opened(database, usual),
        rtfs=_rtfs(database, usual),
    )


def _rtfs(database: Database, usual: int) -> RtfsPart | None:
    if database.rtfs is None:
        return None
    pool, own = database.pools.rtfs or usual, database.rtfs.external
    return RtfsPart(pool, own.url, own.username) if own else RtfsPart(pool)


def properties_of(database: Database) -> dict[str, str | int | bool]:
    """System properties that the database asks for; a site's own words win."""
    found: dict[str, str | int | bool] = {}
    if database.rac:
        found["artifactory.oracle.node.events.sequence.is.no.cache"] = True
    if database.pools.lock != 5:
        found["artifactory.db.lock.native.pool.size"] = database.pools.lock
    return found
