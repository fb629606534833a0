"""Every table of a cluster's database, gathered from the services."""

from artifactory_sandbox.platform.artifacts.state import SCHEMA as ARTIFACTS
from artifactory_sandbox.platform.cluster.state import SCHEMA as CLUSTER
from artifactory_sandbox.platform.federation.state import SCHEMA as FEDERATION
from artifactory_sandbox.platform.licences.state import SCHEMA as LICENCES
from artifactory_sandbox.platform.replication.state import SCHEMA as REPLICATION
from artifactory_sandbox.platform.repositories.state import SCHEMA as REPOSITORIES
from artifactory_sandbox.platform.security.state import SCHEMA as SECURITY
from artifactory_sandbox.platform.state.locks import SCHEMA as LOCKS
from artifactory_sandbox.platform.state.settings import SCHEMA as SETTINGS
from artifactory_sandbox.platform.trust.state import SCHEMA as TRUST

SCHEMA: tuple[str, ...] = (
    *SETTINGS,
    *LOCKS,
    *CLUSTER,
    *LICENCES,
    *SECURITY,
    *REPOSITORIES,
    *ARTIFACTS,
    *REPLICATION,
    *TRUST,
    *FEDERATION,
)
