"""Users and groups of Access v2 over HTTP (4.6, 12.5.1)."""

import json
from typing import Any

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.security import identities, scopes
from artifactory_sandbox.platform.security.identities import MANAGERS, Identities
from artifactory_sandbox.platform.security.passwords import demand_policy, demand_text
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer

USERS, GROUPS = "/access/api/v2/users", "/access/api/v2/groups"
_FLAGS = ("admin", "profile_updatable", "disable_ui_access", "internal_password_disabled")
_PAGE, _MOST = 1000, 99_999


def users(call: Call) -> Answer:
    """Get User List, a page at a time; by status, administrators only, descending when asked for."""
    limit, wanted = _limit(call), call.first("status").lower()
    only_admins = call.flag("onlyAdmins") or call.flag("only_admins")
    descending = call.flag("descOrder") or call.flag("descending_order")
    state, after = call.platform.security.state, call.first("cursor")
    found: list[Row] = []
    while len(found) < limit:
        rows = state.users(after, limit, descending)
        found += [row for row in rows if _wanted(call, row, wanted, only_admins)]
        if len(rows) < limit:
            break
        after = rows[-1]["name"]
    page: dict[str, Any] = {"users": [_listed(call, row) for row in found[:limit]]}
    if len(found) >= limit:
        page["cursor"] = found[limit - 1]["name"]
    return json_answer(page)


def user(call: Call) -> Answer:
    """Get User Details."""
    return json_answer(shown(call, call.args["name"]))


def create_user(call: Call) -> Answer:
    """Create User; the answer is the whole user with its effective groups (12.5.1)."""
    sent = call.json_object()
    if not sent.get("email"):
        raise Refused(400, "username and email are required")
    if sent.get("password") is not None:
        demand_policy(demand_text(sent["password"]))
    name = _identities(call).create_user(sent.get("username"), sent, sent.get("groups"))
    return json_answer(shown(call, name), 201)


def change_user(call: Call) -> Answer:
    """Update User: what is absent stays."""
    sent, name = call.json_object(), call.args["name"].lower()
    row = _identities(call).user(name)
    if sent.get("password") is not None:
        demand_policy(demand_text(sent["password"]))
    if (
        row["internal_password_disabled"]
        and sent.get("internal_password_disabled") is False
        and not sent.get("password")
    ):
        raise Refused(400, "password is required when internal passwords are allowed again")
    _identities(call).change_user(name, sent, sent.get("groups"))
    return json_answer(shown(call, name))


def delete_user(call: Call) -> Answer:
    """Delete User."""
    if call.args["name"].lower() == call.caller.name:
        raise Refused(403, "Users cannot delete themselves")
    _identities(call).delete_user(call.args["name"])
    return empty()


def user_groups(call: Call) -> Answer:
    """Adds a user to groups and takes it out of others; its groups after that."""
    row = _identities(call).user(call.args["name"])
    add, remove = identities.changed(call.json_object())
    joined = _identities(call).known_groups(add)
    state = call.platform.security.state
    with call.platform.database.transaction():
        state.join(row["name"], joined)
        state.leave(row["name"], remove)
    return json_answer({"groups": state.groups_of(row["name"])})


def change_password(call: Call) -> Answer:
    """Change a User Password: one's own, or as an administrator."""
    name = call.args["name"].lower()
    if not call.caller.admin and (call.caller.name != name or not scopes.is_user(call.caller.scope)):
        raise Refused(403, "Forbidden")
    password = demand_text(call.json_object().get("password"))
    _identities(call).user(name)
    demand_policy(password)
    _identities(call).set_password(name, password)
    return empty()


def invite(call: Call) -> Answer:
    """Invites somebody by mail: the user is there, and cannot log in until it has set a password."""
    mail = call.json_object().get("invited_email")
    if not isinstance(mail, str) or "@" not in mail:
        raise Refused(400, "invited_email is required")
    if call.platform.security.state.user(mail.lower()) is not None:
        raise Refused(400, f"User '{mail}' was already invited today")
    _identities(call).create_user(mail, {"email": mail})
    return json_answer({"invited_email": mail})


def groups(call: Call) -> Answer:
    """Get Group List, a page at a time."""
    limit = _limit(call)
    rows = call.platform.security.state.groups(call.first("cursor"), limit)
    page: dict[str, Any] = {
        "groups": [{"group_name": row["name"], "uri": f"{call.base_url}{GROUPS}/{row['name']}"} for row in rows]
    }
    if len(rows) == limit:
        page["cursor"] = rows[-1]["name"]
    return json_answer(page)


def group(call: Call) -> Answer:
    """Get Group Details."""
    return json_answer(shown_group(call, call.args["name"]))


def create_group(call: Call) -> Answer:
    """Create Group; `members` here only."""
    sent = call.json_object()
    name = _identities(call).create_group(sent.get("name"), sent, sent.get("members"))
    return json_answer(shown_group(call, name), 201)


def change_group(call: Call) -> Answer:
    """Update Group: what is absent stays."""
    _identities(call).change_group(call.args["name"], call.json_object())
    return json_answer(shown_group(call, call.args["name"]))


def delete_group(call: Call) -> Answer:
    """Delete Group."""
    _identities(call).delete_group(call.args["name"])
    return empty()


def group_members(call: Call) -> Answer:
    """Adds users to a group and takes others out; its members after that."""
    row = _identities(call).group(call.args["name"])
    add, remove = identities.changed(call.json_object())
    joined = _identities(call).known_users(add)
    state = call.platform.security.state
    with call.platform.database.transaction():
        for name in joined:
            state.join(name, [row["name"]])
        for name in remove:
            state.leave(name.lower(), [row["name"]])
    return json_answer({"members": state.members_of(row["name"])})


def shown(call: Call, name: str) -> dict[str, Any]:
    """A user as Access answers it."""
    row = _identities(call).user(name)
    state = call.platform.security.state
    groups = state.groups_of(row["name"])
    managers = json.loads(row["managers"])
    made: dict[str, Any] = {
        "username": row["name"],
        "email": row["email"],
        **{name: bool(row[name]) for name in _FLAGS},
        "effective_admin": bool(row["admin"]) or bool(state.admin_groups() & set(groups)),
        "groups": groups,
        "realm": row["realm"],
        "status": _status(row),
        **{name: managers.get(name, False) for name in MANAGERS},
    }
    if row["last_login"]:
        made["last_logged_in"] = iso(row["last_login"])
    return made


def shown_group(call: Call, name: str) -> dict[str, Any]:
    """A group as Access answers it; texts that were never set are absent, as clients tell them from empty ones."""
    row = _identities(call).group(name)
    managers = json.loads(row["managers"])
    members = call.platform.security.state.members_of(name)
    return {
        "name": name,
        "auto_join": bool(row["auto_join"]),
        "admin_privileges": bool(row["admin_privileges"]),
        "realm": row["realm"],
        **{field: row[field] for field in ("description", "realm_attributes", "external_id") if row[field]},
        **({"members": members} if members else {}),
        **{name: managers.get(name, False) for name in MANAGERS},
    }


def _listed(call: Call, row: Row) -> dict[str, Any]:
    uri = f"{call.base_url}{USERS}/{row['name']}"
    return {"username": row["name"], "uri": uri, "realm": row["realm"], "status": _status(row)}


def _wanted(call: Call, row: Row, status: str, only_admins: bool) -> bool:
    if status and _status(row) != status:
        return False
    if not only_admins or row["admin"]:
        return True
    caller = call.platform.security.authentication.user(row["name"])
    return caller is not None and caller.admin


def _status(row: Row) -> str:
    return "locked" if row["locked"] else str(row["status"])


def _limit(call: Call) -> int:
    limit = call.number("limit", _PAGE)
    if not 1 <= limit <= _MOST:
        raise Refused(400, f"limit is a number from 1 to {_MOST}")
    return limit


def _identities(call: Call) -> Identities:
    return call.platform.security.identities


ROUTES = (
    Route("GET", USERS, "4.6", users),
    Route("POST", USERS, "4.6", create_user),
    Route("GET", f"{USERS}/{{name}}", "4.6", user),
    Route("PATCH", f"{USERS}/{{name}}", "4.6", change_user),
    Route("DELETE", f"{USERS}/{{name}}", "4.6", delete_user),
    Route("PATCH", f"{USERS}/{{name}}/groups", "4.6", user_groups),
    Route("PUT", f"{USERS}/{{name}}/password", "4.6", change_password, Needs.USER),
    Route("POST", "/access/api/v1/users/invite", "12.5.4", invite),
    Route("GET", GROUPS, "4.6", groups),
    Route("POST", GROUPS, "4.6", create_group),
    Route("GET", f"{GROUPS}/{{name}}", "4.6", group),
    Route("PATCH", f"{GROUPS}/{{name}}", "4.6", change_group),
    Route("DELETE", f"{GROUPS}/{{name}}", "4.6", delete_group),
    Route("PATCH", f"{GROUPS}/{{name}}/members", "4.6", group_members),
)
