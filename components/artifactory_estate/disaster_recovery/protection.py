"""Brings the standby to what it needs to take over: definitions, replications towards it, none away from it."""

from collections.abc import Callable

from artifactory_estate.cloud.secrets import resolve
from artifactory_estate.disaster_recovery import definitions, directions
from artifactory_estate.disaster_recovery.declared import DeclaredPair
from artifactory_estate.disaster_recovery.situation import Situation
from artifactory_estate.rest import replications


def protect(now: Situation, *, restagger: bool) -> list[str]:
    """Init and Synchronize in the direction that is wanted, and the other one switched off. Waits for no transfer."""
    declared, standby, sides = now.declared, now.standby, now.sides
    if standby is None or sides is None:
        return [f"{now.there.away[declared.standby]}; {declared.serving} is not protected"]
    definitions.copy(sides, standby, _passwords(declared))
    back = now.direction(standby, declared.serving)
    directions.prepare(back, sides.sent, declared.schedule)
    if declared.standby == declared.target.site:
        replications.unblock(standby)  # whatever it had switched on is off now
    forth = now.direction(now.serving, declared.standby)
    directions.enable(forth, sides.sent, standby, declared.owner, declared.schedule, restagger=restagger)
    return []


def what_lacks(now: Situation) -> list[str]:
    """What the next run would do for the standby, as sentences; a token near its end is renewed. Reads only."""
    standby, sides, declared = now.standby, now.sides, now.declared
    if standby is None or sides is None:
        return []
    lacks = [f"{key} is at {declared.serving} and not at {declared.standby}" for key in sides.missing]
    forth = now.direction(now.serving, declared.standby)
    entries = forth.entries
    lacks += [
        f"{key} is sent to {declared.standby} {'without' if forth.check_existence else 'with'} a look at its filestore"
        for key in sides.sent
        if key in entries and entries[key].check_existence != forth.check_existence
    ]
    lacks += [
        f"{key} is not replicated to {declared.standby}"
        for key in sides.sent
        if key not in sides.missing and not (key in entries and entries[key].enabled)
    ]
    due = directions.login_due(declared.owner, declared.serving, standby) if sides.sent else ""
    return [*lacks, due] if due else lacks


def _passwords(declared: DeclaredPair) -> Callable[[str], str | None]:
    return lambda key: resolve(declared.credentials[key]) if key in declared.credentials else None
