"""Downloads from a cache, told to the upstream: a smart remote repository with `contentSynchronisation.statistics` (2.8).

The upstream counts them as remote downloads. Reports wait in memory for the next tick; one that cannot be sent is dropped.
"""

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from artifactory_sandbox.platform.artifacts.rows import LATEST_MS
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_MOST = 1000


class Reports:
    """What one node has to tell its upstreams."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self._lock = threading.Lock()
        self._waiting: dict[str, dict[str, dict[str, Any]]] = {}

    def note(self, row: Row, by: str) -> None:
        """A file was fetched; of interest only in the cache of a smart repository."""
        if not row["repo"].endswith(CACHE_SUFFIX):
            return
        key = row["repo"].removesuffix(CACHE_SUFFIX)
        content = (self._platform.repositories.find(key) or {}).get("contentSynchronisation") or {}
        if not (content.get("enabled") and (content.get("statistics") or {}).get("enabled")):
            return
        with self._lock:
            entries = self._waiting.setdefault(key, {})
            count = entries.get(row["path"], {}).get("downloads", 0)
            if len(entries) < _MOST or count:
                entries[row["path"]] = {"downloads": count + 1, "at": self._platform.clock.now(), "by": by}

    def flush(self) -> None:
        """Sends what waits."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for key, entries in waiting.items():
            base, auth = self._platform.repositories.upstream(key)
            root, _, repo = base.rpartition("/")
            sent = {
                "origin": self._platform.service_id,
                "files": [{"path": path, **one} for path, one in entries.items()],
            }
            try:
                self._platform.peers.call(
                    "POST", f"{root}/api/smart/{quote(repo)}/statistics", auth=auth, json=sent
                ).close()
            except PeerFailed:
                continue


def statistics(call: Call) -> Answer:
    """Takes the report of another platform."""
    sent, repo = call.json_object(), call.args["repo"]
    files, origin = sent.get("files"), str(sent.get("origin") or "")
    if not isinstance(files, list) or not origin:
        raise Refused(400, "origin and files are required")
    artifacts = call.platform.artifacts
    store = artifacts.store_of(repo)
    with call.platform.database.transaction():
        for one in files:
            if (
                not isinstance(one, dict)
                or not isinstance(one.get("downloads"), int)
                or not isinstance(one.get("at"), int)
            ):
                raise Refused(400, "A file needs a path, downloads and a moment")
            path = str(one.get("path") or "")
            row = artifacts.state.item(store, path) if store else None
            if row is not None and call.platform.security.may(call.caller, "read", repo, path):
                by = str(one.get("by") or "")
                artifacts.state.downloaded_elsewhere(row["id"], origin, one["downloads"], one["at"], by, path)
    return empty(204)


def _counts(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LATEST_MS


ROUTES = (Route("POST", "/artifactory/api/smart/{repo}/statistics", "2.8", statistics, Needs.USER),)
