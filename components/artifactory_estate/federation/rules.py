"""What a federation may not be."""

from collections.abc import Iterator, Mapping

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.federation.model import Federation
from artifactory_estate.repositories.rules import of_one

_MEMBERS_MAX = 10
_FIRST = (7, 18, 3)
_PAIRING = (7, 29, 7)
_SEVERAL_VERSIONS = (7, 49, 6)
_SERVICE = (7, 111, 0)
_LOG_DAYS = "artifactory.events.log.cleanup.age.of.entries.to.discard.days"
_LOG_DAYS_DEFAULT = 3


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every contradiction of every federation."""
    for name, federation in estate.federations.items():
        path = ("federations", name)
        yield from _members(estate, federation, path)
        yield from _versions(estate, federation, path)
        yield from _receivers(estate, federation, path)
        yield from _event_log(estate, federation, path)
        if not federation.repositories:
            yield Refusal((*path, "repositories"), "no repositories", "a federation is of one repository at least")
        for key, repository in federation.repositories.items():
            yield from of_one((*path, "repositories", key), "federated", key, repository)
        yield from _declared_at_a_member(estate, federation, path)
    yield from _two_federations(estate)


def _members(estate: Estate, federation: Federation, path: DocumentPath) -> Iterator[Refusal]:
    place, count = (*path, "members"), len(federation.members)
    for site in federation.members:
        if site not in estate.sites:
            yield Refusal((*place, site), f"there is no site {site}", f"sites: {', '.join(estate.sites)}")
    if count < 2:
        yield Refusal(place, f"{count} members", "a federation has two at least")
    if count > _MEMBERS_MAX:
        yield Refusal(place, f"{count} members", f"seed 003: a federation has up to {_MEMBERS_MAX}")
    if count >= 2 and all(member.mode == "receiver" for member in federation.members.values()):
        why = "seed 003: a receiver sends nothing, so nothing would ever be sent"
        yield Refusal(place, "every member is a receiver", why, "Make one of them bidirectional.")


def _versions(estate: Estate, federation: Federation, path: DocumentPath) -> Iterator[Refusal]:
    """Of managed members; those of external ones are asked at `estate preview`."""
    chosen = {site: artifactory for site in federation.members if (artifactory := estate.artifactory_of(site))}
    for site, artifactory in chosen.items():
        place = (*path, "members", site)
        if artifactory.release < _FIRST:
            yield Refusal(
                place, f"{site} has {artifactory.version}", "seed 003: federated repositories begin with 7.18.3"
            )
        elif artifactory.release < _PAIRING:
            yield Refusal(place, f"{site} has {artifactory.version}", "REST reference 0.5: pairing begins with 7.29.7")
    versions = {artifactory.version for artifactory in chosen.values()}
    if len(versions) > 1 and any(artifactory.release < _SEVERAL_VERSIONS for artifactory in chosen.values()):
        why = "seed 003: members may differ in version only when all have 7.49.6 or newer"
        yield Refusal((*path, "members"), f"versions {', '.join(sorted(versions))}", why)


def _receivers(estate: Estate, federation: Federation, path: DocumentPath) -> Iterator[Refusal]:
    """A receiver needs the federation service, at every member."""
    if all(member.mode != "receiver" for member in federation.members.values()):
        return
    for site in federation.members:
        place, artifactory = (*path, "members", site), estate.artifactory_of(site)
        if artifactory and artifactory.release < _SERVICE:
            why = "seed 003: a receiver needs the federation service, in packages since 7.111 (files reference 2.5)"
            yield Refusal(place, f"{site} has {artifactory.version}", why)
        if site in estate.sites and estate.sites[site].ca_bundle:
            why = "seed 003: the federation service, which a receiver needs, takes certificates of public authorities only"
            yield Refusal(place, f"{site} has an authority of its own", why)


def _event_log(estate: Estate, federation: Federation, path: DocumentPath) -> Iterator[Refusal]:
    """seed 003: how long a member may be away is set to the same value for each one."""
    days = {
        site: estate.managed_sites[site].system_properties.declared.get(_LOG_DAYS, _LOG_DAYS_DEFAULT)
        for site in federation.members
        if site in estate.managed_sites
    }
    if len({str(value) for value in days.values()}) > 1:
        found = ", ".join(f"{site} {value}" for site, value in days.items())
        yield Refusal((*path, "members"), f"{_LOG_DAYS} differs: {found}", "seed 003: the same value for each member")


def _declared_at_a_member(estate: Estate, federation: Federation, path: DocumentPath) -> Iterator[Refusal]:
    """One owner a thing: a federated repository belongs to its federation (design 3)."""
    for site in federation.members:
        if site not in estate.sites:
            continue
        declared = {key.lower(): key for key in estate.sites[site].repositories.all()}
        for key in federation.repositories:
            if other := declared.get(key.lower()):
                why = "design 3: a federated repository belongs to its federation, and a key is unique, ignoring case"
                yield Refusal(
                    (*path, "repositories", key), f"{site} declares {other} too", why, f"Remove it at {site}."
                )


def _two_federations(estate: Estate) -> Iterator[Refusal]:
    taken: dict[tuple[str, str], str] = {}
    for name, federation in estate.federations.items():
        for key in federation.repositories:
            others = {
                other for site in federation.members if (other := taken.setdefault((site, key.lower()), name)) != name
            }
            for other in sorted(others):
                why = "REST reference 2.2: a key is unique at a site, and the two have a member in common"
                yield Refusal(("federations", name, "repositories", key), f"federation {other} has it too", why)
        yield from _case(name, federation.repositories)


def _case(name: str, repositories: Mapping[str, object]) -> Iterator[Refusal]:
    first: dict[str, str] = {}
    for key in repositories:
        if (other := first.setdefault(key.lower(), key)) != key:
            why = "REST reference 2.2: a key is unique, ignoring case"
            yield Refusal(("federations", name, "repositories", key), f"differs from {other} in case only", why)
