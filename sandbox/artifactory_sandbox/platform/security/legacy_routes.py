"""Users and groups as Artifactory's own older calls show them (4.6, 12.5.1, 12.5.2): the same state as Access'."""

import json
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.security.identities import Identities, as_dict, blank_group
from artifactory_sandbox.platform.security.passwords import demand_text
from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, json_answer, text

USERS, GROUPS = "/artifactory/api/security/users", "/artifactory/api/security/groups"
_USER_FIELDS = {
    "email": "email",
    "admin": "admin",
    "profileUpdatable": "profile_updatable",
    "disableUIAccess": "disable_ui_access",
    "internalPasswordDisabled": "internal_password_disabled",
    "password": "password",
}
_GROUP_FIELDS = {
    "description": "description",
    "autoJoin": "auto_join",
    "adminPrivileges": "admin_privileges",
    "externalId": "external_id",
    "realm": "realm",
    "realmAttributes": "realm_attributes",
}
_MANAGERS = {
    "watchManager": "watch_manager",
    "policyManager": "policy_manager",
    "policyViewer": "policy_viewer",
    "reportsManager": "reports_manager",
    "manageResources": "manage_resources",
    "manageWebhook": "manage_webhook",
}
_ALL = 1_000_000


def users(call: Call) -> Answer:
    """Get Users."""
    rows = call.platform.security.state.users("", _ALL)
    base = f"{call.artifactory_url}/api/security/users"
    listed = [{"name": row["name"], "uri": f"{base}/{row['name']}", "realm": row["realm"]} for row in rows]
    return json_answer(listed, kind="security.Users")


def user(call: Call) -> Answer:
    """Get User Details."""
    row = _identities(call).user(call.args["name"])
    managers = json.loads(row["managers"])
    groups = call.platform.security.state.groups_of(row["name"])
    shown: dict[str, Any] = {
        "name": row["name"],
        "email": row["email"],
        "admin": bool(row["admin"]),
        "profileUpdatable": bool(row["profile_updatable"]),
        "disableUIAccess": bool(row["disable_ui_access"]),
        "internalPasswordDisabled": bool(row["internal_password_disabled"]),
        **({"groups": groups} if groups else {}),
        "realm": row["realm"],
        **{old: managers.get(new, False) for old, new in _MANAGERS.items()},
        **({"projectAdmin": True} if _administers_projects(call, row["name"]) else {}),
        "shouldInvite": False,
        "mfaStatus": "NONE",
        "status": "LOCKED" if row["locked"] else str(row["status"]).upper(),
    }
    if row["last_login"]:
        shown |= {"lastLoggedIn": iso(row["last_login"]), "lastLoggedInMillis": row["last_login"]}
    return json_answer(shown, kind="security.User")


def put_user(call: Call) -> Answer:
    """Create or Replace User."""
    sent, name = _sent(call), call.args["name"]
    if not sent.get("email"):
        raise Refused(400, "The user's email is mandatory")
    known = call.platform.security.state.user(name.lower()) is not None
    if not known and not sent.get("password") and not sent.get("internalPasswordDisabled"):
        raise Refused(400, "The user's password is mandatory")
    _identities(call).replace_user(name, _access(sent, _USER_FIELDS), sent.get("groups"))
    return Answer(201)


def post_user(call: Call) -> Answer:
    """Update User: what is absent stays; groups are replaced when they are given."""
    sent = _sent(call)
    _identities(call).change_user(call.args["name"], _access(sent, _USER_FIELDS), sent.get("groups"))
    return Answer(200)


def delete_user(call: Call) -> Answer:
    """Delete User."""
    name = call.args["name"]
    if name.lower() == call.caller.name:
        raise Refused(403, "Users cannot delete themselves")
    _identities(call).delete_user(name)
    return text(f"The user: '{name}' has been removed successfully.")


def groups(call: Call) -> Answer:
    """Get a List of Groups."""
    base = f"{call.artifactory_url}/api/security/groups"
    rows = call.platform.security.state.groups()
    listed = [{"name": row["name"], "uri": f"{base}/{row['name']}"} for row in rows]
    return json_answer(listed, kind="security.Groups")


def group(call: Call) -> Answer:
    """Get Group Details; its users when they are asked for."""
    row = _identities(call).group(_group_name(call))
    managers = json.loads(row["managers"])
    shown: dict[str, Any] = {
        "name": row["name"],
        "description": row["description"],
        "autoJoin": bool(row["auto_join"]),
        "adminPrivileges": bool(row["admin_privileges"]),
        "realm": row["realm"],
        "realmAttributes": row["realm_attributes"],
        "externalId": row["external_id"],
        **{old: managers.get(new, False) for old, new in _MANAGERS.items()},
    }
    for name in ("description", "realmAttributes", "externalId"):
        if not shown[name]:
            del shown[name]
    if call.flag("includeUsers"):
        shown["userNames"] = call.platform.security.state.members_of(row["name"])
    return json_answer(shown, kind="security.Group")


def put_group(call: Call) -> Answer:
    """Create or Replace Group: `userNames` replaces the membership."""
    sent, name = _sent(call), _group_name(call)
    fields = _access(sent, _GROUP_FIELDS)
    identities = _identities(call)
    if call.platform.security.state.group(name) is None:
        identities.create_group(name, fields, sent.get("userNames"))
    else:
        identities.state.put_group(blank_group(name))
        identities.change_group(name, fields)
        identities.put_group(name, as_dict(identities.group(name)), sent.get("userNames"), replace=True)
    return Answer(201)


def post_group(call: Call) -> Answer:
    """Update Group: what is absent stays, no member is ever removed."""
    sent = _sent(call)
    _identities(call).change_group(_group_name(call), _access(sent, _GROUP_FIELDS), sent.get("userNames"))
    return Answer(200)


def delete_group(call: Call) -> Answer:
    """Delete Group."""
    name = _group_name(call)
    _identities(call).delete_group(name)
    return text(f"The group: '{name}' has been removed successfully.")


def _sent(call: Call) -> dict[str, Any]:
    sent = call.json_object()
    named, path = str(sent.get("name") or "").lower(), call.args["name"].lower()
    if named and named not in {path, path.replace("+", " ")}:
        raise Refused(400, f"The name in the body, '{named[:100]}', differs from that in the path")
    if sent.get("password") is not None and sent["password"] != "":
        demand_text(sent["password"])
    return sent


def _access(sent: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """A request in Access' words."""
    return {new: sent[old] for old, new in {**fields, **_MANAGERS}.items() if sent.get(old) is not None}


def _group_name(call: Call) -> str:
    return call.args["name"].replace("+", " ")


def _administers_projects(call: Call, name: str) -> bool:
    caller = call.platform.security.authentication.user(name)
    roles = call.platform.security.roles_of(caller) if caller else frozenset()
    return any(role == "Project Admin" for _, role in roles)


def _identities(call: Call) -> Identities:
    return call.platform.security.identities


ROUTES = (
    Route("GET", USERS, "12.5.1", users),
    Route("GET", f"{USERS}/{{name}}", "4.6", user),
    Route("PUT", f"{USERS}/{{name}}", "4.6", put_user),
    Route("POST", f"{USERS}/{{name}}", "4.6", post_user),
    Route("DELETE", f"{USERS}/{{name}}", "4.6", delete_user),
    Route("GET", GROUPS, "12.5.2", groups),
    Route("GET", f"{GROUPS}/{{name}}", "4.6", group),
    Route("PUT", f"{GROUPS}/{{name}}", "4.6", put_group),
    Route("POST", f"{GROUPS}/{{name}}", "4.6", post_group),
    Route("DELETE", f"{GROUPS}/{{name}}", "4.6", delete_group),
)
