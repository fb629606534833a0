"""Users, groups and permission targets of Access v2 (4.6); the certificate of the circle of trust (4.3)."""

from typing import Any

from artifactory_sandbox.platform.security import token_routes
from artifactory_sandbox.platform.security.authentication import new_password
from artifactory_sandbox.platform.security.behaviour import new_group, new_user
from artifactory_sandbox.platform.security.certificate import root_certificate
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer, text

USERS, GROUPS, PERMISSIONS = (f"/access/api/v2/{name}" for name in ("users", "groups", "permissions"))
_USER_FIELDS = ("email", "admin", "profile_updatable", "disable_ui_access", "internal_password_disabled")
_GROUP_FIELDS = ("description", "auto_join", "admin_privileges", "external_id")


def users(call: Call) -> Answer:
    """Get User List, a page at a time."""
    limit = call.number("limit", 1000)
    rows = call.platform.security.state.users(call.first("cursor"), limit)
    listed = [
        {"username": row["name"], "uri": _uri(call, row["name"]), "realm": row["realm"], "status": "enabled"}
        for row in rows
    ]
    page: dict[str, Any] = {"users": listed}
    if len(rows) == limit:
        page["cursor"] = rows[-1]["name"]
    return json_answer(page)


def user(call: Call) -> Answer:
    """Get User Details."""
    return json_answer(_user(call, call.args["name"]))


def create_user(call: Call) -> Answer:
    """Create User; the answer is the whole user with its effective groups (12.5.1)."""
    sent = call.json_object()
    state = call.platform.security.state
    name = str(sent.get("username") or "").lower()
    if not name or not sent.get("email"):
        raise Refused(400, "username and email are required")
    if state.user(name) is not None:
        raise Refused(409, f"User '{name}' already exists")
    password = sent.get("password")
    if password is not None:
        _demand_policy(str(password))
    fields = {field: sent[field] for field in _USER_FIELDS if sent.get(field) is not None}
    joined = [row["name"] for row in state.groups() if row["auto_join"]] + _known_groups(call, sent.get("groups"))
    with call.platform.database.transaction():
        state.put_user(new_user(name, str(password) if password else None, **fields))
        state.join(name, joined)
    return json_answer(_user(call, name), 201)


def change_user(call: Call) -> Answer:
    """Update User: what is absent stays."""
    sent, name = call.json_object(), call.args["name"].lower()
    state = call.platform.security.state
    row = state.user(name)
    if row is None:
        raise Refused(404, f"User '{name}' not found")
    changed = {**dict(row), **{field: sent[field] for field in _USER_FIELDS if sent.get(field) is not None}}
    if sent.get("password"):
        _demand_policy(str(sent["password"]))
        changed["salt"], changed["hash"] = new_password(str(sent["password"]))
    with call.platform.database.transaction():
        state.put_user(changed)
        if sent.get("groups") is not None:
            wanted = _known_groups(call, sent["groups"])
            state.leave(name, set(state.groups_of(name)) - set(wanted))
            state.join(name, wanted)
    return json_answer(_user(call, name))


def delete_user(call: Call) -> Answer:
    """Delete User."""
    if not call.platform.security.state.delete_user(call.args["name"].lower()):
        raise Refused(404, f"User '{call.args['name']}' not found")
    return empty(204)


def user_groups(call: Call) -> Answer:
    """Adds a user to groups and takes it out of others."""
    sent, name = call.json_object(), call.args["name"].lower()
    _user(call, name)
    state = call.platform.security.state
    with call.platform.database.transaction():
        state.join(name, _known_groups(call, sent.get("add")))
        state.leave(name, [str(group) for group in sent.get("remove") or ()])
    return json_answer(state.groups_of(name))


def groups(call: Call) -> Answer:
    """Get Group List."""
    rows = call.platform.security.state.groups()
    listed = [{"group_name": row["name"], "uri": f"{call.base_url}{GROUPS}/{row['name']}"} for row in rows]
    return json_answer({"groups": listed})


def group(call: Call) -> Answer:
    """Get Group Details."""
    return json_answer(_group(call, call.args["name"]))


def create_group(call: Call) -> Answer:
    """Create Group."""
    sent = call.json_object()
    state = call.platform.security.state
    name = str(sent.get("name") or "")
    if not name or len(name) > 64:
        raise Refused(400, "A group name of 1 to 64 characters is required")
    if state.group(name) is not None:
        raise Refused(409, f"Group '{name}' already exists")
    fields = {field: sent[field] for field in _GROUP_FIELDS if sent.get(field) is not None}
    with call.platform.database.transaction():
        state.put_group(new_group(name, **fields))
        for member in sent.get("members") or ():
            _user(call, str(member))
            state.join(str(member), [name])
    return json_answer(_group(call, name), 201)


def change_group(call: Call) -> Answer:
    """Update Group."""
    sent = call.json_object()
    name = call.args["name"]
    current = _group(call, name)
    fields = {field: sent.get(field, current[field]) for field in _GROUP_FIELDS}
    call.platform.security.state.put_group(new_group(name, **fields))
    return json_answer(_group(call, name))


def delete_group(call: Call) -> Answer:
    """Delete Group."""
    if not call.platform.security.state.delete_group(call.args["name"]):
        raise Refused(404, f"Group '{call.args['name']}' not found")
    return empty(204)


def group_members(call: Call) -> Answer:
    """Adds users to a group and takes others out."""
    sent, name = call.json_object(), call.args["name"]
    _group(call, name)
    state = call.platform.security.state
    with call.platform.database.transaction():
        for member in sent.get("add") or ():
            _user(call, str(member))
            state.join(str(member), [name])
        for member in sent.get("remove") or ():
            state.leave(str(member), [name])
    return json_answer(state.members_of(name))


def permissions(call: Call) -> Answer:
    """Get All Permissions."""
    names = [name for name, _ in call.platform.security.state.permissions()]
    listed = [{"name": name, "uri": f"{call.base_url}{PERMISSIONS}/{name}"} for name in names]
    return json_answer({"permissions": listed})


def permission(call: Call) -> Answer:
    """Get a Permission."""
    return json_answer({"name": call.args["name"], "resources": _permission(call)})


def create_permission(call: Call) -> Answer:
    """Create a Permission."""
    sent = call.json_object()
    name, resources = str(sent.get("name") or ""), sent.get("resources")
    if not name or not isinstance(resources, dict) or not resources:
        raise Refused(400, "name and resources are required")
    if call.platform.security.state.permission(name) is not None:
        raise Refused(409, f"Permission '{name}' already exists")
    call.platform.security.state.put_permission(name, resources)
    return json_answer({"name": name, "resources": resources}, 201)


def delete_permission(call: Call) -> Answer:
    """Delete a Permission."""
    if not call.platform.security.state.delete_permission(call.args["name"]):
        raise Refused(404, f"Permission '{call.args['name']}' not found")
    return empty(204)


def get_resource(call: Call) -> Answer:
    """One resource of a permission."""
    found = _permission(call).get(call.args["resource"])
    if found is None:
        raise Refused(404, f"Resource '{call.args['resource']}' not found")
    return json_answer(found)


def put_resource(call: Call) -> Answer:
    """Replaces one resource of a permission."""
    return _set_resource(call, call.json_object())


def patch_resource(call: Call) -> Answer:
    """Changes the named parts of one resource."""
    current = _permission(call).get(call.args["resource"]) or {}
    return _set_resource(call, {**current, **call.json_object()})


def delete_resource(call: Call) -> Answer:
    """Takes one resource out of a permission."""
    resources = _permission(call)
    if resources.pop(call.args["resource"], None) is None:
        raise Refused(404, f"Resource '{call.args['resource']}' not found")
    call.platform.security.state.put_permission(call.args["name"], resources)
    return empty(204)


def certificate(call: Call) -> Answer:
    """The root certificate that other sites put among their trusted ones."""
    return text(root_certificate(call.platform))


def _set_resource(call: Call, resource: dict[str, Any]) -> Answer:
    resources = {**_permission(call), call.args["resource"]: resource}
    call.platform.security.state.put_permission(call.args["name"], resources)
    return json_answer(resource)


def _permission(call: Call) -> dict[str, Any]:
    found = call.platform.security.state.permission(call.args["name"])
    if found is None:
        raise Refused(404, f"Permission '{call.args['name']}' not found")
    return found


def _user(call: Call, name: str) -> dict[str, Any]:
    state = call.platform.security.state
    row = state.user(name.lower())
    if row is None:
        raise Refused(404, f"User '{name}' not found")
    flags = {field: bool(row[field]) for field in _USER_FIELDS if field != "email"}
    shown = {"username": row["name"], "email": row["email"], **flags, "groups": state.groups_of(row["name"])}
    return {**shown, "realm": row["realm"], "status": "enabled"}


def _group(call: Call, name: str) -> dict[str, Any]:
    state = call.platform.security.state
    row = state.group(name)
    if row is None:
        raise Refused(404, f"Group '{name}' not found")
    flags = {field: bool(row[field]) for field in ("auto_join", "admin_privileges")}
    shown = {"name": name, "description": row["description"], **flags, "external_id": row["external_id"]}
    return {**shown, "realm": "internal", "members": state.members_of(name)}


def _known_groups(call: Call, names: Any) -> list[str]:
    known = {row["name"] for row in call.platform.security.state.groups()}
    wanted = [str(name) for name in names or ()]
    if unknown := [name for name in wanted if name not in known]:
        raise Refused(400, f"Unknown groups: {', '.join(unknown)}")
    return wanted


def _demand_policy(password: str) -> None:
    kinds = (str.isupper, str.islower, str.isdigit)
    if len(password) < 8 or not all(any(kind(letter) for letter in password) for kind in kinds):
        raise Refused(
            400,
            "The password must have at least 8 characters, with an upper-case letter, a lower-case letter and a digit",
        )


def _uri(call: Call, name: str) -> str:
    return f"{call.base_url}{USERS}/{name}"


ROUTES = (
    Route("GET", USERS, "4.6", users),
    Route("POST", USERS, "4.6", create_user),
    Route("GET", f"{USERS}/{{name}}", "4.6", user),
    Route("PATCH", f"{USERS}/{{name}}", "4.6", change_user),
    Route("DELETE", f"{USERS}/{{name}}", "4.6", delete_user),
    Route("PATCH", f"{USERS}/{{name}}/groups", "4.6", user_groups),
    Route("GET", GROUPS, "4.6", groups),
    Route("POST", GROUPS, "4.6", create_group),
    Route("GET", f"{GROUPS}/{{name}}", "4.6", group),
    Route("PATCH", f"{GROUPS}/{{name}}", "4.6", change_group),
    Route("DELETE", f"{GROUPS}/{{name}}", "4.6", delete_group),
    Route("PATCH", f"{GROUPS}/{{name}}/members", "4.6", group_members),
    Route("GET", PERMISSIONS, "4.6", permissions),
    Route("POST", PERMISSIONS, "4.6", create_permission),
    Route("GET", f"{PERMISSIONS}/{{name}}", "4.6", permission),
    Route("DELETE", f"{PERMISSIONS}/{{name}}", "4.6", delete_permission),
    Route("GET", f"{PERMISSIONS}/{{name}}/{{resource}}", "4.6", get_resource),
    Route("PUT", f"{PERMISSIONS}/{{name}}/{{resource}}", "4.6", put_resource),
    Route("PATCH", f"{PERMISSIONS}/{{name}}/{{resource}}", "4.6", patch_resource),
    Route("DELETE", f"{PERMISSIONS}/{{name}}/{{resource}}", "4.6", delete_resource),
    Route("GET", "/access/api/v1/cert/root", "4.3", certificate),
    Route("GET", "/access/api/v1/cert/ca", "4.3", certificate, Needs.ADMIN),
    *token_routes.ROUTES,
)
