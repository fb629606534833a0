"""What the resource of a site's replications declares and reports: plain data that goes into state."""

from artifactory_estate.base import Model, Observation, Owner
from artifactory_estate.replication.model import Pull, Push
from artifactory_estate.rest import Connection


class DeclaredReplications(Model):
    """Pushes and pulls of one site, and how to reach it and those it sends to."""

    owner: Owner
    connection: Connection
    """The site."""
    targets: dict[str, Connection] = {}
    """By site; every target of every push."""
    trusting: tuple[str, ...] = ()
    """Targets with checksum replication: a binary that is in their filestore already is not sent (REST reference 1.7)."""
    push: dict[str, Push] = {}
    """By local repository."""
    pull: dict[str, Pull] = {}
    """By remote repository."""


class ObservedReplications(Observation):
    """Nothing but what is left to do."""
