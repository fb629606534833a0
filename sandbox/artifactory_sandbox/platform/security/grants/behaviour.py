"""Permission targets: checked, stored, and compiled once for each change (4.6)."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.security.grants.model import Grant, Grants, Place, Target
from artifactory_sandbox.platform.security.grants.state import GrantState
from artifactory_sandbox.platform.security.state import GRANTS
from artifactory_sandbox.platform.security.words import RESOURCES
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.security.projects.behaviour import Projects

Resources = dict[str, Any]
_Parts = list[tuple[str, str, Grant]]


class Permissions:
    """Permission targets in the form of Access; `grants` is what follows from them and from projects."""

    def __init__(self, state: GrantState, projects: "Projects", now: Callable[[], int]) -> None:
        self.state = state
        self._projects = projects
        self._now = now
        self._lock = threading.Lock()
        self._mark: str | None = None
        self._grants = Grants()
        self._compiled: dict[str, tuple[str, _Parts]] = {}

    def grants(self, marks: Mapping[str, str]) -> Grants:
        """Compiled, and compiled anew only when the mark says that something changed."""
        mark = marks.get(GRANTS, "")
        with self._lock:
            if mark != self._mark:
                self._grants = self._compile()
                self._mark = mark
            return self._grants

    def get(self, name: str) -> Resources:
        """One permission; a 404 without."""
        found = self.state.permission(name)
        if found is None:
            raise Refused(404, f"Permission '{name}' not found")
        return found

    def create(self, name: str, resources: Any) -> Resources:
        """A new permission; a 409 when the name is taken."""
        if not name or len(name) > 255:
            raise Refused(400, "A permission name of 1 to 255 characters is required")
        if not isinstance(resources, dict) or not resources:
            raise Refused(400, "At least one resource is required")
        if self.state.permission(name) is not None:
            raise Refused(409, f"Permission '{name}' already exists")
        return self.put(name, resources)

    def put(self, name: str, resources: Mapping[str, Any]) -> Resources:
        """Stores a permission, checked and filled up."""
        made = {kind: checked(kind, resource) for kind, resource in resources.items()}
        self.state.put_permission(name, made, self._now())
        return made

    def forget_principal(self, kind: str, name: str) -> None:
        """A user or group is gone: so are its grants."""
        for permission, resources in self.state.permissions():
            changed = False
            for resource in resources.values():
                changed |= resource["actions"][kind].pop(name, None) is not None
            if changed:
                self.state.put_permission(permission, resources, self._now())

    def forget_repository(self, key: str) -> None:
        """A repository is gone: so are the targets that named it (2.5)."""
        for permission, resources in self.state.permissions():
            changed = False
            for kind in ("artifact", "build", "release_bundle"):
                targets = resources.get(kind, {}).get("targets", {})
                for name in (key, f"{key}-cache"):
                    changed |= targets.pop(name, None) is not None
            if changed:
                self.state.put_permission(permission, resources, self._now())

    def of_item(self, place: Place, path: str) -> dict[str, dict[str, set[str]]]:
        """Who may do what with an item, by users and groups: `{"users": {name: words}, "groups": …}`."""
        found: dict[str, dict[str, set[str]]] = {"users": {}, "groups": {}}
        for _, resources in self.state.permissions():
            for principals, name, grant in _parts(resources):
                if grant.covers(place, path):
                    found[principals].setdefault(name, set()).update(grant.words)
        return found

    def _compile(self) -> Grants:
        marks = self.state.permission_marks()
        stale = [name for name, mark in marks.items() if self._compiled.get(name, ("",))[0] != mark]
        read = (
            self.state.permissions()
            if len(stale) > 20
            else [(name, self.state.permission(name) or {}) for name in stale]
        )
        kept = {name: compiled for name, compiled in self._compiled.items() if name in marks}
        self._compiled = {**kept, **{name: (marks.get(name, ""), _parts(resources)) for name, resources in read}}
        users: dict[str, list[Grant]] = {}
        groups: dict[str, list[Grant]] = {}
        for _, parts in self._compiled.values():
            for principals, name, grant in parts:
                (users if principals == "users" else groups).setdefault(name, []).append(grant)
        roles, user_roles, group_roles = self._projects.roles_and_members()
        return Grants(_tuples(users), _tuples(groups), roles, user_roles, group_roles, self._projects.shares())


def _tuples(found: Mapping[str, list[Grant]]) -> dict[str, tuple[Grant, ...]]:
    return {name: tuple(grants) for name, grants in found.items()}


def _parts(resources: Mapping[str, Any]) -> _Parts:
    """What a permission gives to whom; nothing for a resource that was put in place unchecked and cannot be read."""
    made: _Parts = []
    for kind, stored in resources.items():
        try:
            resource = checked(kind, stored)
        except Refused:
            continue
        targets = tuple(
            Target(name, tuple(limits["include_patterns"]), tuple(limits["exclude_patterns"]))
            for name, limits in resource["targets"].items()
        )
        for principals in ("users", "groups"):
            for name, words in resource["actions"][principals].items():
                made.append((principals, name, Grant(kind, frozenset(words), targets)))
    return made


def checked(kind: str, resource: Any) -> Resources:
    """One resource with all its members; a 400 for what is not one."""
    if kind not in RESOURCES:
        raise Refused(400, f"Unknown resource type: {kind}")
    if not isinstance(resource, dict):
        raise Refused(400, f"Resource '{kind}' is not an object")
    actions = _object(resource.get("actions"), "actions")
    return {
        "actions": {
            principals: {
                str(name).lower() if principals == "users" else str(name): _words(kind, words)
                for name, words in _object(actions.get(principals), principals).items()
            }
            for principals in ("users", "groups")
        },
        "targets": {
            str(name): _limits(_object(limits, name))
            for name, limits in _object(resource.get("targets"), "targets").items()
        },
    }


def _object(value: Any, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused(400, f"'{name}' is not an object")
    return value


def _words(kind: str, words: Any) -> list[str]:
    if not isinstance(words, list):
        raise Refused(400, "Actions are given as a list")
    found: list[str] = []
    for word in words:
        name = str(word).upper()
        if name not in RESOURCES[kind]:
            raise Refused(400, f"Unknown action '{str(word)[:50]}' for resource type '{kind}'")
        if name not in found:
            found.append(name)
    return found


def _limits(limits: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        "include_patterns": _texts(limits.get("include_patterns", ["**"])),
        "exclude_patterns": _texts(limits.get("exclude_patterns", [])),
    }


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Refused(400, "Patterns are given as a list of texts")
    return list(value)


def named(resources: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Every user and group that a permission names, as `("users", name)`."""
    for resource in resources.values():
        for principals in ("users", "groups"):
            for name in resource["actions"][principals]:
                yield principals, name
