"""The repositories of a site in a Pulumi program."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from artifactory_estate.base import Owner
from artifactory_estate.engine import ManagedResource, platform_provider
from artifactory_estate.engine.resource import identity
from artifactory_estate.repositories import model
from artifactory_estate.repositories.lifecycle import RepositoriesLifecycle
from artifactory_estate.repositories.rest_form import compact_all
from artifactory_estate.rest import Connection


class ConnectionArgs(TypedDict):
    """How to reach a platform; secrets by reference (`env:`, `file:`, `aws-secretsmanager:`)."""

    site: str
    """The site's name, for errors."""
    url: pulumi.Input[str]
    """Platform URL, without `/artifactory`."""
    token: NotRequired[pulumi.Input[str]]
    """Reference to an access token, or …"""
    username: NotRequired[pulumi.Input[str]]
    """… a user name"""
    password: NotRequired[pulumi.Input[str]]
    """… and the reference to its password."""
    proxy: NotRequired[pulumi.Input[str]]
    """Explicit proxy."""
    ca_bundle: NotRequired[pulumi.Input[str]]
    """File with the authority of the platform's certificate."""
    available: NotRequired[pulumi.Input[bool]]
    """False: leave the site alone. Default: true."""


class Repositories(pulumi.ComponentResource):
    """Local, remote and virtual repositories of one platform, as one resource.

    Pulumi type `artifactory-estate:index:Repositories`. Makes one managed resource of the component's own name, through
    the `pulumi-python` provider in `opts.providers`, or else one of its own, `{name}-platform`. No AWS resource.
    """

    observed: pulumi.Output[dict[str, Any]]
    """`count` of repositories, and `pending`: what waits for a later run."""

    def __init__(
        self,
        name: str,
        estate: str,
        connection: Connection | ConnectionArgs,
        repositories: model.Repositories | Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
        *,
        made_elsewhere: Mapping[str, str] | None = None,
    ) -> None:
        """`estate`: its name, for marks. `repositories`: as in the document, `{"local": {"libs": {"package_type": "maven"}}}`;
        raises `pydantic.ValidationError` for what a document would be refused for. `made_elsewhere`: federated
        repositories that other stacks make here, with the federation's name by key; a virtual repository that names one
        joins it when it is there, and is no error before."""
        super().__init__("artifactory-estate:index:Repositories", name, {}, opts)
        wanted = (
            repositories if isinstance(repositories, model.Repositories) else model.Repositories.from_data(repositories)
        )
        declared = {
            "connection": connection.to_data() if isinstance(connection, Connection) else dict(connection),
            "owner": Owner(estate=estate, resource=identity(name)).to_data(),
            "repositories": compact_all(wanted),
            "made_elsewhere": _named(wanted, made_elsewhere or {}),
        }
        mine = pulumi.ResourceOptions(parent=self)
        provider = self.get_provider("pulumi-python:dynamic/estate:Repositories") or platform_provider(
            f"{name}-platform", mine
        )
        managed = ManagedResource(
            name, RepositoriesLifecycle, declared, pulumi.ResourceOptions(parent=self, provider=provider)
        )
        self.observed = managed.observed
        self.register_outputs({"observed": self.observed})


def _named(repositories: model.Repositories, made_elsewhere: Mapping[str, str]) -> dict[str, str]:
    """Only what a virtual repository names, so that no other repository of a federation changes this resource."""
    named = {key for virtual in repositories.virtual.values() for key in (*virtual.repositories, virtual.deploy_to)}
    return {key: federation for key, federation in sorted(made_elsewhere.items()) if key in named}
