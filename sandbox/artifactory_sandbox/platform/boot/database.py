"""`shared.database` of system.yaml: engine, driver, JDBC URL, and the pools of the services (configuration files reference
2.3, 2.6, 2.7). What Artifactory or its driver would not start with stops the node, with the text of its error."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.boot.refusal import CannotStart

DRIVERS = {
    "postgresql": ("org.postgresql.Driver",),
    "mysql": ("com.mysql.jdbc.Driver", "com.mysql.cj.jdbc.Driver"),
    "mariadb": ("org.mariadb.jdbc.Driver",),
    "oracle": ("oracle.jdbc.OracleDriver", "oracle.jdbc.driver.OracleDriver"),
    "mssql": ("com.microsoft.sqlserver.jdbc.SQLServerDriver",),
}
_SLASHES = r"://(?P<host>[^:/,?;\s]+)(:\d+)?(?P<more>,[^/]+)?/(?P<name>[^?\s]+)(\?(?P<options>\S*))?\Z"
_URLS = {
    "postgresql": re.compile(f"jdbc:postgresql{_SLASHES}"),
    "mysql": re.compile(f"jdbc:mysql{_SLASHES}"),
    "mariadb": re.compile(f"jdbc:mariadb{_SLASHES}"),
    "oracle": re.compile(r"jdbc:oracle:thin:@(tcps?:)?(//)?(?P<host>[^:/\s]+)(:\d+)?[:/](?P<name>[^?\s]+)(\?.*)?\Z"),
    "mssql": re.compile(r"jdbc:sqlserver://(?P<host>[^:;\\]+)([^;]*);(.*;)?database(Name)?=(?P<name>[^;]+)(;.*)?\Z"),
}
_NEW_INSTALLATIONS = "7.84.7"
_POOLS = {
    "artifactory": "artifactory.database.maxOpenConnections",
    "access": "access.database.maxOpenConnections",
    "metadata": "metadata.database.maxOpenConnections",
    "mc": "mc.database.maxOpenConnections",
    "idgenerator": "mc.idgenerator.maxOpenConnections",
    "jfconfig": "jfconfig.database.maxOpenConnections",
    "topology": "topology.database.maxOpenConnections",
    "rtfs": "rtfs.database.maxOpenConnections",
}
LOCKS = "artifactory-locks"
"""Artifactory's second pool, as large as its first."""

Value = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Database:
    """Where the metadata is."""

    host: str
    name: str
    user: str
    password: str = field(repr=False)
    kind: str = "postgresql"
    pools: dict[str, int] = field(default_factory=dict)
    """Connections by service, of those that the file declares."""


def read(value: Value, flag: Callable[..., bool], files: Files, path: str) -> Database:
    """`value` and `flag` look a path up; `path` is system.yaml's, for texts. Raises `CannotStart`."""
    kind = str(value("shared.database.type", "derby"))
    _check_kind(kind, flag("shared.database.allowNonPostgresql"), files, path)
    driver = str(value("shared.database.driver", DRIVERS[kind][0]))
    if driver not in DRIVERS[kind] or (kind != "postgresql" and not _jars(files)):
        raise CannotStart(f"{path}: shared.database.driver: cannot load driver class {driver}")
    url = str(value("shared.database.url", ""))
    found = _URLS[kind].match(url)
    if found is None:
        raise CannotStart(f"{path}: shared.database.url: '{url}' is not a {_NAMES[kind]} JDBC URL")
    _check_metadata(kind, bool(found.groupdict().get("more")), str(value("metadata.database.url", "")), path)
    user, password = (str(value(f"shared.database.{name}", "")) for name in ("username", "password"))
    if not user or not password:
        raise CannotStart(f"{path}: shared.database: username and password are needed")
    return Database(found["host"], found["name"], user, password, kind, _pools(value, path))


_NAMES = {"postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB", "oracle": "Oracle", "mssql": "SQL Server"}


def _check_kind(kind: str, allowed: bool, files: Files, path: str) -> None:
    if kind == "postgresql":
        return
    if files.version().at_least(_NEW_INSTALLATIONS) and not allowed:
        raise CannotStart(
            f"{path}: shared.database.type: {kind} is not allowed for a new installation unless"
            " shared.database.allowNonPostgresql is true"
        )
    if kind == "derby":
        raise CannotStart(f"{path}: shared.database.type: a cluster needs an external database, derby is embedded")
    if kind not in DRIVERS:
        raise CannotStart(f"{path}: shared.database.type: the sandbox has no {kind}")


def _jars(files: Files) -> list[str]:
    return [path.name for path in (files.var / "bootstrap/artifactory/tomcat/lib").glob("*.jar")]


def _check_metadata(kind: str, several: bool, url: str, path: str) -> None:
    """Metadata speaks Go: where no URL can be derived, it needs its own (configuration files reference 2.7)."""
    if kind in {"oracle", "mssql"} and not url:
        raise CannotStart(
            f"{path}: metadata.database.url is missing: the Metadata service cannot use {kind}'s JDBC URL"
        )
    if several and "target_session_attrs" not in url:
        raise CannotStart(f"{path}: metadata.database.url: several hosts need target_session_attrs=read-write")


def _pools(value: Value, path: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for service, key in _POOLS.items():
        declared = value(key)
        if declared is None or (service == "rtfs" and value("rtfs.database.url")):
            continue
        try:
            found[service] = int(declared)
        except (TypeError, ValueError) as error:
            raise CannotStart(f"{path}: {key}: '{declared}' is not a number") from error
    if "artifactory" in found:
        found[LOCKS] = found["artifactory"]
    return found
