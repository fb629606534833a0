"""Running one replication: a planned one, one by hand, or the events that wait for a target."""

import json
import logging
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.jobs import LEASE_S
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.replication import config as configs
from artifactory_sandbox.platform.replication.far import Far
from artifactory_sandbox.platform.replication.state import RUNNING, ReplicationState
from artifactory_sandbox.platform.replication.transfer import Filter, Stopped, Transfer
from artifactory_sandbox.platform.repositories.definition import CACHE_SUFFIX
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

EVENT_TRIES = 3
PUSH, PULL = "PUSH", "PULL"


class Runs:
    """Each method is called by the one node that holds the lease of what it runs."""

    def __init__(self, platform: "Platform", state: ReplicationState) -> None:
        self._platform = platform
        self._state = state

    def planned(self, row: Row) -> None:
        """A configured replication that is due, was asked for, or was cut off by the end of its node."""
        now = self._platform.clock.now()
        cut_off = row["status"] == "incomplete" and row["said"] == RUNNING
        due = row["enabled"] and row["next_run"] is not None and row["next_run"] <= now
        if not (due or cut_off or row["asked"] is not None):
            return
        config = json.loads(row["config"])
        asked = json.loads(row["asked"]) if row["asked"] else {}
        blocked = self._platform.configuration.blocked(row["kind"].capitalize())
        with self._platform.database.transaction():
            self._state.planned(row["id"], configs.next_run(config, now))
            self._state.result(row["id"], *(("incomplete", None, RUNNING) if not blocked else _kept(row, cut_off)))
        if blocked:
            return
        status, said = self._moved(row, _narrowed(config, asked.get("path", "")), row["password"], lease_of(row["id"]))
        if said == RUNNING:
            return  # the node stops: whoever finds the lease free goes on
        self._state.result(row["id"], status, self._platform.clock.now() if status != "incomplete" else None, said)

    def by_hand(self, row: Row) -> None:
        """A run with the settings of its request (5.5)."""
        option = json.loads(row["options"])
        config = _narrowed(configs.by_hand(option), row["path"])
        status, said = self._moved(row, config, str(option.get("password") or ""), request_lease(row["id"]))
        if said == RUNNING:
            return
        now = self._platform.clock.now()
        self._state.request_done(row["id"], status, now, said)
        for known in self._state.of(row["repo"]):
            if row["kind"] == PULL or known["url"] == config["url"]:
                self._state.result(known["id"], status, now if status != "incomplete" else None, said)

    def events(self, row: Row) -> None:
        """What waits to be sent, in its order; what fails again and again is left to the cron."""
        platform = self._platform
        config = json.loads(row["config"])
        far = Far.of(platform, config["url"], (config["username"], row["password"]), config)
        for event in self._state.events(row["id"]):
            blocked = platform.configuration.blocked("Push")
            if platform.stopping.is_set() or not platform.locks.take(lease_of(row["id"]), LEASE_S):
                return
            try:
                if row["enabled"] and not blocked:
                    transfer = Transfer(platform, row["repo"], far, Filter.of(config), lambda: None)
                    transfer.push_one(event["kind"], event["path"])
                self._state.sent(event["id"])
            except (PeerFailed, MissingBinary, OSError, ValueError, KeyError) as error:
                log.warning("event replication of %s:%s failed: %s", row["repo"], event["path"], error)
                if event["tries"] + 1 >= EVENT_TRIES:
                    self._state.sent(event["id"])
                else:
                    self._state.failed(event["id"])
                    return

    def _moved(self, row: Row, config: dict[str, Any], password: str, lease: str) -> tuple[str, str]:
        """Moves the bytes; status and reason."""
        platform, repo, kind = self._platform, row["repo"], row["kind"]

        def go_on() -> None:
            if platform.stopping.is_set():
                raise Stopped(RUNNING)
            if platform.configuration.blocked(kind.capitalize()):
                raise Stopped("replications were blocked")
            if not platform.locks.take(lease, LEASE_S):
                raise Stopped("another node took over")

        try:
            if kind == PUSH:
                far = Far.of(platform, config["url"], (config["username"], password), config)
                transfer = Transfer(platform, repo, far, Filter.of(config), go_on)
                transfer.push()
            else:
                url, auth = platform.repositories.upstream(repo)
                far = Far.of(platform, url, auth, {**platform.repositories.get(repo), **config})
                transfer = Transfer(platform, repo + CACHE_SUFFIX, far, Filter.of(config), go_on)
                transfer.pull()
        except Stopped as stopped:
            return "incomplete", str(stopped)
        except (PeerFailed, MissingBinary, Refused, OSError, ValueError, KeyError) as error:
            log.warning("replication of %s failed: %s", repo, error)
            return "error", str(error)
        if transfer.problems:
            return ("warn" if transfer.moved else "error"), "; ".join(transfer.problems[:20])
        return "ok", ""


def lease_of(row_id: int) -> str:
    """Name of the lease of a configured replication."""
    return f"replication:{row_id}"


def request_lease(row_id: int) -> str:
    """Name of the lease of a run by hand."""
    return f"replication-request:{row_id}"


def _narrowed(config: dict[str, Any], path: str) -> dict[str, Any]:
    """Only what is at or below a path."""
    path = path.strip("/")
    return {**config, "includePathPrefixPattern": f"{path}/**,{path}", "pathPrefix": ""} if path else config


def _kept(row: Row, cut_off: bool) -> tuple[str, int | None, str]:
    return ("incomplete", None, "replications were blocked") if cut_off else (row["status"], None, row["said"])
