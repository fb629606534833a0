"""Access federation over HTTP: targets, broadcasts, and what platforms send to each other (4.4)."""

from typing import Any

from artifactory_sandbox.platform.trust.access.behaviour import WIRE, AccessFederation, shown
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer

API = "/access/api/v1/system/federation"


def listed(call: Call) -> Answer:
    """All targets."""
    return json_answer([shown(row) for row in _service(call).state.targets()])


def create(call: Call) -> Answer:
    """A new target."""
    return json_answer(_service(call).create(call.json_object()), 201)


def get(call: Call) -> Answer:
    """One target."""
    return json_answer(_service(call).get(call.args["name"]))


def change(call: Call) -> Answer:
    """Changes a target."""
    return json_answer(_service(call).change(call.args["name"], call.json_object()))


def delete(call: Call) -> Answer:
    """Removes a target."""
    _service(call).delete(call.args["name"])
    return empty(204)


def broadcast(call: Call) -> Answer:
    """Full Broadcast."""
    return empty(_service(call).broadcast(call.args["name"]))


def validate(call: Call) -> Answer:
    """Whether a platform trusts this one."""
    url = call.json_object().get("url")
    if not isinstance(url, str) or not url:
        raise Refused(400, "url is required")
    _service(call).validate(url)
    return empty(204)


def entities(call: Call) -> Answer:
    """Takes the entities of a platform that is trusted."""
    access = call.platform.trust.access
    source = access.source(call)
    taken: Any = access.take(source, call.json_object())
    return json_answer({"taken": taken})


def trusted(call: Call) -> Answer:
    """Whether the caller's platform is trusted here."""
    return json_answer({"source": call.platform.trust.access.source(call)})


def _service(call: Call) -> AccessFederation:
    if not call.platform.replication.enterprise_plus:
        raise Refused(403, "Access federation is only available with an Enterprise+ license")
    return call.platform.trust.access


ROUTES = (
    Route("GET", API, "4.4", listed),
    Route("POST", API, "4.4", create),
    Route("POST", f"{API}/validate_server", "4.4", validate),
    Route("GET", f"{API}/{{name}}", "4.4", get),
    Route("PATCH", f"{API}/{{name}}", "4.4", change),
    Route("DELETE", f"{API}/{{name}}", "4.4", delete),
    Route("PUT", f"{API}/{{name}}/full_broadcast", "4.4", broadcast),
    Route("GET", f"/access{WIRE}/trust", "internal", trusted, Needs.PEER),
    Route("PUT", f"/access{WIRE}/entities", "internal", entities, Needs.PEER),
)
