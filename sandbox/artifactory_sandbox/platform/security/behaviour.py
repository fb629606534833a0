"""Access as one service: first users, what a caller may do, changes of users, groups and permissions."""

from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.security import patterns
from artifactory_sandbox.platform.security.authentication import Authentication, login_needed, new_password
from artifactory_sandbox.platform.security.state import SecurityState
from artifactory_sandbox.platform.security.tokens import Tokens
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

ACTIONS = {"read": "READ", "write": "WRITE", "annotate": "ANNOTATE", "delete": "DELETE", "manage": "MANAGE"}
_TARGET_OF_CLASS = {"local": "ANY LOCAL", "federated": "ANY LOCAL", "remote": "ANY REMOTE"}


class Security:
    """Users, groups, permissions; `tokens` and `authentication` are parts of it."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = SecurityState(platform.database)
        self.tokens = Tokens(platform, self.state)
        self.authentication = Authentication(platform, self.state, self.tokens)

    def first_users(self, admin_password: str | None) -> None:
        """What a fresh server has (12.12, 4): admin, anonymous and the auto-join group `readers`; or the reset of admin."""
        state = self.state
        with self._platform.database.transaction():
            if state.group("readers") is None:
                state.put_group(new_group("readers", description="A group for read-only users", auto_join=True))
            if state.user("anonymous") is None:
                state.put_user(new_user("anonymous", profile_updatable=False))
            if state.user("admin") is None:
                state.put_user(new_user("admin", password=admin_password or "password", admin=True))
            elif admin_password:
                self.change_password("admin", admin_password)

    def change_password(self, name: str, password: str) -> None:
        """Sets a user's password, unless it is the one it has."""
        row = self.state.user(name)
        if row is None:
            raise Refused(404, f"User '{name}' not found")
        salt, stretched = new_password(password)
        self.state.put_user({**dict(row), "salt": salt, "hash": stretched})

    def may(self, caller: Caller, action: str, repository: str, path: str) -> bool:
        """Whether permission targets let a caller do something; administrators may all."""
        if caller.admin:
            return True
        if not caller.known and not self._platform.configuration.anonymous:
            return False
        word = ACTIONS[action]
        wide = _TARGET_OF_CLASS.get(self._platform.repositories.class_of(repository) or "", "")
        for _, resources in self.state.permissions():
            artifact = resources.get("artifact") or {}
            if self._granted(artifact.get("actions") or {}, caller, word) and _covers(artifact, repository, wide, path):
                return True
        return False

    def demand(self, caller: Caller, action: str, repository: str, path: str) -> None:
        """A 401 or 403 when a caller may not."""
        if self.may(caller, action, repository, path):
            return
        if not caller.known:
            raise login_needed()
        raise Refused(403, f"Not enough permissions to {action} the item '{repository}:{path}'")

    @staticmethod
    def _granted(actions: dict[str, Any], caller: Caller, word: str) -> bool:
        if word in (actions.get("users") or {}).get(caller.name, ()):
            return True
        groups = actions.get("groups") or {}
        return any(word in granted for group, granted in groups.items() if group in caller.groups)


def new_user(name: str, password: str | None = None, **fields: Any) -> dict[str, Any]:
    """A user with defaults."""
    salt, stretched = new_password(password) if password else (None, None)
    return {
        "name": name,
        "email": "",
        "salt": salt,
        "hash": stretched,
        "admin": False,
        "profile_updatable": True,
        "disable_ui_access": False,
        "internal_password_disabled": False,
        "realm": "internal",
        **fields,
    }


def new_group(name: str, **fields: Any) -> dict[str, Any]:
    """A group with defaults."""
    defaults = {"description": "", "auto_join": False, "admin_privileges": False, "external_id": ""}
    return {"name": name, **defaults, **fields}


def _covers(artifact: dict[str, Any], repository: str, wide: str, path: str) -> bool:
    for target, limits in (artifact.get("targets") or {}).items():
        if target in {repository, "ANY"} or (target.replace("-", " ").upper() == wide and wide):
            includes = limits.get("include_patterns") or ["**"]
            if not path or patterns.matches(path, includes, limits.get("exclude_patterns") or ()):
                return True
    return False
