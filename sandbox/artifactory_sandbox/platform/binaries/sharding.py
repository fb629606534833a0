"""`sharding` and `sharding-cluster`: every binary on `redundancy` members (1.11, 1.12)."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from artifactory_sandbox.platform.binaries.balancing import Balancing
from artifactory_sandbox.platform.binaries.chain import CannotStore, MissingBinary
from artifactory_sandbox.platform.binaries.order import Members, Order
from artifactory_sandbox.platform.binaries.shard import Member, MemberFailed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Copies:
    """How many copies there are to be, and how few are enough for an upload; 0: no fewer (1.12)."""

    redundancy: int = 1
    lenient: int = 0

    @property
    def least(self) -> int:
        """Copies without which an upload fails."""
        return self.lenient or self.redundancy


class Sharding:
    """`settled` says of a binary that it needs no copies here: it is in the object store behind an `eventual-cluster`."""

    def __init__(
        self,
        members: Members,
        order: Order,
        copies: Copies,
        balancing: Balancing,
        settled: Callable[[str], bool] | None = None,
    ) -> None:
        self._members = members
        self._order = order
        self._copies = copies
        self.balancing = balancing
        self._settled = settled

    def put(self, sha1: str, file: Path) -> None:
        """On as many members as there have to be; fewer are taken back, unless there are enough for now."""
        if self._settled is not None and self._settled(sha1):
            return
        kept = [member for member in self._members() if member.usable() and _has(member, sha1)]
        candidates = self._order.for_writing(self._members())
        written: list[Member] = []
        full = False
        for member in candidates:
            if len(kept) + len(written) >= self._copies.redundancy:
                break
            if member in kept:
                continue
            try:
                member.put(sha1, file)
                written.append(member)
            except CannotStore as error:
                full = full or error.full
                log.warning("%s takes no copy: %s", member.id, error)
            except MemberFailed as error:
                log.warning("a copy failed: %s", error)
        copies = len(kept) + len(written)
        if copies < self._copies.least:
            for member in written:
                with contextlib.suppress(MemberFailed):
                    member.remove(sha1)
            said = f"{copies} of the {self._copies.least} members that an upload needs took it"
            raise CannotStore(said, full)
        if copies < self._copies.redundancy:
            self.balancing.raise_flag()

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """From the first member that has it and works."""
        for member in self._order.for_reading(self._members()):
            with contextlib.suppress(MissingBinary, MemberFailed):
                return member.open(sha1, start)
        raise MissingBinary(sha1)

    def has(self, sha1: str) -> bool:
        """Whether any member has it."""
        if self._settled is not None and self._settled(sha1):
            return True
        return any(_has(member, sha1) for member in self._order.for_reading(self._members()))

    def remove(self, sha1: str) -> None:
        """From every member that works, read-only ones too (1.9)."""
        for member in self._members():
            if member.usable():
                with contextlib.suppress(MemberFailed):
                    member.remove(sha1)

    def all(self) -> Iterator[tuple[str, int]]:
        """What any member has, each once."""
        seen: dict[str, int] = {}
        for member in self._members():
            if member.usable():
                with contextlib.suppress(MemberFailed):
                    seen.update(member.all())
        yield from sorted(seen.items())

    def modified(self, sha1: str) -> int | None:
        """When the oldest copy was written."""
        found = [at for member in self._members() if member.usable() and (at := member.modified(sha1)) is not None]
        return min(found, default=None)


def _has(member: Member, sha1: str) -> bool:
    try:
        return member.has(sha1)
    except MemberFailed:
        return False
