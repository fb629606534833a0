"""How the nodes of a site are one cluster: who runs its tasks, and how its instances are replaced."""

from typing import Literal

from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.model import Nodes

Ha = Literal["cloud_native", "primary"]
Refresh = Literal["surge", "terminate_first"]

CLOUD_NATIVE_SINCE = (7, 17, 4)


def ha_of(nodes: Nodes, artifactory: Artifactory) -> Ha:
    """`nodes.ha`, or what the version has (files reference 4.3)."""
    return nodes.ha or ("cloud_native" if artifactory.release >= CLOUD_NATIVE_SINCE else "primary")


def refresh_of(nodes: Nodes, licences: int) -> Refresh:
    """`nodes.refresh`, or `surge` where a node more has a licence, and a place below `max`: the database's connections
    are sized for so many. A data volume is free only when the old instance is gone.

    >>> refresh_of(Nodes(count=2, max=3), licences=3), refresh_of(Nodes(count=2, max=3), licences=2)
    ('surge', 'terminate_first')
    """
    room = min(licences, nodes.ceiling) > nodes.count and nodes.data_volume is None
    return nodes.refresh or ("surge" if room else "terminate_first")


def refresh_preferences(refresh: Refresh) -> dict[str, int]:
    """Of an instance refresh; both replace one instance at a time."""
    healthy = {"surge": (100, 110), "terminate_first": (90, 100)}[refresh]
    return {"min_healthy_percentage": healthy[0], "max_healthy_percentage": healthy[1]}
