"""What replication asks of the other end beyond the documented calls: channels, statistics, known binaries."""

from typing import Any

from artifactory_sandbox.platform.replication.far import WIRE
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer

_ROOT = f"/artifactory{WIRE}"


def channel(call: Call) -> Answer:
    """What changed in a repository since a subscriber asked last."""
    repo = call.args["repo"]
    store = call.platform.artifacts.store_of(repo)
    if store is None:
        raise Refused(404, f"Could not find repository '{repo}'")
    call.platform.security.demand(call.caller, "read", repo, "")
    sent = call.json_object()
    subscriber, after = sent.get("subscriber"), sent.get("after", 0)
    if not isinstance(subscriber, str) or not subscriber or not isinstance(after, int):
        raise Refused(400, "subscriber and after are required")
    return json_answer({"events": call.platform.replication.channels.take(store, subscriber, after)})


def statistics(call: Call) -> Answer:
    """Takes the downloads that the source counted."""
    repo, sent = call.args["repo"], call.json_object()
    store = call.platform.artifacts.store_of(repo)
    if store is None:
        raise Refused(404, f"Could not find repository '{repo}'")
    call.platform.security.demand(call.caller, "write", repo, "")
    taken = 0
    with call.platform.database.transaction():
        for entry in _objects(sent.get("files")):
            item = call.platform.artifacts.state.item(store, str(entry.get("path", "")))
            if item is not None:
                counted = {
                    "downloads": _number(entry, "downloads"),
                    "at": _number(entry, "at"),
                    "by": str(entry.get("by") or ""),
                    "path": f"{sent.get('repo')}/{item['path']}",
                }
                call.platform.replication.state.set_statistics(item["id"], str(sent.get("origin", "")), counted)
                taken += 1
    return json_answer({"taken": taken})


def binaries(call: Call) -> Answer:
    """Takes up binaries that the filestore holds and nobody has told it of, where that is allowed (1.7)."""
    platform = call.platform
    if not platform.replication.existence_allowed():
        raise Refused(403, "Checking the existence of binaries in the filestore is not allowed here")
    if not call.caller.admin and not any(
        platform.security.may(call.caller, "write", key, "") for key in platform.repositories.state.keys("local")
    ):
        raise Refused(403, "Forbidden")
    known = []
    for entry in _objects(call.json_object().get("binaries")):
        sha1 = str(entry.get("sha1", ""))
        if platform.artifacts.known("sha1", sha1) is None and _is_sha1(sha1) and platform.binaries.store.has(sha1):
            sums = (str(entry.get("sha256", "")), str(entry.get("md5", "")))
            platform.artifacts.state.put_binary(sha1, *sums, _number(entry, "size"))
            known.append(sha1)
    return json_answer({"taken": known})


def _number(entry: dict[str, Any], name: str) -> int:
    value = entry.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused(400, f"Error parsing json body: '{name}' is not a number")
    return value


def _is_sha1(text: str) -> bool:
    return len(text) == 40 and all(letter in "0123456789abcdef" for letter in text)


def _objects(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Refused(400, "Error parsing json body: an array of objects is expected")
    return value


ROUTES = (
    Route("POST", f"{_ROOT}/channels/{{repo}}", "internal", channel, Needs.USER),
    Route("POST", f"{_ROOT}/statistics/{{repo}}", "internal", statistics, Needs.USER),
    Route("POST", f"{_ROOT}/binaries", "internal", binaries, Needs.USER),
)
