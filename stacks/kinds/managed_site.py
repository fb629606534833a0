"""A site that we build."""

import pulumi

from artifactory_estate.estate.model import Estate
from artifactory_estate.filestore.copies import copy_of
from artifactory_estate.site.component import Site
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.outward import others_of
from kinds.aws_account import aws_provider


def make(estate: Estate, name: str, declared: ManagedSite, platform: pulumi.ProviderResource) -> Site:
    """Everything of it, with an AWS provider of its own."""
    opts = pulumi.ResourceOptions(providers=[aws_provider(f"{name}-aws", declared.aws), platform])
    return Site(
        name,
        estate.estate,
        declared,
        artifactory=estate.artifactory,
        tags=estate.tags,
        made_elsewhere=estate.made_by_federations(name),
        others=others_of(estate, name),
        copy=copy_of(estate, name),
        service=estate.service_name(name),
        looks_before_sending=estate.looks_before_sending(name),
        opts=opts,
    )
