"""Which edition a feature needs: what only the server can tell of a licence, held against what the document asks for."""

from collections.abc import Iterator, Sequence
from typing import Literal

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.filestore.traits import is_clustered, is_made_elsewhere, is_sharded
from artifactory_estate.rest.licences import InstalledLicence
from artifactory_estate.site.model import ManagedSite

Feature = Literal[
    "high availability",
    "sharding",
    "sharding over buckets",
    "an S3-compatible store",
    "checksum replication",
    "checksum replication to another site",
    "multi-push replication",
    "federation",
]

_PRO, _ENTERPRISE, _X, _PLUS = 1, 2, 3, 4
_NAMES = {_ENTERPRISE: "Enterprise", _X: "Enterprise X or Enterprise+", _PLUS: "Enterprise+"}
NEEDS: dict[Feature, tuple[int, str]] = {
    # A lone node is a cluster of one (decision 0016).
    "high availability": (_ENTERPRISE, "seed 004: an HA configuration is supported with an Enterprise licence"),
    "sharding": (_ENTERPRISE, "files reference 1.12: Enterprise licence needed"),
    "sharding over buckets": (_X, "files reference 1.10: Enterprise X or Enterprise+ licence"),
    "an S3-compatible store": (_ENTERPRISE, "files reference 1.13: other endpoints need Enterprise or Enterprise+"),
    "checksum replication": (_PLUS, "REST reference 1.7: Enterprise+"),
    "checksum replication to another site": (_PLUS, "REST reference 5.1: the source that asks needs Enterprise+"),
    "multi-push replication": (_ENTERPRISE, "REST reference 5.3: more than one target needs an Enterprise licence"),
    "federation": (_X, "seed 003: supported with Enterprise X and Enterprise+ licences"),
}
"""The least edition, and where that is said."""


def features_of(site: ManagedSite, *, federated: bool, looks_before_sending: bool) -> tuple[Feature, ...]:
    """What needs more than Pro; `federated`: whether the site is a member of a federation; `looks_before_sending`: whether
    it replicates to one with checksum replication. A pair needs no more: its replications are single pushes (REST
    reference 5)."""
    asked: dict[Feature, bool] = {
        "high availability": True,
        "sharding": is_sharded(site.filestore) or is_clustered(site.filestore),
        "sharding over buckets": site.filestore.kind == "s3-sharding",
        "an S3-compatible store": is_made_elsewhere(site.filestore),
        "checksum replication": site.filestore.checksum_replication is not None,
        "checksum replication to another site": looks_before_sending,
        "multi-push replication": any(len(push.targets) > 1 for push in site.replications.push.values()),
        "federation": federated,
    }
    return tuple(feature for feature, wanted in asked.items() if wanted)


def rank_of(edition: str) -> int:
    """Of a licence's type as the server tells it. What we do not know is taken for the highest: the server decides.

    >>> [rank_of(edition) for edition in ("Commercial", "Enterprise", "Enterprise X", "Enterprise Plus", "Trial")]
    [1, 2, 3, 4, 4]
    """
    return _RANKS.get(edition.lower().removesuffix(" trial"), _PLUS)


_RANKS = {
    "commercial": _PRO,
    "pro": _PRO,
    "oss": _PRO,
    "community": _PRO,
    "enterprise": _ENTERPRISE,
    "enterprise x": _X,
}


def refusals(path: DocumentPath, pool: Sequence[InstalledLicence], features: Sequence[Feature]) -> Iterator[Refusal]:
    """Licences that have expired, and those of an edition that does not do what is asked for."""
    for licence in pool:
        if licence.expired:
            found = f"licence {licence.hash[:8]}, {licence.type}, expired on {licence.valid_through}"
            yield Refusal(path, found, "REST reference 1.2: a node whose licence is over serves nothing", "Renew it.")
    for feature in features:
        least, why = NEEDS[feature]
        weak = sorted({licence.type for licence in pool if not licence.expired and rank_of(licence.type) < least})
        if weak:
            yield Refusal(
                path,
                f"{', '.join(weak)}, with {feature}",
                why,
                f"Give the site {_NAMES[least]} licences, or do without {feature}.",
            )
