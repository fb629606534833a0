"""The calls of the distribution service (12.8.3), and of Artifactory as a target."""

import json
from typing import Any

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.distribution.behaviour import OPEN
from artifactory_sandbox.platform.lifecycle.distribution import DELETE, DISTRIBUTE, RECEIVED, Order
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer

_API = "/distribution/api/v1"
_BUNDLES = f"{_API}/release_bundle"
_VERSION = "2.25.1"


def create(call: Call) -> Answer:
    """Create Release Bundle Version."""
    row = call.platform.distribution.create(call.json_object(), call.caller)
    return _stored(call, row, 201)


def replace(call: Call) -> Answer:
    """Update Release Bundle Version."""
    service = call.platform.distribution
    row = service.replace(call.args["name"], call.args["version"], call.json_object(), call.caller)
    return _stored(call, row, 200)


def sign(call: Call) -> Answer:
    """Sign Release Bundle Version."""
    repo = str(call.json_object().get("storing_repository") or "")
    return _stored(call, call.platform.distribution.sign(call.args["name"], call.args["version"], repo), 200)


def listed(call: Call) -> Answer:
    """All bundles, or the versions of one."""
    service, name = call.platform.distribution, call.args.get("name", "")
    rows = service.state.bundles(name)
    if name and not rows:
        raise Refused(404, f"Release bundle '{name}' was not found")
    return json_answer([_shown(call, row) for row in rows])


def get(call: Call) -> Answer:
    """One version."""
    return json_answer(_shown(call, _row(call)))


def status(call: Call) -> Answer:
    """State of one version."""
    row = _row(call)
    return json_answer({"status": row["state"], "created": iso(row["created"])})


def delete(call: Call) -> Answer:
    """Delete Release Bundle Version, here."""
    row = _row(call)
    call.platform.distribution.forget(row["name"], row["version"], call.caller.name)
    return empty(204)


def distribute(call: Call) -> Answer:
    """Distribute Release Bundle Version."""
    return _ordered(call, DISTRIBUTE)


def remote_delete(call: Call) -> Answer:
    """Delete Release Bundle Version from the platforms that have it."""
    return _ordered(call, DELETE)


def _ordered(call: Call, kind: str) -> Answer:
    row, sent = _row(call), call.json_object()
    if row["state"] == OPEN:
        raise Refused(400, f"Release bundle '{row['name']}' version '{row['version']}' is not signed")
    order = Order("v1", row["repo"], row["name"], row["version"])
    made = call.platform.lifecycle.distributions.ask(order, kind, sent, call.caller.name)
    return json_answer(made, 200 if sent.get("dry_run") else 202)


def trackers(call: Call) -> Answer:
    """Distributions: of all bundles, of one, or of one version; one of them by its number."""
    service, args = call.platform.lifecycle, call.args
    if "version" in args:
        _row(call)
    number = args.get("id", "")
    wanted = int(number) if number.isdecimal() and len(number) < 16 else -1 if number else 0
    rows = service.state.distributions("v1", args.get("name", ""), args.get("version", ""), wanted)
    shown = [service.distributions.shown(row) for row in rows]
    if not number:
        return json_answer(shown)
    if not shown:
        raise Refused(404, f"Distribution {number[:30]} was not found")
    return json_answer(shown[0])


def keys(call: Call) -> Answer:
    """Upload GPG keys for signing."""
    sent = call.json_object()
    for name in ("public_key", "private_key"):
        key = sent.get(name)
        if not isinstance(key, str) or "PGP" not in key:
            raise Refused(400, f"{name} is not a PGP key")
    call.platform.settings.set("distribution-key", sent["public_key"])
    return json_answer({"status": "SUCCESSFUL"})


def info(call: Call) -> Answer:
    """Version of the service."""
    return json_answer({"version": _VERSION, "service_id": call.platform.artifactory_id_of("jfds")})


def receive(call: Call) -> Answer:
    """A platform that distributes says that a bundle is here now."""
    call.platform.distribution.receive(call.json_object(), call.caller.name)
    return Answer(200)


def forget_received(call: Call) -> Answer:
    """A platform that distributed says that a bundle is gone from here."""
    if not call.platform.distribution.forget_received(call.json_object(), call.caller.name):
        raise Refused(404, "The release bundle is not here")
    return Answer(200)


def received(call: Call) -> Answer:
    """Release bundles that this platform received."""
    bundles: dict[str, list[dict[str, Any]]] = {}
    for row in call.platform.distribution.state.received():
        entry = {"version": row["version"], "created": iso(row["received"]), "status": "COMPLETE"}
        bundles.setdefault(row["name"], []).append(entry)
    return json_answer({"bundles": bundles})


def received_one(call: Call) -> Answer:
    """One of them with its files."""
    for row in call.platform.distribution.state.received():
        if (row["name"], row["version"]) == (call.args["name"], call.args["version"]):
            files = [{"repo_path": path} for path in json.loads(row["files"])]
            created = iso(row["received"])
            return json_answer({"name": row["name"], "version": row["version"], "created": created, "artifacts": files})
    raise Refused(404, f"Release bundle '{call.args['name']}' version '{call.args['version']}' was not found")


def _stored(call: Call, row: Row | None, status: int) -> Answer:
    """A dry run answers 200 and nothing of a signature."""
    if row is None:
        return json_answer({}, 200)
    return json_answer(_shown(call, row), status, headers={"X-Checksum-Sha256": row["checksum"]})


def _shown(call: Call, row: Row) -> dict[str, Any]:
    return {**call.platform.distribution.shown(row), "created": iso(row["created"])}


def _row(call: Call) -> Row:
    return call.platform.distribution.get(call.args["name"], call.args["version"])


_SECTION = "12.8.3"
_NV = "{name}/{version}"
ROUTES = (
    Route("POST", _BUNDLES, _SECTION, create),
    Route("GET", _BUNDLES, _SECTION, listed),
    Route("GET", f"{_BUNDLES}/distribution", _SECTION, trackers),
    Route("GET", f"{_BUNDLES}/{{name}}", _SECTION, listed),
    Route("GET", f"{_BUNDLES}/{{name}}/distribution", _SECTION, trackers),
    Route("GET", f"{_BUNDLES}/{_NV}", _SECTION, get),
    Route("PUT", f"{_BUNDLES}/{_NV}", _SECTION, replace),
    Route("DELETE", f"{_BUNDLES}/{_NV}", _SECTION, delete),
    Route("GET", f"{_BUNDLES}/{_NV}/status", _SECTION, status),
    Route("POST", f"{_BUNDLES}/{_NV}/sign", _SECTION, sign),
    Route("GET", f"{_BUNDLES}/{_NV}/distribution", _SECTION, trackers),
    Route("GET", f"{_BUNDLES}/{_NV}/distribution/{{id}}", _SECTION, trackers),
    Route("POST", f"{_API}/distribution/{_NV}", _SECTION, distribute),
    Route("POST", f"{_API}/distribution/{_NV}/delete", _SECTION, remote_delete),
    Route("PUT", f"{_API}/keys/pgp", _SECTION, keys),
    Route("GET", f"{_API}/system/info", _SECTION, info, Needs.USER),
    Route("POST", f"/{RECEIVED}", _SECTION, receive),
    Route("DELETE", f"/{RECEIVED}", _SECTION, forget_received),
    Route("GET", "/artifactory/api/release/bundles", _SECTION, received),
    Route("GET", f"/artifactory/api/release/bundles/{_NV}", _SECTION, received_one),
)
