"""The one Pulumi program: the stack's name says which slice of the estate it makes true.

The document is named by ESTATE_DOCUMENT, or by the stack's configuration `artifactory-estate:document`.
"""

import os
from functools import partial

import pulumi
import pulumi_aws as aws
from artifactory_estate.repositories.component import Repositories

from artifactory_estate.base import EstateError
from artifactory_estate.base.project import in_project
from artifactory_estate.cloud.find import TAG, mark_of
from artifactory_estate.cloud.journal import Place
from artifactory_estate.disaster_recovery.component import DisasterRecoveryPair, End
from artifactory_estate.engine import platform_provider
from artifactory_estate.estate.load import load
from artifactory_estate.estate.model import Estate
from artifactory_estate.estate.slices import slice_of
from artifactory_estate.federation.component import Federation
from artifactory_estate.site.component import Site
from artifactory_estate.site.connection import connection_to
from artifactory_estate.site.model import Aws, ManagedSite
from artifactory_estate.site.names import names_of


def document() -> str:
    """Path of the estate document, relative to the project."""
    return os.environ.get("ESTATE_DOCUMENT") or pulumi.Config("artifactory-estate").require("document")


def aws_provider(name: str, where: Aws) -> aws.Provider:
    """The account, region and role of one site; another account's credentials are refused."""
    roles = [{"role_arn": where.assume_role, "session_name": "artifactory-estate"}] if where.assume_role else None
    return aws.Provider(name, region=where.region, assume_roles=roles, allowed_account_ids=[where.account])


def site(estate: Estate, name: str) -> None:
    """A managed site from the account up, or the repositories of one that runs already."""
    declared = estate.sites[name]
    platform = platform_provider(f"{name}-platform")
    if isinstance(declared, ManagedSite):
        providers = [aws_provider(f"{name}-aws", declared.aws), platform]
        opts = pulumi.ResourceOptions(providers=providers)
        Site(name, estate.estate, declared, artifactory=estate.artifactory, tags=estate.tags, opts=opts)
    else:
        connection = connection_to(estate.estate, name, declared)
        opts = pulumi.ResourceOptions(providers=[platform])
        Repositories(f"{name}-repositories", estate.estate, connection, declared.repositories, opts)
    pulumi.export("url", declared.url)


def federation(estate: Estate, name: str) -> None:
    """One federation across its members."""
    declared = estate.federations[name]
    connections = {member: connection_to(estate.estate, member, estate.sites[member]) for member in declared.members}
    made = Federation(name, estate.estate, declared, connections)
    pulumi.export("pending", made.observed.apply(lambda observed: observed["pending"]))


def disaster_recovery(estate: Estate, name: str) -> None:
    """One pair."""
    declared = estate.disaster_recovery[name]
    made = DisasterRecoveryPair(
        name, estate.estate, declared, end(estate, declared.master), end(estate, declared.target), estate.tags
    )
    pulumi.export("pending", made.observed.apply(lambda observed: observed["pending"]))


def end(estate: Estate, name: str) -> End:
    """One side of a pair."""
    declared = estate.sites[name]
    if declared.aws is None:
        raise EstateError(f"sites.{name}.aws: a side of a pair needs an account and a region for its journal")
    names = names_of(estate.estate, name, declared.aws)
    return End(
        connection=connection_to(estate.estate, name, declared),
        journal=Place(bucket=names.site_bucket, region=names.region, role=names.role),
        provider=aws_provider(f"{name}-aws", declared.aws),
        repositories=declared.repositories,
    )


def main() -> None:
    """Make the slice of the current stack."""
    estate = load(in_project(document()))
    piece = slice_of(estate, pulumi.get_stack())
    pulumi.runtime.register_resource_transform(partial(tag, estate.estate))
    {"site": site, "federation": federation, "disaster_recovery": disaster_recovery}[piece.stack.kind](
        piece.estate, piece.stack.of
    )


def tag(estate: str, args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Whatever AWS resource can carry tags carries its name in state, by which an interrupted run's is found again."""
    tags = args.props.get("tags")
    if not args.type_.startswith("aws:") or not isinstance(tags, dict):
        return None
    mark = mark_of(estate, pulumi.get_stack(), args.type_, args.name)
    return pulumi.ResourceTransformResult({**args.props, "tags": {**tags, TAG: mark}}, args.opts)


try:
    main()
except EstateError as error:
    raise pulumi.RunError(str(error)) from None
