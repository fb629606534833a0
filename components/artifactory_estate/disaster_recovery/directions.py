"""The pair's push replications, one direction at a time (REST reference 5 and 7.4; seed 000: Init, Synchronize).

Deletions are not replicated in either direction: a deletion at one side, or an old master that comes back and sends
before it is blocked, must not take the copy away (decision 0007).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from artifactory_estate.base import Owner
from artifactory_estate.disaster_recovery.model import Schedule
from artifactory_estate.rest import Platform, replications
from artifactory_estate.rest.replications import Login, Replication
from artifactory_estate.rest.senders import USERNAME, Senders

_HOUR_S = 3600
_START_NOW_WITHIN = timedelta(seconds=60)
"""A first run that is nearer than this is started by hand: the server may have passed the moment before it has scheduled."""
_NOT_YET = Login(USERNAME, "none until this direction is enabled")


@dataclass(frozen=True)
class Direction:
    """From one site to the other, as the source has it now."""

    source: Platform
    sink: str
    """Site."""
    sink_url: str
    """Platform URL."""
    listed: Sequence[Replication]
    """All replications of the source."""
    check_existence: bool = False
    """Whether the sink is asked for each binary before it is sent."""

    @property
    def entries(self) -> Mapping[str, Replication]:
        """Those to the sink, by repository."""
        return {entry.repository: entry for entry in self.listed if entry.url.startswith(f"{self.sink_url}/")}

    def url(self, repository: str) -> str:
        """Where a repository goes."""
        return f"{self.sink_url}/artifactory/{repository}"


def read(source: Platform, sink: str, sink_url: str, *, check_existence: bool = False) -> Direction:
    """1 request."""
    return Direction(source, sink, sink_url, replications.read_all(source), check_existence)


def enable(
    direction: Direction, keys: Sequence[str], sink: Platform, owner: Owner, schedule: Schedule, *, restagger: bool
) -> None:
    """Every repository is sent, event by event and at its own moment; none is sent twice when nothing changed.

    Reads: the status of each. Writes: 1 an entry that differs, 1 token when any does, 1 a run that is started by hand. A
    token of ours that is gone or near its end is replaced in all of them, and in any whose last run failed: a killed run
    may have ended its token before it handed out the new one.
    """
    senders = Senders(owner, direction.source.site, {sink.site: sink})
    renew = bool(keys) and senders.due(sink.site)
    begin, present = datetime.now(UTC), direction.entries
    soon = []
    for place, key in enumerate(keys):
        at = begin + timedelta(seconds=schedule.delay + place * schedule.interval)
        there = present.get(key)
        kept = there if there and there.enabled and not restagger else None
        entry = _entry(direction, key, kept.cron if kept else cron_at(at, schedule, len(keys)))
        if entry == there and not renew:
            word = replications.status(direction.source, key, entry.url).word
            if word == "never_run" and missed(entry.cron, schedule, len(keys), begin):
                soon.append(key)
            if word != "error":
                continue
        others = [entry for entry in direction.listed if entry.repository == key]
        replications.write_push(direction.source, entry, senders.login(sink.site), others)
        if renew or at - begin <= _START_NOW_WITHIN:
            soon.append(key)
    for key in soon:
        replications.execute(direction.source, key)
    if renew:
        senders.revoke_earlier(sink.site)


def prepare(direction: Direction, keys: Sequence[str], schedule: Schedule) -> None:
    """Every repository has an entry, switched off and without a login that is good for anything."""
    present = direction.entries
    for place, key in enumerate(keys):
        there = present.get(key)
        others = [entry for entry in direction.listed if entry.repository == key]
        if there is None:
            at = datetime.now(UTC) + timedelta(seconds=schedule.delay + place * schedule.interval)
            entry = replace(_entry(direction, key, cron_at(at, schedule, len(keys))), enabled=False)
            replications.write_push(direction.source, entry, _NOT_YET, others)
        elif there.enabled:
            replications.write_push(direction.source, replace(there, enabled=False), None, others)


def login_due(owner: Owner, source: str, sink: Platform) -> str:
    """Why the token by which `source` sends to `sink` is to be renewed, as a sentence; empty when it is not. 1 request."""
    return Senders(owner, source, {sink.site: sink}).why_due(sink.site)


def fence(owner: Owner, sender: str, at: Platform) -> None:
    """End every token that lets `sender` send to this site, so that it cannot even before it is blocked."""
    Senders(owner, sender, {at.site: at}).revoke_earlier(at.site)


def remove(direction: Direction) -> None:
    """All entries to the sink."""
    for key, entry in sorted(direction.entries.items()):
        replications.remove(direction.source, key, entry.url)


def cron_at(at: datetime, schedule: Schedule, count: int) -> str:
    """A Quartz expression that first fires at `at`: hourly when all repositories fit into an hour, else daily.

    Hourly is also right where the server's time zone is not UTC; daily may then begin some hours later.

    >>> cron_at(datetime(2026, 1, 31, 12, 5, 30), Schedule(), 3)
    '30 5 * * * ?'
    >>> cron_at(datetime(2026, 1, 31, 12, 5, 30), Schedule(), 30)
    '30 5 12 * * ?'
    """
    fits = schedule.delay + count * schedule.interval <= _HOUR_S
    return f"{at.second} {at.minute} {'*' if fits else at.hour} * * ?"


def missed(cron: str, schedule: Schedule, count: int, now: datetime) -> bool:
    """Whether a first run's moment has passed without it: the next one is farther away than the whole stagger reaches.
    It happens when a run of ours is killed between making an entry and starting it.

    >>> missed("30 5 * * * ?", Schedule(), 3, datetime(2026, 1, 31, 12, 6))
    True
    >>> missed("30 5 * * * ?", Schedule(), 3, datetime(2026, 1, 31, 12, 0))
    False
    """
    second, minute, hour = cron.split()[:3]
    if not (second.isdigit() and minute.isdigit() and (hour.isdigit() or hour == "*")):
        return False  # not one of ours
    at = now.replace(second=int(second), minute=int(minute), microsecond=0)
    step = timedelta(hours=1) if hour == "*" else timedelta(days=1)
    at = at if hour == "*" else at.replace(hour=int(hour))
    to_next = at - now if at > now else at + step - now
    return to_next > timedelta(seconds=schedule.delay + count * schedule.interval)


def _entry(direction: Direction, key: str, cron: str) -> Replication:
    return Replication(
        repository=key, cron=cron, url=direction.url(key), on_event=True, check_existence=direction.check_existence
    )
