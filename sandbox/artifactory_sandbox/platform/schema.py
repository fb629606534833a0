"""Every table of a cluster's database, gathered from the services."""

from artifactory_sandbox.platform.artifacts.state import SCHEMA as ARTIFACTS
from artifactory_sandbox.platform.binaries.blob import SCHEMA as BLOBS
from artifactory_sandbox.platform.builds.state import SCHEMA as BUILDS
from artifactory_sandbox.platform.cleanup.state import SCHEMA as CLEANUP
from artifactory_sandbox.platform.cluster.state import SCHEMA as CLUSTER
from artifactory_sandbox.platform.distribution.state import SCHEMA as DISTRIBUTION
from artifactory_sandbox.platform.federation.binary_state import SCHEMA as FEDERATION_BINARIES
from artifactory_sandbox.platform.federation.state import SCHEMA as FEDERATION
from artifactory_sandbox.platform.licences.state import SCHEMA as LICENCES
from artifactory_sandbox.platform.lifecycle.evidence_state import SCHEMA as EVIDENCE
from artifactory_sandbox.platform.lifecycle.state import SCHEMA as LIFECYCLE
from artifactory_sandbox.platform.mission_control.state import SCHEMA as MISSION_CONTROL
from artifactory_sandbox.platform.packages.docker.state import SCHEMA as DOCKER
from artifactory_sandbox.platform.replication.channel_state import SCHEMA as REPLICATION_CHANNELS
from artifactory_sandbox.platform.replication.state import SCHEMA as REPLICATION
from artifactory_sandbox.platform.repositories.state import SCHEMA as REPOSITORIES
from artifactory_sandbox.platform.security.schema import SCHEMA as SECURITY
from artifactory_sandbox.platform.state.locks import SCHEMA as LOCKS
from artifactory_sandbox.platform.state.settings import SCHEMA as SETTINGS
from artifactory_sandbox.platform.system.state import SCHEMA as SYSTEM
from artifactory_sandbox.platform.trust.access.state import SCHEMA as ACCESS_FEDERATION
from artifactory_sandbox.platform.trust.state import SCHEMA as TRUST
from artifactory_sandbox.platform.webhooks.state import SCHEMA as WEBHOOKS

SCHEMA: tuple[str, ...] = (
    *SETTINGS,
    *LOCKS,
    *CLUSTER,
    *LICENCES,
    *SYSTEM,
    *SECURITY,
    *REPOSITORIES,
    *ARTIFACTS,
    *BLOBS,
    *REPLICATION,
    *REPLICATION_CHANNELS,
    *TRUST,
    *ACCESS_FEDERATION,
    *FEDERATION,
    *FEDERATION_BINARIES,
    *BUILDS,
    *WEBHOOKS,
    *MISSION_CONTROL,
    *LIFECYCLE,
    *EVIDENCE,
    *DISTRIBUTION,
    *CLEANUP,
    *DOCKER,
)
