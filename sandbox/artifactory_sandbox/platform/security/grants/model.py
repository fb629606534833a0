"""Who may do what: a pure function of permission targets, project roles, a principal and a place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from artifactory_sandbox.platform.security import patterns
from artifactory_sandbox.platform.security.scopes import ItemScope

LOCAL_CLASSES = frozenset({"local", "federated"})
DISTRIBUTION_CLASSES = frozenset({"distribution", "releasebundles"})
_ANY = frozenset({"ANY", "ALL"})
_ANY_OF = {"LOCAL": LOCAL_CLASSES, "REMOTE": frozenset({"remote"}), "DISTRIBUTION": DISTRIBUTION_CLASSES}
_ANY_KIND = {"ANY BUILD": "build", "ANY RELEASE BUNDLE": "release_bundle"}
_CLASSES = {
    f"{word}{joint}{kind}": classes for kind, classes in _ANY_OF.items() for word in _ANY for joint in (" ", "-", "_")
}


@dataclass(frozen=True, slots=True)
class Place:
    """A repository as permissions see it; `kind` is the resource of Access that its content is."""

    key: str
    rclass: str
    kind: str = "artifact"
    project: str = ""
    environments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Principal:
    """For whom it is asked: a user (empty for a token that is not its user's), groups, roles, and items of a token."""

    user: str = ""
    groups: frozenset[str] = frozenset()
    roles: frozenset[tuple[str, str]] = frozenset()
    items: tuple[ItemScope, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a permission: a repository's key or `ANY …`, with the paths it is about."""

    name: str
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()

    def covers(self, place: Place, path: str) -> bool:
        """Whether a path of a place is meant; an empty path asks for any."""
        if not self._is(place):
            return False
        return not path or patterns.matches(path, self.includes, self.excludes)

    def _is(self, place: Place) -> bool:
        if self.name == place.key or self.name in _ANY:
            return True
        if self.name == f"{place.key}-cache":
            return place.rclass == "remote"
        return place.rclass in _CLASSES.get(self.name, ()) or _ANY_KIND.get(self.name) == place.kind


@dataclass(frozen=True, slots=True)
class Grant:
    """What one permission gives one principal for one kind of resource."""

    kind: str
    words: frozenset[str]
    targets: tuple[Target, ...]

    def covers(self, place: Place, path: str) -> bool:
        """Whether it is about a path of a place; one for artifacts is about builds only where it names their repository."""
        if self.kind == place.kind:
            return any(target.covers(place, path) for target in self.targets)
        if self.kind != "artifact":
            return False
        return any(target.name == place.key and target.covers(place, path) for target in self.targets)


@dataclass(frozen=True, slots=True)
class Role:
    """What a role of a project allows, and in which environments; no environments means in all."""

    environments: frozenset[str]
    words: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sharing:
    """With which projects a repository is shared besides its own."""

    projects: frozenset[str] = frozenset()
    everybody: bool = False
    read_only: bool = False


_ALONE = Sharing()


@dataclass(frozen=True, slots=True)
class Grants:
    """All of a cluster's permissions, by principal."""

    users: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)
    roles: Mapping[tuple[str, str], Role] = field(default_factory=dict)
    """By project and name."""
    user_roles: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    group_roles: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    shares: Mapping[str, Sharing] = field(default_factory=dict)
    """By repository."""

    def allow(self, principal: Principal, word: str, place: Place, path: str) -> bool:
        """Whether a principal may do `word` at a path of a place; an empty path asks whether it may anywhere in it."""
        if any(word in grant.words and grant.covers(place, path) for grant in self._of(principal)):
            return True
        return self._role_allows(principal, word, place) or _item_allows(principal.items, word, place, path)

    def allow_all(self, principal: Principal, word: str, place: Place, pattern: str) -> bool:
        """Whether a principal may do `word` at every path of a place that a pattern means."""
        for grant in self._of(principal):
            for target in grant.targets if word in grant.words and grant.covers(place, "") else ():
                whole = not any(target.includes) or bool({"**", "**/*", pattern} & set(target.includes))
                if target.covers(place, "") and whole and not any(target.excludes):
                    return True
        return self._role_allows(principal, word, place)

    def roles_of(self, principal: Principal) -> frozenset[tuple[str, str]]:
        """The roles that a principal has in projects."""
        found = set(principal.roles) | self.user_roles.get(principal.user, frozenset())
        for group in principal.groups:
            found |= self.group_roles.get(group, frozenset())
        return frozenset(found)

    def _of(self, principal: Principal) -> Iterable[Grant]:
        yield from self.users.get(principal.user, ())
        for group in principal.groups:
            yield from self.groups.get(group, ())

    def _role_allows(self, principal: Principal, word: str, place: Place) -> bool:
        shared = self.shares.get(place.key, _ALONE)
        if not place.project and shared is _ALONE:
            return False
        for project, name in self.roles_of(principal):
            if project != place.project:
                if not shared.everybody and project not in shared.projects:
                    continue
                if shared.read_only and word != "READ":
                    continue
            role = self.roles.get((project, name))
            if role and (place.kind, word) in role.words and _meet(role.environments, place.environments):
                return True
        return False


def _meet(wanted: frozenset[str], there: frozenset[str]) -> bool:
    return not wanted or not there or bool(wanted & there)


def _item_allows(items: Iterable[ItemScope], word: str, place: Place, path: str) -> bool:
    for item in items:
        target = Target(item.repository if item.repository != "*" else "ANY", (item.pattern,))
        if word in item.words and target.covers(place, path):
            return True
    return False
