"""What permissions let through (4.6)."""

from tests.conformance.calls.security import (
    ARTIFACTORY_ERROR,
    AS_USER,
    GRANTED,
    GROUPS,
    MAKE,
    NEEDS_LOGIN,
    PERMISSIONS,
    STATUS,
    file,
    group,
    permission,
    repository,
    user,
)
from tests.conformance.case import Call, Case

CASES: tuple[Case, ...] = (
    Case("4.6", "no permission, no file", Call("GET", "/artifactory/$id-l/a/b.txt", caller=AS_USER), 403, before=MAKE),
    Case("4.6", "READ reads", Call("GET", "/artifactory/$id-l/a/b.txt", caller=AS_USER), 200, "data", before=GRANTED),
    Case("6.1", "READ does not write", file("c.txt", caller=AS_USER), 403, ARTIFACTORY_ERROR, before=GRANTED),
    Case(
        "6.1", "READ does not delete", Call("DELETE", "/artifactory/$id-l/a/b.txt", caller=AS_USER), 403, before=GRANTED
    ),
    Case(
        "6.1", "nobody", Call("GET", "/artifactory/$id-l/a/b.txt", caller="anonymous"), 401, NEEDS_LOGIN, before=GRANTED
    ),
    Case(
        "6.1",
        "WRITE deploys",
        file("c.txt", caller=AS_USER),
        201,
        before=(repository(), user(), permission("$id", ("WRITE",))),
    ),
    Case(
        "6.1",
        "overwriting needs DELETE",
        Call("PUT", "/artifactory/$id-l/a/b.txt", "other", AS_USER),
        403,
        ARTIFACTORY_ERROR,
        before=(*MAKE, permission("$id", ("WRITE",))),
    ),
    Case(
        "6.1",
        "properties in the path need ANNOTATE",
        Call("PUT", "/artifactory/$id-l/c.txt;k=v", "data", AS_USER),
        403,
        before=(*MAKE, permission("$id", ("WRITE",))),
    ),
    Case(
        "4.6",
        "a group's grant is its members'",
        Call("GET", "/artifactory/$id-l/a/b.txt", caller=AS_USER),
        200,
        before=(repository(), file(), user(), group(members=["$id"]), permission("$id", kind="groups")),
    ),
    Case(
        "4.6",
        "who left the group has it no more",
        Call("GET", "/artifactory/$id-l/a/b.txt", caller=AS_USER),
        403,
        before=(
            repository(),
            file(),
            user(),
            group(members=["$id"]),
            permission("$id", kind="groups"),
            Call("PATCH", f"{GROUPS}/$id/members", {"remove": ["$id"]}),
        ),
    ),
    Case(
        "4.6",
        "include patterns",
        Call("GET", "/artifactory/$id-l/a/b.txt", caller=AS_USER),
        403,
        before=(*MAKE, permission("$id", include_patterns=["c/**"])),
    ),
    Case(
        "4.6",
        "exclude patterns win",
        Call("GET", "/artifactory/$id-l/a/b.txt", caller=AS_USER),
        403,
        before=(*MAKE, permission("$id", exclude_patterns=["a/**"])),
    ),
    Case(
        "4.6",
        "ANY LOCAL",
        Call("GET", "/artifactory/$id-l/a/b.txt", caller=AS_USER),
        200,
        before=(*MAKE, permission("$id", target="ANY LOCAL")),
    ),
    Case(
        "4.6",
        "ANY REMOTE is not local",
        Call("GET", "/artifactory/$id-l/a/b.txt", caller=AS_USER),
        403,
        before=(*MAKE, permission("$id", target="ANY REMOTE")),
    ),
    Case(
        "4.6",
        "a virtual repository shows what its members may",
        Call("GET", "/artifactory/$id-v/a/b.txt", caller=AS_USER),
        200,
        "data",
        before=(*GRANTED, repository("$id-v", rclass="virtual", repositories=["$id-l"])),
    ),
    Case(
        "4.6",
        "a deleted permission counts no more",
        Call("GET", "/artifactory/$id-l/a/b.txt", caller=AS_USER),
        403,
        before=(*GRANTED, Call("DELETE", f"{PERMISSIONS}/$id")),
    ),
    Case(
        "4.6",
        "a group of administrators",
        Call("GET", STATUS, caller=AS_USER),
        200,
        before=(user(), group(admin_privileges=True, members=["$id"])),
    ),
    Case(
        "2.1",
        "the list of repositories goes by permission",
        Call("GET", "/artifactory/api/repositories", caller=AS_USER),
        200,
        [{"key": "$id-l"}],
        before=GRANTED,
    ),
    Case(
        "6.2",
        "effective permissions of an item",
        Call("GET", "/artifactory/api/storage/$id-l/a/b.txt?permissions"),
        200,
        {"principals": {"users": {"$id": ["r"]}}},
        before=GRANTED,
    ),
)
