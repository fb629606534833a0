"""What a definition refers to, and its owner: layouts, proxies, key pairs, projects, environments (2.3, 2.4, 0.5)."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.repositories.defaults import LAYOUTS
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_PROJECT = re.compile(r"[a-z][a-z0-9-]{1,31}\Z")
_BUILT_IN = frozenset({"DEV", "PROD"})
_KEY_PAIRS = ("primaryKeyPairRef", "secondaryKeyPairRef", "keyPair")


def check(platform: "Platform", config: dict[str, Any], before: Mapping[str, Any]) -> None:
    """Refuses what points at nothing; looks only at what differs from `before`."""
    _layouts(platform, config, before)
    proxy = config.get("proxy")
    if proxy and proxy != before.get("proxy") and proxy not in (platform.configuration.shown.get("proxies") or {}):
        raise Refused(400, f"Proxy with key '{proxy}' not found")
    for name in _KEY_PAIRS:
        pair = config.get(name)
        if pair and pair != before.get(name) and not key_pair_exists(platform, pair):
            raise Refused(400, f"Key pair '{pair}' was not found")
    _project(platform, config, before)


def key_pair_exists(platform: "Platform", name: str) -> bool:
    """Whether there is a key pair of this name."""
    return platform.security.key_pairs.exists(name)


def project_exists(platform: "Platform", key: str) -> bool:
    """Whether there is a project of this key."""
    return platform.security.projects.exists(key)


def _layouts(platform: "Platform", config: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    for name in ("repoLayoutRef", "remoteRepoLayoutRef"):
        layout = config.get(name)
        if not layout or layout == before.get(name):
            continue
        known = platform.configuration.shown.get("repoLayouts") or LAYOUTS
        if layout not in known:
            raise Refused(400, f"Unable to find repository layout by the name: {layout}")


def _project(platform: "Platform", config: dict[str, Any], before: Mapping[str, Any]) -> None:
    project = config["projectKey"]
    if project == "default":
        project = config["projectKey"] = ""
    if project != before.get("projectKey", ""):
        if project and not _PROJECT.match(project):
            raise Refused(400, f"Invalid project key: '{project[:70]}'")
        if project and not project_exists(platform, project):
            raise Refused(404, f"Project '{project}' was not found")
    if not project:
        config["environments"] = []  # ignored outside projects (12.2, 9)
        return
    wanted = list(dict.fromkeys(config["environments"])) or ["DEV"]
    if wanted != before.get("environments"):
        _environments(platform, project, wanted)
    config["environments"] = wanted


def _environments(platform: "Platform", project: str, wanted: list[str]) -> None:
    """DEV and PROD at first, then exactly one of any, then several (0.5)."""
    version = platform.version
    custom = version.at_least("7.53.1")
    if custom and not version.at_least("7.107.1") and len(wanted) > 1:
        raise Refused(400, "Only one environment can be assigned to a repository")
    known = _BUILT_IN | (platform.security.projects.environment_names(project) if custom else frozenset())
    for name in wanted:
        if name not in known:
            raise Refused(400, f"Environment '{name}' was not found")
