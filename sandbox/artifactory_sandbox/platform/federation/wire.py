"""What platforms say to each other: definitions, events, binaries. Not part of the documented API."""

import json
from typing import Any

from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.federation.members import WIRE
from artifactory_sandbox.platform.federation.status import own_connections
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer

PAGE = 5000
_REPO = f"{WIRE}/{{repo}}"


def ping(call: Call) -> Answer:
    """Whether this platform answers and trusts the other."""
    call.platform.trust.peer(call)
    return json_answer({"rtfs": call.platform.rtfs})


def definition(call: Call) -> Answer:
    """A member made or changed the repository."""
    call.platform.trust.sending_peer(call)
    sent = call.json_object()
    call.platform.federation.received(call.args["repo"], sent["packageType"], sent["config"], sent["members"])
    return empty(200)


def dismissal(call: Call) -> Answer:
    """A member took this one out."""
    call.platform.trust.sending_peer(call)
    call.platform.federation.dismissed(call.args["repo"], str(call.json_object().get("by", "")))
    return empty(200)


def files(call: Call) -> Answer:
    """What is here, by path, a page at a time."""
    call.platform.trust.peer(call)
    repo, after = call.args["repo"], call.first("after")
    call.platform.federation.get(repo)
    rows = call.platform.artifacts.state.page(repo, after, PAGE)
    listed = [{"path": row["path"], "sha1": row["sha1"], "modified": row["modified"]} for row in rows]
    return json_answer({"files": listed})


def status(call: Call) -> Answer:
    """How this platform's connections of the repository do."""
    call.platform.trust.peer(call)
    return json_answer({"connections": own_connections(call.platform, call.args["repo"])})


def lacking(call: Call) -> Answer:
    """Which binaries this filestore lacks."""
    call.platform.trust.sending_peer(call)
    wanted = call.json_object().get("sha1", [])
    return json_answer({"sha1": [sha1 for sha1 in wanted if call.platform.artifacts.known("sha1", sha1) is None]})


def binary(call: Call) -> Answer:
    """Takes a binary."""
    call.platform.trust.sending_peer(call)
    if call.upload is None or call.upload.sha1 != call.args["sha1"]:
        raise Refused(409, f"Checksum error for '{call.args['sha1']}'")
    call.platform.artifacts.store(call.upload)
    return empty(201)


def events(call: Call) -> Answer:
    """Takes events, in order; the same ones again change nothing."""
    call.platform.trust.sending_peer(call)
    repo = call.args["repo"]
    call.platform.federation.get(repo)
    for event in call.json_object().get("events", []):
        with call.platform.database.transaction():
            _apply(call, repo, event)
    return empty(200)


def _apply(call: Call, repo: str, event: dict[str, Any]) -> None:
    artifacts = call.platform.artifacts
    path = str(event["path"])
    if event["kind"] == "delete":
        _delete(call, repo, path, int(event["at"]))
        return
    by, modified = str(event["modified_by"]), int(event["modified"])
    origin = Origin(by, int(event["created"]), str(event["created_by"]), modified, federated=True)
    here = artifacts.state.item(repo, path)
    if event["folder"]:
        if here is None:
            artifacts.put_folder(repo, path, origin)
    elif here is None or here["sha1"] != event["sha1"]:
        if here is not None and (here["modified"], here["sha1"]) > (modified, event["sha1"]):
            return  # ours is newer: the sender will hear of it by our own event
        digests = artifacts.known("sha1", event["sha1"])
        if digests is None:
            raise Refused(424, f"The binary {event['sha1']} of '{path}' has not been sent")
        declared = json.loads(event["original"])
        whole = Digests(digests.sha1, digests.sha256, digests.md5, digests.size, declared)
        artifacts.put_file(repo, path, whole, origin)
    if event["properties"] or event["kind"] == "properties":
        at = Origin(by, modified=int(event["at"]), federated=True)
        artifacts.replace_properties(repo, path, event["properties"], at)


def _delete(call: Call, repo: str, path: str, at: int) -> None:
    """Removes what is not newer than the deletion."""
    artifacts = call.platform.artifacts
    tree = artifacts.state.tree(repo, path)
    origin = Origin("_system_", modified=at, federated=True)
    newer = [row for row in tree if not row["folder"] and row["modified"] > at]
    if not newer:
        artifacts.delete(repo, path, origin)
        return
    for row in tree:
        if not row["folder"] and row["modified"] <= at:
            artifacts.delete(repo, row["path"], origin)


ROUTES = (
    Route("GET", f"{_REPO}/ping", "internal", ping, Needs.PEER),
    Route("PUT", f"{_REPO}/definition", "internal", definition, Needs.PEER),
    Route("PUT", f"{_REPO}/dismissal", "internal", dismissal, Needs.PEER),
    Route("GET", f"{_REPO}/files", "internal", files, Needs.PEER),
    Route("GET", f"{_REPO}/status", "internal", status, Needs.PEER),
    Route("POST", f"{_REPO}/lacking", "internal", lacking, Needs.PEER),
    Route("PUT", f"{_REPO}/binaries/{{sha1}}", "internal", binary, Needs.PEER, body="file"),
    Route("POST", f"{_REPO}/events", "internal", events, Needs.PEER),
)
