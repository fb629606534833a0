"""JDBC URLs of the five engines, taken apart (files reference 2.7)."""

import re
from dataclasses import dataclass, field

DRIVERS = {
    "postgresql": "org.postgresql.Driver",
    "mysql": "com.mysql.cj.jdbc.Driver",
    "mariadb": "org.mariadb.jdbc.Driver",
    "oracle": "oracle.jdbc.OracleDriver",
    "mssql": "com.microsoft.sqlserver.jdbc.SQLServerDriver",
}
"""Driver class by `shared.database.type`; Connector/J 8 for MySQL."""
EXAMPLES = {
    "postgresql": "jdbc:postgresql://HOST:5432/artifactory",
    "mysql": "jdbc:mysql://HOST:3306/artdb?characterEncoding=UTF-8&elideSetAutoCommits=true",
    "mariadb": "jdbc:mariadb://HOST:3306/artdb?characterEncoding=UTF-8&elideSetAutoCommits=true",
    "oracle": "jdbc:oracle:thin:@HOST:1521/ORCL",
    "mssql": "jdbc:sqlserver://HOST:1433;databaseName=artifactory",
}
PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521, "mssql": 1433}

_SCHEMES = {
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mariadb",
    "sqlserver": "mssql",
    "oracle": "oracle",
}
_URL = re.compile(r"jdbc:(?P<scheme>[a-z0-9+-]+)(?P<variant>(:[a-z0-9+-]+)*):(?P<rest>.*)\Z", re.DOTALL)
_WITH_SLASHES = re.compile(r"//(?P<hosts>[^/?]*)(/(?P<name>[^?]*))?(\?(?P<options>.*))?\Z", re.DOTALL)
_ORACLE = re.compile(
    r"(?P<user>[^@(]*)@(tcps?:)?(//)?(?P<host>[A-Za-z0-9._-]+)(:(?P<port>\d+))?[:/](?P<name>[^?:/\s]+)(\?.*)?\Z"
)
_ORACLE_HOSTS = re.compile(r"\(\s*HOST\s*=\s*([^)\s]+)\s*\)", re.IGNORECASE)
_ORACLE_PORT = re.compile(r"\(\s*PORT\s*=\s*(\d+)\s*\)", re.IGNORECASE)
_ORACLE_NAME = re.compile(r"\(\s*(?:SERVICE_NAME|SID)\s*=\s*([^)\s]+)\s*\)", re.IGNORECASE)


@dataclass(frozen=True)
class Url:
    """A JDBC URL. Hosts carry no port; options' names are in lower case."""

    type: str
    """`shared.database.type`; empty for a driver that Artifactory does not know."""
    variant: str
    """Between driver and hosts: `replication`, `loadbalance`, `thin`."""
    hosts: tuple[str, ...]
    port: str
    """Of the first host; empty when it has none."""
    name: str
    options: dict[str, str] = field(default_factory=dict)
    carries_user: bool = False
    """Whether a user or a password stands in it."""


def parsed(url: str) -> Url | None:
    """The parts of a URL; None for what is none.

    >>> parsed("jdbc:postgresql://h1:5432,h2:5432/artifactory?targetServerType=primary").hosts
    ('h1', 'h2')
    >>> parsed("jdbc:oracle:thin:@db.example:1521:ORCL").name
    'ORCL'
    """
    found = _URL.match(url)
    if found is None:
        return None
    scheme, variant, rest = found["scheme"], found["variant"].lstrip(":"), found["rest"]
    type_ = _SCHEMES.get(scheme, "")
    if type_ == "oracle":
        return _oracle(variant, rest)
    if type_ == "mssql":
        return _sqlserver(variant, rest)
    if (parts := _WITH_SLASHES.match(rest)) is None or not parts["hosts"]:
        return None
    options = _options((parts["options"] or "").split("&"))
    carries = "@" in parts["hosts"] or _has_user(options)
    hosts = parts["hosts"].rpartition("@")[2].split(",")
    return Url(type_, variant, _names(hosts), _port(hosts), parts["name"] or "", options, carries)


def _sqlserver(variant: str, rest: str) -> Url | None:
    server, *properties = rest.removeprefix("//").split(";")
    options = _options(properties)
    if not server or not rest.startswith("//"):
        return None
    host = re.sub(r"\\[^:]*", "", server)  # a named instance
    name = options.get("databasename") or options.get("database") or ""
    return Url("mssql", variant, _names([host]), _port([host]), name, options, _has_user(options))


def _oracle(variant: str, rest: str) -> Url | None:
    if "(" in rest:
        hosts, name = _ORACLE_HOSTS.findall(rest), _ORACLE_NAME.search(rest)
        user, port = rest.partition("@")[0], _ORACLE_PORT.search(rest)
        if not hosts:
            return None
        return Url("oracle", variant, tuple(hosts), port[1] if port else "", name[1] if name else "", {}, bool(user))
    found = _ORACLE.match(rest)
    if found is None:
        return None
    return Url("oracle", variant, (found["host"],), found["port"] or "", found["name"], {}, bool(found["user"]))


def _options(pairs: list[str]) -> dict[str, str]:
    split = (pair.partition("=") for pair in pairs if pair.strip())
    return {name.strip().lower(): value.strip() for name, _, value in split}


def _has_user(options: dict[str, str]) -> bool:
    return bool(options.keys() & {"user", "username", "password", "trustpassword", "accesstoken"})


def _names(hosts: list[str]) -> tuple[str, ...]:
    return tuple(re.sub(r":\d+$", "", host).lower() for host in hosts)


def _port(hosts: list[str]) -> str:
    found = re.search(r":(\d+)$", hosts[0])
    return found[1] if found else ""
