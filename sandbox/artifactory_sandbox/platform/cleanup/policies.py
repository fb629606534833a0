"""Policies as clients send and read them: what is demanded, what contradicts, what is left out when unset (12.9)."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from artifactory_sandbox.platform import cron
from artifactory_sandbox.platform.version import Version
from artifactory_sandbox.platform.web import Refused

Kind = Literal["packages", "bundles", "archive"]

_KEY = re.compile(r"[a-zA-Z0-9_\-]{3,}\Z")
_ITEM_TYPE = "releaseBundle"
_SINCE: Mapping[str, str] = {
    **dict.fromkeys(("conan", "debian", "docker", "generic", "go", "gradle", "helm", "maven"), "0.0.0"),
    **dict.fromkeys(("npm", "nuget", "pypi", "rpm", "yum", "oci", "gems", "swift"), "0.0.0"),
    **dict.fromkeys(("cocoapods", "terraform"), "7.99.1"),
    "huggingfaceml": "7.100.0",
    "cargo": "7.102.0",
    **dict.fromkeys(("helmoci", "terraformbackend"), "7.103.0"),
    **dict.fromkeys(("ansible", "machinelearning"), "7.104.2"),
    "conda": "7.105.2",
    **dict.fromkeys(("alpine", "sbt"), "7.108.0"),
    **dict.fromkeys(("chef", "puppet"), "7.112.0"),
    "composer": "7.116.0",
}
_ARCHIVED_TOO = frozenset({"opkg", "vagrant"})
_IMAGES = frozenset({"docker", "helmoci", "oci"})
_TIMES = (
    *("createdBeforeInDays", "lastDownloadedBeforeInDays"),
    *("createdBeforeInMonths", "lastDownloadedBeforeInMonths"),
)
_PROPERTIES = ("includedProperties", "excludedProperties")
_NAMES = ("packageTypes", "repos", "excludedRepos", "includedPackages", "excludedPackages", "includedProjects")
_BUNDLE_CREATED_MONTHS = 24


def read(kind: Kind, key: str, sent: Mapping[str, Any], version: Version, now: int) -> dict[str, Any]:
    """A policy with its defaults; `enabled` is the caller's to check."""
    if not _KEY.match(key) or sent.get("key", key) != key:
        raise Refused(
            400, "key must have at least 3 characters, of letters, digits, '-' and '_', and be that of the path"
        )
    project = _text(sent, "projectKey")
    if project and not key.startswith(f"{project}-"):
        raise Refused(400, f"The key of a policy of project '{project}' must begin with '{project}-'")
    expression = _text(sent, "cronExp")
    if expression:
        try:
            cron.check(expression, now)
        except cron.InvalidCron as error:
            raise Refused(400, f"Invalid cron expression: {error}") from None
    duration = _number(sent, "durationInMinutes")
    criteria = sent.get("searchCriteria")
    if not isinstance(criteria, dict):
        raise Refused(400, "searchCriteria is required")
    policy: dict[str, Any] = {"key": key}
    if description := _text(sent, "description"):
        policy["description"] = description
    if kind != "bundles" or expression:
        policy["cronExp"] = expression
    policy |= {"durationInMinutes": duration or 0, "enabled": _flag(sent, "enabled")}
    if kind == "bundles":
        policy |= {"itemType": _item_type(sent), "searchCriteria": _bundle_criteria(criteria, project)}
    else:
        policy["skipTrashcan"] = _flag(sent, "skipTrashcan")
        policy["searchCriteria"] = _package_criteria(kind, criteria, project, version)
    return {**policy, "projectKey": project}


def next_run(policy: Mapping[str, Any], now: int) -> int | None:
    """When a policy runs by itself."""
    expression = policy.get("cronExp")
    return cron.parse(expression).next_after(now) if expression and policy["enabled"] else None


def _package_criteria(kind: Kind, sent: Mapping[str, Any], project: str, version: Version) -> dict[str, Any]:
    lists = {name: _names(sent, name) for name in _NAMES}
    for name in ("packageTypes", "repos", "includedPackages"):
        if not lists[name]:
            raise Refused(400, f"searchCriteria.{name} is required")
    if len(lists["includedPackages"] or ()) != 1:
        raise Refused(400, "searchCriteria.includedPackages must hold exactly one pattern")
    types = lists["packageTypes"] or []
    _check_types(kind, types, version)
    conditions = _conditions(sent, types, version)
    everywhere = _flag(sent, "includeAllProjects")
    if project:
        everywhere, lists["includedProjects"] = False, []
    kept = {name: value for name, value in lists.items() if value is not None}
    return {**kept, "includeAllProjects": everywhere, **conditions}


def _check_types(kind: Kind, types: list[str], version: Version) -> None:
    for name in types:
        since = _SINCE.get(name)
        if since is None and not (kind == "archive" and name in _ARCHIVED_TOO):
            raise Refused(400, f"Unsupported package type: {name[:60]}")
        if since is not None and not version.at_least(since):
            raise Refused(400, f"Package type {name} is not supported by version {version}")


def _conditions(sent: Mapping[str, Any], types: list[str], version: Version) -> dict[str, Any]:
    times = {name: value for name in _TIMES if (value := _number(sent, name)) is not None}
    kept = _number(sent, "keepLastNVersions")
    properties = {name: found for name in _PROPERTIES if (found := _property(sent, name)) is not None}
    for name, value in (*times.items(), *((("keepLastNVersions", kept),) if kept is not None else ())):
        if value < 1:
            raise Refused(400, f"searchCriteria.{name} must be at least 1")
    if not times and kept is None and "includedProperties" not in properties:
        raise Refused(400, "At least one condition is required: a time, keepLastNVersions or includedProperties")
    if kept is not None:
        if times or properties:
            raise Refused(400, "keepLastNVersions cannot be combined with other conditions")
        images = sorted(_IMAGES & set(types))
        if "generic" in types or (images and not version.at_least("7.115.1")):
            raise Refused(
                400, f"keepLastNVersions is not supported for {(['generic'] if 'generic' in types else images)[0]}"
            )
        return {"keepLastNVersions": kept}
    if times and properties and not version.at_least("7.129.0"):
        raise Refused(400, "Time conditions and property conditions cannot be combined")
    return {**times, **properties}


def _bundle_criteria(sent: Mapping[str, Any], project: str) -> dict[str, Any]:
    bundles = sent.get("releaseBundles")
    if not isinstance(bundles, list) or not bundles or not all(isinstance(one, dict) for one in bundles):
        raise Refused(400, "searchCriteria.releaseBundles must be an array with at least one bundle")
    named = []
    for one in bundles:
        if not isinstance(one.get("name"), str) or not one["name"]:
            raise Refused(400, "A release bundle needs a name")
        named.append({"name": one["name"], "projectKey": _text(one, "projectKey")})
    months = _number(sent, "createdBeforeInMonths")
    if months is not None and months < 1:
        raise Refused(400, "searchCriteria.createdBeforeInMonths must be at least 1")
    made: dict[str, Any] = {
        "releaseBundles": named,
        "excludePromotedEnvironments": _names(sent, "excludePromotedEnvironments") or [],
        "includeAllProjects": _flag(sent, "includeAllProjects") and not project,
        "createdBeforeInMonths": _BUNDLE_CREATED_MONTHS if months is None else months,
    }
    projects = [] if project else _names(sent, "includedProjects")
    return made if projects is None else {**made, "includedProjects": projects}


def _item_type(sent: Mapping[str, Any]) -> str:
    if sent.get("itemType") not in (None, "", _ITEM_TYPE):
        raise Refused(400, f"Unknown itemType: {str(sent['itemType'])[:60]}")
    return _ITEM_TYPE


def _text(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(400, f"{name} must be a text")
    return value or ""


def _flag(sent: Mapping[str, Any], name: str) -> bool:
    value = sent.get(name)
    if value is not None and not isinstance(value, bool):
        raise Refused(400, f"{name} must be true or false")
    return bool(value)


def _number(sent: Mapping[str, Any], name: str) -> int | None:
    value = sent.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**9:
        raise Refused(400, f"{name} must be a number that is not negative")
    return value


def _names(sent: Mapping[str, Any], name: str) -> list[str] | None:
    value = sent.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Refused(400, f"searchCriteria.{name} must be an array of texts")
    return value


def _property(sent: Mapping[str, Any], name: str) -> dict[str, list[str]] | None:
    value = sent.get(name)
    if value is None:
        return None
    if not isinstance(value, dict) or len(value) != 1:
        raise Refused(400, f"searchCriteria.{name} must have exactly one key")
    ((key, values),) = value.items()
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        raise Refused(400, f"searchCriteria.{name} must have exactly one value")
    return {key: values}
