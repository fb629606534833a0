"""What the repositories of a site may not be."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.repositories.keys import CLASSES, REST_NAMES, own_key_refusals
from artifactory_estate.repositories.model import LocalRepository, Repositories, Repository, VirtualRepository
from artifactory_estate.site.model import Site

Class = str
"""`local`, `remote`, `virtual` or `federated`."""


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every contradiction of every site's repositories."""
    for name, site in estate.sites.items():
        federated = federated_at(estate, name)
        path = ("sites", name, "repositories")
        for kind, group in _groups(site.repositories):
            for key, repository in group.items():
                yield from of_one((*path, kind, key), kind, key, repository)
        yield from _same_key(site.repositories, path)
        yield from _virtual_members(site.repositories, federated, path)
        yield from _environments(estate, name, site)


def of_one(path: DocumentPath, kind: Class, key: str, repository: Repository) -> Iterator[Refusal]:
    """What is wrong with one repository by itself; federated ones too."""
    yield from own_key_refusals(path, key, repository)
    if kind not in CLASSES[repository.package_type]:
        found = f"there is no {kind} repository of type {repository.package_type}"
        yield Refusal(
            (*path, "package_type"), found, f"REST reference 12.3.2: {', '.join(CLASSES[repository.package_type])}"
        )
    for field in repository.extra:
        if field in REST_NAMES:
            why = "`extra` is for fields that have no name here, and it is kept in state"
            yield Refusal((*path, "extra", field), "not a field for `extra`", why, f"Use {REST_NAMES[field]}.")


def federated_at(estate: Estate, site: str) -> Mapping[str, LocalRepository]:
    """The federated repositories that `site` has as a member, by key."""
    return {
        key: repository
        for federation in estate.federations_of(site).values()
        for key, repository in federation.repositories.items()
    }


def _groups(repositories: Repositories) -> Sequence[tuple[Class, Mapping[str, Repository]]]:
    return (("local", repositories.local), ("remote", repositories.remote), ("virtual", repositories.virtual))


def _same_key(repositories: Repositories, path: DocumentPath) -> Iterator[Refusal]:
    """REST reference 2.2: a key is unique in a server, whatever its class and case; a remote owns `<key>-cache` too."""
    seen: dict[str, tuple[Class, str]] = {}
    for kind, group in _groups(repositories):
        for key in group:
            other_kind, other = seen.setdefault(key.lower(), (kind, key))
            if (other_kind, other) == (kind, key):
                continue
            found = "the same key" if other == key else f"differs from {other} in case only"
            yield Refusal(
                (*path, kind, key),
                f"{found}, which is {other_kind}",
                "REST reference 2.2: a key is unique, ignoring case",
            )
    for remote in repositories.remote:
        if cache := seen.get(f"{remote.lower()}-cache"):
            why = f"REST reference 2.2: it is the cache of the remote {remote}"
            yield Refusal((*path, *cache), f"{cache[1]} is taken", why)


def _virtual_members(
    repositories: Repositories, federated: Mapping[str, LocalRepository], path: DocumentPath
) -> Iterator[Refusal]:
    known: Mapping[str, Repository] = {**federated, **repositories.all()}
    for key, virtual in repositories.virtual.items():
        place = (*path, "virtual", key)
        for index, member in enumerate(virtual.repositories):
            yield from _member((*place, "repositories", index), member, virtual, known)
            if member in virtual.repositories[:index]:
                yield Refusal((*place, "repositories", index), f"{member} a second time", "the first place decides")
        if _leads_back(key, repositories.virtual):
            yield Refusal(
                (*place, "repositories"), f"{key} contains itself", "REST reference 2.8: members are resolved in order"
            )
        yield from _deploy_to((*place, "deploy_to"), virtual, {**federated, **repositories.local})


def _member(
    place: DocumentPath, member: str, virtual: VirtualRepository, known: Mapping[str, Repository]
) -> Iterator[Refusal]:
    found = known.get(member)
    if found is None:
        yield Refusal(place, f"there is no repository {member} at this site", "REST reference 2.8: members must exist")
    elif found.package_type != virtual.package_type:
        why = f"REST reference 2.8: all members of a {virtual.package_type} repository are {virtual.package_type}"
        yield Refusal(place, f"{member} is {found.package_type}", why)


def _deploy_to(
    place: DocumentPath, virtual: VirtualRepository, storing: Mapping[str, LocalRepository]
) -> Iterator[Refusal]:
    to = virtual.deploy_to
    if to is None:
        return
    if to not in virtual.repositories:
        yield Refusal(
            place,
            f"{to} is not among the members",
            "REST reference 2.8: uploads go to a member",
            f"Add {to} to `repositories`.",
        )
    elif to not in storing:
        yield Refusal(
            place, f"{to} is not local", "REST reference 2.8: only a local or federated repository stores uploads"
        )


def _leads_back(key: str, virtual: Mapping[str, VirtualRepository]) -> bool:
    seen: set[str] = set()
    ahead = deque(virtual[key].repositories)
    while ahead:
        member = ahead.popleft()
        if member == key:
            return True
        if member in virtual and member not in seen:
            seen.add(member)
            ahead.extend(virtual[member].repositories)
    return False


def _environments(estate: Estate, name: str, site: Site) -> Iterator[Refusal]:
    """REST reference 0.5 and 12.2 (9): several on a repository since 7.107.1, and none outside a project."""
    chosen = estate.artifactory_of(name)
    one_only = chosen is not None and chosen.release < (7, 107, 1)
    for kind, group in _groups(site.repositories):
        for key, repository in group.items():
            place = ("sites", name, "repositories", kind, key, "environments")
            if repository.environments and not repository.project:
                found = f"environments {', '.join(repository.environments)} without a project"
                why = "REST reference 12.2: the server ignores the environments of a repository outside a project"
                yield Refusal(place, found, why, "Name its `project`, or leave `environments` out.")
            if chosen is not None and one_only and len(repository.environments) > 1:
                found = f"{len(repository.environments)} environments, with {chosen.version}"
                yield Refusal(place, found, "REST reference 0.5: several since 7.107.1")
