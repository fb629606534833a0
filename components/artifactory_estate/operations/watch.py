"""Long work is started by a resource and watched here: what, how far, how fast, until when."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from artifactory_estate.base import Model
from artifactory_estate.operations.federations import FederationStatus, federation_status
from artifactory_estate.operations.pairs import PairStatus, pair_status
from artifactory_estate.operations.project import Project
from artifactory_estate.operations.up import waits_for

EVERY_S = 2.0


class Look(Model):
    """One look at everything that is watched."""

    settled: bool
    """Pairs are protected, or their failover is in effect, or what was written meanwhile is back; federations healthy."""
    sentence: str
    """For people: `dr-east: 7 of 8 repositories at us-west, 0.4/s, 3 s left; federation-shared: healthy`."""


@dataclass
class _Rate:
    """How fast a count grows, over the whole watch."""

    began: float
    first: int

    def words(self, done: int, total: int, now: float) -> str:
        if done >= total or now - self.began < EVERY_S / 2:
            return f"{done} of {total} repositories"
        rate = (done - self.first) / (now - self.began)
        left = f", about {(total - done) / rate:.0f} s left" if rate > 0 else ""
        return f"{done} of {total} repositories, {rate:.1f}/s{left}"


def watch(project: Project, only: Sequence[str], timeout_s: float, *, until_settled: bool = True) -> Iterator[Look]:
    """Look every 2 seconds at the named federations' and pairs' stacks, or all, until they have settled or the time is up.

    A pair whose changes wait is nudged, and its proof of protection is written into the journals as soon as there is one.
    """
    stacks = [name for name in waits_for(project, only) if name.startswith(("federation-", "dr-"))]
    rates: dict[str, _Rate] = {}
    deadline = time.monotonic() + timeout_s
    while True:
        words, settled = [], True
        for stack in stacks:
            done, text = _look(project, stack, rates)
            settled = settled and done
            words.append(f"{stack}: {text}")
        look = Look(settled=settled, sentence="; ".join(words) or "nothing to watch")
        yield look
        if (look.settled and until_settled) or time.monotonic() > deadline:
            return
        time.sleep(EVERY_S)


def _look(project: Project, stack: str, rates: dict[str, _Rate]) -> tuple[bool, str]:
    if stack.startswith("federation-"):
        return _federation(federation_status(project.estate, stack.removeprefix("federation-")))
    return _pair(pair_status(project.estate, stack.removeprefix("dr-"), nudge=True), rates, stack)


def _federation(found: FederationStatus) -> tuple[bool, str]:
    queued = sum(each.queued for each in found.connections)
    waiting = f", {queued} events queued" if queued else ""
    deferred = f", {len(found.deferred)} deferred" if found.deferred else ""
    return found.settled, f"{found.state}{waiting}{deferred}"


def _pair(found: PairStatus, rates: dict[str, _Rate], stack: str) -> tuple[bool, str]:
    now = time.monotonic()
    done = found.repositories - len(found.behind)
    rate = rates.setdefault(stack, _Rate(now, done))
    everything_is_back = found.phase == "restoring" and found.proven
    notes = "".join(f"; {note}" for note in found.pending)
    if found.phase in {"protected", "activated"} or everything_is_back:
        return True, f"{found.phase} ({found.evidence}){notes}"
    return False, f"{found.phase}, {rate.words(done, found.repositories, now)}{notes}"
