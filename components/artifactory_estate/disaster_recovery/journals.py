"""Both sides' journals: read side by side, written by compare-and-set, the new serving side's first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from artifactory_estate.base import EstateError
from artifactory_estate.base.side_by_side import side_by_side
from artifactory_estate.cloud import journal
from artifactory_estate.cloud.journal import Evidence, Journal, JournalChanged, JournalUnavailable, Version
from artifactory_estate.disaster_recovery import decide
from artifactory_estate.disaster_recovery.decide import Verdict
from artifactory_estate.disaster_recovery.declared import DeclaredPair

_DEADLINE_S = 10.0


@dataclass(frozen=True)
class Journals:
    """What was read."""

    versions: Mapping[str, Version]
    """By site; those whose bucket answers."""
    away: Mapping[str, str]
    """By site; why the others do not, as a sentence."""

    @property
    def newest(self) -> Journal | None:
        """The one that counts."""
        return decide.newest(version.journal for version in self.versions.values())


def read(declared: DeclaredPair) -> Journals:
    """Both, within 10 s."""
    calls: dict[str, Callable[[], Version]] = {
        site: partial(journal.read, place, declared.pair) for site, place in declared.journals.items()
    }
    versions, away = {}, {}
    for site, outcome in side_by_side(calls, _DEADLINE_S).items():
        if outcome.value:
            versions[site] = outcome.value
        elif outcome.error and not isinstance(outcome.error, EstateError):
            raise outcome.error
        else:
            away[site] = (
                f"the journal of {site} does not answer: {outcome.error or f'nothing within {_DEADLINE_S:g} s'}"
            )
    return Journals(versions, away)


def write_down(declared: DeclaredPair, found: Journals, verdict: Verdict, now: datetime) -> Journals:
    """The new epoch in the new serving side's region, before anything else is done. The other side's follows (`follow`).

    Raises `EstateError` when that journal cannot be read or written: then nothing may change.
    """
    site = declared.serving
    if site not in found.versions:
        raise EstateError(f"{found.away[site]}; without it {site} cannot begin to serve")
    before = found.newest
    moves = before is None or before.serving != declared.serving
    entry = Journal(
        serving=declared.serving,
        epoch=declared.epoch,
        since=now.isoformat() if before is None or moves else before.since,
        reason=verdict.reason if before is None or moves else before.reason,
        evidence=None if before is None or moves else before.evidence,
        rested_on=verdict.rested_on if before is None or moves else before.rested_on,
    )
    written = journal.write(declared.journals[site], declared.pair, entry, found.versions[site])
    return Journals({**found.versions, site: written}, found.away)


def follow(declared: DeclaredPair, found: Journals) -> Sequence[str]:
    """Bring the side that lags to the newest; a sentence if it does not answer."""
    newest, pending = found.newest, [why for _, why in sorted(found.away.items())]
    for site, version in sorted(found.versions.items()):
        if newest and (version.journal is None or version.journal.epoch < newest.epoch):
            try:
                journal.write(declared.journals[site], declared.pair, newest, version)
            except (JournalUnavailable, JournalChanged) as error:
                pending.append(f"the journal of {site} is not up to date: {error}")
    return pending


def record(declared: DeclaredPair, found: Journals, evidence: Evidence) -> Sequence[str]:
    """Write newer evidence into every journal that answers and agrees on who serves; sentences for the others."""
    newest, missed = found.newest, [why for _, why in sorted(found.away.items())]
    if newest is None or newest.serving != evidence.source:
        return [*missed, f"no journal has {evidence.source} serving: run `estate up` first"]
    for site, version in sorted(found.versions.items()):
        entry = newest.model_copy(update={"evidence": evidence})
        try:
            journal.write(declared.journals[site], declared.pair, entry, version)
        except (JournalUnavailable, JournalChanged) as error:
            missed.append(f"the journal of {site} does not have it: {error}")
    return missed


def delete(declared: DeclaredPair, sites: Sequence[str]) -> None:
    """Take the journals of these sites away. Raises `JournalUnavailable`."""
    for site in sites:
        journal.delete(declared.journals[site], declared.pair)
