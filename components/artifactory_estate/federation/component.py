"""One federation in a Pulumi program."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pulumi

from artifactory_estate.base import Owner
from artifactory_estate.engine import ManagedResource, platform_provider
from artifactory_estate.engine.resource import identity
from artifactory_estate.federation.declare import declare
from artifactory_estate.federation.lifecycle import FederationLifecycle
from artifactory_estate.federation.model import Federation as Declared
from artifactory_estate.rest import Connection
from artifactory_estate.trust.lifecycle import DeclaredTrust, TrustLifecycle
from artifactory_estate.trust.model import Edge


class Federation(pulumi.ComponentResource):
    """The same repositories at several sites, each a full member.

    Pulumi type `artifactory-estate:index:Federation`. Makes `{name}-trust` (an edge of trust between every two members)
    and `{name}-repositories`, through a provider of its own, `{name}-platforms`. No AWS resource.
    """

    observed: pulumi.Output[dict[str, Any]]
    """What the federation's resource reported; `pending` names the members that are left for a later run."""

    def __init__(
        self,
        name: str,
        estate: str,
        declared: Declared,
        connections: Mapping[str, Connection],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`connections`: by site, one a member; `estate`: its name, for marks. `name` is the federation's."""
        super().__init__("artifactory-estate:index:Federation", name, {}, opts)
        sites = sorted(declared.members)
        reached = {site: connections[site] for site in sites}
        provider = platform_provider(f"{name}-platforms", pulumi.ResourceOptions(parent=self))
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        trust = ManagedResource(
            f"{name}-trust",
            TrustLifecycle,
            DeclaredTrust(
                owner=Owner(estate=estate, resource=identity(f"{name}-trust")),
                connections=reached,
                edges=tuple(Edge(between=pair) for pair in combinations(sites, 2)),
            ),
            child,
        )
        repositories = ManagedResource(
            f"{name}-repositories",
            FederationLifecycle,
            declare(Owner(estate=estate, resource=identity(f"{name}-repositories")), name, declared, reached),
            pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[trust])),
        )
        self.observed = repositories.observed
        self.register_outputs({"observed": self.observed})
