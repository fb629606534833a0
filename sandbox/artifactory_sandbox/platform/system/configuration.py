"""The configuration of the cluster: the descriptor, as a tree whose keys mirror its XML elements (1.3)."""

import copy
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_NAME = "descriptor"

FRESH: dict[str, Any] = {
    "serverName": "",
    "offlineMode": False,
    "helpLinksEnabled": True,
    "fileUploadMaxSizeMb": 100,
    "dateFormat": "dd-MM-yy HH:mm:ss z",
    "security": {
        "anonAccessEnabled": False,
        "hideUnauthorizedResources": False,
        "passwordSettings": {"encryptionPolicy": "SUPPORTED"},
    },
    "backups": {
        "backup-daily": {
            "enabled": True,
            "cronExp": "0 0 2 ? * MON-FRI",
            "retentionPeriodHours": 0,
            "createArchive": False,
            "excludeNewRepositories": False,
            "sendMailOnError": True,
            "precalculate": False,
            "exportMissionControl": False,
        },
        "backup-weekly": {
            "enabled": False,
            "cronExp": "0 0 2 ? * SAT",
            "retentionPeriodHours": 336,
            "createArchive": False,
            "excludeNewRepositories": False,
            "sendMailOnError": True,
            "precalculate": False,
            "exportMissionControl": False,
        },
    },
    "proxies": {},
    "reverseProxies": {},
    "propertySets": {},
    "repoLayouts": {},
    "gcConfig": {"cronExp": "0 0 /4 * * ?"},
    "cleanupConfig": {"cronExp": "0 12 5 * * ?"},
    "virtualCacheCleanupConfig": {"cronExp": "0 12 0 * * ?"},
    "folderDownloadConfig": {
        "enabled": False,
        "enabledForAnonymous": False,
        "maxDownloadSizeMb": 1024,
        "maxFiles": 5000,
        "maxConcurrentRequests": 10,
    },
    "trashcanConfig": {"enabled": True, "allowPermDeletes": False, "retentionPeriodDays": 14},
    "replicationsConfig": {"blockPushReplications": False, "blockPullReplications": False},
}
"""What a fresh server has. Lists of the XML whose entries have a key are maps here, by that key."""


class Configuration:
    """Reads and changes the descriptor; `revision` grows with every change."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform

    def tree(self) -> dict[str, Any]:
        """The whole descriptor."""
        stored = self._platform.settings.get(_NAME)
        return stored if stored is not None else copy.deepcopy(FRESH)

    def store(self, tree: dict[str, Any]) -> None:
        """Replaces the whole descriptor."""
        revision = int(self.tree().get("revision", 0)) + 1
        self._platform.settings.set(_NAME, {**tree, "revision": revision})

    def patch(self, changes: dict[str, Any]) -> int:
        """Merges a YAML tree; the number of values that changed."""
        with self._platform.database.transaction():
            tree = self.tree()
            count = merge(tree, changes)
            if count:
                self.store(tree)
        return count

    @property
    def base_url(self) -> str:
        """`urlBase`, without a trailing slash; empty when it is not set."""
        return str(self.tree().get("urlBase") or "").rstrip("/")

    @base_url.setter
    def base_url(self, url: str) -> None:
        if url and not url.startswith(("http://", "https://")):
            raise Refused(400, f"Invalid URL base: {url}")
        self.patch({"urlBase": url.strip().rstrip("/") or None})

    @property
    def federation_url(self) -> str:
        """The address that members of federations get, with `/artifactory`; empty when no base URL is set (1.6)."""
        own = str(self.tree().get("federatedRepoUrlBase") or "").rstrip("/")
        base = self.base_url
        return own or (f"{base}/artifactory" if base else "")

    @property
    def anonymous(self) -> bool:
        """Whether callers may come without credentials."""
        return bool((self.tree().get("security") or {}).get("anonAccessEnabled"))

    @property
    def offline(self) -> bool:
        """Whether no remote repository may fetch."""
        return bool(self.tree().get("offlineMode"))

    def blocked(self, direction: str) -> bool:
        """Whether `Push` or `Pull` replication is blocked globally (1.5)."""
        return bool((self.tree().get("replicationsConfig") or {}).get(f"block{direction}Replications"))

    def block(self, push: bool, pull: bool, on: bool) -> None:
        """Touches only the directions that are named."""
        wanted = {
            name: on for name, named in (("blockPushReplications", push), ("blockPullReplications", pull)) if named
        }
        if wanted:
            self.patch({"replicationsConfig": wanted})


def merge(tree: dict[str, Any], changes: dict[str, Any]) -> int:
    """Merges `changes` into `tree` (1.3): null removes, an empty map empties; the number of values that changed."""
    count = 0
    for name, value in changes.items():
        if value is None:
            count += tree.pop(name, None) is not None
        elif isinstance(value, dict) and value and isinstance(tree.get(name), dict):
            count += merge(tree[name], value)
        elif tree.get(name) != value:
            tree[name] = copy.deepcopy(value)
            count += 1
    return count
