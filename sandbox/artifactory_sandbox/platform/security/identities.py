"""Users and groups: the rules that Access' and Artifactory's calls share (4.6, 12.5.1, 12.5.2)."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.security.passwords import new_password
from artifactory_sandbox.platform.security.state import SecurityState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_NAME = re.compile(r"[a-z0-9.\-_@+]{1,255}\Z")
_GROUP_LONGEST = 64
MANAGERS = ("watch_manager", "policy_manager", "policy_viewer", "reports_manager", "manage_resources", "manage_webhook")
_FLAGS = ("admin", "profile_updatable", "disable_ui_access", "internal_password_disabled")
_STATUSES = ("enabled", "disabled")


class Identities:
    """Creates, changes and deletes users and groups; fields have Access' names."""

    def __init__(self, platform: "Platform", state: SecurityState) -> None:
        self._platform = platform
        self.state = state

    def user(self, name: str) -> Row:
        """One user; a 404 without."""
        row = self.state.user(name.lower())
        if row is None:
            raise Refused(404, f"User '{name}' not found")
        return row

    def group(self, name: str) -> Row:
        """One group; a 404 without."""
        row = self.state.group(name)
        if row is None:
            raise Refused(404, f"Group '{name}' not found")
        return row

    def create_user(self, name: Any, sent: Mapping[str, Any], groups: Any = None, auto_join: bool = True) -> str:
        """A new user; a 409 when the name is taken. Its name, in lower case."""
        name = checked_name(name)
        if self.state.user(name) is not None:
            raise Refused(409, f"User '{name}' already exists")
        joined = self.known_groups(groups)
        if auto_join:
            joined += [row["name"] for row in self.state.groups() if row["auto_join"]]
        with self._platform.database.transaction():
            self.state.put_user(self._with_fields(self.blank(name), sent))
            self.state.join(name, joined)
        return str(name)

    def change_user(self, name: str, sent: Mapping[str, Any], groups: Any = None) -> None:
        """Changes a user: what is absent stays; `groups` replaces its groups."""
        row = self.user(name)
        wanted = None if groups is None else self.known_groups(groups)
        with self._platform.database.transaction():
            self.state.put_user(self._with_fields(as_dict(row), sent))
            if wanted is not None:
                self.state.leave(row["name"], set(self.state.groups_of(row["name"])) - set(wanted))
                self.state.join(row["name"], wanted)

    def replace_user(self, name: str, sent: Mapping[str, Any], groups: Any) -> None:
        """Create-or-replace: what is absent takes its default, except the password."""
        name = checked_name(name)
        row = self.state.user(name)
        if row is None:
            self.create_user(name, sent, groups, auto_join=groups is None)
            return
        kept = {
            column: row[column] for column in ("salt", "hash", "api_key", "last_login", "password_changed", "realm")
        }
        wanted = self.known_groups(groups) if groups is not None else []
        wanted += [one["name"] for one in self.state.groups() if one["auto_join"]] if groups is None else []
        with self._platform.database.transaction():
            self.state.put_user(self._with_fields({**self.blank(name), **kept}, sent))
            self.state.leave(name, set(self.state.groups_of(name)) - set(wanted))
            self.state.join(name, wanted)

    def delete_user(self, name: str) -> None:
        """Deletes a user with all that it has; a 404 without."""
        name = name.lower()
        if name == "anonymous":
            raise Refused(403, "The anonymous user cannot be deleted")
        with self._platform.database.transaction():
            if not self.state.delete_user(name):
                raise Refused(404, f"User '{name}' not found")
            security = self._platform.security
            self.state.delete_tokens_of(name)
            security.permissions.forget_principal("users", name)
            security.projects.state.delete_member(None, "users", name)

    def set_password(self, name: str, password: str) -> None:
        """Sets a user's password; a 400 where an internal one is not allowed."""
        row = self.user(name)
        if row["internal_password_disabled"]:
            raise Refused(400, f"The internal password of user '{row['name']}' is disabled")
        self.state.put_user({**as_dict(row), **self._password(password)})

    def create_group(self, name: Any, sent: Mapping[str, Any], members: Any = None) -> str:
        """A new group; a 409 when the name is taken."""
        name = self._group_name(name)
        if self.state.group(name) is not None:
            raise Refused(409, f"Group '{name}' already exists")
        self.put_group(name, {**blank_group(name), **_group_fields(sent)}, members, replace=True)
        return str(name)

    def put_group(self, name: str, group: Mapping[str, Any], members: Any, replace: bool) -> None:
        """Stores a group; its members are replaced, or only added to, when they are given."""
        self._group_name(name)
        if group["auto_join"] and group["admin_privileges"]:
            raise Refused(400, "A group with admin privileges cannot be joined automatically")
        wanted = None if members is None else self.known_users(members)
        with self._platform.database.transaction():
            self.state.put_group(group)
            for one in wanted or ():
                self.state.join(one, [name])
            if wanted is not None and replace:
                for one in set(self.state.members_of(name)) - set(wanted):
                    self.state.leave(one, [name])

    def change_group(self, name: str, sent: Mapping[str, Any], members: Any = None) -> None:
        """Changes a group: what is absent stays, members are only added."""
        row = self.group(name)
        self.put_group(name, {**as_dict(row), **_group_fields(sent)}, members, replace=False)

    def delete_group(self, name: str) -> None:
        """Deletes a group with all that it has; a 404 without."""
        with self._platform.database.transaction():
            if not self.state.delete_group(name):
                raise Refused(404, f"Group '{name}' not found")
            self._platform.security.permissions.forget_principal("groups", name)
            self._platform.security.projects.state.delete_member(None, "groups", name)

    def known_groups(self, names: Any) -> list[str]:
        """Names of groups that are there; a 400 naming those that are not."""
        known = {row["name"] for row in self.state.groups()}
        wanted = _names(names, "groups")
        if unknown := [name for name in wanted if name not in known]:
            raise Refused(400, f"Unknown groups: {', '.join(unknown)[:200]}")
        return wanted

    def known_users(self, names: Any) -> list[str]:
        """Names of users that are there; a 404 naming the first that is not."""
        wanted = [name.lower() for name in _names(names, "members")]
        for name in wanted:
            self.user(name)
        return wanted

    def blank(self, name: str) -> dict[str, Any]:
        """A user with defaults."""
        return {
            "name": name,
            "email": "",
            "salt": None,
            "hash": None,
            "admin": False,
            "profile_updatable": True,
            "disable_ui_access": False,
            "internal_password_disabled": False,
            "realm": "internal",
            "status": "enabled",
            "managers": {},
            "password_changed": self._platform.clock.now(),
            "password_expired": 0,
            "failures": 0,
            "locked": 0,
            "last_login": 0,
            "api_key": None,
        }

    def _with_fields(self, user: dict[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
        for name in _FLAGS:
            if sent.get(name) is not None:
                user[name] = _flag(sent[name], name)
        if sent.get("email") is not None:
            if not isinstance(sent["email"], str) or not sent["email"].strip():
                raise Refused(400, "email is required")
            user["email"] = sent["email"].strip()
        status = sent.get("status")
        if status is not None:
            if str(status).lower() not in _STATUSES:
                raise Refused(400, f"Unknown status: {str(status)[:50]}")
            user["status"] = str(status).lower()
        user["managers"] = {**user["managers"], **_managers(sent)}
        if sent.get("password"):
            user.update(self._password(str(sent["password"])))
        if user["internal_password_disabled"]:
            user["salt"] = user["hash"] = None
        return user

    def _password(self, password: str) -> dict[str, Any]:
        salt, stretched = new_password(password)
        now = self._platform.clock.now()
        return {"salt": salt, "hash": stretched, "password_changed": now, "password_expired": 0, "failures": 0}

    @staticmethod
    def _group_name(name: Any) -> str:
        if (
            not isinstance(name, str)
            or not name.strip()
            or len(name) > _GROUP_LONGEST
            or re.search(r"[/\\:|?*\"<>]", name)
        ):
            raise Refused(
                400, f'A group name of 1 to {_GROUP_LONGEST} characters without / \\ : | ? * " < > is required'
            )
        return name


def blank_group(name: str) -> dict[str, Any]:
    """A group with defaults."""
    return {
        "name": name,
        "description": "",
        "auto_join": False,
        "admin_privileges": False,
        "external_id": "",
        "realm": "internal",
        "realm_attributes": "",
        "managers": {},
    }


def as_dict(row: Row) -> dict[str, Any]:
    """A row of a user or group as the dictionary that is stored."""
    found = {name: row[name] for name in row.keys()}  # noqa: SIM118  a row is no mapping
    found["managers"] = json.loads(found["managers"])
    return found


def checked_name(name: Any) -> str:
    """A user's name in lower case; a 400 for one that cannot be."""
    if not isinstance(name, str) or not name.strip():
        raise Refused(400, "username is required")
    if not _NAME.match(name.strip().lower()):
        raise Refused(400, "A username holds lower-case letters, digits and . - _ @ + only")
    return name.strip().lower()


def _group_fields(sent: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("description", "external_id", "realm", "realm_attributes"):
        if sent.get(name) is not None:
            if not isinstance(sent[name], str):
                raise Refused(400, f"{name} is not a text")
            found[name] = sent[name]
    for name in ("auto_join", "admin_privileges"):
        if sent.get(name) is not None:
            found[name] = _flag(sent[name], name)
    if managers := _managers(sent):
        found["managers"] = managers
    return found


def _managers(sent: Mapping[str, Any]) -> dict[str, bool]:
    return {name: _flag(sent[name], name) for name in MANAGERS if sent.get(name) is not None}


def _flag(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise Refused(400, f"{name} is true or false")


def _names(value: Any, what: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Refused(400, f"{what} is a list of names")
    return list(dict.fromkeys(value))


def changed(sent: Mapping[str, Any]) -> tuple[Iterable[str], Iterable[str]]:
    """`add` and `remove` of a request; a 400 when they are no lists of names, both missing, or share a name."""
    if sent.get("add") is None and sent.get("remove") is None:
        raise Refused(400, "add or remove is required")
    add, remove = _names(sent.get("add"), "add"), _names(sent.get("remove"), "remove")
    if both := set(add) & set(remove):
        raise Refused(400, f"'{min(both)[:64]}' is both in add and in remove")
    return add, remove
