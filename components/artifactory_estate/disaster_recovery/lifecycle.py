"""A disaster-recovery pair: what Mission Control's DR did (seed 000), by Artifactory's own calls (REST reference 7.4)."""

from collections.abc import Sequence

from artifactory_estate.base import Change, Lifecycle, Refusal, refuse_if_any
from artifactory_estate.cloud.journal import JournalChanged
from artifactory_estate.disaster_recovery import decide, journals, taking_over
from artifactory_estate.disaster_recovery.declared import DeclaredPair, ObservedPair
from artifactory_estate.disaster_recovery.protection import protect, what_lacks
from artifactory_estate.disaster_recovery.removal import remove
from artifactory_estate.disaster_recovery.situation import Situation, situation


class DisasterRecoveryLifecycle(Lifecycle[DeclaredPair, ObservedPair]):
    """Keeps the target ready to serve; changes who serves when the document says so, with proof that nothing is lost.

    | serving | master -> target     | target -> master                | replications blocked at |
    |---------|----------------------|---------------------------------|-------------------------|
    | master  | enabled, staggered   | there, switched off, no login   | neither                 |
    | target  | switched off, fenced | enabled once the master answers | master                  |

    Every run brings the pair to its row, whatever the last one left: a change of `serving` is journalled first, and what
    follows is the same as without one. What cannot be done because a site is away is `pending`; the new serving site
    waits for nothing of the old one's region longer than 10 s.

    The tokens by which one side sends to the other end after 365 days; in the last 60 a refresh says so as `pending`, and
    the run that follows hands the source new ones and ends the old.

    Reads: 1 ping, 1 listing of repositories and 2 of replications a site, 1 token list at the standby, both journals.
    Writes: 1 a hundred repositories, 1 a replication that differs.
    """

    declared = DeclaredPair
    observed = ObservedPair

    def plan(self, old: DeclaredPair, new: DeclaredPair) -> Change:
        """Another pair of sites, or another owner, is another pair."""
        replaces = [name for name in ("owner", "pair") if getattr(old, name) != getattr(new, name)]
        replaces += [name for name in ("master", "target") if getattr(old, name).site != getattr(new, name).site]
        return Change(changed=old != new, replaces=replaces, delete_first=bool(replaces))

    def preflight(self, old: DeclaredPair | None, new: DeclaredPair) -> Sequence[Refusal]:
        """Every reason not to begin, among them a stale epoch and a missing proof. Reads only."""
        del old
        return _refusals(situation(new))

    def create(self, wanted: DeclaredPair) -> ObservedPair:
        """Init and Synchronize. What an earlier run made is known by our mark and by the journal."""
        return _make_true(wanted, ObservedPair(), restagger=False)

    def update(self, old: DeclaredPair, wanted: DeclaredPair, observed: ObservedPair) -> ObservedPair:
        """The periodic convergence, a failover, or the way back."""
        return _make_true(wanted, observed, restagger=old.schedule != wanted.schedule)

    def read(self, last: DeclaredPair, observed: ObservedPair) -> tuple[DeclaredPair, ObservedPair] | None:
        """Who serves by the journal, and what the pair lacks. A side that does not answer is believed."""
        now = situation(last)
        newest = now.journals.newest
        if newest is None and not now.journals.away:
            return None
        live = last
        if newest:
            live = last.model_copy(update={"serving": newest.serving, "epoch": newest.epoch})
        pending = tuple(dict.fromkeys((*observed.pending, *what_lacks(now))))
        return live, observed.model_copy(update={"pending": pending, "phase": now.phase()})

    def delete(self, last: DeclaredPair, observed: ObservedPair) -> None:
        """The replications, as `on_delete` says, our tokens and the journals; the copies at the target stay."""
        del observed
        remove(last)


def _refusals(now: Situation) -> list[Refusal]:
    verdict = now.verdict()
    return [
        *([verdict.refused] if verdict.refused else []),
        *decide.no_switch_yet(now.declared),
        *now.refusals(taking_over=verdict.change),
    ]


def _make_true(wanted: DeclaredPair, observed: ObservedPair, *, restagger: bool) -> ObservedPair:
    if not wanted.connections[wanted.serving].available:
        return observed.model_copy(update={"pending": (f"{wanted.serving} is not available, as the document says",)})
    now = _decided(wanted)
    pending = [*journals.follow(wanted, now.journals)]
    pending += taking_over.secure(now)
    traffic, late = taking_over.move_traffic(now, observed.traffic)
    pending += [*late, *protect(now, restagger=restagger)]
    newest = now.journals.newest
    return ObservedPair(
        pending=tuple(dict.fromkeys(pending)),
        phase=now.phase(after=True),
        traffic=traffic,
        since=newest.since if newest else "",
        rested_on=newest.rested_on if newest else None,
    )


def _decided(wanted: DeclaredPair) -> Situation:
    """The situation with who serves decided and journalled. Decided again when a `watch` wrote evidence meanwhile."""
    for last_try in (False, False, True):
        now = situation(wanted)
        refuse_if_any(_refusals(now))
        verdict = now.verdict()
        if not verdict.change:
            break
        try:
            return now.with_journals(journals.write_down(wanted, now.journals, verdict, now.at))
        except JournalChanged:
            if last_try:
                raise
    return now


__all__ = ["DeclaredPair", "DisasterRecoveryLifecycle", "ObservedPair"]
