"""Bringing events and full syncs to the members, in order, until each has taken them."""

import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.federation.members import Members, Unpaired
from artifactory_sandbox.platform.federation.state import FederationState
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
Entry = dict[str, Any]


class Interrupted(Exception):
    """The node stops, or another one took the lease."""


class Delivery:
    """One node of the cluster serves a member at a time: a lease says which."""

    def __init__(self, platform: "Platform", state: FederationState, members: Members) -> None:
        self._platform = platform
        self._state = state
        self._members = members
        self._next_look = 0.0

    def tick(self) -> None:
        """Serves every member that is due, and looks now and then whether the silent ones are there."""
        for row in self._state.due(_now()):
            if self._platform.stopping.is_set():
                return
            if not self._platform.federation.paused(row["repo"]):
                self._serve(row)
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + LOOK_S
            self._look()

    def missing_there(self, repo: str, url: str) -> list[Entry]:
        """What a full sync would send: files and folders that are here and not, or older, there."""
        there: dict[str, tuple[str | None, int]] = {}
        after = ""
        while True:
            page = self._members.call("GET", url, "files", params={"after": after}).json()
            there.update({entry["path"]: (entry["sha1"], entry["modified"]) for entry in page["files"]})
            if not page["files"]:
                break
            after = page["files"][-1]["path"]
        wanted = []
        for row in self._platform.artifacts.state.tree(repo, ""):
            known = there.get(row["path"])
            if row["path"] and (known is None or (known[0] != row["sha1"] and known[1] < row["modified"])):
                wanted.append(self._entry("create", row, row["modified"]))
        return wanted

    def _serve(self, row: Row) -> None:
        lease = f"federation:{row['id']}"
        if not self._platform.locks.take(lease, LEASE_S):
            return
        try:
            self._bring(row["id"])
        except Interrupted:
            pass
        except (PeerFailed, Unpaired, MissingBinary, OSError, ValueError, KeyError) as error:
            self._failed(row, error)
        finally:
            self._platform.locks.release(lease)

    def _bring(self, member: int) -> None:
        row = self._state.member(member)
        if row is None or not row["enabled"] or row["retry_at"] > _now():
            return
        trust = self._platform.trust.with_member(row["url"])
        if trust is None:
            raise Unpaired(row["url"])
        if trust["scope"] != BOTH_WAYS or self._platform.federation.receives_only(row["repo"]):
            self._state.full_sync_done(member)
            self._state.delivered(member, 1 << 62)
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
        wanted = self.missing_there(row["repo"], row["url"])
        self._state.result(row["id"], "FULL_SYNC_RUNNING")
        for start in range(0, len(wanted), 100):
            self._go_on(row["id"])
            self._send(row, wanted[start : start + 100])
        self._state.full_sync_done(row["id"])

    def _send(self, row: Row, entries: Sequence[Entry]) -> None:
        """Binaries that the other side lacks, then the entries that speak of them."""
        if not entries:
            return
        sums = sorted({entry["sha1"] for entry in entries if entry.get("sha1")})
        if sums:
            lacking = self._members.call("POST", row["url"], "lacking", json={"sha1": sums}).json()["sha1"]
            sizes = {entry["sha1"]: entry["size"] for entry in entries if entry.get("sha1")}
            for sha1 in lacking:
                self._go_on(row["id"])
                with closing(self._platform.binaries.store.open(sha1)) as file:
                    self._members.call("PUT", row["url"], f"binaries/{sha1}", data=Sized(file, sizes[sha1]))
        self._members.call("POST", row["url"], "events", json={"events": list(entries)})

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
            "properties": self._platform.artifacts.state.properties(item["id"]),
        }

    def _go_on(self, member: int) -> None:
        if self._platform.stopping.is_set() or not self._platform.locks.take(f"federation:{member}", LEASE_S):
            raise Interrupted

    def _failed(self, row: Row, error: Exception) -> None:
        """Pauses twice as long after each failure, at most as long as auto-healing lets it rest (3.3)."""
        tries = row["tries"] + 1
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
        retry_at = _now() + int(pause * 1000)
        self._state.result(row["id"], state, said, tries, retry_at)
        if unreachable:
            self._state.pause_platform(row["url"].rpartition("/")[0], retry_at)

    def _look(self) -> None:
        """One call a platform: members of a platform that went silent, or came back, are marked so."""
        if not self._platform.locks.take("federation:look", LOOK_S - 1):
            return
        by_base: dict[str, list[Row]] = {}
        for row in self._state.remote():
            if row["enabled"] and row["state"] in {"HEALTHY", "ERROR_INACTIVE"}:
                by_base.setdefault(row["url"].rpartition("/")[0], []).append(row)
        for rows in by_base.values():
            answers = self._members.reachable(rows[0]["url"])
            for row in rows:
                if answers and row["state"] == "ERROR_INACTIVE" and not row["full_sync"]:
                    self._state.result(row["id"], "HEALTHY")
                elif not answers and row["state"] == "HEALTHY":
                    self._state.result(row["id"], "ERROR_INACTIVE", "no answer")


def _now() -> int:
    return int(time.time() * 1000)
