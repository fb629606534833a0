"""Roles that every project has from the start, and the check of those that are made (12.5.8)."""

from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.security.words import OTHER_ROLE_ACTIONS, ROLE_ACTIONS
from artifactory_sandbox.platform.web import Refused

ADMIN = "Project Admin"
KINDS = frozenset({"CUSTOM", "CUSTOM_GLOBAL", "PREDEFINED", "ADMIN"})
ACTIONS = frozenset(ROLE_ACTIONS) | OTHER_ROLE_ACTIONS
_READ = ["READ_REPOSITORY", "READ_RELEASE_BUNDLE", "READ_BUILD", "READ_SOURCES_PIPELINE"]
_PIPES = ["READ_INTEGRATIONS_PIPELINE", "READ_POOLS_PIPELINE"]
_WRITE = [
    *(
        "ANNOTATE_REPOSITORY",
        "DEPLOY_CACHE_REPOSITORY",
        "DELETE_OVERWRITE_REPOSITORY",
        "ANNOTATE_BUILD",
        "DEPLOY_BUILD",
    ),
    *("TRIGGER_PIPELINE",),
]
PREDEFINED: Mapping[str, tuple[str, list[str], list[str]]] = {
    ADMIN: ("ADMIN", [], sorted(ACTIONS)),
    "Developer": ("PREDEFINED", ["DEV"], [*_READ, *_PIPES, *_WRITE]),
    "Contributor": (
        "PREDEFINED",
        ["DEV"],
        [
            *_READ,
            *_PIPES,
            *("DEPLOY_CACHE_REPOSITORY", "ANNOTATE_REPOSITORY", "ANNOTATE_BUILD", "DEPLOY_BUILD", "TRIGGER_PIPELINE"),
        ],
    ),
    "Viewer": ("PREDEFINED", ["DEV", "PROD"], [*_READ, *_PIPES]),
    "Release Manager": (
        "PREDEFINED",
        ["DEV", "PROD"],
        [
            *_READ,
            *_PIPES,
            *("ANNOTATE_RELEASE_BUNDLE", "CREATE_RELEASE_BUNDLE", "DISTRIBUTE_RELEASE_BUNDLE", "DELETE_RELEASE_BUNDLE"),
            *("DEPLOY_CACHE_REPOSITORY", "ANNOTATE_REPOSITORY", "DEPLOY_BUILD", "TRIGGER_PIPELINE"),
        ],
    ),
    "Security Manager": (
        "PREDEFINED",
        ["DEV", "PROD"],
        [
            *("READ_REPOSITORY", "READ_RELEASE_BUNDLE", "READ_BUILD", "MANAGE_XRAY_MD_REPOSITORY", "REPORTS_SECURITY"),
            *("WATCHES_SECURITY", "POLICIES_SECURITY", "RULES_SECURITY", "ISSUES_SECURITY", "LICENCES_SECURITY"),
        ],
    ),
}
"""Name to type, environments (none means all) and actions."""


def predefined() -> list[dict[str, Any]]:
    """The roles of a new project."""
    return [
        {"name": name, "type": kind, "description": "", "environments": environments, "actions": actions}
        for name, (kind, environments, actions) in PREDEFINED.items()
    ]


def checked(sent: Mapping[str, Any], name: str, environments: frozenset[str], kind: str = "CUSTOM") -> dict[str, Any]:
    """A role as it is stored; a 400 for unknown actions or environments."""
    if not name or len(name) > 64:
        raise Refused(400, "A role name of 1 to 64 characters is required")
    actions = [str(one) for one in _list(sent, "actions")]
    if unknown := [one for one in actions if one not in ACTIONS]:
        raise Refused(400, f"Unknown action: {unknown[0][:60]}")
    wanted = [str(one) for one in _list(sent, "environments")]
    if missing := [one for one in wanted if one not in environments]:
        raise Refused(400, f"Environment '{missing[0][:60]}' does not exist")
    return {
        "name": name,
        "type": kind,
        "description": str(sent.get("description") or ""),
        "environments": wanted,
        "actions": sorted(set(actions)),
    }


def _list(sent: Mapping[str, Any], name: str) -> list[Any]:
    value = sent.get(name) or []
    if not isinstance(value, list):
        raise Refused(400, f"'{name}' is not a list")
    return value
