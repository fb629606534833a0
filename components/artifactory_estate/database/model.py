"""The metadata database of a site."""

from typing import Annotated, Literal

from pydantic import Field

from artifactory_estate.base import Duration, Model, SecretRef
from artifactory_estate.base.text_form import form


class Pools(Model):
    """Connections that one node may open, a service (files reference 2.6)."""

    artifactory: Annotated[int, Field(ge=5, le=1000)] = 50
    """`maxOpenConnections`; counts twice, since a second pool exists for locks."""
    access: Annotated[int, Field(ge=5, le=1000)] = 50
    """`maxOpenConnections` of Access."""
    metadata: Annotated[int, Field(ge=5, le=1000)] = 50
    """`maxOpenConnections` of Metadata."""


class External(Model):
    """A database that exists already."""

    url: Annotated[
        str, form(r"^jdbc:postgresql://[^\s/]+/[^\s/?]+(\?\S*)?$", "jdbc:postgresql://HOST:5432/artifactory")
    ]
    """JDBC URL (files reference 2.7), without user and password."""
    username: Annotated[str, Field(min_length=1)]
    """Application user."""
    password: SecretRef
    """Reference to its password."""


class Database(Model):
    """PostgreSQL on RDS, or one that exists."""

    engine: Literal["postgresql"] = "postgresql"
    """The engines of seed 004 come with the HA site; until then PostgreSQL."""
    version: Annotated[str, form(r"^[0-9]{1,2}(\.[0-9]{1,3})?$", 'an engine version in quotes, such as "15",')] = "15"
    """Engine version, a text; 10 or newer (files reference 7.2)."""
    instance_class: (
        Annotated[str, form(r"^db\.[a-z0-9]+\.[a-z0-9]+$", "an RDS class such as db.m8g.2xlarge")] | None
    ) = None
    """RDS class; default by `nodes.size` (files reference 7.1)."""
    storage_gib: Annotated[int, Field(ge=20, le=65536)] = 100
    """Allocated storage in GiB, gp3."""
    multi_az: bool = True
    """A standby in another zone."""
    point_in_time: Duration = 7 * 86400
    """Window in which a point in time can be restored. Default 7d; RDS allows 1d to 35d."""
    pools: Pools = Pools()
    """Connection pools of one node."""
    external: External | None = None
    """Use this database instead of making one."""
    allow_delete: bool = False
    """Whether `destroy` may delete the database (a final snapshot is made). Must have been applied before."""
