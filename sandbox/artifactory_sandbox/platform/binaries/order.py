"""Which members of a sharded filestore are written and read first (1.11)."""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from artifactory_sandbox.platform.binaries.shard import Member, MemberFailed

READ = ("roundRobin", "zone", "crossNetworkStrategy")
WRITE = (
    "roundRobin",
    "freeSpace",
    "percentageFreeSpace",
    "zoneFreeSpace",
    "zonePercentageFreeSpace",
    "crossNetworkStrategy",
)
_ZONED = {"zone", "zoneFreeSpace", "zonePercentageFreeSpace", "crossNetworkStrategy"}
_PERCENT = {"percentageFreeSpace", "zonePercentageFreeSpace"}
_SPACE = {"freeSpace", "zoneFreeSpace"} | _PERCENT


@dataclass(slots=True)
class _Sample:
    at: float
    free: float


class Order:
    """`zones`: those named come in this order, others after them. Free space is measured once in `sample_seconds`."""

    def __init__(self, read: str, write: str, zones: Sequence[str], sample_seconds: float) -> None:
        self._read, self._write = read, write
        self._zones = list(zones)
        self._sample_seconds = sample_seconds
        self._turn = itertools.count()
        self._samples: dict[str, _Sample] = {}

    def for_reading(self, members: Sequence[Member]) -> list[Member]:
        """The best first."""
        return self._ordered(self._read, [member for member in members if member.usable()])

    def for_writing(self, members: Sequence[Member]) -> list[Member]:
        """The best first; zones take turns, so that copies stand in different ones."""
        return self._ordered(self._write, [member for member in members if member.usable() and member.writable])

    def _ordered(self, behaviour: str, members: list[Member]) -> list[Member]:
        if not members:
            return members
        start = next(self._turn) % len(members)
        turned = members[start:] + members[:start]
        if behaviour in _SPACE:
            turned.sort(key=lambda member: self._free(member, behaviour in _PERCENT), reverse=True)
        if behaviour not in _ZONED:
            return turned
        zones = sorted({member.zone for member in turned}, key=self._rank)
        rows = [[member for member in turned if member.zone == zone] for zone in zones]
        if behaviour == "zone":
            return [member for row in rows for member in row]
        return [member for turn in itertools.zip_longest(*rows) for member in turn if member is not None]

    def _rank(self, zone: str) -> tuple[int, str]:
        return (self._zones.index(zone) if zone in self._zones else len(self._zones), zone)

    def _free(self, member: Member, percent: bool) -> float:
        known = self._samples.get(member.id)
        if known is None or time.monotonic() - known.at >= self._sample_seconds:
            known = self._samples[member.id] = _Sample(time.monotonic(), _measured(member, percent))
        return known.free


def _measured(member: Member, percent: bool) -> float:
    try:
        room = member.room()
    except MemberFailed:
        return 0.0
    if room is None:
        return float("inf")
    return 100 * room.free / room.total if percent else float(room.free)


Members = Callable[[], Sequence[Member]]
"""The members of now: those of a cluster come and go with its nodes."""
