"""Bringing events and full syncs to the members, in order, until each has taken them."""

import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.federation.binaries import BinaryTasks
from artifactory_sandbox.platform.federation.members import Members, Unpaired
from artifactory_sandbox.platform.federation.state import FederationState
from artifactory_sandbox.platform.jobs import MOST, Jobs, leased
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.replication.transfer import Sized
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.trust.behaviour import BOTH_WAYS

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

LEASE_S = 30
LOOK_S = 10
PATIENCE = 10  # looks at a member that its site is still making
NEVER = 1 << 62
Entry = dict[str, Any]


class Interrupted(Exception):
    """The node stops, another one took the lease, or a full sync was asked for anew."""


class Delivery:
    """One node of the cluster serves a member at a time: a lease says which."""

    def __init__(self, platform: "Platform", state: FederationState, members: Members, binaries: BinaryTasks) -> None:
        self._platform = platform
        self._state = state
        self._members = members
        self._binaries = binaries
        self.jobs = Jobs(
            "federation",
            platform.stopping,
            platform.wake,
            platform.binaries.federated.get("numberOfRemoteImporters", MOST),
        )
        self._next_look = 0.0

    def tick(self) -> None:
        """Serves every member that is due, and looks now and then whether the silent ones are there."""
        federation = self._platform.federation
        for row in self._state.due(_now()):
            if not federation.paused(row["repo"]) and not federation.switched_off(row["repo"]):
                self.jobs.start(f"member-{row['id']}", lambda row_id=row["id"]: self._serve(row_id))  # type: ignore[misc]
        for row in self._binaries.due():
            self.jobs.start(f"binary-{row['id']}", lambda row_id=row["id"]: self._binary(row_id))  # type: ignore[misc]
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + LOOK_S
            self.jobs.start("look", self._look)

    def stop(self) -> None:
        """Waits for the step that runs."""
        self.jobs.stop()

    def missing_there(self, repo: str, url: str) -> list[Entry]:
        """What a full sync would send: files and folders that are here and not, or older, there."""
        there: dict[str, tuple[str | None, int]] = {}
        bare: set[str] = set()
        after = ""
        while True:
            page = self._members.call("GET", url, "files", params={"after": after}).json()
            there.update({entry["path"]: (entry["sha1"], entry["modified"]) for entry in page["files"]})
            bare.update(page.get("missing", ()))
            if not page["files"]:
                break
            after = page["files"][-1]["path"]
        wanted = []
        for row in self._platform.artifacts.state.tree(repo, ""):
            known = there.get(row["path"])
            differs = known is None or (known[0] != row["sha1"] and known[1] < row["modified"])
            if row["path"] and (differs or row["sha1"] in bare):
                wanted.append(self._entry("create", row, row["modified"]))
        return wanted

    def _binary(self, row_id: int) -> None:
        with leased(self._platform.locks, f"federation-binary:{row_id}") as ours:
            if ours:
                self._binaries.attempt(row_id)

    def _serve(self, row_id: int) -> None:
        with leased(self._platform.locks, f"federation:{row_id}") as ours:
            row = self._state.member(row_id) if ours else None
            if row is None:
                return
            try:
                self._bring(row)
            except Interrupted:
                pass
            except (PeerFailed, Unpaired, MissingBinary, OSError, ValueError, KeyError) as error:
                if not self._platform.stopping.is_set():
                    self._failed(self._state.member(row_id) or row, error)

    def _bring(self, row: Row) -> None:
        member = row["id"]
        if not row["enabled"] or row["retry_at"] > _now():
            return
        trust = self._platform.trust.with_member(row["url"])
        if trust is None:
            raise Unpaired(row["url"])
        if trust["scope"] != BOTH_WAYS or self._platform.federation.receives_only(row["repo"]):
            self._state.full_sync_done(member, row["full_sync"])
            self._state.delivered(member, NEVER)
            self._state.result(member, "READ_ONLY")
            return
        if row["full_sync"]:
            self._full_sync(row)
        size = int(self._platform.system_property("artifactory.federated.mirror.events.batch.message.bulk.size", 100))
        while events := self._state.events(member, size):
            self._go_on(member)
            self._send(row, [entry for event in events for entry in self._of_event(row["repo"], event)])
            self._state.delivered(member, events[-1]["id"])
        if row["state"] != "ERROR_OUT_OF_SYNC" or row["full_sync"]:
            self._state.result(member, "HEALTHY")

    def _full_sync(self, row: Row) -> None:
        self._state.result(row["id"], "FULL_SYNC_PREPARING")
        began = time.monotonic()
        wanted = self.missing_there(row["repo"], row["url"])
        listed = time.monotonic()
        self._state.result(row["id"], "FULL_SYNC_RUNNING")
        for start in range(0, len(wanted), 100):
            self._go_on(row["id"], row["full_sync"])
            self._send(row, wanted[start : start + 100], "full_sync")
        if not self._state.full_sync_done(row["id"], row["full_sync"]):
            raise Interrupted  # another one was forced meanwhile
        ended, metrics = time.monotonic(), self._platform.metrics
        metrics.add("full_syncs")
        metrics.add("full_sync_seconds", ended - began)
        for name, amount, seconds in (("list", len(wanted), listed - began), ("send", len(wanted), ended - listed)):
            metrics.add({"list": "full_sync_listed", "send": "full_sync_sent"}[name], amount)
            metrics.add(f"full_sync_{name}_ms", seconds * 1000)

    def _send(self, row: Row, entries: Sequence[Entry], kind: str = "events") -> None:
        """Binaries that the other side lacks, then the entries that speak of them; those that fail become tasks."""
        if not entries:
            return
        sizes = {entry["sha1"]: entry["size"] for entry in entries if entry.get("sha1")}
        missed: set[str] = set()
        if sizes:
            lacking = self._members.call("POST", row["url"], "lacking", json={"sha1": sorted(sizes)}).json()["sha1"]
            for sha1 in lacking:
                self._go_on(row["id"])
                if self._sent(row, sha1, sizes[sha1]):
                    self._platform.metrics.add("binaries_sent")
                else:
                    self._platform.metrics.add("binaries_failed")
                    missed.add(sha1)
        listed = [{**entry, "pending": True} if entry.get("sha1") in missed else entry for entry in entries]
        self._members.call("POST", row["url"], "events", json={"events": listed})
        self._platform.metrics.add("jfrtfs_events_sent_to_remote_instance_total", len(entries), propagation_type=kind)

    def _sent(self, row: Row, sha1: str, size: int) -> bool:
        """Whether a binary got through; a platform that is away is not the binary's problem."""
        try:
            with closing(self._platform.binaries.store.open(sha1)) as file:
                self._members.call("PUT", row["url"], f"binaries/{sha1}", data=Sized(file, size))
        except (PeerFailed, MissingBinary, OSError) as error:
            if isinstance(error, PeerFailed) and (error.unreachable or error.status in {401, 404}):
                raise
            self._binaries.note(row["repo"], row["id"], sha1, size, error)
            return False
        return True

    def _of_event(self, repo: str, event: Row) -> Iterable[Entry]:
        """An event as it stands now: what is gone since will be told by a later event."""
        if event["kind"] == "delete":
            yield {"kind": "delete", "path": event["path"], "at": event["at"]}
            return
        item = self._platform.artifacts.state.item(repo, event["path"])
        if item is not None:
            yield self._entry(event["kind"], item, event["at"])

    def _entry(self, kind: str, item: Row, at: int) -> Entry:
        return {
            "kind": kind,
            "path": item["path"],
            "folder": bool(item["folder"]),
            "at": at,
            **{name: item[name] for name in ("sha1", "sha256", "md5", "size", "original")},
            **{name: item[name] for name in ("created", "created_by", "modified", "modified_by")},
            "created_too": self._platform.federation.propagates_created,
            "properties": self._platform.artifacts.state.properties(item["id"]),
        }

    def _go_on(self, member: int, full_sync: int | None = None) -> None:
        if self._platform.stopping.is_set() or not self._platform.locks.take(f"federation:{member}", LEASE_S):
            raise Interrupted
        if full_sync is not None:
            row = self._state.member(member)
            if row is None or row["full_sync"] != full_sync or not row["enabled"]:
                raise Interrupted

    def _failed(self, row: Row, error: Exception) -> None:
        """Pauses twice as long after each failure; a queue that failed too often rests until it is recovered (3.3)."""
        tries = row["tries"] + 1
        federation = self._platform.federation
        if row["state"] == "PENDING_FS" and tries <= PATIENCE and isinstance(error, PeerFailed) and error.status == 404:
            self._state.result(row["id"], row["state"], "the member is being made", tries, _now())
            return
        log.warning("federation of %s with %s: %s", row["repo"], row["url"], error)
        healing = self._platform.system_property("artifactory.auto.healing.job.interval.sec", 20)
        pause = min(0.5 * 2 ** min(tries, 10), healing)
        unreachable = isinstance(error, PeerFailed) and error.unreachable
        state = "ERROR_INACTIVE" if unreachable else "ERROR_GENERIC"
        if row["state"] == "ERROR_OUT_OF_SYNC" and not row["full_sync"]:
            state = "ERROR_OUT_OF_SYNC"
        said = "there is no trust with this platform" if isinstance(error, Unpaired) else str(error)
        over = tries >= federation.most_tries and not federation.heals_itself
        retry_at = NEVER if over else _now() + int(pause * 1000)
        self._state.result(row["id"], state, said, tries, retry_at)
        if unreachable and not over:
            self._state.pause_platform(row["url"].rpartition("/")[0], retry_at)

    def _look(self) -> None:
        """One call a platform: members of a platform that went silent, or came back, are marked so."""
        if not self._platform.locks.take("federation:look", LOOK_S - 1):
            return
        by_base: dict[str, list[Row]] = {}
        for row in self._state.remote():
            if row["enabled"] and row["retry_at"] != NEVER:
                by_base.setdefault(row["url"].rpartition("/")[0], []).append(row)
        for base, rows in by_base.items():
            answer = self._members.ping(rows[0]["url"])
            if answer is not None:
                self._state.seen(base, bool(answer.get("dashboard")), _now())
            for row in rows:
                if answer is not None and row["state"] == "ERROR_INACTIVE" and not row["full_sync"]:
                    self._state.result(row["id"], "HEALTHY")
                    self._platform.metrics.add("healed")
                elif answer is None and row["state"] == "HEALTHY":
                    self._state.result(row["id"], "ERROR_INACTIVE", "no answer")


def _now() -> int:
    return int(time.time() * 1000)
