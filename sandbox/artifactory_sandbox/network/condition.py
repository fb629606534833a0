"""What is wrong with the world just now: regions that are gone, sites that cannot reach each other, links that are slow."""

import threading
from dataclasses import dataclass
from typing import Any

from artifactory_sandbox.aws import backends
from artifactory_sandbox.aws.request import AwsCall
from artifactory_sandbox.aws.server import Refused
from artifactory_sandbox.aws.settings import INTERNAL_KEY

CLIENT = "client"
"""The caller that is no site: a laptop, CI."""

_GLOBAL = {"route53", "iam"}
_HOME = "us-east-1"


@dataclass(frozen=True, slots=True)
class Link:
    """A slow link: seconds before the first byte, bytes a second after it (0: no limit)."""

    delay: float = 0.0
    rate: float = 0.0


class Condition:
    """Read on every connection, changed by faults."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._down: set[str] = set()
        self._partitions: set[frozenset[str]] = set()
        self._refused: set[str] = set()
        self._links: dict[str, Link] = {}

    def region_answers(self, region: str) -> bool:
        """Whether a region is up."""
        return region not in self._down

    def region_down(self, region: str) -> None:
        """Takes a region away."""
        with self._lock:
            self._down.add(region)

    def region_up(self, region: str) -> None:
        """Gives it back."""
        with self._lock:
            self._down.discard(region)

    def partition(self, one: str, other: str) -> None:
        """Two sites (or `client` and a site) no longer reach each other."""
        with self._lock:
            self._partitions.add(frozenset((one, other)))

    def refuse_writes(self, service: str) -> None:
        """Writes to a global service (route53, iam) are refused from now on."""
        with self._lock:
            self._refused.add(service)

    def slow(self, site: str, link: Link) -> None:
        """A site answers slowly."""
        with self._lock:
            self._links[site] = link

    def heal(self) -> None:
        """Partitions, refusals and slow links are over. Regions come back one by one, by name."""
        with self._lock:
            self._partitions.clear()
            self._refused.clear()
            self._links.clear()

    def connected(self, one: str, other: str) -> bool:
        """Whether a caller reaches a site."""
        return one == other or frozenset((one, other)) not in self._partitions

    def link(self, site: str) -> Link | None:
        """How slow a site is, if it is."""
        return self._links.get(site)

    def gate(self, call: AwsCall) -> None:
        """Raises Refused for an AWS call that a missing region, or a refused service, would not answer."""
        if call.key == INTERNAL_KEY or not (self._down or self._refused):
            return
        if call.service in _GLOBAL:
            if not call.reads and (call.service in self._refused or _HOME in self._down):
                raise Refused(f"{call.service} takes no writes")
            return
        if call.region in self._down:
            raise Refused(f"{call.region} does not answer")
        if call.bucket and (found := backends.bucket(call.bucket)) is not None and found.region_name in self._down:
            raise Refused(f"{found.region_name} does not answer")

    def data(self) -> dict[str, Any]:
        """What the control API says."""
        with self._lock:
            return {
                "regions_down": sorted(self._down),
                "partitions": sorted(sorted(pair) for pair in self._partitions),
                "refused_writes": sorted(self._refused),
                "slow": {site: {"delay": link.delay, "rate": link.rate} for site, link in self._links.items()},
            }
