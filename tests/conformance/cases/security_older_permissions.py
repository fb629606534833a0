"""Permissions by the older calls (4.6, 12.5.3)."""

from tests.conformance.calls.security import (
    MADE_V1,
    MADE_V2,
    OLD,
    OLD_V2,
    PERMISSIONS,
    V1,
    V2,
    repository,
    user,
)
from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching

CASES: tuple[Case, ...] = (
    Case("4.6", "v1 put", Call("PUT", f"{OLD}/permissions/$id", V1), 201, before=(repository(), user())),
    Case("4.6", "v1 put again", Call("PUT", f"{OLD}/permissions/$id", V1), 200, before=MADE_V1),
    Case("4.6", "v1 post", Call("POST", f"{OLD}/permissions/$id", V1), 201, before=(repository(), user())),
    Case("4.6", "v1 get", Call("GET", f"{OLD}/permissions/$id"), 200, exactly({"name": "$id", **V1}), before=MADE_V1),
    Case("4.6", "v1 get of none", Call("GET", f"{OLD}/permissions/$id"), 404, {"errors": ANY}),
    Case(
        "4.6",
        "v1 names an unknown repository",
        Call("PUT", f"{OLD}/permissions/$id", {**V1, "repositories": ["$id-none"]}),
        400,
        {"errors": [{"status": 400, "message": matching("non-existing repository")}]},
    ),
    Case(
        "4.6",
        "v1 as Access shows it",
        Call("GET", f"{PERMISSIONS}/$id/artifact"),
        200,
        {
            "actions": {"users": {"$id": includes("READ", "WRITE", "ANNOTATE", "DELETE", "MANAGE", "SCAN", "EXECUTE")}},
            "targets": {"$id-l": {"include_patterns": ["a/**"], "exclude_patterns": ["b/**"]}},
        },
        before=MADE_V1,
    ),
    Case(
        "4.6", "v1 list", Call("GET", f"{OLD}/permissions"), 200, includes({"name": "$id", "uri": ANY}), before=MADE_V1
    ),
    Case("4.6", "v1 delete", Call("DELETE", f"{OLD}/permissions/$id"), 200, before=MADE_V1),
    Case("4.6", "v1 delete of none", Call("DELETE", f"{OLD}/permissions/$id"), 404, {"errors": ANY}),
    Case("12.5.3", "v2 post creates", Call("POST", f"{OLD_V2}/$id", V2), 201, before=(repository(), user())),
    Case(
        "12.5.3",
        "v2 post of one that is there",
        Call("POST", f"{OLD_V2}/$id", V2),
        409,
        {"errors": ANY},
        before=MADE_V2,
    ),
    Case("12.5.3", "v2 put replaces", Call("PUT", f"{OLD_V2}/$id", V2), 200, before=MADE_V2),
    Case(
        "12.5.3",
        "v2 get",
        Call("GET", f"{OLD_V2}/$id"),
        200,
        {"name": "$id", "repo": V2["repo"], "build": {"include-patterns": ["**"]}, "releaseBundle": ABSENT},
        before=MADE_V2,
    ),
    Case("12.5.3", "v2 get of none", Call("GET", f"{OLD_V2}/$id"), 404, {"errors": ANY}),
    Case(
        "12.5.3",
        "v2 as v1 shows it",
        Call("GET", f"{OLD}/permissions/$id"),
        200,
        {"includesPattern": "a/**", "repositories": ["$id-l"], "principals": {"users": {"$id": ["r", "w", "mxm"]}}},
        before=MADE_V2,
    ),
    Case("12.5.3", "v2 delete", Call("DELETE", f"{OLD_V2}/$id"), 200, before=MADE_V2),
)
