"""Event-based pull: a platform follows the changes of a repository elsewhere by asking its channel there (5.1)."""

import json
import logging
import time
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.changes import Change
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.replication.channel_state import ChannelState
from artifactory_sandbox.platform.replication.far import WIRE, Far
from artifactory_sandbox.platform.replication.transfer import Filter, Transfer
from artifactory_sandbox.platform.repositories.definition import CACHE_SUFFIX
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

PAGE = 200
SILENT_MS = 86_400_000
_EVERY_S = 0.7
_REST_S = 10.0


class Channels:
    """Both ends: `changed` and `take` where the changes are, `follow` where they are wanted."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = ChannelState(platform.database)
        self._resting: dict[int, float] = {}

    def changed(self, change: Change) -> None:
        """Queues a change for those who follow the repository."""
        self.state.add(change.repo, change.kind, change.path, change.folder)

    def take(self, repo: str, subscriber: str, after: int) -> list[dict[str, Any]]:
        """What waits for a subscriber after the last event that it has."""
        now = self._platform.clock.now()
        with self._platform.database.transaction():
            channel = self.state.open(repo, subscriber, now)
            self.state.read(channel, after)
            self.state.release(now - SILENT_MS)
        return [
            {"id": event["id"], "kind": event["kind"], "path": event["path"], "folder": bool(event["folder"])}
            for event in self.state.events(channel, PAGE)
        ]

    def due(self) -> list[int]:
        """Pull replications whose channel is to be asked now; one whose upstream failed rests for a while."""
        if self._platform.configuration.blocked("Pull"):
            return []
        now = time.monotonic()
        return [row["id"] for row in self.state.following() if self._resting.get(row["id"], 0) <= now]

    def follow(self, row: Row) -> None:
        """Takes over what the upstream's channel holds."""
        platform = self._platform
        config = json.loads(row["config"])
        url, auth = platform.repositories.upstream(row["repo"])
        far = Far.of(platform, url, auth, {**platform.repositories.get(row["repo"]), **config})
        subscriber = f"{platform.service_id}/{row['repo']}"
        try:
            body = {"subscriber": subscriber, "after": self.state.cursor(row["id"])}
            events = far.call("POST", f"{far.base}{WIRE}/channels/{far.repo}", json=body).json()["events"]
            transfer = Transfer(platform, row["repo"] + CACHE_SUFFIX, far, Filter.of(config), lambda: None)
            for event in events:
                if platform.stopping.is_set() or platform.configuration.blocked("Pull"):
                    return
                self._one(transfer, event)
                self.state.advance(row["id"], event["id"])
        except (PeerFailed, ValueError, KeyError) as error:
            log.warning("event replication of %s from %s failed: %s", row["repo"], url, error)
            self._resting[row["id"]] = time.monotonic() + _REST_S
            return
        self._resting[row["id"]] = time.monotonic() + (0 if len(events) == PAGE else _EVERY_S)

    def _one(self, transfer: Transfer, event: dict[str, Any]) -> None:
        try:
            transfer.pull_one(str(event["kind"]), str(event["path"]), bool(event["folder"]))
        except (PeerFailed, MissingBinary, Refused, OSError, ValueError, KeyError) as error:
            if isinstance(error, PeerFailed) and error.unreachable:
                raise
            log.warning("event replication of %s failed: %s", event["path"], error)  # the cron brings it
