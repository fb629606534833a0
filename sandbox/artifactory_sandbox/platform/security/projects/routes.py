"""Projects, their members and roles over HTTP (12.5.8)."""

import json
from typing import Any

from artifactory_sandbox.platform.security.projects import roles as role_rules
from artifactory_sandbox.platform.security.projects.behaviour import Projects
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer

API = "/access/api/v1/projects"
_ONE = f"{API}/{{key}}"


def listed(call: Call) -> Answer:
    """Get Projects List: all for an administrator, else those that the caller belongs to."""
    projects = _projects(call)
    rows = projects.state.projects()
    return json_answer([projects.shown(row) for row in rows if projects.belongs(call.caller, row["key"])])


def get(call: Call) -> Answer:
    """Get a Project."""
    projects = _projects(call)
    row = projects.demand(call.args["key"])
    if not projects.belongs(call.caller, row["key"]):
        raise Refused(403, "Forbidden")
    return json_answer(projects.shown(row))


def create(call: Call) -> Answer:
    """Add a New Project."""
    projects = _projects(call)
    return json_answer(projects.shown(projects.create(call.json_object())), 201)


def change(call: Call) -> Answer:
    """Update an Existing Project."""
    projects = _projects(call)
    return json_answer(projects.shown(projects.change(call.args["key"], call.json_object())))


def delete(call: Call) -> Answer:
    """Delete an Existing Project."""
    _projects(call).delete(call.args["key"])
    return empty()


def members(call: Call) -> Answer:
    """Get Users or Groups in Project."""
    project = _demand(call, "manage_members")
    rows = _projects(call).state.members(project, _kind(call))
    return json_answer({"members": [{"name": row["name"], "roles": json.loads(row["roles"])} for row in rows]})


def member(call: Call) -> Answer:
    """Get a User or Group in Project."""
    project = _demand(call, "manage_members")
    name = call.args["name"]
    found = _projects(call).state.member(project, _kind(call), name)
    if found is None:
        raise Refused(404, f"'{name}' is not a member of project '{project}'")
    return json_answer({"name": name, "roles": found})


def set_member(call: Call) -> Answer:
    """Update User or Group in Project."""
    project = _demand(call, "manage_members")
    name = call.args["name"]
    roles = _projects(call).set_member(project, _kind(call), name, call.json_object().get("roles"))
    return json_answer({"name": name, "roles": roles})


def remove_member(call: Call) -> Answer:
    """Delete User or Group in Project."""
    project = _demand(call, "manage_members")
    if not _projects(call).state.delete_member(project, _kind(call), call.args["name"]):
        raise Refused(404, f"'{call.args['name']}' is not a member of project '{project}'")
    return empty()


def roles(call: Call) -> Answer:
    """Get Roles List."""
    project = _demand(call, "manage_members")
    return json_answer([_role(row) for row in _projects(call).state.roles(project)])


def role(call: Call) -> Answer:
    """Get a Single Role."""
    return json_answer(_role(_found(call, _demand(call, "manage_members"))))


def create_role(call: Call) -> Answer:
    """Create Role."""
    project = _demand(call, "manage_members")
    projects, sent = _projects(call), call.json_object()
    name = str(sent.get("name") or "")
    if projects.state.role(project, name) is not None:
        raise Refused(409, f"Role '{name}' already exists in project '{project}'")
    made = role_rules.checked(sent, name, projects.environments(project))
    projects.state.put_role(project, made)
    return json_answer(made, 201)


def change_role(call: Call) -> Answer:
    """Update Existing Role; the administrators' stays as it is."""
    project = _demand(call, "manage_members")
    projects, row = _projects(call), _found(call, project)
    if row["kind"] == "ADMIN":
        raise Refused(400, f"The role '{row['name']}' cannot be changed")
    sent = {**_role(row), **call.json_object()}
    made = role_rules.checked(sent, row["name"], projects.environments(project), row["kind"])
    projects.state.put_role(project, made)
    return json_answer(made)


def remove_role(call: Call) -> Answer:
    """Delete Existing Role; only one that was made, and that nobody has."""
    project = _demand(call, "manage_members")
    row = _found(call, project)
    if row["kind"] in {"ADMIN", "PREDEFINED"}:
        raise Refused(400, f"The predefined role '{row['name']}' cannot be deleted")
    state = _projects(call).state
    for one in state.members(project or None, None):
        names = json.loads(one["roles"])
        if row["name"] in names:
            left = [name for name in names if name != row["name"]]
            if left:
                state.put_member(one["project"], one["kind"], one["name"], left)
            else:
                state.delete_member(one["project"], one["kind"], one["name"])
    state.delete_role(project, row["name"])
    return empty()


def _projects(call: Call) -> Projects:
    return call.platform.security.projects


def _kind(call: Call) -> str:
    return call.path.split("/")[6]


def _demand(call: Call, privilege: str) -> str:
    """The project of the call, once the caller may manage it; empty for the global roles."""
    key = call.args.get("key", "")
    if not key:
        return ""
    _projects(call).demand(key)
    if not _projects(call).administers(call.caller, key, privilege):
        raise Refused(403, "Forbidden")
    return key


def _found(call: Call, project: str) -> Row:
    row = _projects(call).state.role(project, call.args["role"])
    if row is None:
        raise Refused(404, f"Role '{call.args['role']}' not found")
    return row


def _role(row: Row) -> dict[str, Any]:
    return {
        "name": row["name"],
        "description": row["description"],
        "type": "CUSTOM_GLOBAL" if not row["project"] else row["kind"],
        "environments": json.loads(row["environments"]),
        "actions": json.loads(row["actions"]),
    }


_MEMBERS = tuple(f"{_ONE}/{kind}" for kind in ("users", "groups"))
_GLOBAL = "/access/api/v1/roles"

ROUTES = (
    Route("GET", API, "12.5.8", listed, Needs.USER),
    Route("POST", API, "12.5.8", create),
    Route("GET", _ONE, "12.5.8", get, Needs.USER),
    Route("PUT", _ONE, "12.5.8", change),
    Route("DELETE", _ONE, "12.5.8", delete),
    *(Route("GET", path, "12.5.8", members, Needs.USER) for path in _MEMBERS),
    *(Route("GET", f"{path}/{{name}}", "12.5.8", member, Needs.USER) for path in _MEMBERS),
    *(Route("PUT", f"{path}/{{name}}", "12.5.8", set_member, Needs.USER) for path in _MEMBERS),
    *(Route("DELETE", f"{path}/{{name}}", "12.5.8", remove_member, Needs.USER) for path in _MEMBERS),
    Route("GET", f"{_ONE}/roles", "12.5.8", roles, Needs.USER),
    Route("POST", f"{_ONE}/roles", "12.5.8", create_role, Needs.USER),
    Route("GET", f"{_ONE}/roles/{{role}}", "12.5.8", role, Needs.USER),
    Route("PUT", f"{_ONE}/roles/{{role}}", "12.5.8", change_role, Needs.USER),
    Route("DELETE", f"{_ONE}/roles/{{role}}", "12.5.8", remove_role, Needs.USER),
    Route("GET", _GLOBAL, "12.5.8", roles),
    Route("POST", _GLOBAL, "12.5.8", create_role),
    Route("GET", f"{_GLOBAL}/{{role}}", "12.5.8", role),
    Route("PUT", f"{_GLOBAL}/{{role}}", "12.5.8", change_role),
    Route("DELETE", f"{_GLOBAL}/{{role}}", "12.5.8", remove_role),
)
