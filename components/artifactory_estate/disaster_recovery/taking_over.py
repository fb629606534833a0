"""The moments of a change of `serving`, in the order that loses nothing (seed 000: Activate, Restore; REST reference 7.4)."""

from artifactory_estate.cloud import traffic
from artifactory_estate.cloud.traffic import Side, Switch
from artifactory_estate.disaster_recovery import directions
from artifactory_estate.disaster_recovery.situation import Situation
from artifactory_estate.rest import replications


def secure(now: Situation) -> list[str]:
    """Nothing may come from the other site any more; then this one may serve.

    Its tokens here end first, so that a site that comes back cannot send even before it is blocked. While the target
    serves the master stays blocked; a standby target is blocked only as long as it still has something switched on.
    """
    declared, standby = now.declared, now.standby
    directions.fence(declared.owner, declared.standby, now.serving)
    pending = []
    if standby is None:
        pending.append(f"{now.there.away[declared.standby]}; it must be blocked before it may serve again")
    elif declared.standby == declared.master.site or _still_sends(now):
        replications.block(standby)
    replications.unblock(now.serving)
    return pending


def move_traffic(now: Situation, moved_to: str) -> tuple[str, list[str]]:
    """Send the clients to the serving site, unless that is done everywhere.

    Returns where they are sent for good (empty: not everywhere yet), and what is left to say as sentences.
    """
    declared = now.declared
    if declared.service is None:
        return "", []
    if moved_to == declared.serving:
        return moved_to, []
    switch = Switch(
        kind="hook" if declared.service.switch == "hook" else "route53",
        estate=declared.owner.estate,
        pair=declared.pair,
        command=declared.service.command,
    )
    left = traffic.move(switch, _side(now, declared.master.site), _side(now, declared.target.site), declared.serving)
    return ("" if left else declared.serving), [*left]


def _side(now: Situation, site: str) -> Side:
    place = now.declared.journals[site]
    return Side(site=site, region=place.region, role=place.role)


def _still_sends(now: Situation) -> bool:
    if now.standby is None:
        return False
    entries = now.direction(now.standby, now.declared.serving).entries.values()
    return any(entry.enabled for entry in entries)
