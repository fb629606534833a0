"""Redundancy regenerated, surplus removed, mounts evened out, after garbage collection (1.12).

That the evening out goes by the bytes that each mount holds, and that read-only mounts are emptied by it, is ours: the
reference says only that data is balanced.
"""

import contextlib
import logging
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from urllib3.exceptions import HTTPError

from artifactory_sandbox.platform.binaries.chain import CannotStore, MissingBinary, Part
from artifactory_sandbox.platform.binaries.order import Members, Order
from artifactory_sandbox.platform.binaries.shard import Member, MemberFailed

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

FLAG = "filestore-unbalanced"
_KNOWN = "filestore-members"
_CHUNK = 1024 * 1024
_LOST = (MemberFailed, MissingBinary, OSError, HTTPError)
_EVEN = 0.1
"""How far a mount may be from the mean, as a share of it."""


@dataclass(slots=True)
class Done:
    """What a run did."""

    copied: int = 0
    removed: int = 0
    moved: int = 0
    finished: bool = True


@dataclass(slots=True)
class _Kept:
    size: int
    on: dict[str, Member] = field(default_factory=dict)


class Balancing(Part):
    """`copies` each; `enabled` is off where an object store behind keeps the binaries. `even`: mounts are evened out."""

    def __init__(
        self,
        members: Members,
        order: Order,
        copies: int,
        most_seconds: float = 36_000,
        even: bool = True,
        enabled: bool = True,
    ) -> None:
        self._members = members
        self._order = order
        self._copies = copies
        self._most_seconds = most_seconds
        self._even = even
        self._enabled = enabled
        self._platform: Platform | None = None
        self._stopping = threading.Event()

    def attach(self, platform: "Platform") -> None:
        """Whose settings hold the flag, and who gives room for what is copied."""
        self._platform = platform

    def stop(self) -> None:
        """Ends a run."""
        self._stopping.set()

    def tick(self) -> None:
        """Members came or went, as this node sees them: what is missing is made good after the next collection."""
        if self._platform is None or not self._enabled:
            return
        now = sorted(member.id for member in self._members() if member.usable())
        name = f"{_KNOWN}:{self._platform.node_id}"
        if now != self._platform.settings.get(name):
            self._platform.settings.set(name, now)
            self.raise_flag()

    def raise_flag(self) -> None:
        """The next garbage collection balances."""
        if self._platform is not None and self._enabled and not self._platform.settings.get(FLAG, False):
            self._platform.settings.set(FLAG, True)

    def after_collection(self, full: bool) -> Done | None:
        """Runs when the flag is up, or after a full collection, which removes surplus copies."""
        if self._platform is None or not self._enabled or not (full or self._platform.settings.get(FLAG, False)):
            return None
        return self.run(surplus=full)

    def run(self, surplus: bool = False) -> Done:
        """Regenerates, then evens out; what there is no time for waits for the next run."""
        deadline = time.monotonic() + self._most_seconds
        if self._platform is not None:
            self._platform.settings.set(FLAG, False)
        done = Done()
        if self._enabled:
            kept = self._kept()
            done.finished = self._regenerate(kept, done, surplus, deadline)
            if self._even and done.finished:
                done.finished = self._even_out(kept, done, deadline)
        if not done.finished:
            self.raise_flag()
        if done.copied or done.removed or done.moved:
            log.warning("balancing: %d copied, %d surplus removed, %d moved", done.copied, done.removed, done.moved)
        return done

    def _kept(self) -> dict[str, _Kept]:
        found: dict[str, _Kept] = {}
        for member in self._members():
            with contextlib.suppress(MemberFailed):
                for sha1, size in member.all() if member.usable() else ():
                    found.setdefault(sha1, _Kept(size)).on[member.id] = member
        return found

    def _regenerate(self, kept: dict[str, _Kept], done: Done, surplus: bool, deadline: float) -> bool:
        """A copy on a read-only member does not count: that is how it is emptied."""
        whole = True
        for sha1, entry in kept.items():
            if self._over(deadline):
                return False
            counted = [member for member in entry.on.values() if member.writable and member.usable()]
            missing = self._copies - len(counted)
            if missing > 0:
                made = self._copy(sha1, entry, missing)
                done.copied += made
                whole = whole and made == missing
            elif surplus:
                done.removed += self._thin_out(sha1, entry)
        return whole

    def _copy(self, sha1: str, entry: _Kept, wanted: int) -> int:
        made = 0
        with self._fetched(sha1, entry) as file:
            for member in self._order.for_writing(self._members()) if file is not None else ():
                if made == wanted:
                    break
                if member.id in entry.on or file is None:
                    continue
                with contextlib.suppress(MemberFailed, CannotStore):
                    member.put(sha1, file)
                    entry.on[member.id] = member
                    made += 1
        return made

    def _thin_out(self, sha1: str, entry: _Kept) -> int:
        """Copies on read-only members go first, then those that are written last."""
        best = [member.id for member in self._order.for_writing(list(entry.on.values()))]
        removed = 0
        for id_ in [id_ for id_ in entry.on if id_ not in best] + best[self._copies :]:
            if len(entry.on) <= self._copies:
                break
            with contextlib.suppress(MemberFailed):
                entry.on[id_].remove(sha1)
                del entry.on[id_]
                removed += 1
        return removed

    def _even_out(self, kept: dict[str, _Kept], done: Done, deadline: float) -> bool:
        members = {member.id: member for member in self._members() if member.usable() and member.writable}
        used = {id_: sum(entry.size for entry in kept.values() if id_ in entry.on) for id_ in members}
        mean = sum(used.values()) / len(used) if used else 0
        for sha1, entry in kept.items():
            if self._over(deadline):
                return False
            on = [id_ for id_ in entry.on if id_ in used]
            free = [id_ for id_ in used if id_ not in entry.on]
            if not on or not free:
                continue
            fullest, emptiest = max(on, key=lambda id_: used[id_]), min(free, key=lambda id_: used[id_])
            if used[fullest] <= mean * (1 + _EVEN) or used[emptiest] + entry.size > used[fullest] - entry.size:
                continue
            if self._move(sha1, entry, fullest, members[emptiest]):
                used[fullest] -= entry.size
                used[emptiest] += entry.size
                done.moved += 1
        return True

    def _move(self, sha1: str, entry: _Kept, source: str, target: Member) -> bool:
        with self._fetched(sha1, entry) as file:
            if file is None:
                return False
            try:
                target.put(sha1, file)
                entry.on[target.id] = target
                entry.on[source].remove(sha1)
                del entry.on[source]
            except (MemberFailed, CannotStore):
                return False
        return True

    @contextlib.contextmanager
    def _fetched(self, sha1: str, entry: _Kept) -> Iterator[Path | None]:
        """A file with the binary, from any member that gives it; None when none does."""
        folder = self._platform.temporary if self._platform is not None else None
        with tempfile.NamedTemporaryFile(dir=folder, prefix="upload-") as copy:
            for member in entry.on.values():
                with contextlib.suppress(*_LOST), member.open(sha1) as source:
                    copy.truncate(0)
                    copy.seek(0)
                    while chunk := source.read(_CHUNK):
                        copy.write(chunk)
                    copy.flush()
                    break
            else:
                yield None
                return
            yield Path(copy.name)

    def _over(self, deadline: float) -> bool:
        return self._stopping.is_set() or time.monotonic() > deadline
