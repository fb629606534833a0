"""Push and pull replications that a site's owner declares. A DR pair makes its own."""

from artifactory_estate.base import Model
from artifactory_estate.base.name import Name, QuartzCron, RepositoryKey


class Push(Model):
    """Sends one local repository to other sites (REST reference 5.1 to 5.4)."""

    cron: QuartzCron
    """When to send: Quartz, in the server's time zone. Required, since the server has no default."""
    targets: tuple[Name, ...]
    """Sites that receive it under the same key. More than one needs an Enterprise licence (5.3)."""
    on_event: bool = True
    """Also send at each upload. Server: false. Ours: true, or a dead site loses up to one period of the cron."""
    sync_deletes: bool = False
    """Delete at the target what is gone here. Dangerous where the target holds more than this copy (5.1)."""
    sync_properties: bool = True
    """Send properties too."""
    adopt: bool = False
    """Take over a replication to one of these sites that somebody else set up otherwise, instead of refusing."""


class Pull(Model):
    """Fetches a remote repository's upstream on a schedule (REST reference 5.1)."""

    cron: QuartzCron
    """When to fetch."""
    sync_deletes: bool = False
    """Delete here what is gone upstream."""
    sync_properties: bool = True
    """Fetch properties too."""
    adopt: bool = False
    """Take over a replication that somebody else set up otherwise, instead of refusing."""


class Replications(Model):
    """By repository key."""

    push: dict[RepositoryKey, Push] = {}
    """Local repositories."""
    pull: dict[RepositoryKey, Pull] = {}
    """Remote repositories."""
