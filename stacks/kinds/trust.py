"""The edges of trust that the document asks for beside those of federations and pairs."""

import pulumi

from artifactory_estate.base import Owner
from artifactory_estate.engine import ManagedResource, platform_provider
from artifactory_estate.engine.resource import identity
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.connection import connection_to
from artifactory_estate.trust.lifecycle import DeclaredTrust, TrustLifecycle


def make(estate: Estate, name: str) -> None:
    """The stack `trust`."""
    made = ManagedResource(
        name,
        TrustLifecycle,
        DeclaredTrust(
            owner=Owner(estate=estate.estate, resource=identity(name)),
            connections={site: connection_to(estate.estate, site, declared) for site, declared in estate.sites.items()},
            edges=estate.trust.edges,
        ),
        pulumi.ResourceOptions(provider=platform_provider(f"{name}-platforms")),
    )
    pulumi.export("pending", made.observed.apply(lambda observed: observed["pending"]))
