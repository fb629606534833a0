"""Every table of the service, gathered."""

from artifactory_sandbox.platform.security.grants.state import SCHEMA as GRANTS
from artifactory_sandbox.platform.security.identity_state import SCHEMA as IDENTITIES
from artifactory_sandbox.platform.security.keys.state import SCHEMA as KEYS
from artifactory_sandbox.platform.security.oidc.state import SCHEMA as OIDC
from artifactory_sandbox.platform.security.projects.state import SCHEMA as PROJECTS
from artifactory_sandbox.platform.security.token_state import SCHEMA as TOKENS

SCHEMA = (*IDENTITIES, *TOKENS, *GRANTS, *PROJECTS, *KEYS, *OIDC)
