"""The configuration descriptor over HTTP (1.3)."""

from typing import Any

import yaml

from artifactory_sandbox.platform import cron
from artifactory_sandbox.platform.system.configuration import FRESH
from artifactory_sandbox.platform.system.descriptor import from_xml, to_xml
from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, json_answer, text

PATH = "/artifactory/api/system/configuration"
_SINGLE = frozenset(
    {
        *("serverName", "offlineMode", "helpLinksEnabled", "fileUploadMaxSizeMb", "revision", "dateFormat", "addons"),
        *("mailServer", "xrayConfig", "security", "indexer", "urlBase", "federatedRepoUrlBase", "logo", "footer"),
        *("systemMessageConfig", "gcConfig", "cleanupConfig", "virtualCacheCleanupConfig", "quotaConfig"),
        *("folderDownloadConfig", "trashcanConfig", "replicationsConfig", "sumoLogicConfig", "releaseBundlesConfig"),
        *("signedUrlConfig", "downloadRedirectConfig", "retentionSettings", "authentication"),
    }
)
_SECTIONS = _SINGLE | {"backups", "proxies", "reverseProxies", "propertySets", "repoLayouts", "keyPairs"}
_LEFT_TO_THEIR_CALLS = ("localRepositories", "remoteRepositories", "virtualRepositories", "federatedRepositories")


def get(call: Call) -> Answer:
    """General Configuration."""
    platform = call.platform
    tree = platform.configuration.tree()
    tokens = {entry["tokenId"]: entry for entry in platform.trust.described()}
    shown = {**tree, **({"authentication": {"tokens": tokens}} if tokens else {})}
    return Answer(200, to_xml(shown), "application/xml")


def post(call: Call) -> Answer:
    """Save General Configuration: replaces the whole."""
    tree = from_xml(call.data)
    configuration = call.platform.configuration
    sent = tree.pop("revision", None)
    with call.platform.database.transaction():
        current = configuration.tree().get("revision", 0)
        if isinstance(sent, int) and sent < current:
            raise Refused(
                400, f"Could not merge and save new descriptor: revision {sent} is older than {current}", "text"
            )
        tree.pop("authentication", None)
        for name in _LEFT_TO_THEIR_CALLS:
            tree.pop(name, None)
        _check(tree)
        configuration.store({**tree, "revision": current})
    call.platform.wake()
    counts = call.platform.repositories.state.counts()
    local = counts.get("local", 0) + counts.get("federated", 0)
    said = f"{local} local repos, {counts.get('remote', 0)} remote repos, {counts.get('virtual', 0)} virtual repos"
    return text(f"Reload of new configuration ({said}) succeeded")


def patch(call: Call) -> Answer:
    """YAML Configuration: merges; null removes, an empty map empties."""
    try:
        changes = yaml.safe_load(call.text())
    except yaml.YAMLError as error:
        raise Refused(
            400, f"Failed to parse the YAML configuration: {' '.join(str(error).split())[:300]}", "text"
        ) from None
    if not isinstance(changes, dict):
        raise Refused(400, "Failed to parse the YAML configuration: a map is expected", "text")
    for name in _LEFT_TO_THEIR_CALLS:
        changes.pop(name, None)
    changes.pop("authentication", None)
    _check(changes)
    count = call.platform.configuration.patch(changes)
    call.platform.wake()
    return text(f"{count} changes to config merged successfully")


def security_config(call: Call) -> Answer:
    """The security section as JSON (12.6)."""
    security = call.platform.configuration.tree().get("security") or FRESH["security"]
    shown = {name: security.get(name, FRESH["security"][name]) for name in ("anonAccessEnabled", "passwordSettings")}
    return json_answer(shown)


def _check(tree: dict[str, Any]) -> None:
    if unknown := sorted(str(name) for name in tree if name not in _SECTIONS):
        raise Refused(400, f"Unknown configuration section: {', '.join(unknown)}", "text")
    plans = {f"backups.{key}": entry for key, entry in (tree.get("backups") or {}).items() if entry}
    plans |= {name: tree[name] for name in ("gcConfig", "cleanupConfig", "virtualCacheCleanupConfig") if tree.get(name)}
    for place, entry in plans.items():
        expression = entry.get("cronExp") if isinstance(entry, dict) else None
        if expression is not None:
            try:
                cron.parse(str(expression))
            except cron.InvalidCron as error:
                raise Refused(400, f"{place}: invalid cronExp '{expression}': {error}", "text") from None
    for name in ("urlBase", "federatedRepoUrlBase"):
        url = tree.get(name)
        if url and not str(url).startswith(("http://", "https://")):
            raise Refused(400, f"{name}: '{url}' is not a URL", "text")


ROUTES = (
    Route("GET", PATH, "1.3", get),
    Route("POST", PATH, "1.3", post),
    Route("PATCH", PATH, "1.3", patch),
    Route("GET", "/artifactory/api/securityconfig", "12.6", security_config),
)
