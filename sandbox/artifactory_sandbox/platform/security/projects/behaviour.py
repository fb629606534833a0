"""Projects: what they are, who belongs to them, and which repositories do (12.5.8)."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.security.grants.model import Role, Sharing
from artifactory_sandbox.platform.security.projects import roles as role_rules
from artifactory_sandbox.platform.security.projects.state import EVERYBODY, ProjectState
from artifactory_sandbox.platform.security.state import GRANTS, SecurityState
from artifactory_sandbox.platform.security.words import ROLE_ACTIONS
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_KEY = re.compile(r"[a-z][a-z0-9-]{1,31}\Z")
_ENVIRONMENT = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*\Z")
_PRIVILEGES = ("manage_members", "manage_resources", "index_resources")
GLOBAL_ENVIRONMENTS = ("DEV", "PROD")


class Projects:
    """Asked by others: `exists`, `demand`, `environments`, `demand_quota`."""

    def __init__(self, platform: "Platform", identities: SecurityState) -> None:
        self._platform = platform
        self._identities = identities
        self.state = ProjectState(platform.database, identities)

    def first_environments(self) -> None:
        """The environments of a fresh server (12.12, 4)."""
        for name in GLOBAL_ENVIRONMENTS:
            self.state.put_environment(name, "")

    def exists(self, key: str) -> bool:
        """Whether there is a project; `default` is the one without a key."""
        return key == "default" or self.state.project(key) is not None

    def demand(self, key: str) -> Row:
        """The project; a 404 without."""
        found = self.state.project(key)
        if found is None:
            raise Refused(404, f"Project '{key}' not found")
        return found

    def environments(self, project: str = "") -> frozenset[str]:
        """Environments that a repository or role of a project may have."""
        found = [*self.state.environments(""), *(self.state.environments(project) if project else ())]
        return frozenset(row["name"] for row in found)

    def shown(self, row: Row) -> dict[str, Any]:
        """A project as it is answered."""
        return {
            "display_name": row["display_name"],
            "description": row["description"],
            "admin_privileges": json.loads(row["privileges"]),
            "storage_quota_bytes": row["quota"],
            "soft_limit": bool(row["soft_limit"]),
            "storage_quota_email_notification": bool(row["quota_mail"]),
            "project_key": row["key"],
        }

    def create(self, sent: Mapping[str, Any]) -> Row:
        """Add a New Project, with the predefined roles."""
        key = sent.get("project_key")
        if not isinstance(key, str) or not _KEY.match(key) or key == "default":
            raise Refused(
                400,
                "Project key must start with a lower-case letter and hold 2 to 32 lower-case letters, digits and hyphens",
            )
        if self.state.project(key) is not None:
            raise Refused(409, f"Project with key '{key}' already exists")
        project = self._checked(key, sent, None)
        with self._platform.database.transaction():
            self.state.put(project)
            for role in role_rules.predefined():
                self.state.put_role(key, role)
        return self.demand(key)

    def change(self, key: str, sent: Mapping[str, Any]) -> Row:
        """Update an Existing Project: what is absent stays."""
        row = self.demand(key)
        self.state.put(self._checked(key, sent, self.shown(row)))
        return self.demand(key)

    def delete(self, key: str) -> None:
        """Delete an Existing Project; not while it has repositories."""
        self.demand(key)
        held = self._platform.repositories.state.listed("", "", key)
        if held:
            raise Refused(400, f"project containing resources can't be removed: {len(held)} repositories")
        self.state.delete(key)

    def roles_and_members(
        self,
    ) -> tuple[
        dict[tuple[str, str], Role], dict[str, frozenset[tuple[str, str]]], dict[str, frozenset[tuple[str, str]]]
    ]:
        """Roles by project and name, and the roles of users and of groups: what permissions are made from."""
        roles = {
            (row["project"], row["name"]): Role(
                frozenset(json.loads(row["environments"])) if row["kind"] != "ADMIN" else frozenset(),
                frozenset(ROLE_ACTIONS[one] for one in json.loads(row["actions"]) if one in ROLE_ACTIONS)
                | (_BUILD_MANAGE if row["kind"] == "ADMIN" else frozenset()),
            )
            for row in self.state.roles()
        }
        found: dict[str, dict[str, set[tuple[str, str]]]] = {"users": {}, "groups": {}}
        for row in self.state.members(None, None):
            names = {(row["project"], name) for name in json.loads(row["roles"])}
            found[row["kind"]].setdefault(row["name"], set()).update(names)
        for key, role in list(roles.items()):  # a global role is one of every project
            if not key[0]:
                roles.update({(row["key"], key[1]): role for row in self.state.projects()})
        users, groups = ({name: frozenset(one) for name, one in found[kind].items()} for kind in ("users", "groups"))
        return roles, users, groups

    def administers(self, caller: Caller, key: str, privilege: str) -> bool:
        """Whether a caller is an administrator of a project, and those may do what is asked."""
        if caller.admin:
            return True
        row = self.state.project(key)
        if row is None or not json.loads(row["privileges"]).get(privilege, False):
            return False
        return (key, role_rules.ADMIN) in self._platform.security.roles_of(caller)

    def manages_resources(self, caller: Caller, key: str) -> bool:
        """Whether a caller may make and change the repositories of a project."""
        return self.administers(caller, key, "manage_resources")

    def environment_names(self, key: str) -> frozenset[str]:
        """Environments that a repository of a project may have."""
        return self.environments(key)

    def belongs(self, caller: Caller, key: str) -> bool:
        """Whether a caller has any role in a project."""
        return caller.admin or any(project == key for project, _ in self._platform.security.roles_of(caller))

    def set_member(self, project: str, kind: str, name: str, roles: Any) -> list[str]:
        """Update User or Group in Project; the roles replace those it has."""
        self.demand(project)
        known = self._identities.user(name) if kind == "users" else self._identities.group(name)
        if known is None:
            raise Refused(404, f"{'User' if kind == 'users' else 'Group'} '{name}' not found")
        if not isinstance(roles, list) or not roles or not all(isinstance(one, str) for one in roles):
            raise Refused(400, "At least one role is required")
        for role in roles:
            if self.state.role(project, role) is None and self.state.role("", role) is None:
                raise Refused(404, f"Role '{role}' not found in project '{project}'")
        self.state.put_member(project, kind, name, sorted(set(roles)))
        return sorted(set(roles))

    def add_environment(self, name: Any, project: str = "") -> str:
        """Create an environment; a project's begins with its key."""
        self._check_environment(name, project)
        if not self.state.put_environment(name, project):
            raise Refused(409, f"Environment '{name}' already exists")
        return str(name)

    def rename_environment(self, name: str, new_name: Any, project: str = "") -> str:
        """Renames it everywhere: in roles and in repositories."""
        if name not in {row["name"] for row in self.state.environments(project)}:
            raise Refused(404, f"Environment '{name}' not found")
        self._check_environment(new_name, project)
        if new_name in {row["name"] for row in self.state.environments()}:
            raise Refused(409, f"Environment '{new_name}' already exists")
        with self._platform.database.transaction():
            self.state.rename_environment(name, new_name)
            self._in_repositories(name, new_name)
        return str(new_name)

    def remove_environment(self, name: str, project: str = "") -> None:
        """Deletes it; the two of a fresh server stay."""
        if name not in {row["name"] for row in self.state.environments(project)}:
            raise Refused(404, f"Environment '{name}' not found")
        if name in GLOBAL_ENVIRONMENTS:
            raise Refused(400, f"The environment '{name}' cannot be deleted")
        with self._platform.database.transaction():
            self.state.delete_environment(name)
            self._in_repositories(name, None)

    def forget_repository(self, key: str) -> None:
        """A repository is gone: nobody shares it."""
        self.state.unshare(key)

    def sharing(self, repo: str) -> Sharing:
        """With which projects a repository is shared."""
        return self.shares().get(repo, Sharing())

    def shares(self) -> dict[str, Sharing]:
        """Every shared repository."""
        found: dict[str, Sharing] = {}
        for row in self.state.shares():
            known, everybody = found.get(row["repo"], Sharing()), row["project"] == EVERYBODY
            found[row["repo"]] = Sharing(
                known.projects if everybody else known.projects | {row["project"]},
                known.everybody or everybody,
                known.read_only or bool(row["read_only"]),
            )
        return found

    def demand_quota(self, repo: str, growth: int) -> None:
        """A 413 when a file would exceed the hard storage quota of the project that a repository belongs to."""
        held = self.state.quota_of(repo) if growth > 0 else None
        if held is not None and self.state.used_bytes(held["key"]) + growth > held["quota"]:
            said = f"Storage quota limit of project '{held['key']}' is exceeded: '{repo}' takes no more files"
            raise Refused(413, said)

    def _in_repositories(self, name: str, new_name: str | None) -> None:
        repositories = self._platform.repositories.state
        for row in repositories.texts():
            config = json.loads(row["config"])
            names = config.get("environments") or []
            if name in names:
                changed = [new_name if one == name else one for one in names]
                config["environments"] = [one for one in changed if one]
                repositories.put(config, repositories.secrets(config["key"]))
        self._identities.changed(GRANTS)

    @staticmethod
    def _check_environment(name: Any, project: str) -> None:
        if not isinstance(name, str) or not _ENVIRONMENT.match(name) or len(name) > 32:
            raise Refused(
                400, "An environment name begins with a letter and holds up to 32 letters, digits and hyphens"
            )
        if project and not name.startswith(f"{project}-"):
            raise Refused(400, f"The name of an environment of project '{project}' begins with '{project}-'")

    def _checked(self, key: str, sent: Mapping[str, Any], current: Mapping[str, Any] | None) -> dict[str, Any]:
        project: dict[str, Any] = {
            "description": "",
            "admin_privileges": {},
            "storage_quota_bytes": -1,
            "soft_limit": False,
            "storage_quota_email_notification": True,
            **(current or {}),
            **{name: value for name, value in sent.items() if value is not None},
            "project_key": key,
        }
        name = project.get("display_name")
        if not isinstance(name, str) or not name.strip() or len(name) > 32:
            raise Refused(400, "A display_name of 1 to 32 characters is required")
        if self.state.named(name) not in {None, key}:
            raise Refused(409, f"Project with display name '{name}' already exists")
        quota = project["storage_quota_bytes"]
        if isinstance(quota, bool) or not isinstance(quota, int) or not -1 <= quota < 2**62:
            raise Refused(400, "storage_quota_bytes is not a number of bytes, or -1 for no limit")
        if not isinstance(project["admin_privileges"], dict):
            raise Refused(400, "admin_privileges is not an object")
        if not isinstance(project["description"], str):
            raise Refused(400, "description is a text")
        for flag in ("soft_limit", "storage_quota_email_notification"):
            if not isinstance(project[flag], bool):
                raise Refused(400, f"{flag} is true or false")
        kept = {**((current or {}).get("admin_privileges") or {}), **project["admin_privileges"]}
        return {**project, "admin_privileges": {one: kept.get(one, True) is not False for one in _PRIVILEGES}}


_BUILD_MANAGE = frozenset({("build", "MANAGE"), ("release_bundle", "MANAGE"), ("artifact", "MANAGE")})
