"""What RDS calls our engines, and how each is told its connections and its encryption."""

from dataclasses import dataclass, field

from artifactory_estate.database.jdbc import PORTS
from artifactory_estate.database.model import Database

_MSSQL_MAJOR = {"13": "13.0", "14": "14.0", "15": "15.0", "16": "16.0"}
_LOGS = {
    "postgresql": ("postgresql", "upgrade"),
    "aurora-postgresql": ("postgresql",),
    "mysql": ("error", "slowquery"),
    "mariadb": ("error", "slowquery"),
    "oracle": ("alert", "listener"),
    "mssql": ("error", "agent"),
}
_MASTERS = {"postgresql": "postgres", "aurora-postgresql": "postgres"}
_PROCESSES_OF_ORACLE = 120
"""Background processes beside those of the connections."""


@dataclass(frozen=True)
class OnRds:
    """Names and settings of one declared database."""

    engine: str
    """`postgres`, `oracle-se2`."""
    family: str
    """Of its parameter group."""
    port: int
    master: str
    """Master user."""
    logs: tuple[str, ...]
    license_model: str | None
    database_name: str | None
    """Made with the instance: Oracle's only, the others' is made by the first node."""
    parameters: tuple[tuple[str, str, str], ...]
    """Name, value, when it takes effect; the limit of connections first."""
    options: tuple[tuple[str, dict[str, str]], ...] = field(default=())
    """Option and settings; none: no option group."""

    @property
    def limit_waits(self) -> bool:
        """Whether another limit of connections waits for the next restart."""
        return self.parameters[0][2] == "pending-reboot"


def on_rds(database: Database, connections: int) -> OnRds:
    """`connections` is what all nodes together may open."""
    engine, major = database.engine, database.release.split(".")
    edition = {"mssql": f"sqlserver-{database.edition or 'se'}", "oracle": f"oracle-{database.edition or 'se2'}"}
    name = {"postgresql": "postgres"}.get(engine) or edition.get(engine) or engine
    return OnRds(
        engine=name,
        family=_family(name, engine, major),
        port=5432 if database.is_postgresql else PORTS[engine],
        master=_MASTERS.get(engine, "estate_admin"),
        logs=_LOGS[engine],
        license_model=_license(database),
        database_name="ORCL" if engine == "oracle" else None,
        parameters=_parameters(database, connections),
        options=(("NATIVE_NETWORK_ENCRYPTION", _ENCRYPTION),) if engine == "oracle" else (),
    )


_ENCRYPTION = {
    "SQLNET.ENCRYPTION_SERVER": "REQUIRED",
    "SQLNET.ENCRYPTION_TYPES_SERVER": "AES256",
    "SQLNET.CRYPTO_CHECKSUM_SERVER": "REQUIRED",
    "SQLNET.CRYPTO_CHECKSUM_TYPES_SERVER": "SHA256",
}


def _family(name: str, engine: str, major: list[str]) -> str:
    if engine in {"mysql", "mariadb"}:
        return f"{name}{'.'.join(major[:2]) if len(major) > 1 else f'{major[0]}.0'}"
    if engine == "oracle":
        return f"{name}-{major[0]}"
    if engine == "mssql":
        return f"{name}-{_MSSQL_MAJOR.get(major[0], f'{major[0]}.0')}"
    return f"{name}{major[0]}"


def _parameters(database: Database, connections: int) -> tuple[tuple[str, str, str], ...]:
    """The limit takes effect at the next restart only; nodes below `max` need none."""
    limit, encryption = ("max_connections", str(connections)), ("rds.force_ssl", "1")
    if database.engine == "oracle":
        return (("processes", str(connections + _PROCESSES_OF_ORACLE), "pending-reboot"),)
    if database.engine == "mssql":
        return (("user connections", str(connections), "pending-reboot"), (*encryption, "pending-reboot"))
    if database.engine in {"mysql", "mariadb"}:
        packet = ("max_allowed_packet", str(64 << 20), "immediate")
        return ((*limit, "immediate"), ("require_secure_transport", "1", "immediate"), packet)
    return ((*limit, "pending-reboot"), (*encryption, "immediate"))


def _license(database: Database) -> str | None:
    if database.engine == "mssql":
        return "license-included"
    if database.engine != "oracle":
        return None
    return "license-included" if database.licence == "included" else "bring-your-own-license"
