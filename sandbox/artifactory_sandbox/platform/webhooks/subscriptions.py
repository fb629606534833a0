"""Subscriptions as clients send and read them: validation, defaults, secrets that only go in (12.7)."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.web import Refused
from artifactory_sandbox.platform.webhooks.domains import DOMAINS, REPO_FLAGS, Criteria

_KEY = re.compile(r"\S{2,200}\Z")
_PREDEFINED, _CUSTOM = "webhook", "custom-webhook"
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_LISTS = (
    *("repoKeys", "includePatterns", "excludePatterns", "selectedBuilds", "registeredReleaseBundlesNames"),
    "selectedEnvironments",
)
_FLAGS = (*REPO_FLAGS.values(), "anyBuild", "anyReleaseBundle")
_HANDLER_FIELDS = {
    _PREDEFINED: ("handler_type", "url", "secret", "use_secret_for_signing", "proxy", "custom_http_headers"),
    _CUSTOM: ("handler_type", "url", "method", "secrets", "proxy", "http_headers", "payload"),
}


def refused(message: str, status: int = 400) -> Refused:
    """An answer in the shape of the event service."""
    return Refused(status, message, "access")


def read(sent: Mapping[str, Any], older: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A subscription with its defaults; secrets that come back as they were shown keep their value."""
    key = sent.get("key")
    if not isinstance(key, str) or not _KEY.match(key):
        raise refused("Subscription key must have 2 to 200 characters and no space")
    for field in ("description", "project_key"):
        if not isinstance(sent.get(field) or "", str):
            raise refused(f"{field} must be a text")
    if not isinstance(sent.get("enabled", True), bool):
        raise refused("enabled must be true or false")
    handlers = sent.get("handlers")
    if not isinstance(handlers, list) or not handlers:
        raise refused("At least one handler is required")
    known = (older or {}).get("handlers") or []
    kept = {field: sent[field] for field in ("description", "project_key", "debug") if sent.get(field)}
    return {
        "key": key,
        **kept,
        "enabled": sent.get("enabled", True),
        "event_filter": _filter(sent.get("event_filter")),
        "handlers": [_handler(one, known) for one in handlers],
    }


def shown(config: Mapping[str, Any]) -> dict[str, Any]:
    """A subscription as the read calls print it: values of secrets hashed."""
    found: dict[str, Any] = json.loads(json.dumps(config))
    for handler in found["handlers"]:
        if handler.get("secret"):
            handler["secret"] = hashed(handler["secret"])
        for secret in handler.get("secrets") or ():
            secret["value"] = hashed(secret["value"])
    return found


def hashed(secret: str) -> str:
    """How a secret is shown."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _filter(sent: Any) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise refused("event_filter is required")
    name, events = sent.get("domain"), sent.get("event_types")
    domain = DOMAINS.get(name) if isinstance(name, str) else None
    if domain is None:
        raise refused(f"Unknown domain: {str(name)[:60]}")
    if not isinstance(events, list) or not events:
        raise refused("At least one event type is required")
    if unknown := [event for event in events if event not in domain.events]:
        raise refused(f"Event type '{str(unknown[0])[:60]}' is not one of domain '{name}'")
    made = {"domain": name, "event_types": events}
    return made if domain.criteria == "none" else {**made, "criteria": _criteria(domain.criteria, sent.get("criteria"))}


def _criteria(kind: Criteria, sent: Any) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise refused("criteria is required for this domain")
    for field in _LISTS:
        value = sent.get(field)
        if value is not None and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            raise refused(f"criteria.{field} must be an array of texts")
    for field in _FLAGS:
        if not isinstance(sent.get(field) or False, bool):
            raise refused(f"criteria.{field} must be true or false")
    _check_selected(sent.get("selectedReleaseBundles"))
    found = {name: value for name, value in sent.items() if value is not None}
    if kind == "repo":
        found = {**dict.fromkeys(REPO_FLAGS.values(), False), "repoKeys": [], **found}
        chosen = bool(found["repoKeys"]) or any(found[flag] for flag in REPO_FLAGS.values())
    elif kind == "build":
        chosen = bool(found.get("anyBuild") or found.get("selectedBuilds") or found.get("includePatterns"))
    elif kind == "environments":
        chosen = True
    else:
        names = ("anyReleaseBundle", "registeredReleaseBundlesNames", "selectedReleaseBundles", "includePatterns")
        chosen = any(found.get(name) for name in names)
    if not chosen:
        raise refused("criteria must select something: an 'any' flag or a list that is not empty")
    return found


def _check_selected(selected: Any) -> None:
    if selected is None:
        return
    if not isinstance(selected, dict) or not all(
        isinstance(names, list) and all(isinstance(name, str) for name in names) for names in selected.values()
    ):
        raise refused("criteria.selectedReleaseBundles must map a repository to an array of names")


def _handler(sent: Any, known: list[Mapping[str, Any]]) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise refused("A handler must be an object")
    kind = sent.get("handler_type", _PREDEFINED)
    if not isinstance(kind, str) or kind not in _HANDLER_FIELDS:
        raise refused(f"Unknown handler type: {str(kind)[:60]}")
    url = sent.get("url")
    if not isinstance(url, str) or not re.match(r"https?://[^/\s]", url):
        raise refused("A handler needs an http or https url")
    for field in ("secret", "proxy", "payload"):
        if not isinstance(sent.get(field) or "", str):
            raise refused(f"{field} must be a text")
    if not isinstance(sent.get("use_secret_for_signing") or False, bool):
        raise refused("use_secret_for_signing must be true or false")
    if sent.get("method") not in (None, "", *_METHODS):
        raise refused(f"Unknown method: {str(sent['method'])[:20]}")
    for field in ("custom_http_headers", "http_headers", "secrets"):
        _check_pairs(field, sent.get(field))
    made = {field: sent[field] for field in _HANDLER_FIELDS[kind] if sent.get(field) is not None}
    made["handler_type"] = kind
    older = next((one for one in known if one["url"] == url), {})
    return _with_known_secrets(made, older)


def _with_known_secrets(handler: dict[str, Any], older: Mapping[str, Any]) -> dict[str, Any]:
    if handler.get("secret") and handler["secret"] == hashed(older.get("secret") or ""):
        handler["secret"] = older["secret"]
    values = {one["name"]: one["value"] for one in older.get("secrets") or ()}
    for secret in handler.get("secrets") or ():
        value = values.get(secret["name"])
        if value is not None and secret["value"] == hashed(value):
            secret["value"] = value
    return handler


def _check_pairs(field: str, pairs: Any) -> None:
    if pairs is None:
        return
    if not isinstance(pairs, list):
        raise refused(f"{field} must be an array")
    for pair in pairs:
        if not (isinstance(pair, dict) and isinstance(pair.get("name"), str) and isinstance(pair.get("value"), str)):
            raise refused(f"{field} must hold objects with name and value")
        if field != "secrets" and re.search(r"[\r\n:\s]", pair["name"] or " "):
            raise refused(f"'{pair['name'][:40]}' is not the name of a header")
        if field != "secrets" and re.search(r"[\r\n]", pair["value"]):
            raise refused("The value of a header may not hold a line break")
