"""Artifactory's two older views of permission targets (4.6): the same targets, other words."""

from collections.abc import Iterable, Mapping
from typing import Any

from artifactory_sandbox.platform.security.grants.behaviour import Resources
from artifactory_sandbox.platform.security.words import LETTERS, SECTIONS, SMALL
from artifactory_sandbox.platform.web import Refused

BUILD_INFO = "artifactory-build-info"
RELEASE_BUNDLES = "release-bundles"
_DEFAULT_TARGET = {"build": BUILD_INFO, "releaseBundle": RELEASE_BUNDLES}


def v1(name: str, resources: Mapping[str, Any]) -> dict[str, Any]:
    """What permissions v1 show: the repositories' section."""
    artifact = resources.get("artifact") or _EMPTY
    includes, excludes = _patterns(artifact)
    return {
        "name": name,
        "includesPattern": ",".join(includes) if artifact["targets"] else "**",
        "excludesPattern": ",".join(excludes),
        "repositories": list(artifact["targets"]),
        "principals": _actions(artifact, LETTERS),
    }


def from_v1(sent: Mapping[str, Any], current: Mapping[str, Any]) -> Resources:
    """The resources that a permission v1 stands for; what v1 does not show stays as it was."""
    repositories = _list(sent, "repositories")
    if not repositories and "repositories" not in sent:
        raise Refused(400, "Permission target must contain at least one repository")
    principals = _map(sent.get("principals"), "principals")
    limits = {
        "include_patterns": _split(sent.get("includesPattern"), "**"),
        "exclude_patterns": _split(sent.get("excludesPattern"), ""),
    }
    artifact = {
        "actions": {kind: _read(principals.get(kind), LETTERS) for kind in ("users", "groups")},
        "targets": {str(key): limits for key in repositories},
    }
    return {**current, "artifact": artifact}


def v2(name: str, resources: Mapping[str, Any]) -> dict[str, Any]:
    """What permissions v2 of Artifactory show: a section for each resource that there is."""
    shown: dict[str, Any] = {"name": name}
    for section, kind in SECTIONS.items():
        if resource := resources.get(kind):
            includes, excludes = _patterns(resource)
            shown[section] = {
                "include-patterns": includes,
                "exclude-patterns": excludes,
                "repositories": list(resource["targets"]),
                "actions": {kind: given for kind, given in _actions(resource, SMALL).items() if given},
            }
    return shown


def from_v2(sent: Mapping[str, Any], current: Mapping[str, Any]) -> Resources:
    """The resources that a permission v2 stands for; sections that are not sent are gone, what v2 does not know stays."""
    made: Resources = {kind: resource for kind, resource in current.items() if kind not in SECTIONS.values()}
    for section, kind in SECTIONS.items():
        if sent.get(section) is not None:
            made[kind] = _section(section, _map(sent[section], section))
    if not any(kind in made for kind in SECTIONS.values()):
        raise Refused(400, "Permission target must contain at least one of repo, build and releaseBundle")
    return made


def for_principal(name: str, resources: Mapping[str, Any], principals: str, who: str) -> dict[str, Any] | None:
    """What a permission gives one user or group, with plain lists of actions; None when it gives nothing."""
    shown = v2(name, resources)
    found = False
    for section in SECTIONS:
        if section in shown:
            granted = shown[section]["actions"].get(principals, {}).get(who)
            shown[section]["actions"] = granted or []
            found = found or granted is not None
    return shown if found else None


def letters(words: Iterable[str]) -> list[str]:
    """Words of Access as letters of v1, in their order."""
    wanted = set(words)
    return [letter for letter, word in LETTERS.items() if word in wanted]


def _section(section: str, sent: Mapping[str, Any]) -> Resources:
    repositories = _list(sent, "repositories") or [_DEFAULT_TARGET.get(section, "")]
    if repositories == [""]:
        raise Refused(400, f"The section '{section}' must contain at least one repository")
    actions = _map(sent.get("actions"), "actions")
    limits = {
        "include_patterns": _list(sent, "include-patterns") or ["**"],
        "exclude_patterns": _list(sent, "exclude-patterns"),
    }
    return {
        "actions": {kind: _read(actions.get(kind), SMALL) for kind in ("users", "groups")},
        "targets": {str(key): limits for key in repositories},
    }


_EMPTY: Mapping[str, Any] = {"actions": {"users": {}, "groups": {}}, "targets": {}}


def _patterns(resource: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    for limits in resource["targets"].values():
        return list(limits["include_patterns"]), list(limits["exclude_patterns"])
    return [], []


def _actions(resource: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, dict[str, list[str]]]:
    return {
        kind: {
            name: [small for small, word in words.items() if word in granted]
            for name, granted in resource["actions"][kind].items()
        }
        for kind in ("users", "groups")
    }


def _read(sent: Any, words: Mapping[str, str]) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for name, granted in _map(sent, "principals").items():
        if not isinstance(granted, list):
            raise Refused(400, f"The actions of '{name}' are not a list")
        if unknown := [one for one in granted if str(one) not in words]:
            raise Refused(400, f"Unknown permission '{str(unknown[0])[:50]}' of '{name}'")
        made[str(name)] = [words[str(one)] for one in granted]
    return made


def _map(value: Any, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused(400, f"Error parsing json body: '{name}' is not an object")
    return value


def _list(sent: Mapping[str, Any], name: str) -> list[str]:
    value = sent.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Refused(400, f"Error parsing json body: '{name}' is not a list of texts")
    return value


def _split(value: Any, default: str) -> list[str]:
    text = default if value is None else str(value)
    return [part.strip() for part in text.split(",") if part.strip()]
