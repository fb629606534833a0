"""Replication: configuration, multi-push, bulk read, switches, status, global block, cron (5, 9, 12.4, 10.2)."""

from typing import Any

from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching

API = "/artifactory/api/replications"
STATUS = "/artifactory/api/replication"
DAILY = "0 0 12 * * ?"
TARGET = "http://target.example/artifactory/$id"
OTHER = "http://other.example/artifactory/$id"


def repository(key: str = "$id", rclass: str = "local", **fields: Any) -> Call:
    """A repository to replicate."""
    return Call("PUT", f"/artifactory/api/repositories/{key}", {"rclass": rclass, **fields})


LOCAL = repository()
REMOTE = repository(rclass="remote", url="http://upstream.example/artifactory/x")
PULL: dict[str, Any] = {"cronExp": DAILY, "enabled": True}


def push(url: str = TARGET, **fields: Any) -> dict[str, Any]:
    """A push replication."""
    return {"url": url, "username": "admin", "password": "secret", "cronExp": DAILY, **fields}


def put(body: Any, key: str = "$id") -> Call:
    """Create or replace."""
    return Call("PUT", f"{API}/{key}", body)


def post(body: Any, key: str = "$id") -> Call:
    """Update."""
    return Call("POST", f"{API}/{key}", body)


def several(*urls: str, **fields: Any) -> dict[str, Any]:
    """A multi-push."""
    entries = [{"url": url, "username": "admin", "password": "secret", "enabled": True} for url in urls]
    return {"cronExp": DAILY, "enableEventReplication": True, "replications": entries, **fields}


def multiple(method: str, body: Any, key: str = "$id") -> Call:
    """The call for several targets."""
    return Call(method, f"{API}/multiple/{key}", body)


GET = Call("GET", f"{API}/$id")


def refused(message: str, status: int = 400) -> dict[str, Any]:
    """The envelope."""
    return {"errors": [{"status": status, "message": message}]}


SINGLE = (
    Case("5.2", "a push replication is made with an empty answer", put(push()), 201, "", before=(LOCAL,)),
    Case(
        "12.4.1",
        "it is read as an array with the server's defaults",
        GET,
        200,
        [
            {
                "url": TARGET,
                "username": "admin",
                "password": ABSENT,
                "cronExp": DAILY,
                "repoKey": "$id",
                "enabled": False,
                "enableEventReplication": False,
                "syncDeletes": False,
                "syncProperties": True,
                "syncStatistics": False,
                "socketTimeoutMillis": 15000,
                "includePathPrefixPattern": "",
                "excludePathPrefixPattern": "",
                "checkBinaryExistenceInFilestore": False,
                "disableProxy": False,
                "replicationKey": ANY,
            }
        ],
        before=(LOCAL, put(push())),
    ),
    Case(
        "12.4.1",
        "what is called proxy going in is called proxyRef coming out",
        GET,
        200,
        [{"proxyRef": "way-out", "proxy": ABSENT}],
        before=(LOCAL, put(push(proxy="way-out"))),
    ),
    Case(
        "12.4.1",
        "a pull replication is an object",
        GET,
        200,
        {"repoKey": "$id", "cronExp": DAILY, "enabled": True, "url": ABSENT, "username": ABSENT},
        before=(REMOTE, put(PULL)),
    ),
    Case("10.2", "none is a 404", GET, 404, refused("Could not find replication", 404), before=(LOCAL,)),
    Case("5.2", "an unknown repository", Call("GET", f"{API}/$id-none"), 400, refused("Could not find repository")),
    Case(
        "5.2",
        "a second one replaces the first and keeps its key",
        GET,
        200,
        [{"url": OTHER, "replicationKey": "$kept"}],
        before=(LOCAL, put(push()), Call("GET", f"{API}/$id", keep={"kept": "0.replicationKey"}), put(push(OTHER))),
    ),
    Case(
        "5.2",
        "the vendor's content type",
        Call(
            "PUT",
            f"{API}/$id",
            '{"url":"http://t.example/artifactory/x","username":"u","cronExp":"0 0 12 * * ?"}',
            headers={
                "Content-Type": "application/vnd.org.jfrog.artifactory.replications.ReplicationConfigRequest+json"
            },
        ),
        201,
        before=(LOCAL,),
    ),
    Case(
        "5.2",
        "an array is a multi-push",
        GET,
        200,
        [{"url": TARGET}, {"url": OTHER}],
        before=(LOCAL, put([push(), push(OTHER)])),
    ),
    Case("5.2", "an empty array", put([]), 400, refused("Request is empty"), before=(LOCAL,)),
    Case(
        "5.2",
        "an unknown repository cannot replicate",
        put(push(), "$id-none"),
        400,
        refused("Could not find repository"),
    ),
    Case(
        "5.2",
        "a virtual one cannot",
        put(push()),
        400,
        refused("Invalid repository"),
        before=(repository(rclass="virtual"),),
    ),
    Case(
        "5",
        "a federated one cannot",
        put(push()),
        400,
        refused("Invalid repository"),
        before=(repository(rclass="federated", members=[]),),
    ),
    Case("5.2", "without a url", put(push("")), 400, refused("url is required"), before=(LOCAL,)),
    Case(
        "5.2", "with a url that is none", put(push("nonsense")), 400, refused("Invalid url [nonsense]"), before=(LOCAL,)
    ),
    Case("5.2", "without a user", put(push(username="")), 400, refused("username is required"), before=(LOCAL,)),
    Case(
        "5.2", "without a cron expression", put(push(cronExp="")), 400, refused("cronExp is required"), before=(LOCAL,)
    ),
    Case("5.2", "a pull on a local repository has no url", put(PULL), 400, refused("url is required"), before=(LOCAL,)),
    Case(
        "5.2",
        "malformed JSON",
        Call("PUT", f"{API}/$id", "{"),
        400,
        {"errors": [{"message": matching("^Error parsing json body")}]},
        before=(LOCAL,),
    ),
    Case("5.2", "administrators only", Call("PUT", f"{API}/$id", push(), caller="somebody"), 403, before=(LOCAL,)),
    Case(
        "5.2",
        "an update keeps what is not sent",
        GET,
        200,
        [{"syncDeletes": True, "cronExp": DAILY, "url": TARGET}],
        before=(LOCAL, put(push(syncDeletes=True)), post({"enabled": True})),
    ),
    Case(
        "10.2",
        "but events are off unless they are sent again",
        GET,
        200,
        [{"enableEventReplication": False, "enabled": True}],
        before=(LOCAL, put(push(enableEventReplication=True)), post({"enabled": True})),
    ),
    Case(
        "10.2",
        "and stay on when they are",
        GET,
        200,
        [{"enableEventReplication": True}],
        before=(LOCAL, put(push(enableEventReplication=True)), post({"enableEventReplication": True})),
    ),
    Case(
        "5.2",
        "an update of nothing",
        post({"enabled": True}),
        400,
        refused("Could not find existing replication for update"),
        before=(LOCAL,),
    ),
    Case("5.2", "an update answers 200", post({"enabled": True}), 200, before=(LOCAL, put(push()))),
    Case(
        "10.2",
        "deleting nothing",
        Call("DELETE", f"{API}/$id"),
        400,
        refused("Could not find existing replication for update"),
        before=(LOCAL,),
    ),
    Case("5.2", "deleting answers 200 and nothing", Call("DELETE", f"{API}/$id"), 200, "", before=(LOCAL, put(push()))),
    Case(
        "5.2",
        "a target that is not there",
        Call("DELETE", f"{API}/$id?url=http://nowhere.example/artifactory/x"),
        400,
        refused("Invalid replication url"),
        before=(LOCAL, put(push())),
    ),
    Case(
        "5.2",
        "one target goes, the others stay",
        GET,
        200,
        [{"url": OTHER}],
        before=(LOCAL, multiple("PUT", several(TARGET, OTHER)), Call("DELETE", f"{API}/$id?url={TARGET}")),
    ),
    Case(
        "12.4.1", "after the deletion there is none", GET, 404, before=(REMOTE, put(PULL), Call("DELETE", f"{API}/$id"))
    ),
)

MULTIPLE = (
    Case("5.3", "several targets are made", multiple("PUT", several(TARGET, OTHER)), 201, before=(LOCAL,)),
    Case(
        "5.3",
        "each repeats cron and event flag, in their order",
        GET,
        200,
        [
            {"url": TARGET, "cronExp": DAILY, "enableEventReplication": True},
            {"url": OTHER, "cronExp": DAILY, "enableEventReplication": True},
        ],
        before=(LOCAL, multiple("PUT", several(TARGET, OTHER))),
    ),
    Case(
        "10.2",
        "targets that a PUT leaves out stay",
        GET,
        200,
        [{"url": TARGET}, {"url": OTHER}],
        before=(LOCAL, multiple("PUT", several(TARGET)), multiple("PUT", several(OTHER))),
    ),
    Case(
        "5.3",
        "an update answers 200",
        multiple("POST", several(TARGET)),
        200,
        before=(LOCAL, multiple("PUT", several(TARGET))),
    ),
    Case("5.3", "an update of nothing", multiple("POST", several(TARGET)), 400, before=(LOCAL,)),
    Case(
        "5.2",
        "an entry without a url",
        multiple("PUT", several("")),
        400,
        refused("One of the required fields are empty"),
        before=(LOCAL,),
    ),
    Case(
        "5.2",
        "without a cron expression for all",
        multiple("PUT", several(TARGET, cronExp="")),
        400,
        refused("One of the required fields are empty"),
        before=(LOCAL,),
    ),
    Case("5.3", "no entry at all", multiple("PUT", several()), 400, refused("Request is empty"), before=(LOCAL,)),
    Case(
        "5.3",
        "a remote repository has one source",
        multiple("PUT", several(TARGET)),
        400,
        refused("Invalid repository"),
        before=(REMOTE,),
    ),
)

BULK = (
    Case("5.4", "event channels are released", Call("POST", f"{API}/channels/release"), 200, ""),
    Case(
        "5.4", "only administrators release channels", Call("POST", f"{API}/channels/release", caller="somebody"), 403
    ),
    Case(
        "5.4",
        "all are read at once",
        Call("GET", API),
        200,
        includes(
            {
                "replicationType": "PUSH",
                "repoKey": "$id",
                "url": TARGET,
                "cronExp": DAILY,
                "enabled": False,
                "syncProperties": True,
                "syncStatistics": False,
                "pathPrefix": "",
            }
        ),
        before=(LOCAL, put(push())),
    ),
    Case(
        "5.4",
        "a pull shows its upstream",
        Call("GET", API),
        200,
        includes({"replicationType": "PULL", "repoKey": "$id", "url": "http://upstream.example/artifactory/x"}),
        before=(REMOTE, put(PULL)),
    ),
    Case("5.4", "administrators only", Call("GET", API, caller="somebody"), 403),
    Case(
        "5.4",
        "switched on by a pattern of targets",
        GET,
        200,
        [{"enabled": True}],
        before=(LOCAL, put(push()), Call("POST", f"{API}/enable", {"include": ["http://target.example/**/$id"]})),
    ),
    Case(
        "5.4",
        "switching answers 201",
        Call("POST", f"{API}/disable", {"include": ["http://target.example/**/$id"]}),
        201,
        before=(LOCAL, put(push())),
    ),
    Case(
        "5.4",
        "switched off, but for what is excluded",
        GET,
        200,
        [{"enabled": True}],
        before=(
            LOCAL,
            put(push(enabled=True)),
            Call("POST", f"{API}/disable", {"include": ["http://target.example/**/$id"], "exclude": ["**/$id"]}),
        ),
    ),
    Case("5.4", "patterns that are none", Call("POST", f"{API}/enable", {"include": "all"}), 400),
    Case("5.4", "nobody follows a repository at first", Call("GET", f"{API}/channels/$id"), 200, [], before=(LOCAL,)),
)

RUNNING = (
    Case(
        "5.5",
        "never run",
        Call("GET", f"{STATUS}/$id"),
        200,
        exactly({"status": "never_run", "lastCompleted": None, "repositories": {}}),
        headers={"Content-Type": "application/vnd.org.jfrog.artifactory.replication.ReplicationStatus+json"},
        before=(LOCAL,),
    ),
    Case(
        "5.5",
        "a status for each target",
        Call("GET", f"{STATUS}/$id"),
        200,
        {
            "status": "never_run",
            "lastCompleted": None,
            "targets": [{"url": TARGET, "repoKey": "$id", "status": "never_run", "lastCompleted": None}],
        },
        before=(LOCAL, put(push())),
    ),
    Case("5.5", "the status of an unknown repository", Call("GET", f"{STATUS}/$id-none"), 404),
    Case(
        "5.5", "who may not read the repository", Call("GET", f"{STATUS}/$id", caller="somebody"), 403, before=(LOCAL,)
    ),
    Case(
        "5.5",
        "a run is accepted",
        Call("POST", f"{STATUS}/execute/$id"),
        202,
        before=(LOCAL, put(push("http://127.0.0.1:1/artifactory/$id", enabled=True))),
    ),
    Case(
        "5.5",
        "a run needs no stored replication",
        Call("POST", f"{STATUS}/execute/$id", [push("http://127.0.0.1:1/artifactory/$id")]),
        202,
        before=(LOCAL,),
    ),
    Case(
        "5.5",
        "the older spelling",
        Call("POST", f"{STATUS}/$id/some/path", [push("http://127.0.0.1:1/artifactory/$id")]),
        202,
        before=(LOCAL,),
    ),
    Case(
        "5.5",
        "each element names its target and a login",
        Call("POST", f"{STATUS}/execute/$id", [{"url": TARGET, "username": "u"}]),
        400,
        before=(LOCAL,),
    ),
    Case("5.5", "an unknown repository", Call("POST", f"{STATUS}/execute/$id-none"), 400),
    Case("5.5", "administrators only", Call("POST", f"{STATUS}/execute/$id", caller="somebody"), 403, before=(LOCAL,)),
)

BLOCK = (
    Case(
        "5.6",
        "pull alone is blocked",
        Call("POST", "/artifactory/api/system/replications/block?push=false"),
        200,
        matching("Successfully blocked all pull replications, no pull replication will be triggered."),
    ),
    Case(
        "5.6",
        "a run of what is blocked is refused",
        Call("POST", f"{STATUS}/execute/$id"),
        400,
        before=(REMOTE, put(PULL), Call("POST", "/artifactory/api/system/replications/block?push=false")),
    ),
    Case(
        "5.6",
        "pull is free again",
        Call("POST", "/artifactory/api/system/replications/unblock?push=false"),
        200,
        matching("Successfully unblocked all pull replications."),
    ),
    Case(
        "5.6",
        "a run of what was blocked is accepted again",
        Call("POST", f"{STATUS}/execute/$id"),
        202,
        before=(REMOTE, put(PULL), Call("POST", "/artifactory/api/system/replications/unblock")),
    ),
)

CRON = (
    *(
        Case("9", f"{text} is an expression", put(push(cronExp=text)), 201, before=(LOCAL,))
        for text in (
            "0 0 12 * * ?",
            "0 0/9 14 * * ?",
            "0 0 12 * * ? *",
            "0 0 2 ? * MON-SAT *",
            "0 0 2 ? * mon-fri",
            "0 0/30 * * * ?",
            "0 0 /4 * * ?",
            "0 0 0 ? * * 2099",
            "0 0 2 L * ?",
            "0 0 2 LW * ?",
            "0 0 2 15W * ?",
            "0 0 2 ? * 6#3",
            "0 0 2 ? * 6L",
            "0 0 2 ? * FRI-MON",
            "0,30 0 2 1,15 JAN,JUL ?",
        )
    ),
    *(
        Case("9", f"{text} is none", put(push(cronExp=text)), 400, refused("Invalid cronExp"), before=(LOCAL,))
        for text in (
            "* * * * *",
            "0 0 12 * * *",
            "0 0 12 ? * ?",
            "0 0 24 * * ?",
            "60 0 12 * * ?",
            "0 0 12 32 * ?",
            "0 0 12 ? * 8",
            "0 0 12 ? * 0",
            "0 0 12 * 13 ?",
            "0 0 12 * * ? 1999",
            "nonsense",
            "0 0 12 * * ? * *",
        )
    ),
)

CASES = (*SINGLE, *MULTIPLE, *BULK, *RUNNING, *BLOCK, *CRON)
