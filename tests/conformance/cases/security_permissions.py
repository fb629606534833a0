"""Permissions of Access (4.6)."""

from tests.conformance.calls.security import ACCESS_ERROR, PERMISSIONS, permission, repository, resource, user
from tests.conformance.case import ANY, Call, Case, exactly, includes

CASES: tuple[Case, ...] = (
    Case(
        "4.6",
        "create",
        permission(),
        201,
        {"name": "$id", "resources": {"artifact": {"actions": {"users": {"$id": ["READ"]}}}}},
        before=(repository(), user()),
    ),
    Case("4.6", "one that is there", permission(), 409, ACCESS_ERROR, before=(repository(), user(), permission())),
    Case(
        "4.6",
        "an unknown action",
        permission("$id", ("FLY",)),
        400,
        ACCESS_ERROR,
    ),
    Case(
        "4.6",
        "an unknown resource",
        Call("GET", f"{PERMISSIONS}/$id/nothing"),
        400,
        ACCESS_ERROR,
        before=(permission(),),
    ),
    Case(
        "4.6",
        "get",
        Call("GET", f"{PERMISSIONS}/$id"),
        200,
        {
            "name": "$id",
            "resources": {
                "artifact": {"targets": {"$id-l": exactly({"include_patterns": ["**"], "exclude_patterns": []})}}
            },
        },
        before=(permission(),),
    ),
    Case("4.6", "get of none", Call("GET", f"{PERMISSIONS}/$id"), 404, ACCESS_ERROR),
    Case(
        "4.6",
        "the list",
        Call("GET", f"{PERMISSIONS}?limit=5000"),
        200,
        {"permissions": includes({"name": "$id"})},
        before=(permission(),),
    ),
    Case(
        "4.6",
        "get of a resource",
        Call("GET", f"{PERMISSIONS}/$id/artifact"),
        200,
        {"actions": {"users": {"$id": ["READ"]}}},
        before=(permission(),),
    ),
    Case("4.6", "a resource that is not there", Call("GET", f"{PERMISSIONS}/$id/build"), 404, before=(permission(),)),
    Case(
        "4.6",
        "put of a resource",
        Call("PUT", f"{PERMISSIONS}/$id/build", resource("$id", ("READ", "WRITE"), "artifactory-build-info")),
        200,
        {"actions": {"users": {"$id": ["READ", "WRITE"]}}},
        before=(permission(),),
    ),
    Case(
        "4.6",
        "patch of a resource keeps its targets",
        Call("PATCH", f"{PERMISSIONS}/$id/artifact", {"actions": {"users": {"$id": ["MANAGE"]}, "groups": {}}}),
        200,
        {"actions": {"users": {"$id": ["MANAGE"]}}, "targets": {"$id-l": ANY}},
        before=(permission(),),
    ),
    Case("4.6", "delete of a resource", Call("DELETE", f"{PERMISSIONS}/$id/artifact"), 204, before=(permission(),)),
    Case("4.6", "delete", Call("DELETE", f"{PERMISSIONS}/$id"), 204, before=(permission(),)),
    Case("4.6", "delete of none", Call("DELETE", f"{PERMISSIONS}/$id"), 404, ACCESS_ERROR),
)
