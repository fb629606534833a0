"""Cleanup and archive policies: kept, run by their cron or on request, with real effect (12.9)."""

import csv
import io
import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.cleanup import choosing, policies
from artifactory_sandbox.platform.cleanup.archive import Archive
from artifactory_sandbox.platform.cleanup.packages import Package
from artifactory_sandbox.platform.cleanup.policies import Kind
from artifactory_sandbox.platform.cleanup.state import RUNNING, STOPPING, WAITING, CleanupState
from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.jobs import leased
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

BY = "_cleanup_"
LIMIT = 100_000
_COLUMNS = ("repository", "package_type", "name", "version", "size", "created")


class _Stopped(Exception):
    """Somebody stopped the run, or its time is over."""


class Cleanup:
    """Only one node runs policies at a time: a lease in the database says which."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = CleanupState(platform.database)
        self._archive = Archive(platform)

    def create(self, kind: Kind, key: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """A new policy; it begins disabled."""
        if sent.get("enabled"):
            raise Refused(400, "A policy cannot be created enabled: enable it with its own call")
        policy = self._read(kind, key, sent)
        with self._platform.database.transaction():
            if self.state.policy(key) is not None:
                raise Refused(409, f"Policy with key '{key}' already exists")
            self.state.put(kind, policy, None)
        return policy

    def replace(self, kind: Kind, key: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Changes everything of a policy but whether it is enabled."""
        with self._platform.database.transaction():
            row = self._idle(kind, key, "updated")
            if "enabled" in sent and bool(sent["enabled"]) != bool(row["enabled"]):
                raise Refused(400, "enabled can only be changed with the enablement call")
            policy = {**self._read(kind, key, sent), "enabled": bool(row["enabled"])}
            self.state.put(kind, policy, policies.next_run(policy, self._platform.clock.now()))
        return policy

    def switch(self, kind: Kind, key: str, on: bool) -> dict[str, Any]:
        """Enables or disables."""
        with self._platform.database.transaction():
            policy = {**json.loads(self.row(kind, key)["config"]), "enabled": on}
            self.state.put(kind, policy, policies.next_run(policy, self._platform.clock.now()))
        return policy

    def disable_all(self) -> None:
        """Disables every cleanup policy; archive policies stay as they are."""
        with self._platform.database.transaction():
            for row in self.state.of_kinds("packages", "bundles"):
                self.state.put(row["kind"], {**json.loads(row["config"]), "enabled": False}, None)

    def delete(self, kind: Kind, key: str) -> None:
        """Removes a policy that does not run."""
        with self._platform.database.transaction():
            self._idle(kind, key, "deleted")
            self.state.delete(key)

    def row(self, kind: Kind, key: str) -> Row:
        """One policy; a 404 when there is none of this kind."""
        found = self.state.policy(key)
        if found is None or found["kind"] != kind:
            raise Refused(404, f"Policy with key '{key[:100]}' was not found")
        return found

    def ask(self, kind: Kind, key: str, dry: bool) -> int:
        """Asks for a run of an enabled policy; its number."""
        with self._platform.database.transaction():
            row = self._idle(kind, key, "run")
            if not row["enabled"]:
                raise Refused(400, f"Policy with key '{key}' is disabled")
            number = self.state.ask(key, dry, self._platform.clock.now())
        self._platform.wake()
        return number

    def stop(self, number: int) -> None:
        """Ends a run where it stands."""
        run = self.state.run(number)
        if run is None:
            raise Refused(404, f"Run {number} was not found")
        if self.state.move(number, WAITING, "STOPPED") or self.state.move(number, RUNNING, STOPPING):
            return
        raise Refused(400, f"Run {number} is not running")

    def report(self, key: str, number: int) -> str:
        """What a run removed, or a dry run would remove, as CSV."""
        run = self.state.run(number)
        if run is None or run["policy"] != key:
            raise Refused(404, f"Run {number} of policy '{key[:100]}' was not found")
        out = io.StringIO()
        writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(json.loads(run["report"]))
        return out.getvalue()

    def shown_run(self, run: Row) -> dict[str, Any]:
        """A run as the list shows it."""
        times = {name: iso(run[name]) if run[name] is not None else None for name in ("started", "finished")}
        return {
            "runId": run["id"],
            "policyKey": run["policy"],
            "status": run["status"],
            "isDryRun": bool(run["dry"]),
            "startTime": times["started"],
            "finishTime": times["finished"],
            "itemsCount": run["removed"],
            "itemsSize": run["bytes"],
            **({"error": run["error"]} if run["error"] else {}),
        }

    def tick(self) -> None:
        """Queues what has come due and does what is queued."""
        now = self._platform.clock.now()
        if not (self.state.due(now) or self.state.unfinished()):
            return
        with leased(self._platform.locks, "cleanup") as ours:
            if not ours:
                return
            for row in self.state.due(now):
                self.state.planned(row["name"], policies.next_run(json.loads(row["config"]), now))
                if not self.state.unfinished(row["name"]):
                    self.state.ask(row["name"], False, now)
            for run in self.state.unfinished():
                self._run(run)

    def _run(self, run: Row) -> None:
        """One run, also one that a dead node left."""
        row = self.state.policy(run["policy"])
        if row is None or run["status"] == STOPPING:
            self.state.end(run["id"], "STOPPED", self._platform.clock.now(), [])
            return
        if run["status"] == WAITING and not self.state.move(run["id"], WAITING, RUNNING):
            return
        began = self._platform.clock.now()
        self.state.start(run["id"], began)
        policy, status, error = json.loads(row["config"]), "COMPLETED", ""
        report: list[Mapping[str, Any]] = []
        try:
            if row["kind"] == "archive":
                self._archive.demand()
            for one in choosing.chosen(self._platform, row["kind"], policy, began)[:LIMIT]:
                self._go_on(run["id"], began + policy["durationInMinutes"] * 60_000)
                if not run["dry"]:
                    self._remove(row["kind"], policy, one)
                report.append(_reported(one))
        except _Stopped:
            status = "STOPPED"
        except Refused as refused:
            status, error = "FAILED", refused.message
        except (MissingBinary, PeerFailed) as failed:
            log.error("run %d of policy %s failed: %s", run["id"], run["policy"], failed)
            status, error = "FAILED", str(failed)
        self.state.end(run["id"], status, self._platform.clock.now(), report, error)

    def _go_on(self, number: int, end: int) -> None:
        """Raises when the run is to end."""
        run = self.state.run(number)
        started = run["started"] if run else 0
        timed_out = end > (started or 0) and self._platform.clock.now() > end
        if run is None or run["status"] != RUNNING or timed_out or self._platform.stopping.is_set():
            raise _Stopped

    def _remove(self, kind: str, policy: Mapping[str, Any], one: Package | Row) -> None:
        if not isinstance(one, Package):
            self._platform.lifecycle.delete(one, BY, later=False)
            return
        if kind == "archive":
            self._archive.send(one)
        artifacts, permanently = self._platform.artifacts, bool(policy["skipTrashcan"])
        with self._platform.database.transaction():
            if one.folder:
                artifacts.delete(one.repo, one.folder, Origin(BY), permanently=permanently)
            for row in [] if one.folder else one.files:
                artifacts.delete(one.repo, row["path"], Origin(BY), permanently=permanently)
            self._prune(one)

    def _prune(self, package: Package) -> None:
        """Folders that hold nothing any more go too."""
        state = self._platform.artifacts.state
        for parent in {row["parent"] for row in package.files}:
            folder = parent
            while folder and not state.children(package.repo, folder):
                if state.item(package.repo, folder) is not None:
                    self._platform.artifacts.delete(package.repo, folder, Origin(BY), permanently=True)
                folder = folder.rpartition("/")[0]

    def _idle(self, kind: Kind, key: str, verb: str) -> Row:
        row = self.row(kind, key)
        if self.state.unfinished(key):
            raise Refused(400, f"Policy with key '{key}' is running and cannot be {verb}")
        return row

    def _read(self, kind: Kind, key: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        return policies.read(kind, key, sent, self._platform.version, self._platform.clock.now())


def _reported(one: Package | Row) -> dict[str, Any]:
    if isinstance(one, Package):
        return {
            "repository": one.repo,
            "package_type": one.kind,
            "name": one.name,
            "version": one.version,
            "size": one.size,
            "created": iso(one.created),
        }
    return {
        "repository": one["repo"],
        "package_type": "releasebundles",
        "name": one["name"],
        "version": one["version"],
        "size": 0,
        "created": iso(one["created"]),
    }
