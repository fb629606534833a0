"""A managed site from the account up, or the repositories of one that runs already."""

import importlib

import pulumi

from artifactory_estate.engine import platform_provider
from artifactory_estate.estate.model import Estate
from artifactory_estate.replication.component import Replications
from artifactory_estate.repositories.component import Repositories
from artifactory_estate.site.connection import connection_to
from artifactory_estate.site.model import ManagedSite


def make(estate: Estate, name: str) -> None:
    """The stack `<site>`."""
    declared = estate.sites[name]
    platform = platform_provider(f"{name}-platform")
    connection = connection_to(estate.estate, name, declared)
    made: pulumi.Resource
    repositories: Repositories | None
    if isinstance(declared, ManagedSite):
        made = site = importlib.import_module("kinds.managed_site").make(estate, name, declared, platform)
        repositories = site.repositories
    else:
        opts = pulumi.ResourceOptions(providers=[platform])
        made = repositories = Repositories(
            f"{name}-repositories",
            estate.estate,
            connection,
            declared.repositories,
            opts,
            made_elsewhere=estate.made_by_federations(name),
        )
    if declared.replications.push or declared.replications.pull:
        targets = {other: connection_to(estate.estate, other, site) for other, site in estate.sites.items()}
        opts = pulumi.ResourceOptions(providers=[platform], depends_on=[made])
        Replications(
            f"{name}-replications",
            estate.estate,
            connection,
            declared.replications,
            targets,
            opts,
            trusting=estate.trusting_sites,
        )
    pulumi.export("url", declared.url)
    pulumi.export("pending", repositories.observed.apply(lambda observed: observed["pending"]) if repositories else [])
