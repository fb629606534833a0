"""What about a site's properties may surprise, and is done all the same."""

from collections.abc import Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.properties.table import known

_THREADS = "artifactory.persistentQueue.trigger.number.of.threads"
_POOLS, _POOLS_DEFAULT = "artifactory.federated.mirror.events.bulk.max.pools", 4
_UPLOAD_INFO = "artifactory.federated.mirror.events.upload.info.propagate.enabled"
_OLD_SOURCE = "3.4"


def warnings(estate: Estate, name: str, site: ManagedSite) -> Iterator[Refusal]:
    """Nothing here stops a run."""
    path, properties = ("sites", name, "system_properties"), site.system_properties
    for key in properties.extra:
        why = "files reference 3 does not name it: Artifactory ignores a name that it does not know, silently"
        yield Refusal((*path, "extra", key), "written as it stands", why)
    for key in properties.named:
        if key in known() and known()[key].source == _OLD_SOURCE:
            why = "files reference 3.4: known from 6.20; whether this version still honours it is not documented (10)"
            yield Refusal((*path, key), "may have no effect", why, "Look at what the node logs at its start.")
    members = [each for federation in estate.federations_of(name).values() for each in federation.members]
    managed = {each: estate.managed_sites[each] for each in (name, *members) if each in estate.managed_sites}
    yield from _narrow_receivers(site, managed, (*path, _THREADS))
    without = sorted(each for each, one in managed.items() if not one.system_properties.says(_UPLOAD_INFO, True))
    if properties.says(_UPLOAD_INFO, True) and without:
        yield Refusal((*path, _UPLOAD_INFO), f"not at {', '.join(without)}", "seed 003: set it at source and target")


def _narrow_receivers(site: ManagedSite, members: dict[str, ManagedSite], path: tuple[str, ...]) -> Iterator[Refusal]:
    """Checklist 6: both cannot hold (files reference 9), so it is said only."""
    threads = site.system_properties.number(_THREADS, 0)
    for name, member in members.items():
        pools = member.system_properties.number(_POOLS, _POOLS_DEFAULT)
        if pools < threads:
            why = f"seed 003: the receiver's {_POOLS} should not be less; it is {pools} at {name}"
            yield Refusal(path, f"{threads} metadata workers", why)
