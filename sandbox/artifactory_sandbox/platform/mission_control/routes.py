"""Ping and the list of platforms (7.1); the first is this one."""

from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer, text

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

API = "/mc/api/v1"
_JPDS = "jpds"
_STATUSES = {"ONLINE", "OFFLINE", "PARTIAL", "UNAUTHORIZED"}
_HOME = {
    "name": "HOME",
    "location": {"city_name": "Nuuk", "country_code": "GL", "latitude": 64.18, "longitude": -51.72},
    "tags": [],
}


def ping(call: Call) -> Answer:
    """Whether Mission Control answers."""
    del call
    return text("OK")


def listed(call: Call) -> Answer:
    """Get JPDs by name, tag, url and status."""
    status = call.first("status")
    if status and status not in _STATUSES:
        raise Refused(400, f"Invalid status: {status}")
    url = call.first("url").rstrip("/")
    found = [
        entry
        for entry in _all(call.platform)
        if (not call.first("name") or entry["name"] == call.first("name"))
        and (not call.first("tag") or call.first("tag") in entry["tags"])
        and (not url or entry["url"].rstrip("/") == url)
        and (not status or entry["status"]["code"] == status)
    ]
    return json_answer(found)


def get(call: Call) -> Answer:
    """One JPD."""
    return json_answer(_one(call, call.args["id"]))


def register(call: Call) -> Answer:
    """Registers a platform."""
    sent = call.json_object()
    if not sent.get("name") or not str(sent.get("url", "")).startswith(("http://", "https://")):
        raise Refused(400, "name and url are required")
    url = str(sent["url"]).rstrip("/") + "/"
    if any(entry["url"] == url for entry in _all(call.platform)):
        raise Refused(409, f"A JPD with the url {url} is registered already")
    stored = call.platform.settings.get(_JPDS, {})
    name = f"JPD-{max([1, *(int(key.removeprefix('JPD-')) for key in stored)]) + 1}"
    stored[name] = {"name": sent["name"], "url": url, "location": sent.get("location"), "tags": sent.get("tags") or []}
    call.platform.settings.set(_JPDS, stored)
    return json_answer(_one(call, name), 201)


def change(call: Call) -> Answer:
    """Changes a registered platform."""
    sent, name = call.json_object(), call.args["id"]
    _one(call, name)
    stored = call.platform.settings.get(_JPDS, {})
    kept = {field: sent[field] for field in ("name", "url", "location", "tags") if sent.get(field) is not None}
    if "url" in kept:
        kept["url"] = str(kept["url"]).rstrip("/") + "/"
    stored[name] = {**(stored.get(name) or _HOME), **kept}
    call.platform.settings.set(_JPDS, stored)
    return empty(204)


def remove(call: Call) -> Answer:
    """Takes a platform off the list; the home one stays."""
    name = call.args["id"]
    if _one(call, name)["local"]:
        raise Refused(400, "The home JPD cannot be removed")
    stored = call.platform.settings.get(_JPDS, {})
    del stored[name]
    call.platform.settings.set(_JPDS, stored)
    return empty(204)


def _one(call: Call, name: str) -> dict[str, Any]:
    for entry in _all(call.platform):
        if entry["id"] == name:
            return entry
    raise Refused(404, f"JPD with id {name} was not found.")


def _all(platform: "Platform") -> list[dict[str, Any]]:
    stored = platform.settings.get(_JPDS, {})
    home = {**_HOME, "url": f"{platform.configuration.base_url or 'http://jpd.local'}/", **stored.get("JPD-1", {})}
    return [_shown(platform, name, entry) for name, entry in {"JPD-1": home, **stored, **{"JPD-1": home}}.items()]


def _shown(platform: "Platform", name: str, entry: dict[str, Any]) -> dict[str, Any]:
    local = name == "JPD-1"
    licences = [
        {
            "type": one["type"],
            "expired": one["expired"],
            "license_hash": one["licenseHash"],
            "licensed_to": one["licensedTo"],
            "valid_through": one["validThrough"],
        }
        for one in (platform.licences.pool() if local else [])
    ]
    return {
        "id": name,
        "name": entry["name"],
        "url": entry["url"],
        "base_url": entry["url"],
        "local": local,
        "location": entry["location"],
        "status": {"code": "ONLINE", "message": "Online", "warnings": []},
        "services": [{"type": kind, "status": {"code": "ONLINE"}} for kind in ("ARTIFACTORY", "JFMC")],
        "licenses": licences,
        "tags": entry["tags"],
        "is_cold_storage": False,
        "cold_storage_jpd": "",
    }


_NOTE = "a registered platform is not looked at: it always shows as online"

ROUTES = (
    Route("GET", f"{API}/system/ping", "7.3", ping, Needs.PUBLIC),
    Route("GET", f"{API}/jpds", "7.1", listed, partly=_NOTE),
    Route("POST", f"{API}/jpds", "7.1", register, partly=_NOTE),
    Route("GET", f"{API}/jpds/{{id}}", "7.1", get, partly=_NOTE),
    Route("PUT", f"{API}/jpds/{{id}}", "7.1", change),
    Route("DELETE", f"{API}/jpds/{{id}}", "7.1", remove),
)
