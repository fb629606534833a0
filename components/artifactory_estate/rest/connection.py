"""How to reach one platform, and as whom: everything a call needs but the secret itself."""

from artifactory_estate.base import Model, SecretRef


class Connection(Model):
    """Goes into state, so it holds references only."""

    site: str
    """The site's name, for errors."""
    url: str
    """Platform URL without `/artifactory` and without a trailing slash."""
    token: SecretRef | None = None
    """Reference to an access token …"""
    username: str | None = None
    """… or a user name"""
    password: SecretRef | None = None
    """… and the reference to its password."""
    proxy: str | None = None
    """Explicit proxy; else what the environment says."""
    ca_bundle: str | None = None
    """File with the authority of the platform's certificate."""
    available: bool = True
    """False: leave it alone."""
