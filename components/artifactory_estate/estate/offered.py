"""Words of the vocabulary that this version cannot make true: valid in a document, refused before the first request."""

from collections.abc import Iterator

from artifactory_estate.base import Refusal
from artifactory_estate.estate.model import Estate


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Everything in the document that is not offered yet, with what to do meanwhile."""
    for name, site in estate.sites.items():
        if site.reach == "ssm":
            yield _not_yet(
                ("sites", name, "reach"), "ssm", "Reach it directly, or through a proxy of yours: `reach: proxy`."
            )
    for index, edge in enumerate(estate.trust.edges):
        if edge.use == "access":
            do = "Copy each site's root.crt into the other's trusted folder (REST reference 4.3)."
            yield _not_yet(("trust", "edges", index, "use"), "access", do)
    for name, pair in estate.disaster_recovery.items():
        if pair.service and pair.service.switch == "load_balancer":
            path = ("disaster_recovery", name, "service", "switch")
            yield _not_yet(path, "load_balancer", "Use `route53`, or `hook` with a program of yours.")


def _not_yet(path: tuple[str | int, ...], found: str, do: str) -> Refusal:
    return Refusal(path, found, "not offered yet", do)
