"""What the service name of a pair may not be: the one name that clients use, whichever site serves."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from artifactory_estate.base import Refusal
from artifactory_estate.disaster_recovery.model import DisasterRecovery, Service
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import host_of, zone_of

_TTL_MAX_S = 86400


def refusals(estate: Estate, name: str, pair: DisasterRecovery) -> Iterator[Refusal]:
    """Every contradiction between a pair's service name and its two sites, which exist."""
    service, path = pair.service, ("disaster_recovery", name, "service")
    if service is None:
        return
    yield from _name(estate, service, path)
    yield from _switch(service, path)
    yield from _ttl(pair, service, path)
    yield from _generated_urls(estate, pair, path)
    if service.switch == "route53":
        yield from _zone(estate, pair, service, path)


def shared_names(estate: Estate) -> Iterator[Refusal]:
    """Two pairs under one name."""
    first: dict[str, str] = {}
    for name, pair in estate.disaster_recovery.items():
        if pair.service and (other := first.setdefault(pair.service.name, name)) != name:
            path = ("disaster_recovery", name, "service", "name")
            yield Refusal(path, f"{pair.service.name} is the name of the pair {other}", "one name leads to one site")


def _name(estate: Estate, service: Service, path: tuple[str, ...]) -> Iterator[Refusal]:
    for site, declared in estate.sites.items():
        if host_of(declared) == service.name:
            why = "the service name moves between the sites, a site's own name does not"
            yield Refusal((*path, "name"), f"{service.name} is the host of {site}", why)


def _switch(service: Service, path: tuple[str, ...]) -> Iterator[Refusal]:
    if service.switch == "hook" and not service.command:
        yield Refusal((*path, "command"), "missing", "switch: hook runs it")
    if service.switch != "hook" and service.command:
        yield Refusal((*path, "command"), f"given, with switch: {service.switch}", "only switch: hook runs it")


def _ttl(pair: DisasterRecovery, service: Service, path: tuple[str, ...]) -> Iterator[Refusal]:
    if not 1 <= service.ttl <= _TTL_MAX_S:
        yield Refusal((*path, "ttl"), f"{service.ttl} s is out of range", "1s to 1d")
    elif service.ttl > pair.objectives.rto > 0:
        found = f"{service.ttl} s is longer than objectives.rto of {pair.objectives.rto} s"
        yield Refusal((*path, "ttl"), found, "clients remember the old site that long")


def _generated_urls(estate: Estate, pair: DisasterRecovery, path: tuple[str, ...]) -> Iterator[Refusal]:
    """A site behind a service name answers with it: the proxy beside Artifactory sets the override header."""
    for name in pair.sides:
        site = estate.sites[name]
        if isinstance(site, ManagedSite) and site.load_balancer.kind not in ("nginx", "apache"):
            found = f"{site.load_balancer.kind}, behind the service name {pair.service.name if pair.service else ''}"
            why = "files reference 5.4: it cannot set X-JFrog-Override-Base-Url, so generated URLs would name the site"
            yield Refusal(("sites", name, "load_balancer", "kind"), found, why, "Take nginx or apache.")
    schemes = [urlsplit(estate.sites[name].url).scheme for name in pair.sides]
    if schemes[0] != schemes[1]:
        found = f"{pair.master} answers {schemes[0]}, {pair.target} answers {schemes[1]}"
        yield Refusal((*path, "name"), found, "clients keep one URL through a failover")


def _zone(estate: Estate, pair: DisasterRecovery, service: Service, path: tuple[str, ...]) -> Iterator[Refusal]:
    """Failover records are aliases of the sites' records, and an alias of that kind stays in its zone."""
    zone = zone_of(service.name, service.zone) or ""
    if not _inside(service.name, zone):
        yield Refusal(
            (*path, "zone"), f"{service.name} is not in the zone {zone}", "the service's records are made in its zone"
        )
    for name in pair.sides:
        site = estate.sites[name]
        own = zone_of(host_of(site), site.zone) if isinstance(site, ManagedSite) else None
        if not _inside(host_of(site), zone) or (own is not None and own != zone):
            where = f"is in the zone {own}" if own else "is outside it"
            why = "switch: route53 makes aliases of the sites' records, in one zone"
            yield Refusal((*path, "zone"), f"{host_of(site)} of {name} {where}, the service in {zone}", why)


def _inside(host: str, zone: str) -> bool:
    return host == zone or host.endswith(f".{zone}")
