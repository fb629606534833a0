"""Every table of a cluster's database, gathered from the services."""

from artifactory_sandbox.platform.artifacts import state as artifacts
from artifactory_sandbox.platform.cluster import state as cluster
from artifactory_sandbox.platform.federation import state as federation
from artifactory_sandbox.platform.licences import state as licences
from artifactory_sandbox.platform.replication import state as replication
from artifactory_sandbox.platform.repositories import state as repositories
from artifactory_sandbox.platform.security import state as security
from artifactory_sandbox.platform.state import locks, settings
from artifactory_sandbox.platform.trust import state as trust

SCHEMA: tuple[str, ...] = (
    *settings.SCHEMA,
    *locks.SCHEMA,
    *cluster.SCHEMA,
    *licences.SCHEMA,
    *security.SCHEMA,
    *repositories.SCHEMA,
    *artifacts.SCHEMA,
    *replication.SCHEMA,
    *trust.SCHEMA,
    *federation.SCHEMA,
)
