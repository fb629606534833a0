"""The replications of a site in a Pulumi program."""

from collections.abc import Collection, Mapping

import pulumi

from artifactory_estate.base import Owner
from artifactory_estate.engine import ManagedResource
from artifactory_estate.engine.resource import identity
from artifactory_estate.replication.declared import DeclaredReplications
from artifactory_estate.replication.lifecycle import ReplicationsLifecycle
from artifactory_estate.replication.model import Replications as Declared
from artifactory_estate.rest import Connection


class Replications(pulumi.ComponentResource):
    """Push and pull replications of one site. Pulumi type `artifactory-estate:index:Replications`. Makes `{name}`.

    Give it, among `opts.providers`, the site's `engine.platform_provider`.
    """

    repositories: pulumi.Output[list[str]]
    """Keys of what is sent or fetched, sorted."""

    def __init__(
        self,
        name: str,
        estate: str,
        connection: Connection,
        declared: Declared,
        targets: Mapping[str, Connection],
        opts: pulumi.ResourceOptions | None = None,
        *,
        trusting: Collection[str] = (),
    ) -> None:
        """`connection`: the site; `targets`: by site, one for each that a push names; `estate`: its name, for marks;
        `trusting`: those sites with checksum replication, which are sent no binary that they have already."""
        super().__init__("artifactory-estate:index:Replications", name, {}, opts)
        used = sorted({site for push in declared.push.values() for site in push.targets})
        ManagedResource(
            name,
            ReplicationsLifecycle,
            DeclaredReplications(
                owner=Owner(estate=estate, resource=identity(name)),
                connection=connection,
                targets={site: targets[site] for site in used},
                trusting=tuple(site for site in used if site in trusting),
                push=declared.push,
                pull=declared.pull,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.repositories = pulumi.Output.from_input(sorted({*declared.push, *declared.pull}))
        self.register_outputs({"repositories": self.repositories})
