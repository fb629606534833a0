"""What the parts of a site share while it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pulumi

from artifactory_estate.base import Model, Owner
from artifactory_estate.base.lifecycle import AnyLifecycle
from artifactory_estate.engine import ManagedResource
from artifactory_estate.engine.resource import identity
from artifactory_estate.rest import Connection
from artifactory_estate.site.connection import connection_to
from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import SiteNames

Made = TypeVar("Made", bound=pulumi.Resource)


@dataclass(frozen=True)
class Parts:
    """One site in the making."""

    name: str
    """Of the component; its parts are `{name}-…`."""
    names: SiteNames
    site: ManagedSite
    release: Artifactory
    """The site's own, else the estate's."""
    tags: Mapping[str, str]
    parent: pulumi.Resource
    """The component."""
    made: list[pulumi.Resource] = field(default_factory=list)
    """What the guard stands behind, in the order of making."""

    def opts(self, after: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        """Of a child of the component."""
        return pulumi.ResourceOptions(parent=self.parent, depends_on=list(after))

    def keep(self, made: Made) -> Made:
        """Remembers it for the guard."""
        self.made.append(made)
        return made

    def managed(
        self,
        name: str,
        lifecycle: type[AnyLifecycle],
        declared: Model | Mapping[str, Any],
        after: Sequence[pulumi.Resource] = (),
    ) -> ManagedResource:
        """Makes and keeps `{self.name}-{name}`."""
        return self.keep(ManagedResource(f"{self.name}-{name}", lifecycle, declared, self.opts(after)))

    def where(self) -> dict[str, Any]:
        """Region and role of the lifecycles' own AWS calls."""
        role = {"role": self.names.role} if self.names.role else {}
        return {"region": self.names.region, **role}

    def owner(self, name: str) -> Owner:
        """The mark on what the lifecycle `{self.name}-{name}` makes."""
        return Owner(estate=self.names.estate, resource=identity(f"{self.name}-{name}"))

    @property
    def connection(self) -> Connection:
        """How the site is reached, once it serves."""
        return connection_to(self.names.estate, self.name, self.site)
