"""What platforms say to each other: definitions, events, binaries. Not part of the documented API."""

import json
from typing import Any

from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.federation.binaries import HERE
from artifactory_sandbox.platform.federation.members import WIRE
from artifactory_sandbox.platform.federation.status import own_connections
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, Stored, empty, json_answer

PAGE = 5000
DASHBOARD_SINCE = "7.104.2"
_REPO = f"{WIRE}/{{repo}}"


def ping(call: Call) -> Answer:
    """Whether this platform answers and trusts the other."""
    call.platform.trust.peer(call)
    return json_answer({"dashboard": call.platform.version.at_least(DASHBOARD_SINCE)})


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
    bare = call.platform.federation.binaries.state.missing_here(repo)
    return json_answer({"files": listed, "missing": sorted(bare & {row["sha1"] for row in rows})})


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
    call.platform.federation.binaries.state.arrived(call.upload.sha1)
    return empty(201)


def wanted_binary(call: Call) -> Answer:
    """Gives a binary of the repository to a member that lacks it; one that only receives may have it too."""
    call.platform.trust.peer(call)
    repo, sha1 = call.args["repo"], call.args["sha1"]
    rows = [row for row in call.platform.artifacts.state.with_checksum("sha1", sha1) if row["repo"] == repo]
    known = call.platform.artifacts.known("sha1", sha1)
    if not rows or known is None:
        raise Refused(404, f"There is no binary {sha1} in '{repo}'")
    try:
        file = call.platform.binaries.store.open(sha1)
    except MissingBinary:
        raise Refused(404, f"The filestore lacks the binary {sha1}") from None
    return Answer(200, Stored(file, known.size), "application/octet-stream")


def events(call: Call) -> Answer:
    """Takes events, in order; the same ones again change nothing."""
    call.platform.trust.sending_peer(call)
    repo = call.args["repo"]
    call.platform.federation.get(repo)
    for event in call.json_object().get("events", []):
        with call.platform.database.transaction():
            _apply(call, repo, event)
        call.platform.metrics.add("jfrtfs_events_received_from_remote_rtfs_total")
    return empty(200)


def _apply(call: Call, repo: str, event: dict[str, Any]) -> None:
    artifacts = call.platform.artifacts
    path = str(event["path"])
    if event["kind"] == "delete":
        _delete(call, repo, path, int(event["at"]))
        return
    by, modified = str(event["modified_by"]), int(event["modified"])
    here = artifacts.state.item(repo, path)
    created = _created(call, event, here)
    origin = Origin(by, created[0], created[1], modified, federated=True)
    if event["folder"]:
        if here is None:
            artifacts.put_folder(repo, path, origin)
    elif here is None or here["sha1"] != event["sha1"]:
        if here is not None and (here["modified"], here["sha1"]) > (modified, event["sha1"]):
            return  # ours is newer: the sender will hear of it by our own event
        artifacts.put_file(repo, path, _digests(call, repo, event), origin)
    if event["properties"] or event["kind"] == "properties":
        at = Origin(by, modified=int(event["at"]), federated=True)
        artifacts.replace_properties(repo, path, event["properties"], at)


def _digests(call: Call, repo: str, event: dict[str, Any]) -> Digests:
    """Checksums of a file; one whose binary did not come along is there as metadata only, and the binary is asked for."""
    artifacts = call.platform.artifacts
    declared = json.loads(event["original"])
    known = artifacts.known("sha1", event["sha1"])
    if known is not None:
        return Digests(known.sha1, known.sha256, known.md5, known.size, declared)
    if not event.get("pending"):
        raise Refused(424, f"The binary {event['sha1']} of '{event['path']}' has not been sent")
    size = int(event["size"])
    missing = MissingBinary(f"{event['sha1']} did not come along")
    call.platform.federation.binaries.note(repo, HERE, str(event["sha1"]), size, missing)
    return Digests(str(event["sha1"]), str(event["sha256"]), str(event["md5"]), size, declared)


def _created(call: Call, event: dict[str, Any], here: Row | None) -> tuple[int, str]:
    """When and by whom a file was made at first, where this site takes that over (3.2); else it was made here, now."""
    federation = call.platform.federation
    by = str(event["created_by"]) if federation.takes_origin else str(here["created_by"] if here else "_system_")
    if federation.takes_origin and event.get("created_too") is not False:
        return int(event["created"]), by
    return (here["created"] if here else call.platform.clock.now()), by


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
    Route("GET", f"{_REPO}/binaries/{{sha1}}", "internal", wanted_binary, Needs.PEER),
    Route("POST", f"{_REPO}/events", "internal", events, Needs.PEER),
)
