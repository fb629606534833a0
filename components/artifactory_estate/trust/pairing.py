"""One edge of trust: whether it is there, making it, taking it away. The one place that knows how to tell."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from artifactory_estate.rest import Platform, trust
from artifactory_estate.rest.errors import Forbidden, NotAllowed, NotThere

RENEW_BEFORE = timedelta(days=60)
"""Master tokens last a year (REST reference 2.9); one with less than this left is exchanged again."""


@dataclass(frozen=True)
class Pairing:
    """What two sites hold of each other."""

    there: bool
    expires: datetime | None = None
    """The earlier end of the two; None: unknown or never."""

    def due(self, now: datetime) -> bool:
        """Whether to pair (again) now."""
        return not self.there or (self.expires is not None and self.expires - now < RENEW_BEFORE)


def read(source: Platform, other: Platform, *, both_ways: bool) -> Pairing | None:
    """The pairing between two sites; None when a server does not let us see (a descriptor is for self-hosted ones).

    There is no GET of pairings. What a pairing leaves behind is a master token for the peer in each site's descriptor,
    or in the receiving site's alone when it was made for receiving only.
    """
    try:
        held = [
            next((token for token in trust.held(here) if token.base_url == peer.connection.url.lower()), None)
            for here, peer in ((source, other), (other, source))
        ]
    except (Forbidden, NotThere, NotAllowed):
        return None
    tokens = [token for token in held if token]
    ends = [token.expires for token in tokens if token.expires]
    return Pairing(there=len(tokens) == 2 or (bool(tokens) and not both_ways), expires=min(ends, default=None))


def pair(source: Platform, other: Platform, *, both_ways: bool) -> None:
    """Make or renew it: `source` issues a pairing token, `other` accepts it and exchanges it with `source`."""
    use: trust.Use = "federated-repo/*" if both_ways else "federated-repo/r"
    trust.accept(other, use, trust.pairing_token(source, use))


def revoke(here: Platform, peer_url: str) -> None:
    """Take one side's trust away; both sides need it."""
    trust.revoke(here, peer_url)


def now() -> datetime:
    """The time that ends are compared with."""
    return datetime.now(UTC)
