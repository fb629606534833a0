"""Three sites that run, and declarations about them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from artifactory_estate.base import Owner
from artifactory_estate.federation.declared import DeclaredFederation
from artifactory_estate.federation.form import compact_all
from artifactory_estate.federation.model import FederatedRepository, Member
from artifactory_estate.trust.lifecycle import DeclaredTrust, TrustLifecycle
from artifactory_estate.trust.model import Edge
from tests.clients.running import Running, running

SITES = ("eu-west", "lab", "us-east")
Declare = Callable[..., DeclaredFederation]


@pytest.fixture(params=[()], ids=["rtfs"])
def sites(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, Running]]:
    with running(tmp_path, SITES, *request.param) as found:
        yield found


def trust_of(sites: Mapping[str, Running], resource: str = "federation-shared/shared-trust") -> DeclaredTrust:
    """An edge between every two."""
    names = sorted(sites)
    pairs = [(one, other) for one in names for other in names if one < other]
    return DeclaredTrust(
        owner=Owner(estate="acme", resource=resource),
        connections={name: site.connection for name, site in sites.items()},
        edges=tuple(Edge(between=pair) for pair in pairs),
    )


@pytest.fixture
def trusted(sites: dict[str, Running]) -> dict[str, Running]:
    TrustLifecycle().create(trust_of(sites))
    return sites


@pytest.fixture
def declare(sites: dict[str, Running]) -> Declare:
    """The federation's declaration; `repositories` by key as the document has them, other arguments replace fields."""

    def make(
        repositories: Mapping[str, Mapping[str, Any]] | None = None,
        members: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> DeclaredFederation:
        wanted = repositories or {"shared-federated": {"package_type": "generic"}}
        models = {key: FederatedRepository.from_data(dict(data)) for key, data in wanted.items()}
        declared = DeclaredFederation(
            owner=Owner(estate="acme", resource="federation-shared/shared-repositories"),
            federation="shared",
            connections={name: site.connection for name, site in sites.items()},
            members={name: Member.from_data(data) for name, data in (members or {key: {} for key in SITES}).items()},
            repositories=compact_all(models),
        )
        return declared.model_copy(update=fields)

    return make
