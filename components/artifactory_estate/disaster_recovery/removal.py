"""The end of a pair."""

from collections.abc import Iterator

from artifactory_estate.base import Refusal, refuse_if_any
from artifactory_estate.disaster_recovery import decide, directions, journals
from artifactory_estate.disaster_recovery.declared import DeclaredPair
from artifactory_estate.disaster_recovery.situation import Situation, situation
from artifactory_estate.rest import replications


def remove(last: DeclaredPair) -> None:
    """Remove the replications of both directions, or keep them (`on_delete`); then the journals, last of all.

    The target's repositories stay as they are: they hold the copies. A site that is declared unavailable is left alone;
    one that only does not answer is a refusal, since its replications would go on.
    """
    now = situation(last)
    refuse_if_any(_unreachable(now))
    if last.on_delete.replications == "remove":
        for site, platform in now.there.platforms.items():
            other = next(name for name in last.connections if name != site)
            directions.remove(now.direction(platform, other))
            directions.fence(last.owner, other, platform)
            replications.unblock(platform)
    journals.delete(last, [site for site in sorted(last.journals) if last.connections[site].available])


def _unreachable(now: Situation) -> Iterator[Refusal]:
    for site, connection in sorted(now.declared.connections.items()):
        if site in now.there.away and connection.available:
            yield Refusal(
                decide.path(now.declared),
                found=now.there.away[site],
                why="the pair's replications there could not be removed",
                do=f"Wait until it answers, or say `sites.{site}.available: false`, run `up`, and then destroy.",
            )
