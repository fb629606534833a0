"""The arithmetic between nodes, their connection pools and the database's limit."""

import re
from dataclasses import dataclass

from artifactory_estate.database.model import Database

RESERVE = 50
"""What the formula leaves for administrators, backups and the parameter's own reserve (files reference 2.6)."""
_LOCKS_OF_THE_SECOND_POOL = 5
"""Native locks by default; those are within the second pool, only more of them are counted."""


@dataclass(frozen=True)
class Opened:
    """Connections that each service of one node opens at most."""

    artifactory: int
    access: int
    metadata: int
    mc: int
    idgenerator: int
    jfconfig: int
    topology: int
    rtfs: int
    """0 where the Federation Service is off or has its own database."""
    lock: int

    @property
    def of_a_node(self) -> int:
        """All together: Artifactory's count twice (files reference 2.6)."""
        own = 2 * self.artifactory + self.access + self.metadata
        small = self.mc + self.idgenerator + self.jfconfig + self.topology
        return own + small + self.rtfs + self.lock - _LOCKS_OF_THE_SECOND_POOL


def opened(database: Database, usual: int = 50) -> Opened:
    """The declared pools; the large ones that are left open have `usual` connections, by `nodes.size`.

    >>> opened(Database(), 100).of_a_node
    422
    """
    pools = database.pools
    shares = database.rtfs is not None and database.rtfs.external is None
    return Opened(
        artifactory=pools.artifactory or usual,
        access=pools.access or usual,
        metadata=pools.metadata or usual,
        mc=pools.mc,
        idgenerator=pools.idgenerator,
        jfconfig=pools.jfconfig,
        topology=pools.topology,
        rtfs=(pools.rtfs or usual) if shares else 0,
        lock=pools.lock,
    )


def max_connections(database: Database, nodes: int, usual: int = 50) -> int:
    """Connections that `nodes` nodes can never exhaust (files reference 2.6, every service that runs by default added).

    >>> max_connections(Database(pools=Pools(artifactory=100, access=100, metadata=100)), nodes=3)
    1316
    """
    return nodes * opened(database, usual).of_a_node + RESERVE


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
    "32xlarge": 512,
    "48xlarge": 768,
}
"""Memory of a general-purpose class (db.m…, and db.t… from medium on)."""
_SMALL_GIB = {"micro": 1, "small": 2}
_A_CONNECTION = {"postgresql": (9531392, 5000), "mysql": (12582880, 16000), "oracle": (9868951, 20000)}
"""Bytes of memory, and the most, of RDS's default `max_connections`; `processes` of Oracle."""
_SQL_SERVER = 32767


def connections_of(instance_class: str, engine: str = "postgresql") -> int | None:
    """What RDS lets a class open, LEAST(memory/9531392, 5000) for PostgreSQL. None for a class that we do not know.

    >>> connections_of("db.m8g.2xlarge"), connections_of("db.t4g.micro"), connections_of("db.z9.enormous")
    (3604, 112, None)
    """
    if engine == "mssql":
        return _SQL_SERVER
    memory = _memory_of(instance_class)
    if memory is None:
        return None
    kind = {"aurora-postgresql": "postgresql", "mariadb": "mysql"}.get(engine, engine)
    bytes_each, most = _A_CONNECTION[kind]
    return min(memory // bytes_each, most)


def _memory_of(instance_class: str) -> int | None:
    _, family, size = instance_class.split(".")
    gib = (_GIB | _SMALL_GIB if family.startswith("t") else _GIB).get(size)
    if gib is None or not re.match(r"[tmr][0-9]", family):
        return None
    return gib * (2 if family.startswith("r") else 1) << 30


def class_of(database: Database, preset: str) -> str:
    """The declared class, or the preset's: Oracle and SQL Server do not run on ARM, Aurora not on general-purpose classes.

    >>> class_of(Database(engine="oracle"), "db.m8g.2xlarge"), class_of(Database(engine="aurora-postgresql"), "db.m8g.large")
    ('db.m7i.2xlarge', 'db.r8g.large')
    """
    if database.instance_class:
        return database.instance_class
    family = {"oracle": "m7i", "mssql": "m7i", "aurora-postgresql": "r8g"}.get(database.engine, "m8g")
    return preset.replace(".m8g.", f".{family}.")


@dataclass(frozen=True)
class Gp3:
    """What RDS lets a gp3 volume of an engine be told."""

    from_gib: int
    """Below it, a volume has its own 3000 I/O operations a second and takes no other figure."""
    iops: tuple[int, int]
    """Its own, and the most."""
    throughput_mib: tuple[int, int]
    """Its own, and the most."""


IOPS_A_MIB, IOPS_A_GIB = 4, 500
"""RDS: a MiB/s needs four I/O operations a second; a GiB gives at most 500."""
SMALL_IOPS, SMALL_THROUGHPUT_MIB = 3000, 125
"""Of a volume below `from_gib`."""
_STRIPED = ((12000, 64000), (500, 4000))
_GP3 = {"oracle": Gp3(200, *_STRIPED), "mssql": Gp3(20, (3000, 16000), (125, 1000))}


def gp3_of(engine: str) -> Gp3:
    """The limits of an engine; Aurora has no volume."""
    return _GP3.get(engine, Gp3(400, *_STRIPED))


def io_of(database: Database, gib: int, iops: int, throughput_mib: int) -> tuple[int, int] | None:
    """I/O operations and MiB a second that a volume of `gib` is told: as declared, else the size's `iops` and
    `throughput_mib`, within what RDS takes. None where its own do, or it takes no figure.

    >>> io_of(Database(), 500, 10000, 800), io_of(Database(), 250, 6000, 600)
    ((12000, 800), None)
    >>> io_of(Database(engine="mssql"), 1500, 20000, 1500)
    (16000, 1000)
    """
    limits = gp3_of(database.engine)
    own, most = limits.iops
    if gib < limits.from_gib or (not database.iops and iops <= own and throughput_mib <= limits.throughput_mib[0]):
        return None
    told = database.iops or min(max(iops, own), most, IOPS_A_GIB * gib)
    fastest = min(limits.throughput_mib[1], told // IOPS_A_MIB)
    return told, database.throughput_mib or max(limits.throughput_mib[0], min(throughput_mib, fastest))
