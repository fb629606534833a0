"""Binaries that could not travel with their events: the metadata is there, the bytes are tried for again (3.3)."""

import logging
import time
from contextlib import closing
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.federation.binary_state import BinaryState
from artifactory_sandbox.platform.federation.members import Members, Unpaired
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.replication.transfer import Sized
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused
from artifactory_sandbox.platform.web.body import Hashing

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

MOST_TRIES = 10
AVAILABLE, REJECTED = "AVAILABLE", "REJECTED"
_NO_STORAGE, _NO_SUBMISSION = "EXHAUSTED_STORAGE", "EXHAUSTED_SUBMISSION"
_REFUSALS = {403, 409, 413, 415, 422}
_CHUNK = 256 * 1024
HERE = 0
"""In place of a member: the binary is missing here, and members are asked for it."""


class BinaryTasks:
    """A task each for a repository, a binary and the side that lacks it: a member, or this platform."""

    def __init__(self, platform: "Platform", members: Members) -> None:
        self._platform = platform
        self._members = members
        self.state = BinaryState(platform.database)

    def note(self, repo: str, member: int, sha1: str, size: int, error: Exception) -> None:
        """A binary did not get through."""
        self.state.add(repo, member, sha1, size, self._platform.clock.now())
        if row := self.state.of(repo, member, sha1):
            self._failed(row, error)

    def due(self) -> list[Row]:
        """Tasks whose pause is over."""
        return self.state.due(_now())

    def attempt(self, row_id: int) -> None:
        """Tries for a binary once more."""
        row = self.state.get(row_id)
        if row is None:
            return
        if not any(
            item["repo"] == row["repo"] for item in self._platform.artifacts.state.with_checksum("sha1", row["sha1"])
        ):
            self.state.delete(row_id)  # nobody wants it any more
            return
        try:
            if row["member"] == HERE:
                self._fetch(row)
            else:
                self._send(row)
        except (PeerFailed, Unpaired, MissingBinary, Refused, OSError, ValueError, KeyError) as error:
            if isinstance(error, PeerFailed) and error.unreachable:
                self.state.wait(row_id, _now() + self._pause(row["failures"]))
                return
            self._failed(row, error)
            return
        self.state.delete(row_id)

    def bring(self, repo: str, sha1: str) -> bool:
        """A user wants a binary that is not here: members are asked at once."""
        row = self.state.of(repo, HERE, sha1)
        if row is None:
            return False
        try:
            self._fetch(row)
        except (PeerFailed, Unpaired, MissingBinary, Refused, OSError) as error:
            log.info("the binary %s of %s cannot be had: %s", sha1, repo, error)
            return False
        self.state.delete(row["id"])
        return True

    def _send(self, row: Row) -> None:
        member = self._platform.federation.state.member(row["member"])
        if member is None:
            return
        lacking = self._members.call("POST", member["url"], "lacking", json={"sha1": [row["sha1"]]}).json()["sha1"]
        if lacking:
            with closing(self._platform.binaries.store.open(row["sha1"])) as file:
                self._members.call("PUT", member["url"], f"binaries/{row['sha1']}", data=Sized(file, row["size"]))

    def _fetch(self, row: Row) -> None:
        """From the first member that has it."""
        if self._platform.artifacts.known("sha1", row["sha1"]) is not None:
            return
        last: Exception = MissingBinary(row["sha1"])
        for member in self._platform.federation.state.remote(row["repo"]):
            hashing = Hashing(self._platform.temporary)
            try:
                with self._members.call("GET", member["url"], f"binaries/{row['sha1']}", stream=True) as answer:
                    for chunk in answer.iter_content(_CHUNK):
                        hashing.write(chunk)
            except (PeerFailed, Unpaired, OSError) as error:
                hashing.discard()
                last = error
                continue
            upload = hashing.done()
            try:
                if upload.sha1 == row["sha1"]:
                    self._platform.artifacts.store(upload)
                    return
            finally:
                upload.path.unlink(missing_ok=True)
        raise last

    def _failed(self, row: Row, error: Exception) -> None:
        failures = row["failures"] + 1
        status = error.status if isinstance(error, (PeerFailed, Refused)) else 0
        state = AVAILABLE
        if status in _REFUSALS:
            state = REJECTED
        elif failures >= self._most_tries:
            state = _NO_STORAGE if status == 507 or isinstance(error, (MissingBinary, OSError)) else _NO_SUBMISSION
        heals = self._platform.federation.heals_itself
        again = _now() + self._pause(failures) if state == AVAILABLE or heals else 1 << 62
        self.state.failed(row["id"], min(failures, self._most_tries), state, str(error) or type(error).__name__, again)
        log.warning("binary %s of %s: %s", row["sha1"], row["repo"], error)

    @property
    def _most_tries(self) -> int:
        declared = self._platform.binaries.federated.get("maxRetry", MOST_TRIES)
        return int(self._platform.system_property("artifactory.federated.binaries.max.retries", declared))

    def _pause(self, failures: int) -> int:
        healing = self._platform.system_property("artifactory.auto.healing.job.interval.sec", 20)
        return int(1000 * min(0.5 * 2 ** min(failures, 10), healing))


def _now() -> int:
    return int(time.time() * 1000)
