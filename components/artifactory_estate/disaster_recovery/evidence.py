"""Looks where a pair's changes have got to, and writes the proof into the journals. For `estate watch` and `status`.

A repository is at the standby when its last replication run ended `ok` after its newest change. What that rests on: the
server's own clock for both moments, and that a run which ended well carried what was there when it ended.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from artifactory_estate.cloud.journal import Evidence
from artifactory_estate.cloud.secrets import resolve
from artifactory_estate.disaster_recovery import decide, definitions, directions, journals
from artifactory_estate.disaster_recovery.decide import Look
from artifactory_estate.disaster_recovery.declared import DeclaredPair, Phase
from artifactory_estate.disaster_recovery.model import Schedule
from artifactory_estate.rest import Platform, RestError, replications, repositories
from artifactory_estate.rest.reach import reach
from artifactory_estate.rest.replications import Replication

_AT_ONCE = 6


@dataclass(frozen=True)
class Observed:
    """A pair as it is now."""

    phase: Phase
    serving: str
    """By the newest journal that answers; the document's word where none does."""
    epoch: int
    look: Look | None
    """None: the serving site does not answer."""
    evidence: Evidence | None
    """The newest proof, this look's included."""
    loss_bound_s: int | None
    """Seconds of changes that may be missing if the serving site dies now; None: nothing is proven."""
    notes: Sequence[str]
    """What does not answer, what could not be written, and which token is to be renewed, as sentences."""


def observe(declared: DeclaredPair, *, nudge: bool = False) -> Observed:
    """Look, and when everything is at the standby write it down at both sides.

    `nudge`: start the run of what is behind and has none coming (a `watch` does, a `status` not): events that are sent one
    by one are not in a server's status, only whole runs are.
    Reads: 2 requests a repository, six at a time, and 1 at the standby. Writes: the journals, by compare-and-set.
    """
    found = journals.read(declared)
    newest = found.newest
    serving = newest.serving if newest else declared.serving
    standby = next(site for site in declared.connections if site != serving)
    there = reach(declared.connections, resolve)
    source = there.platforms.get(serving)
    notes = [*found.away.values(), *there.away.values()]
    look = None
    if source:
        starts = declared.schedule if nudge and standby in there.platforms else None
        look = look_at(source, standby, declared.connections[standby].url, starts)
    evidence = newest.evidence if newest else None
    if look and (proof := look.evidence()):
        notes += [note for note in journals.record(declared, found, proof) if note not in notes]
        evidence = proof
    if newest and look and look.repositories and standby in there.platforms:
        notes += _token_due(declared, serving, there.platforms[standby])
    now = datetime.now(UTC)
    usable = evidence if evidence and evidence.source == serving else None
    return Observed(
        phase=decide.phase_of(_facts(declared, serving, look, usable, now)),
        serving=serving,
        epoch=newest.epoch if newest else declared.epoch,
        look=look,
        evidence=usable,
        loss_bound_s=decide.loss_bound_s(usable, now) if usable else None,
        notes=notes,
    )


def _token_due(declared: DeclaredPair, serving: str, standby: Platform) -> list[str]:
    try:
        due = directions.login_due(declared.owner, serving, standby)
    except RestError as error:
        return [str(error)]
    return [f"{due} by `pulumi refresh -s dr-{declared.pair}`, then `estate up`"] if due else []


def look_at(source: Platform, standby: str, standby_url: str, starts: Schedule | None = None) -> Look:
    """Every local repository of the source: 2 requests each besides 3 for all.

    `starts`: also start the run of what needs one and has none coming; the schedule says which first runs are still to
    come.
    """
    at = datetime.now(UTC)
    keys = definitions.sent(repositories.all_configurations(source))
    if keys and replications.blocks(source).push:
        return Look(source.site, standby, at, len(keys), [f"replication is blocked at {source.site}"], running=False)
    direction = directions.read(source, standby, standby_url)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(partial(_repository, direction), keys))
    if starts:
        _start(source, [one for one in found if one.outdated or _missed(one, starts, len(keys), at)])
    behind = [one.why for one in found if one.why]
    oldest = min((one.changed for one in found if one.why and one.changed), default=None)
    return Look(source.site, standby, at, len(keys), behind, oldest, running=all(one.entry for one in found))


@dataclass(frozen=True)
class _Repository:
    key: str
    why: str
    """Why it is not proven to be at the standby; empty when it is."""
    entry: Replication | None = None
    """Its replication, when it is enabled."""
    changed: datetime | None = None
    outdated: bool = False
    """Whether its last run was good and older than its newest change."""
    never_run: bool = False


def _repository(direction: directions.Direction, key: str) -> _Repository:
    entry = direction.entries.get(key)
    if entry is None or not entry.enabled:
        return _Repository(key, f"{key} has no replication to {direction.sink} that is enabled")
    try:
        status = replications.status(direction.source, key, entry.url)
        changed = replications.last_change(direction.source, key)
    except RestError as error:
        return _Repository(key, f"{key}: {error}", entry)
    done = status.last_completed
    if status.word != "ok" or done is None:
        why = f"{key}: its replication to {direction.sink} says {status.word}"
        return _Repository(key, why, entry, changed, never_run=status.word == "never_run")
    if changed and changed >= done:
        why = f"{key} was changed at {changed.isoformat()}, after its last replication at {done.isoformat()}"
        return _Repository(key, why, entry, changed, outdated=True)
    return _Repository(key, "", entry, changed)


def _missed(one: _Repository, schedule: Schedule, count: int, now: datetime) -> bool:
    return one.never_run and one.entry is not None and directions.missed(one.entry.cron, schedule, count, now)


def _start(source: Platform, found: Sequence[_Repository]) -> None:
    for one in found:
        try:
            replications.execute(source, one.key)
        except RestError:
            continue  # the next look says what is wrong with it


def _facts(
    declared: DeclaredPair, serving: str, look: Look | None, evidence: Evidence | None, now: datetime
) -> decide.Facts:
    running = look.running if look else evidence is not None
    return decide.Facts(
        master_serves=serving == declared.master.site,
        definitions_missing=False,
        entries_missing=False,
        entries_enabled=running,
        proven=look.proven if look else decide.fresh(evidence, serving, declared.objectives.rpo, now),
    )
