"""Replication calls (5.2 to 5.5)."""

import json
from typing import Any

from artifactory_sandbox.platform.clock import iso_offset
from artifactory_sandbox.platform.replication import wire
from artifactory_sandbox.platform.replication.runs import PUSH
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer

API = "/artifactory/api/replications"
_EXECUTE = "/artifactory/api/replication/execute/{repo}"
_NOTHING = "Could not find existing replication for update"


def every(call: Call) -> Answer:
    """Get Replications."""
    replication = call.platform.replication
    shown = []
    for row in replication.state.all():
        config = replication.shown(row)
        names = (
            "enabled",
            "cronExp",
            "syncDeletes",
            "syncProperties",
            "pathPrefix",
            "repoKey",
            "enableEventReplication",
        )
        entry = {name: config[name] for name in (*names, "checkBinaryExistenceInFilestore")}
        address = replication.address(row)
        shown.append(
            {
                "replicationType": row["kind"],
                **entry,
                "url": address,
                "syncStatistics": config.get("syncStatistics", False),
            }
        )
    return json_answer(shown)


def get(call: Call) -> Answer:
    """An array for a local repository (an object without an Enterprise licence), an object for a remote one, 404 for none."""
    repo = call.args["repo"]
    replication = call.platform.replication
    kind = replication.kind_of(repo)
    rows = replication.state.of(repo)
    if not rows:
        raise Refused(404, "Could not find replication")
    shown = [replication.shown(row) for row in rows]
    return json_answer(shown if kind == PUSH and replication.enterprise else shown[0])


def put(call: Call) -> Answer:
    """Create or replace: an object replaces the first entry, an array is a multi-push."""
    repo, sent = call.args["repo"], call.json()
    replication = call.platform.replication
    kind = replication.kind_of(repo)
    if isinstance(sent, list):
        if not sent:
            raise Refused(400, "Request is empty")
        if kind != PUSH:
            raise Refused(400, "Invalid repository")
        first = _object(sent[0])
        _put_many(call, sent, str(first.get("cronExp") or ""), first.get("enableEventReplication"))
        return empty(201)
    rows = replication.state.of(repo)
    replication.put(repo, _object(sent), url=rows[0]["url"] if rows else None)
    return empty(201)


def post(call: Call) -> Answer:
    """Update: absent keeps, but `enableEventReplication` that is not sent becomes false."""
    repo, sent = call.args["repo"], call.json()
    replication = call.platform.replication
    replication.kind_of(repo)
    rows = replication.state.of(repo)
    if not rows:
        raise Refused(400, _NOTHING)
    with call.platform.database.transaction():
        for one in sent if isinstance(sent, list) else [sent]:
            row = next((row for row in rows if row["url"] == _object(one).get("url")), rows[0])
            current = {**json.loads(row["config"]), "enableEventReplication": False}
            replication.put(repo, one, blank=current, url=row["url"])
    return empty(200)


def delete(call: Call) -> Answer:
    """All entries of a repository, or the one to `url`."""
    repo = call.args["repo"]
    state = call.platform.replication.state
    if not state.of(repo):
        raise Refused(400, _NOTHING)
    if not state.delete(repo, call.first("url") or None):
        raise Refused(400, "Invalid replication url")
    return empty(200)


def put_multiple(call: Call) -> Answer:
    """Multi-push: creates and updates by target; targets that the list does not name stay."""
    _multiple(call)
    return empty(201)


def post_multiple(call: Call) -> Answer:
    """The same as an update."""
    if not call.platform.replication.state.of(call.args["repo"]):
        raise Refused(400, _NOTHING)
    _multiple(call)
    return empty(200)


def _multiple(call: Call) -> None:
    sent = _object(call.json())
    if call.platform.replication.kind_of(call.args["repo"]) != PUSH:
        raise Refused(400, "Invalid repository")
    call.platform.replication.demand_multiple()
    entries = sent.get("replications")
    if not isinstance(entries, list) or not entries:
        raise Refused(400, "Request is empty")
    _put_many(call, entries, str(sent.get("cronExp") or ""), sent.get("enableEventReplication"))


def _put_many(call: Call, entries: list[Any], cron: str, on_event: Any) -> None:
    repo = call.args["repo"]
    if not cron or not all(_object(entry).get("url") for entry in entries):
        raise Refused(400, "One of the required fields are empty")
    if len(entries) > 1:
        call.platform.replication.demand_multiple()
    with call.platform.database.transaction():
        for entry in entries:
            call.platform.replication.put(repo, {**entry, "cronExp": cron, "enableEventReplication": bool(on_event)})


def enable(call: Call) -> Answer:
    """Enable Multiple Replications."""
    return _switch(call, on=True)


def disable(call: Call) -> Answer:
    """Disable Multiple Replications."""
    return _switch(call, on=False)


def _switch(call: Call, on: bool) -> Answer:
    sent = call.json_object()
    include, exclude = (_patterns(sent, name) for name in ("include", "exclude"))
    call.platform.replication.switch(include or ["**"], exclude, on)
    return empty(201)


def _patterns(sent: dict[str, Any], name: str) -> list[str]:
    listed = sent.get(name) or []
    if not isinstance(listed, list) or not all(isinstance(pattern, str) for pattern in listed):
        raise Refused(400, f"Error parsing json body: field '{name}' is not an array of texts")
    return listed


def execute(call: Call) -> Answer:
    """Run now; the result is in the status."""
    return _execute(call, call.args["repo"], call.args.get("path", ""))


def execute_deprecated(call: Call) -> Answer:
    """The older spelling, with repository and path as one."""
    repo, _, path = call.args["path"].partition("/")
    return _execute(call, repo, path)


def _execute(call: Call, repo: str, path: str) -> Answer:
    options = call.json() if call.data.strip() else []
    if isinstance(options, dict):
        options = [options]
    if not isinstance(options, list):
        raise Refused(400, "Error parsing json body: an array is expected")
    push = call.platform.replication.kind_of(repo) == PUSH
    for option in options:
        if push and not all(_object(option).get(name) for name in ("url", "username", "password")):
            raise Refused(400, "url, username and password are required")
    call.platform.replication.execute(repo, [_object(option) for option in options], path)
    return empty(202)


def status(call: Call) -> Answer:
    """Scheduled Replication Status: of the configured targets, and of those that a request named."""
    repo = call.args["repo"]
    if call.platform.repositories.class_of(repo) is None:
        raise Refused(404, f"Could not find repository '{repo}'")
    call.platform.security.demand(call.caller, "read", repo, "")
    rows = call.platform.replication.state.of(repo)
    known = {row["url"] for row in rows}
    rows += [row for row in call.platform.replication.state.requested(repo) if row["url"] not in known]
    shown: dict[str, Any] = {"status": _worst(rows), "lastCompleted": _oldest(rows)}
    if rows and rows[0]["kind"] == PUSH:
        shown["targets"] = [
            {
                "url": row["url"],
                "repoKey": row["url"].rstrip("/").rpartition("/")[2],
                "status": row["status"],
                "lastCompleted": iso_offset(row["completed"]) if row["completed"] else None,
            }
            for row in rows
        ]
    shown["repositories"] = {}
    return json_answer(shown, kind="replication.ReplicationStatus")


def channels(call: Call) -> Answer:
    """Who follows the changes of a repository."""
    repo = call.args["repo"]
    store = call.platform.artifacts.store_of(repo)
    if store is None:
        raise Refused(404, f"Could not find repository '{repo}'")
    rows = call.platform.replication.channels.state.of(store)
    return json_answer(
        [
            {
                "channelId": row["id"],
                "repoKey": repo,
                "subscriber": row["subscriber"],
                "queuedEvents": row["queued"],
                "lastSeen": iso_offset(row["seen"]),
            }
            for row in rows
        ]
    )


def release(call: Call) -> Answer:
    """Closes every channel; whoever still follows opens a new one."""
    call.platform.replication.channels.state.release(1 << 62)
    return empty(200)


def _worst(rows: list[Row]) -> str:
    found = {row["status"] for row in rows} or {"never_run"}
    order = ("incomplete", "error", "warn", "never_run", "ok")
    if "error" in found and found & {"ok", "warn"} and "incomplete" not in found:
        return "partial_failure"
    return next(status for status in order if status in found)


def _oldest(rows: list[Row]) -> str | None:
    done = [row["completed"] for row in rows if row["completed"]]
    return iso_offset(min(done)) if rows and len(done) == len(rows) else None


def _object(sent: Any) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise Refused(400, "Error parsing json body: an object is expected")
    return sent


ROUTES = (
    Route("GET", API, "5.4", every),
    Route("POST", f"{API}/enable", "5.4", enable),
    Route("POST", f"{API}/disable", "5.4", disable),
    Route("GET", f"{API}/channels/{{repo}}", "5.4", channels),
    Route("POST", f"{API}/channels/release", "5.4", release),
    Route("GET", f"{API}/{{repo}}", "5.2", get, Needs.MANAGER),
    Route("PUT", f"{API}/{{repo}}", "5.2", put, Needs.MANAGER),
    Route("POST", f"{API}/{{repo}}", "5.2", post, Needs.MANAGER),
    Route("DELETE", f"{API}/{{repo}}", "5.2", delete, Needs.MANAGER),
    Route("PUT", f"{API}/multiple/{{repo}}", "5.3", put_multiple, Needs.MANAGER),
    Route("POST", f"{API}/multiple/{{repo}}", "5.3", post_multiple, Needs.MANAGER),
    Route("POST", _EXECUTE, "5.5", execute, Needs.MANAGER),
    Route("POST", f"{_EXECUTE}/{{path:path}}", "5.5", execute, Needs.MANAGER),
    Route("POST", "/artifactory/api/replication/{path:path}", "5.5", execute_deprecated),
    Route("GET", "/artifactory/api/replication/{repo}", "5.5", status, Needs.CALLER),
    *wire.ROUTES,
)
