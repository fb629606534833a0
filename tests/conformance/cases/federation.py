"""Federated repositories alone on their platform: definition, conversion, triggers, tasks, monitoring with the service (2.9, 3)."""

from typing import Any

from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching

API = "/artifactory/api/federation"
REPOSITORIES = "/artifactory/api/repositories"
STRANGER = "http://stranger.example/artifactory/$id"


def local(key: str = "$id", **fields: Any) -> Call:
    """A local repository."""
    return Call("PUT", f"{REPOSITORIES}/{key}", {"rclass": "local", **fields})


def federated(*members: dict[str, Any], key: str = "$id", **fields: Any) -> Call:
    """A federated one."""
    return Call("PUT", f"{REPOSITORIES}/{key}", {"rclass": "federated", "members": list(members), **fields})


def refused(message: Any, status: int = 400) -> dict[str, Any]:
    """The envelope."""
    return {"errors": [{"status": status, "message": message}]}


GET = Call("GET", f"{REPOSITORIES}/$id")
MIGRATE = Call("POST", f"{API}/migrate/$id")
MINE = federated()
UNKNOWN = refused(ANY, 404)
NO_TRUST = matching("^Failed to add federated repository. Make sure that cross-instance authentication is established")

DEFINITION = (
    Case(
        "2.9",
        "the own member is added",
        GET,
        200,
        {"rclass": "federated", "members": [{"url": matching("/artifactory/$id$"), "enabled": True}]},
        before=(MINE,),
    ),
    Case(
        "12.3.6",
        "it has what a local one has, and proxies",
        GET,
        200,
        {"proxy": "", "disableProxy": False, "blackedOut": False, "priorityResolution": False},
        before=(MINE,),
    ),
    Case("2.9", "without a mode none comes back", GET, 200, {"members": [{"mode": ABSENT}]}, before=(MINE,)),
    Case("2.9", "a member without trust", federated({"url": STRANGER, "enabled": True}), 400, refused(NO_TRUST)),
    Case("2.9", "and nothing is made", Call("GET", f"{REPOSITORIES}/$id-none"), 400),
    Case(
        "2.9",
        "a member's address ends without a slash",
        federated({"url": f"{STRANGER}/", "enabled": True}),
        400,
        refused(
            matching(
                r"^Failed to update remote members for federated repository: $id, failed members: \[http://stranger"
            )
        ),
    ),
    Case("2.9", "a member without an address", federated({"enabled": True}), 400),
    Case("2.9", "an unknown mode", federated({"url": STRANGER, "enabled": True, "mode": "sender"}), 400),
    Case(
        "2.9", "a member twice", federated({"url": STRANGER, "enabled": True}, {"url": STRANGER, "enabled": True}), 400
    ),
    Case(
        "2.9",
        "more than ten members",
        federated(*({"url": f"http://s{n}.example/artifactory/x", "enabled": True} for n in range(11))),
        400,
    ),
    Case(
        "2.1",
        "the list shows its class",
        Call("GET", f"{REPOSITORIES}?type=federated"),
        200,
        includes({"key": "$id", "type": "FEDERATED"}),
        before=(MINE,),
    ),
    Case(
        "2.9",
        "replication and federation exclude each other",
        Call("PUT", "/artifactory/api/replications/$id", {"url": STRANGER, "username": "u", "cronExp": "0 0 12 * * ?"}),
        400,
        refused("Invalid repository"),
        before=(MINE,),
    ),
    Case(
        "2.9",
        "files are deployed to it",
        Call("GET", "/artifactory/$id/a.txt"),
        200,
        "a",
        before=(MINE, Call("PUT", "/artifactory/$id/a.txt", "a")),
    ),
)

CONVERSION = (
    Case("3.1", "local to federated", MIGRATE, 200, "Migration finished successfully.", before=(local(),)),
    Case(
        "3.1",
        "it is one alone then",
        GET,
        200,
        {"rclass": "federated", "members": [{"url": matching("/artifactory/$id$")}]},
        before=(local(), MIGRATE),
    ),
    Case(
        "3.1",
        "its files stay",
        Call("GET", "/artifactory/$id/a.txt"),
        200,
        "a",
        before=(local(), Call("PUT", "/artifactory/$id/a.txt", "a"), MIGRATE),
    ),
    Case(
        "10.2",
        "its replications go",
        Call("GET", "/artifactory/api/replications"),
        200,
        matching(r"\A(?!.*$id)"),
        before=(
            local(),
            Call(
                "PUT",
                "/artifactory/api/replications/$id",
                {"url": STRANGER, "username": "u", "cronExp": "0 0 12 * * ?"},
            ),
            MIGRATE,
        ),
    ),
    Case("3.1", "a second time", MIGRATE, 400, before=(local(), MIGRATE)),
    Case(
        "3.1", "a virtual repository", MIGRATE, 400, before=(Call("PUT", f"{REPOSITORIES}/$id", {"rclass": "virtual"}),)
    ),
    Case("3.1", "an unknown repository", Call("POST", f"{API}/migrate/$id-none"), 404, UNKNOWN),
    Case("3.1", "administrators only", Call("POST", f"{API}/migrate/$id", caller="somebody"), 403, before=(local(),)),
    Case(
        "3.1",
        "federated to local",
        Call("POST", f"{API}/convertToLocal", ["$id"]),
        200,
        "Successfully converted from federated to local repositories: [$id]",
        before=(MINE,),
    ),
    Case(
        "3.1",
        "several at once",
        Call("POST", f"{API}/convertToLocal", ["$id", "$id-b"]),
        200,
        "Successfully converted from federated to local repositories: [$id, $id-b]",
        before=(MINE, federated(key="$id-b")),
    ),
    Case(
        "3.1",
        "it is local then",
        GET,
        200,
        {"rclass": "local", "members": ABSENT},
        before=(MINE, Call("POST", f"{API}/convertToLocal", ["$id"])),
    ),
    Case(
        "3.1",
        "all fail",
        Call("POST", f"{API}/convertToLocal", ["$id"]),
        400,
        exactly({"failedConversionRepositories": {"$id": ANY}}),
        before=(local(),),
    ),
    Case(
        "3.1",
        "some fail",
        Call("POST", f"{API}/convertToLocal", ["$id", "$id-b"]),
        200,
        {"failedConversionRepositories": exactly({"$id-b": ANY})},
        before=(MINE, local("$id-b")),
    ),
    Case(
        "3.1",
        "build-info never comes back",
        Call("POST", f"{API}/convertToLocal", ["$id"]),
        400,
        {"failedConversionRepositories": {"$id": ANY}},
        before=(local(packageType="buildinfo"), MIGRATE),
    ),
    Case("3.1", "an unknown one", Call("POST", f"{API}/convertToLocal", ["$id-none"]), 404),
    Case("3.1", "no array", Call("POST", f"{API}/convertToLocal", {}), 400),
    Case("12.3.2", "Terraform backends stay local", MIGRATE, 400, before=(local(packageType="terraformbackend"),)),
)

TRIGGERS = (
    Case(
        "3.2",
        "full sync",
        Call("POST", f"{API}/fullSync/$id"),
        200,
        "Full sync triggered successfully",
        headers={"Content-Type": matching("^text/plain")},
        before=(MINE,),
    ),
    Case(
        "3.2",
        "forced full sync",
        Call("POST", f"{API}/forceFullSync/$id"),
        200,
        "Full sync triggered successfully",
        before=(MINE,),
    ),
    Case(
        "3.2",
        "full sync to a member that is none",
        Call("POST", f"{API}/fullSync/$id?mirror={STRANGER}"),
        404,
        before=(MINE,),
    ),
    Case("3.2", "full sync of an unknown repository", Call("POST", f"{API}/fullSync/$id-none"), 404, UNKNOWN),
    Case("3.2", "full sync of a local repository", Call("POST", f"{API}/fullSync/$id"), 404, before=(local(),)),
    Case(
        "3.2",
        "dry full sync",
        Call("POST", f"{API}/fullSync/$id?isDry=true"),
        200,
        {"message": "Dry full sync completed successfully.", "resultPaths": []},
        before=(MINE,),
    ),
    Case("12.12", "configuration sync takes an empty POST", Call("POST", f"{API}/configSync/$id"), 200, before=(MINE,)),
    Case("3.2", "configuration sync of an unknown repository", Call("POST", f"{API}/configSync/$id-none"), 404),
    Case("3.2", "no repository is inconsistent", Call("GET", f"{API}/inconsistentRepos"), 200, []),
    Case(
        "3.2",
        "created times have a switch since 7.123.0 only",
        Call("PUT", f"{API}/propagateCreatedTime?enabled=true"),
        404,
    ),
    Case(
        "3.3",
        "recovery of one",
        Call("POST", f"{API}/recovery?repoKey=$id"),
        200,
        "Recovery triggered successfully",
        before=(MINE,),
    ),
    Case("3.3", "recovery of all", Call("POST", f"{API}/recovery?force=false"), 200, "Recovery triggered successfully"),
    Case("3.3", "recovery of an unknown one", Call("POST", f"{API}/recovery?repoKey=$id-none"), 404),
    Case(
        "3.2",
        "administrators only",
        Call("POST", f"{API}/fullSync/$id", caller="somebody"),
        403,
        refused("Forbidden", 403),
        before=(MINE,),
    ),
    Case("3.2", "nobody anonymously", Call("POST", f"{API}/fullSync/$id", caller="anonymous"), 401, before=(MINE,)),
)

BINARIES = (
    Case(
        "3.3",
        "no task failed",
        Call("GET", f"{API}/binaries/failures/list?repoKey=$id&limit=10&page=1"),
        200,
        [],
        before=(MINE,),
    ),
    Case("3.3", "the list needs a repository", Call("GET", f"{API}/binaries/failures/list"), 400),
    Case("3.3", "an unknown one has no list", Call("GET", f"{API}/binaries/failures/list?repoKey=$id-none"), 404),
    Case(
        "3.3",
        "pages begin with 1",
        Call("GET", f"{API}/binaries/failures/list?repoKey=$id&page=0"),
        400,
        before=(MINE,),
    ),
    Case(
        "3.3",
        "nothing to replay",
        Call("PUT", f"{API}/binaries/failures/replay?repoKey=$id"),
        200,
        exactly({"replayTasks": 0}),
        before=(MINE,),
    ),
    Case("3.3", "replay needs a repository", Call("PUT", f"{API}/binaries/failures/replay"), 400),
    Case(
        "3.3",
        "nothing to delete",
        Call("DELETE", f"{API}/binaries/failures/delete?repoKey=$id&sha1=abc"),
        200,
        exactly({"deletedTasks": 0}),
        before=(MINE,),
    ),
    Case("3.3", "deletion needs a repository", Call("DELETE", f"{API}/binaries/failures/delete"), 400),
)

SERVICE = (
    Case(
        "3.4",
        "the service answers below its older address before 7.111.12",
        Call("GET", "/artifactory/service/rtfs/api/v1/system/readiness"),
        200,
        {"code": "OK"},
    ),
    Case("3.4", "and not yet below the newer one", Call("GET", "/rtfs/api/v1/system/readiness"), 404),
    Case(
        "3.3",
        "recovery with the repository in the path, as before 7.109.2",
        Call("POST", f"{API}/recovery/$id"),
        200,
        "Recovery triggered successfully",
        before=(MINE,),
    ),
    Case("3.4", "the service is in use", Call("GET", f"{API}/rtfs"), 200, "true"),
    Case("3.4", "the migration is complete", Call("GET", f"{API}/migration/status"), 200, "MIGRATION_COMPLETED"),
    Case(
        "3.4",
        "addresses are replaced",
        Call(
            "POST",
            f"{API}/replaceUrl",
            {"oldBaseUrl": "http://old.example/artifactory", "newBaseUrl": "http://new.example/artifactory"},
        ),
        200,
    ),
    Case("3.4", "an address is missing", Call("POST", f"{API}/replaceUrl", {"oldBaseUrl": "http://old.example"}), 400),
    Case(
        "3.4", "types that were disabled", Call("POST", f"{API}/repos/enable", ["*"]), 200, "Repos of type [*] enabled."
    ),
    Case("3.4", "an unknown type", Call("POST", f"{API}/repos/enable", ["nonsense"]), 400),
    Case(
        "3.4",
        "the service answers below its old address",
        Call("GET", "/artifactory/service/rtfs/api/v1/system/readiness"),
        200,
    ),
    Case("3.5", "the connection is made again", Call("POST", f"{API}/reconnect"), 200),
)

_STATES = ("HEALTHY", "NOT_AVAILABLE", "DELAYED", "PENDING_FS", "FULL_SYNC_RUNNING", "ERROR", "DISABLED")

MONITORING = (
    Case(
        "3.5",
        "all seven states are counted",
        Call("GET", f"{API}/status/stateSummary"),
        200,
        exactly({"federationStates": exactly(dict.fromkeys(_STATES, 0))}),
    ),
    Case(
        "3.5", "no federation reaches beyond", Call("GET", f"{API}/status/stateList"), 200, exactly({"federations": []})
    ),
    Case(
        "3.5",
        "some states only",
        Call("GET", f"{API}/status/stateList?status=HEALTHY,ERROR"),
        200,
        exactly({"federations": []}),
    ),
    Case(
        "3.5",
        "one alone has no connection",
        Call("GET", f"{API}/status/connectionStates/$id"),
        200,
        exactly({"memberConnections": []}),
        before=(MINE,),
    ),
    Case("3.5", "an unknown one", Call("GET", f"{API}/status/connectionStates/$id-none"), 404),
    Case(
        "3.5",
        "binary tasks",
        Call("GET", f"{API}/status/repoState/$id/binaries"),
        200,
        exactly({"inProgressTasks": 0, "failingTasks": 0}),
        before=(MINE,),
    ),
    Case(
        "3.5",
        "a high priority",
        Call("PUT", f"{API}/prioritization/$id?priorityLevel=high"),
        200,
        "The repository priority has been changed to high.",
        before=(MINE, Call("DELETE", f"{REPOSITORIES}/$id"), MINE),
    ),
    Case(
        "3.5",
        "a standard priority",
        Call("PUT", f"{API}/prioritization/$id?priorityLevel=standard"),
        200,
        "The repository priority has been changed to standard.",
        before=(MINE,),
    ),
    Case("3.5", "no such priority", Call("PUT", f"{API}/prioritization/$id?priorityLevel=urgent"), 400, before=(MINE,)),
    Case("3.5", "no such repository", Call("PUT", f"{API}/prioritization/$id-none?priorityLevel=high"), 404),
    Case("3.5", "a dead member whose address is none", Call("POST", f"{API}/removeMember", "nonsense"), 400),
    Case("3.5", "monitoring is for administrators", Call("GET", f"{API}/status/stateSummary", caller="somebody"), 403),
    *(
        Case("10.2", f"{path} is the older service's", Call("GET", path), 405)
        for path in (
            f"{API}/state",
            f"{API}/status/repo/$id",
            "/artifactory/api/v2/federation/status/repo/$id",
            f"{API}/status/mirrorsLag",
            f"{API}/status/unavailableMirrors",
        )
    ),
)

CASES = (*DEFINITION, *CONVERSION, *TRIGGERS, *BINARIES, *SERVICE, *MONITORING)
