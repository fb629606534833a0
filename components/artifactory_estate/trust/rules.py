"""What an edge of trust may not be."""

from collections.abc import Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.estate.model import Estate


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Edges between two different sites that exist, each edge once."""
    seen: set[tuple[frozenset[str], str]] = set()
    for index, edge in enumerate(estate.trust.edges):
        path = ("trust", "edges", index)
        for end, site in enumerate(edge.between):
            if site not in estate.sites:
                yield Refusal((*path, "between", end), f"there is no site {site}", f"sites: {', '.join(estate.sites)}")
        if edge.between[0] == edge.between[1]:
            yield Refusal((*path, "between"), f"{edge.between[0]} twice", "trust is between two sites")
        if edge.receive_only and edge.use != "federated-repo":
            why = "REST reference 4.1: only pairing for federated repositories knows a receiving side"
            yield Refusal((*path, "receive_only"), f"given, with use: {edge.use}", why)
        key = (frozenset(edge.between), edge.use)
        if key in seen:
            yield Refusal(path, "the same edge a second time", "one owner a thing")
        seen.add(key)
