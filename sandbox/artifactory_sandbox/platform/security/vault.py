"""Connections to vaults (12.5.6): kept, and shown without what is secret."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, empty, json_answer

API = "/access/api/v1/vault/configs"
_NAME = "vault-configs"
_TYPES = ("HashicorpVault",)
_AUTH = {"Certificate": ("certificate", "certificateKey"), "AppRole": ("roleId", "secretId"), "Agent": ()}
_SECRET = ("certificateKey", "roleId", "secretId")
_MOUNTS = ("KV1", "KV2")


def listed(call: Call) -> Answer:
    """Every configuration by key; secrets come back hashed."""
    return json_answer([_shown(key, entry) for key, entry in sorted(_all(call).items())])


def put(call: Call) -> Answer:
    """Creates or changes a configuration."""
    key = call.args["name"]
    entry = _checked(call.json_object())
    with call.platform.database.transaction():
        call.platform.settings.set(_NAME, {**_all(call), key: entry})
    return json_answer(_shown(key, entry))


def remove(call: Call) -> Answer:
    """Deletes a configuration."""
    with call.platform.database.transaction():
        found = _all(call)
        if found.pop(call.args["name"], None) is None:
            raise Refused(404, f"Vault configuration '{call.args['name']}' not found")
        call.platform.settings.set(_NAME, found)
    return empty()


def _all(call: Call) -> dict[str, Any]:
    return dict(call.platform.settings.get(_NAME, {}))


def _checked(sent: Mapping[str, Any]) -> dict[str, Any]:
    if sent.get("type", _TYPES[0]) not in _TYPES:
        raise Refused(400, f"Unknown vault type: {str(sent.get('type'))[:50]}")
    config = sent.get("config")
    if not isinstance(config, dict):
        raise Refused(400, "config is required")
    if not str(config.get("url") or "").startswith(("http://", "https://")):
        raise Refused(400, "url of the vault is required")
    auth, mounts = config.get("auth"), config.get("mounts")
    if not isinstance(auth, dict) or auth.get("type") not in _AUTH:
        raise Refused(400, f"auth.type is one of {', '.join(_AUTH)}")
    for name in _AUTH[auth["type"]]:
        if not isinstance(auth.get(name), str) or not auth[name]:
            raise Refused(400, f"auth.{name} is required for {auth['type']}")
    if not isinstance(mounts, list) or not mounts:
        raise Refused(400, "At least one mount is required")
    for mount in mounts:
        if not isinstance(mount, dict) or not mount.get("path") or mount.get("type") not in _MOUNTS:
            raise Refused(400, f"A mount has a path, and a type of {', '.join(_MOUNTS)}")
    kept = {name: auth[name] for name in ("type", *_AUTH[auth["type"]])}
    made = {"url": config["url"], "auth": kept, "mounts": [{"path": m["path"], "type": m["type"]} for m in mounts]}
    return {"type": _TYPES[0], "config": json.loads(json.dumps(made))}


def _shown(key: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    config = dict(entry["config"])
    config["auth"] = {
        name: hashlib.sha256(value.encode("utf-8", "replace")).hexdigest() if name in _SECRET else value
        for name, value in config["auth"].items()
    }
    return {"key": key, "type": entry["type"], "config": config}


ROUTES = (
    Route("GET", API, "12.5.6", listed),
    Route("PUT", f"{API}/{{name}}", "12.5.6", put),
    Route("DELETE", f"{API}/{{name}}", "12.5.6", remove),
)
