"""Access as one service: who there is, what a caller may do; its parts are the attributes."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.security import scopes
from artifactory_sandbox.platform.security.authentication import ANONYMOUS, Authentication, login_needed
from artifactory_sandbox.platform.security.directory import Directory
from artifactory_sandbox.platform.security.grants.behaviour import Permissions
from artifactory_sandbox.platform.security.grants.model import Place, Principal
from artifactory_sandbox.platform.security.grants.views import letters
from artifactory_sandbox.platform.security.identities import Identities, blank_group
from artifactory_sandbox.platform.security.keys.behaviour import Keys
from artifactory_sandbox.platform.security.oidc.behaviour import Oidc
from artifactory_sandbox.platform.security.passwords import new_password
from artifactory_sandbox.platform.security.places import CACHE_SUFFIX, place
from artifactory_sandbox.platform.security.policies import Policies
from artifactory_sandbox.platform.security.projects.behaviour import Projects
from artifactory_sandbox.platform.security.state import GRANTS, IDENTITIES, SecurityState
from artifactory_sandbox.platform.security.tokens import Tokens
from artifactory_sandbox.platform.security.words import SMALL
from artifactory_sandbox.platform.web import Call, Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

Check = Callable[[str, str, str], bool]
"""`check(action, repository, path)`: one caller, many questions."""

_ANYTHING = {
    "artifact": {
        "actions": {"users": {}, "groups": {}},
        "targets": {"ANY": {"include_patterns": ["**"], "exclude_patterns": []}},
    }
}
"""A fresh server has it, for somebody to be named in."""
_MINUTE_MS = 60_000


class Security:
    """Users, groups, permissions, tokens, projects, keys."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = SecurityState(platform.database)
        self.directory = Directory(self.state)
        self.tokens = Tokens(platform, self.state)
        self.policies = Policies(platform)
        self.authentication = Authentication(platform, self.state, self.directory, self.tokens, self.policies)
        self.identities = Identities(platform, self.state)
        self.projects = Projects(platform, self.state)
        self.permissions = Permissions(self.state, self.projects, platform.clock.now)
        self.key_pairs = Keys(platform)
        self.oidc = Oidc(platform)
        self._swept = 0

    def first_users(self, admin_password: str | None) -> None:
        """What a fresh server has (12.12, 4): admin, anonymous, the auto-join group `readers`, two environments; or the
        reset of admin."""
        state, blank = self.state, self.identities.blank
        with self._platform.database.transaction():
            if state.group("readers") is None:
                readers = {"description": "A group for read-only users", "auto_join": True}
                state.put_group({**blank_group("readers"), **readers})
            if state.user(ANONYMOUS) is None:
                state.put_user({**blank(ANONYMOUS), "profile_updatable": False})
                self.permissions.put("Anything", _ANYTHING)
            if state.user("admin") is None:
                salt, stretched = new_password(admin_password or "password")
                state.put_user({**blank("admin"), "admin": True, "salt": salt, "hash": stretched})
            elif admin_password:
                self.identities.set_password("admin", admin_password)
            self.projects.first_environments()

    def may(self, caller: Caller, action: str, repository: str, path: str) -> bool:
        """Whether a caller may do something at a path; an empty path asks for anywhere in the repository.

        Actions: read, write, annotate, delete, manage, or Access' words. A virtual repository may be read when one of its
        members may, and written to when its deployment repository may.
        """
        return self.checker(caller)(action, repository, path)

    def checker(self, caller: Caller) -> Check:
        """`may` for one caller: repositories are looked up once, so that long lists are filtered quickly."""
        if caller.admin:
            return _everything
        marks = caller.marks if caller.marks is not None else self.state.marks()
        if not caller.known and not self.policies.switches.anonymous:
            return _nothing
        grants, principal = self.permissions.grants(marks), principal_of(caller)
        known: dict[tuple[str, str], tuple[Place, ...]] = {}

        def check(action: str, repository: str, path: str) -> bool:
            word = SMALL.get(action, action)
            asked = (repository, "READ" if word == "READ" else "WRITE")
            if asked not in known:
                known[asked] = self._places(repository, word)
            return any(grants.allow(principal, word, one, path) for one in known[asked])

        return check

    def demand(self, caller: Caller, action: str, repository: str, path: str) -> None:
        """A 401 or 403 when a caller may not; a 404 where the existence of what may not be read is hidden."""
        if self.may(caller, action, repository, path):
            return
        if action == "read" and self.policies.switches.hide:
            raise Refused(404, "File not found.")
        if not caller.known:
            raise login_needed()
        word, item = SMALL.get(action, action), f"{repository}:{path}"
        if action == "delete":
            said = f"Not enough permissions to delete/overwrite artifact '{item}' (user: '{caller.name}' needs {word} permission)."
            raise Refused(403, said)
        raise Refused(
            403,
            f"Not enough permissions to {action} the item '{item}' (user: '{caller.name}' needs {word} permission).",
        )

    def may_resource(self, caller: Caller, action: str, resource: str, name: str, repository: str) -> bool:
        """`may` for a build or a release bundle by its name: permissions of `resource` over the repository that holds it.

        Patterns speak of the name, or of what is below it: `ci/**`.
        """
        if caller.admin:
            return True
        marks = caller.marks if caller.marks is not None else self.state.marks()
        if not caller.known and not self.policies.switches.anonymous:
            return False
        grants, principal, word = self.permissions.grants(marks), principal_of(caller), SMALL.get(action, action)
        found = place(self._platform, repository)
        own = replace(found[0], kind=resource) if found else Place(repository, "local", resource)
        return any(grants.allow(principal, word, own, path) for path in (name, f"{name}/1"))

    def may_all(self, caller: Caller, word: str, repository: str, pattern: str) -> bool:
        """Whether a caller may do `word` at every path of a repository that a pattern means."""
        found = place(self._platform, repository)
        if caller.admin or found is None:
            return caller.admin
        grants = self.permissions.grants(caller.marks if caller.marks is not None else self.state.marks())
        return grants.allow_all(principal_of(caller), word, found[0], pattern)

    def roles_of(self, caller: Caller) -> frozenset[tuple[str, str]]:
        """The roles that a caller has, by project and name."""
        marks = caller.marks if caller.marks is not None else self.state.marks()
        return self.permissions.grants(marks).roles_of(principal_of(caller))

    def admitted(self, call: Call) -> bool:
        """Whether a call that is an administrator's may be made: by one, or with a token whose `system:` scope opens it."""
        caller = call.caller
        return caller.admin or (bool(caller.scope) and scopes.admits(scopes.read(caller.scope), call.method, call.path))

    def demand_manager(self, call: Call) -> None:
        """A 401 or 403 unless the caller may manage the repository that the call's path names as `repo`."""
        if call.caller.admin or self.may(call.caller, "manage", call.args.get("repo", ""), ""):
            return
        raise Refused(403, "Forbidden") if call.caller.known else login_needed()

    def restored(self) -> None:
        """Rows were put in place from outside: no node may use what it remembers."""
        for mark in (IDENTITIES, GRANTS):
            self.state.changed(mark)

    def item_permissions(self, repository: str, path: str) -> dict[str, dict[str, list[str]]]:
        """Effective permissions of an item as v1 writes them: `{"users": {name: letters}, "groups": …}` (6.2)."""
        found = place(self._platform, repository)
        if found is None:
            return {"users": {}, "groups": {}}
        held = self.permissions.of_item(found[0], path)
        return {kind: {name: letters(words) for name, words in held[kind].items()} for kind in ("users", "groups")}

    def forget_repository(self, key: str) -> None:
        """A repository was deleted: what named it is gone."""
        self.permissions.forget_repository(key)
        self.projects.forget_repository(key)

    def tick(self) -> None:
        """Once a minute: tokens that are over are forgotten."""
        now = self._platform.clock.now()
        if abs(now - self._swept) >= _MINUTE_MS:
            self._swept = now
            self.state.forget_expired_tokens(now // 1000)

    def _places(self, repository: str, word: str) -> tuple[Place, ...]:
        """Where to ask about a repository: itself, or what a virtual one stands for."""
        found = place(self._platform, repository)
        if found is None:
            return ()
        own, config = found
        if own.rclass != "virtual":
            return (own,)
        if word != "READ":
            target = config.get("defaultDeploymentRepo")
            behind = [target] if target else []
        else:
            behind = self._platform.repositories.members_of(repository)
        opened = (place(self._platform, key) for key in behind)
        return (own, *(one[0] for one in opened if one is not None))


def principal_of(caller: Caller) -> Principal:
    """For whom permissions are asked: the user itself, or only what its token's scope names."""
    if not caller.scope:
        return Principal(caller.name, caller.groups)
    scope = scopes.read(caller.scope)
    return Principal(caller.name if scope.user else "", caller.groups, scope.roles, scope.items)


def _everything(action: str, repository: str, path: str) -> bool:
    del action, repository, path
    return True


def _nothing(action: str, repository: str, path: str) -> bool:
    del action, repository, path
    return False


__all__ = ["CACHE_SUFFIX", "Check", "Security", "principal_of"]
