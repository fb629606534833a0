"""Licence calls (1.2); served even when the node has none."""

from typing import Any

from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, json_answer

_ONE, _POOL = "/artifactory/api/system/license", "/artifactory/api/system/licenses"


def single(call: Call) -> Answer:
    """License Information of this node."""
    return json_answer(call.platform.licences.single())


def install_single(call: Call) -> Answer:
    """Install License."""
    accepted, messages = call.platform.licences.install([_key(call.json_object())])
    said = "The license has been successfully installed." if accepted else next(iter(messages.values()))
    return json_answer({"status": 200 if accepted else 400, "message": said}, 200 if accepted else 400)


def pool(call: Call) -> Answer:
    """HA License Information."""
    return json_answer({"licenses": call.platform.licences.pool()})


def install(call: Call) -> Answer:
    """Install HA Cluster Licenses: an array or one object."""
    sent = call.json()
    entries = sent if isinstance(sent, list) else [sent]
    if not entries:
        raise Refused(400, "No license key supplied.")
    return _messages(*call.platform.licences.install([_key(entry) for entry in entries]))


def remove(call: Call) -> Answer:
    """Delete HA Cluster License."""
    hashes = [one for value in call.query.get("licenseHash", []) for one in value.split(",") if one]
    if not hashes:
        raise Refused(400, "No licenses were provided")
    return _messages(*call.platform.licences.remove(hashes))


def _messages(good: bool, messages: dict[str, str]) -> Answer:
    status = 200 if good else 400
    return json_answer({"status": status, "messages": messages}, status)


def _key(entry: Any) -> str:
    key = entry.get("licenseKey") if isinstance(entry, dict) else None
    if not isinstance(key, str) or not key.strip():
        raise Refused(400, "No license key supplied.")
    return key


ROUTES = (
    Route("GET", _ONE, "1.2", single),
    Route("POST", _ONE, "1.2", install_single),
    Route("GET", _POOL, "1.2", pool),
    Route("POST", _POOL, "1.2", install),
    Route("DELETE", _POOL, "1.2", remove),
)
