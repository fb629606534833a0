"""Licence calls (1.2); served even when the node has none."""

from typing import Any

from artifactory_sandbox.platform.system import scopes
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer

_ONE, _POOL = "/artifactory/api/system/license", "/artifactory/api/system/licenses"
_SCOPE = "system:info/licenses:r"


def single(call: Call) -> Answer:
    """License Information of this node."""
    scopes.demand(call, _SCOPE)
    return json_answer(call.platform.licences.single())


def install_single(call: Call) -> Answer:
    """Install License."""
    failed = call.platform.licences.install_single(_key(call.json_object()))
    status = 400 if failed else 200
    return json_answer({"status": status, "message": failed or "The license has been successfully installed."}, status)


def pool(call: Call) -> Answer:
    """HA License Information; the single licence where there is no cluster."""
    scopes.demand(call, _SCOPE)
    licences = call.platform.licences
    return json_answer({"licenses": licences.pool()} if call.platform.ha else licences.single())


def install(call: Call) -> Answer:
    """Install HA Cluster Licenses: an array or one object."""
    sent = call.json()
    entries = sent if isinstance(sent, list) else [sent]
    keys = [_key(entry) for entry in entries]
    if not keys:
        raise _refused(400, "No license key supplied.")
    return _messages(*call.platform.licences.install(keys))


def remove(call: Call) -> Answer:
    """Delete HA Cluster License."""
    if not call.platform.ha:
        raise _refused(403, "This call is only available for Artifactory High Availability")
    hashes = [one for value in call.query.get("licenseHash", []) for one in value.split(",") if one]
    if not hashes:
        raise _refused(400, "No licenses were provided")
    return _messages(*call.platform.licences.remove(hashes))


def _messages(good: bool, messages: dict[str, str]) -> Answer:
    status = 200 if good else 400
    return json_answer({"status": status, "messages": messages}, status)


def _key(entry: Any) -> str:
    key = entry.get("licenseKey") if isinstance(entry, dict) else None
    if not isinstance(key, str) or not key.strip():
        raise _refused(400, "No license key supplied.")
    return key


def _refused(status: int, message: str) -> Refused:
    """The shape of these calls (0.4)."""
    return Refused(status, message, "json", {"status": status, "message": message})


ROUTES = (
    Route("GET", _ONE, "1.2", single, Needs.USER),
    Route("POST", _ONE, "1.2", install_single),
    Route("GET", _POOL, "1.2", pool, Needs.USER),
    Route("POST", _POOL, "1.2", install),
    Route("DELETE", _POOL, "1.2", remove),
)
