"""What the members have now: one request each, side by side."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from artifactory_estate.base import Owner
from artifactory_estate.cloud.secrets import resolve
from artifactory_estate.rest import Connection, Platform, repositories
from artifactory_estate.rest.reach import reach
from artifactory_estate.rest.repositories import Configuration


@dataclass(frozen=True)
class Survey:
    """The sites that answer with all their repositories, and why the others do not."""

    platforms: Mapping[str, Platform]
    found: Mapping[str, Mapping[str, Configuration]]
    """By site, then by key."""
    away: Mapping[str, str]

    def at(self, site: str, key: str) -> Configuration | None:
        """The repository there; None also for a site that is away."""
        return self.found.get(site, {}).get(key)

    def ours(self, site: str, key: str, owner: Owner) -> bool:
        """Whether the site has it with our mark."""
        found = self.at(site, key)
        return found is not None and owner.marks(str(found.get("notes") or ""))


def survey(connections: Mapping[str, Connection]) -> Survey:
    """Ask every site that answers."""
    there = reach(connections, resolve)
    return Survey(there.platforms, configurations(there.platforms), there.away)


def configurations(platforms: Mapping[str, Platform]) -> Mapping[str, Mapping[str, Configuration]]:
    """All repositories by site and key."""
    if not platforms:
        return {}
    with ThreadPoolExecutor(len(platforms)) as pool:
        return dict(zip(platforms, pool.map(repositories.all_configurations, platforms.values()), strict=True))
