"""The metadata database of a site."""

from typing import Annotated, Literal

from pydantic import Field

from artifactory_estate.base import Duration, Model, SecretRef
from artifactory_estate.base.name import Digest
from artifactory_estate.base.text_form import form

Engine = Literal["postgresql", "aurora-postgresql", "mysql", "mariadb", "oracle", "mssql", "derby"]
Pool = Annotated[int, Field(ge=5, le=1000)]
SmallPool = Annotated[int, Field(ge=2, le=200)]
JdbcUrl = Annotated[
    str,
    form(r"^jdbc:[a-z][a-z0-9+-]*:[^\x00-\x1f\"]+$", "a JDBC URL such as jdbc:postgresql://HOST:5432/artifactory"),
]
_VERSIONS = {"mysql": "8.0", "mariadb": "10.6", "oracle": "19", "mssql": "15.00"}


class Pools(Model):
    """Connections that one node may open, a service (files reference 2.3, 2.6)."""

    artifactory: Pool | None = None
    """`maxOpenConnections`; counts twice, since a second pool as large exists for locks. Default: by `nodes.size`, 50 to
    200 (files reference 7.1)."""
    access: Pool | None = None
    """Of Access. Default: by `nodes.size`."""
    metadata: Pool | None = None
    """Of Metadata. Default: by `nodes.size`."""
    mc: SmallPool = 10
    """Of Mission Control."""
    idgenerator: SmallPool = 2
    """Of Mission Control's id generator."""
    jfconfig: SmallPool = 5
    """Of the configuration service (decision 0014)."""
    topology: SmallPool = 5
    """Of the topology service (decision 0014)."""
    rtfs: Pool | None = None
    """Of the federation service, with `rtfs` only. Default: by `nodes.size`."""
    lock: Annotated[int, Field(ge=5, le=100)] = 5
    """Native locks, `artifactory.db.lock.native.pool.size`; 10 helps where many NuGet clients write (files reference 2.6)."""


class Driver(Model):
    """A JDBC driver's jar, mirrored into the site's bucket as the package is."""

    source: Annotated[
        str, form(r"^(s3://[^\s@]+|https://[^\s@]+)\.jar(\?\S*)?$", "s3://… or https://… of a file NAME.jar")
    ]
    """`s3://…` or `https://…`."""
    sha256: Digest
    """Of the file; checked before it is mirrored and on each node."""


class External(Model):
    """A database that exists already."""

    url: JdbcUrl
    """JDBC URL (files reference 2.7), without user and password."""
    metadata_url: Annotated[str, Field(min_length=1)] | None = None
    """URL of the Metadata service, where ours does not fit: it needs its own with several hosts, Oracle and SQL Server."""
    username: Annotated[str, Field(min_length=1)]
    """Application user."""
    password: SecretRef
    """Reference to its password. Another value leads to a rolling restart."""
    tls: bool = True
    """False: the URL may switch encryption off."""


class Federation(Model):
    """The Artifactory Federation Service (RTFS), 7.111 or newer. It shares the site's PostgreSQL, or has its own."""

    external: External | None = None
    """A new, empty PostgreSQL of its own, from 7.146.7 on; needed beside another engine (files reference 2.5)."""


class Database(Model):
    """A database that we make on RDS, or one that exists."""

    engine: Engine = "postgresql"
    """New installations since 7.84.7 are PostgreSQL, or `aurora-postgresql` on RDS; others need `allow_non_postgresql`
    and a `driver`. `derby` is refused."""
    version: (
        Annotated[str, form(r"^[0-9]{1,2}(\.[0-9A-Za-z-]{1,40}){0,5}$", 'an engine version in quotes, such as "15",')]
        | None
    ) = None
    """Engine version, a text as RDS writes it. Default: 15 for PostgreSQL and Aurora, 8.0 for MySQL, 10.6 for MariaDB, 19
    for Oracle, 15.00 (2019) for SQL Server."""
    allow_non_postgresql: bool = False
    """Starts a new installation of 7.84.7 or newer on another engine (`allowNonPostgresql`)."""
    driver: Driver | None = None
    """Of every engine but PostgreSQL, whose driver comes with Artifactory."""
    rac: bool = False
    """An Oracle Real Application Cluster: sequences of node events are not cached."""
    edition: Literal["ee", "se2", "se", "web"] | None = None
    """Oracle on RDS: `ee`, `se2`; SQL Server on RDS: `ee`, `se`, `web`."""
    licence: Literal["included", "own"] | None = None
    """Oracle and SQL Server on RDS: whose licence. Oracle `ee` is `own`, SQL Server is `included`."""
    instance_class: (
        Annotated[str, form(r"^db\.[a-z0-9-]+\.[a-z0-9]+$", "an RDS class such as db.m8g.2xlarge")] | None
    ) = None
    """RDS class; default by `nodes.size` (files reference 7.1), on x86 for Oracle and SQL Server."""
    readers: Annotated[int, Field(ge=0, le=15)] | None = None
    """Aurora: instances that take over when the writer fails, and that nothing ever reads. Default 1, 0 without `multi_az`."""
    storage_gib: Annotated[int, Field(ge=20, le=65536)] | None = None
    """Allocated storage in GiB, gp3, grows by itself to 2000. Default: by `nodes.size`, 100 to 1500; a third of the
    filestore is the reference architecture's measure."""
    iops: Annotated[int, Field(ge=3000, le=64000)] | None = None
    """Above the volume's own; default: what the size needs (files reference 7.1)."""
    throughput_mib: Annotated[int, Field(ge=125, le=4000)] | None = None
    """MiB/s, with `iops`."""
    multi_az: bool = True
    """A standby in another zone, which takes over under the same endpoint."""
    point_in_time: Duration = 7 * 86400
    """Window in which a point in time can be restored. Default 7d; RDS allows 1d to 35d."""
    insights: bool = True
    """Performance Insights, kept for 7 days."""
    logs: bool = True
    """The engine's logs in CloudWatch."""
    pools: Pools = Pools()
    """Connection pools of one node."""
    rtfs: Federation | None = None
    """Turns the Federation Service on, on every node (files reference 2.5); `{}` shares this database."""
    password: SecretRef | None = None
    """Of the application user that we make. Default: made once by us. Another value leads to a rolling restart."""
    external: External | None = None
    """Use this database instead of making one."""
    allow_delete: bool = False
    """Whether `destroy` may delete the database (a final snapshot is made). Must have been applied before."""

    @property
    def release(self) -> str:
        """The declared version or the engine's default."""
        return self.version or _VERSIONS.get(self.engine, "15")

    @property
    def is_postgresql(self) -> bool:
        """PostgreSQL or Aurora's, which is one to its clients."""
        return self.engine in {"postgresql", "aurora-postgresql"}
