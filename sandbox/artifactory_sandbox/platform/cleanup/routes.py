"""The calls about cleanup and archive policies (12.9); documented ones beyond it: runs, reports, the switch for all."""

import io
import json
import zipfile
from collections.abc import Callable
from functools import partial

from artifactory_sandbox.platform.cleanup.policies import Kind
from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, json_answer

_API = "/artifactory/api/cleanup"
_PATHS: dict[Kind, str] = {
    "packages": f"{_API}/packages/policies",
    "bundles": f"{_API}/bundles/policies",
    "archive": "/artifactory/api/archive/v2/packages/policies",
}


def listed(kind: Kind, call: Call) -> Answer:
    """Get all policies of a kind, or those of a project."""
    rows = call.platform.cleanup.state.policies(kind, call.first("projectKey"))
    return json_answer([json.loads(row["config"]) for row in rows])


def create(kind: Kind, call: Call) -> Answer:
    """Create a policy."""
    return json_answer(call.platform.cleanup.create(kind, call.args["key"], call.json_object()), 201)


def get(kind: Kind, call: Call) -> Answer:
    """One policy."""
    return json_answer(json.loads(call.platform.cleanup.row(kind, call.args["key"])["config"]))


def replace(kind: Kind, call: Call) -> Answer:
    """Update a policy."""
    return json_answer(call.platform.cleanup.replace(kind, call.args["key"], call.json_object()))


def delete(kind: Kind, call: Call) -> Answer:
    """Delete a policy."""
    call.platform.cleanup.delete(kind, call.args["key"])
    return Answer(200)


def switch(kind: Kind, call: Call) -> Answer:
    """Enable or disable a policy."""
    on = call.json_object().get("enabled")
    if not isinstance(on, bool):
        raise Refused(400, "enabled must be true or false")
    return json_answer(call.platform.cleanup.switch(kind, call.args["key"], on))


def run(kind: Kind, call: Call) -> Answer:
    """Run a policy now."""
    return json_answer({"runId": call.platform.cleanup.ask(kind, call.args["key"], call.flag("dryRun"))}, 201)


def runs(call: Call) -> Answer:
    """Runs of a policy, or of all, the last one first."""
    service = call.platform.cleanup
    return json_answer([service.shown_run(row) for row in service.state.runs(call.first("policyKey"))])


def stop(call: Call) -> Answer:
    """Stop a run."""
    number = call.args["id"]
    call.platform.cleanup.stop(int(number) if number.isdecimal() and len(number) < 16 else 0)
    return Answer(200)


def report(call: Call) -> Answer:
    """The report of a run: an archive with one table."""
    key, number = call.first("policyKey"), call.number("runId", 0)
    if not key or not number:
        raise Refused(400, "policyKey and runId are required")
    table = call.platform.cleanup.report(key, number)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(f"{key}-{number}.csv", table)
    name = f'attachment; filename="{key}-{number}.zip"'
    return Answer(200, out.getvalue(), "application/octet-stream", {"Content-Disposition": name})


def disable_all(call: Call) -> Answer:
    """Disable all cleanup policies."""
    call.platform.cleanup.disable_all()
    return Answer(200)


_CALLS: tuple[tuple[str, str, Callable[[Kind, Call], Answer]], ...] = (
    ("GET", "", listed),
    ("POST", "/{key}", create),
    ("GET", "/{key}", get),
    ("PUT", "/{key}", replace),
    ("DELETE", "/{key}", delete),
    ("POST", "/{key}/enablement", switch),
    ("PUT", "/{key}/run", run),
)
ROUTES = (
    *(
        Route(method, path + end, "12.9", partial(handler, kind))
        for kind, path in _PATHS.items()
        for method, end, handler in _CALLS
    ),
    Route("GET", f"{_API}/policies/runs", "12.9", runs),
    Route("PUT", f"{_API}/policies/runs/{{id}}/stop", "12.9", stop),
    Route("GET", f"{_API}/policies/runs/downloadReport", "12.9", report),
    Route("PUT", f"{_API}/policies/forceDisableAll", "12.9", disable_all),
)
