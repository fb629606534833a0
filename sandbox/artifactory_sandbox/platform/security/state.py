"""All rows of the service: who there is, tokens, permission targets."""

from artifactory_sandbox.platform.security.grants.state import GrantState
from artifactory_sandbox.platform.security.identity_state import GRANTS, IDENTITIES
from artifactory_sandbox.platform.security.token_state import TokenState

__all__ = ["GRANTS", "IDENTITIES", "SecurityState"]


class SecurityState(GrantState, TokenState):
    """All SQL of the service but that of its rooms."""
