"""Permissions over HTTP: Access v2, and Artifactory's v1 and v2 (4.6, 12.5.3)."""

from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.security.grants import views
from artifactory_sandbox.platform.security.grants.behaviour import checked, named
from artifactory_sandbox.platform.security.words import RESOURCES
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer, text

ACCESS = "/access/api/v2/permissions"
V1 = "/artifactory/api/security/permissions"
V2 = "/artifactory/api/v2/security/permissions"
_PAGE = 1000


def listed(call: Call) -> Answer:
    """Get All Permissions, a page at a time."""
    limit = call.number("limit", _PAGE)
    if limit < 1:
        raise Refused(400, "limit must be positive")
    names = call.platform.security.permissions.state.permission_names(call.first("cursor"), limit)
    shown: dict[str, Any] = {
        "permissions": [{"name": name, "uri": f"{call.base_url}{ACCESS}/{name}"} for name in names]
    }
    if len(names) == limit:
        shown["cursor"] = names[-1]
    return json_answer(shown)


def get(call: Call) -> Answer:
    """Get a Permission."""
    name = call.args["name"]
    return json_answer(_shown(name, call.platform.security.permissions.get(name)))


def create(call: Call) -> Answer:
    """Create a Permission."""
    sent = call.json_object()
    name = sent.get("name")
    if not isinstance(name, str):
        raise Refused(400, "name is required")
    made = call.platform.security.permissions.create(name, sent.get("resources"))
    return json_answer(_shown(name, made), 201)


def replace(call: Call) -> Answer:
    """Replaces all resources of a permission."""
    permissions, name = call.platform.security.permissions, call.args["name"]
    permissions.get(name)
    resources = call.json_object().get("resources")
    if not isinstance(resources, dict) or not resources:
        raise Refused(400, "At least one resource is required")
    return json_answer(_shown(name, permissions.put(name, resources)))


def delete(call: Call) -> Answer:
    """Delete a Permission."""
    if not call.platform.security.permissions.state.delete_permission(call.args["name"]):
        raise Refused(404, f"Permission '{call.args['name']}' not found")
    return empty(204)


def get_resource(call: Call) -> Answer:
    """One resource of a permission."""
    found = _current(call).get(_kind(call))
    if found is None:
        raise Refused(404, f"Resource '{call.args['resource']}' not found")
    return json_answer(_resource(found))


def put_resource(call: Call) -> Answer:
    """Replaces one resource of a permission, or adds it."""
    return _set(call, call.json_object())


def patch_resource(call: Call) -> Answer:
    """Changes one resource: its actions, its targets, or both."""
    current = _current(call).get(_kind(call)) or {}
    return _set(call, {**current, **call.json_object()})


def delete_resource(call: Call) -> Answer:
    """Takes one resource out of a permission."""
    resources = _current(call)
    if resources.pop(_kind(call), None) is None:
        raise Refused(404, f"Resource '{call.args['resource']}' not found")
    call.platform.security.permissions.put(call.args["name"], resources)
    return empty(204)


def _set(call: Call, sent: Mapping[str, Any]) -> Answer:
    made = checked(_kind(call), sent)
    call.platform.security.permissions.put(call.args["name"], {**_current(call), _kind(call): made})
    return json_answer(_resource(made))


def _shown(name: str, resources: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "resources": {kind: _resource(resource) for kind, resource in resources.items()}}


def _resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A resource as Access answers it: one that gives nobody anything has no actions, not empty ones."""
    given = any(resource["actions"].values())
    return {name: part for name, part in resource.items() if name != "actions" or given}


def _current(call: Call) -> dict[str, Any]:
    return call.platform.security.permissions.get(call.args["name"])


def _kind(call: Call) -> str:
    kind = call.args["resource"]
    if kind not in RESOURCES:
        raise Refused(400, f"Unknown resource type: {kind}")
    return kind


def old_list(call: Call) -> Answer:
    """Get Permission Targets, of either version."""
    base = f"{call.base_url}{call.path.rstrip('/')}"
    names = [name for name in call.platform.security.permissions.state.permission_names() if _may_see(call, name)]
    if not call.caller.admin and not names:
        raise Refused(403, "Forbidden")
    return json_answer([{"name": name, "uri": f"{base}/{name}"} for name in names], kind="security.PermissionTargets")


def get_v1(call: Call) -> Answer:
    """Get Permission Target Details, v1."""
    name, resources = _found(call)
    return json_answer(views.v1(name, resources), kind="security.PermissionTarget")


def put_v1(call: Call) -> Answer:
    """Create or Replace Permission Target, v1; POST does the same."""
    name = _name(call)
    current = call.platform.security.permissions.state.permission(name)
    made = views.from_v1(call.json_object(), current or {})
    _store(call, name, made, only="artifact")
    return Answer(200 if current is not None else 201)


def get_v2(call: Call) -> Answer:
    """Get Permission Target Details, v2."""
    name, resources = _found(call)
    return json_answer(views.v2(name, resources), kind="security.PermissionTargetV2")


def post_v2(call: Call) -> Answer:
    """Create Permission Target, v2: a 409 when there is one."""
    name = _name(call)
    if call.platform.security.permissions.state.permission(name) is not None:
        raise Refused(409, f"Permission target with name '{name}' already exists")
    _store(call, name, views.from_v2(call.json_object(), {}))
    return Answer(201)


def put_v2(call: Call) -> Answer:
    """Create or Replace Permission Target, v2."""
    name = _name(call)
    current = call.platform.security.permissions.state.permission(name)
    _store(call, name, views.from_v2(call.json_object(), current or {}))
    return Answer(200 if current is not None else 201)


def exists_v2(call: Call) -> Answer:
    """Whether there is such a permission target."""
    _found(call)
    return Answer(200)


def delete_old(call: Call) -> Answer:
    """Delete Permission Target, of either version."""
    name = _name(call)
    if not call.platform.security.permissions.state.delete_permission(name):
        raise Refused(404, f"Could not find permission target '{name}'")
    return text(f"Permission Target '{name}' has been removed successfully.")


def of_user(call: Call) -> Answer:
    """Get Permission Targets of a user."""
    return _of(call, "users")


def of_group(call: Call) -> Answer:
    """Get Permission Targets of a group."""
    return _of(call, "groups")


def _of(call: Call, principals: str) -> Answer:
    who = call.args["who"]
    found = [
        shown
        for name, resources in call.platform.security.permissions.state.permissions()
        if (shown := views.for_principal(name, resources, principals, who)) is not None
    ]
    return json_answer(found)


def _name(call: Call) -> str:
    return call.args["name"].replace("+", " ")


def _found(call: Call) -> tuple[str, dict[str, Any]]:
    name = _name(call)
    found = call.platform.security.permissions.state.permission(name)
    if found is None:
        raise Refused(404, f"Could not find permission target '{name}'")
    if not _may_see(call, name):
        raise Refused(403, "Forbidden")
    return name, found


def _may_see(call: Call, name: str) -> bool:
    """An administrator, or whoever may manage something that the permission is about."""
    if call.caller.admin:
        return True
    targets = (call.platform.security.permissions.state.permission(name) or {}).get("artifact", {}).get("targets", {})
    may = call.platform.security.checker(call.caller)
    return any(may("manage", key, "") for key in targets)


def _store(call: Call, name: str, resources: dict[str, Any], only: str = "") -> None:
    """Stores what came through an older view, once everything that it names is there."""
    security, repositories = call.platform.security, call.platform.repositories
    looked_at = {kind: part for kind, part in resources.items() if not only or kind == only}
    for key in looked_at.get("artifact", {}).get("targets", {}):
        if not key.upper().startswith(("ANY", "ALL")) and repositories.class_of(key) is None:
            raise Refused(400, f"Permission target contains a reference to a non-existing repository '{key}'.")
    for principals, who in named({kind: checked(kind, part) for kind, part in looked_at.items()}):
        known = security.state.user(who.lower()) if principals == "users" else security.state.group(who)
        if known is None:
            kind = "user" if principals == "users" else "group"
            raise Refused(400, f"Permission target contains a reference to a non-existing {kind} '{who}'.")
    security.permissions.put(name, resources)


ROUTES = (
    Route("GET", ACCESS, "4.6", listed),
    Route("POST", ACCESS, "4.6", create),
    Route("GET", f"{ACCESS}/{{name}}", "4.6", get),
    Route("PUT", f"{ACCESS}/{{name}}", "4.6", replace),
    Route("DELETE", f"{ACCESS}/{{name}}", "4.6", delete),
    Route("GET", f"{ACCESS}/{{name}}/{{resource}}", "4.6", get_resource),
    Route("PUT", f"{ACCESS}/{{name}}/{{resource}}", "4.6", put_resource),
    Route("PATCH", f"{ACCESS}/{{name}}/{{resource}}", "4.6", patch_resource),
    Route("DELETE", f"{ACCESS}/{{name}}/{{resource}}", "4.6", delete_resource),
    Route("GET", V1, "4.6", old_list, Needs.USER),
    Route("GET", f"{V1}/{{name}}", "4.6", get_v1, Needs.USER),
    Route("PUT", f"{V1}/{{name}}", "4.6", put_v1),
    Route("POST", f"{V1}/{{name}}", "4.6", put_v1),
    Route("DELETE", f"{V1}/{{name}}", "4.6", delete_old),
    Route("GET", V2, "4.6", old_list, Needs.USER),
    Route("GET", f"{V2}/users/{{who}}", "4.6", of_user),
    Route("GET", f"{V2}/groups/{{who}}", "4.6", of_group),
    Route("HEAD", f"{V2}/{{name}}", "4.6", exists_v2, Needs.USER),
    Route("GET", f"{V2}/{{name}}", "4.6", get_v2, Needs.USER),
    Route("POST", f"{V2}/{{name}}", "4.6", post_v2),
    Route("PUT", f"{V2}/{{name}}", "4.6", put_v2),
    Route("DELETE", f"{V2}/{{name}}", "4.6", delete_old),
)
