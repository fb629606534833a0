"""Repositories of a site: local, remote, virtual. Federated ones belong to their federation."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from artifactory_estate.base import Model, SecretRef
from artifactory_estate.base.name import HttpUrl, RepositoryKey
from artifactory_estate.base.text_form import form

PackageType = Literal[
    "alpine", "ansible", "bower", "cargo", "chef", "cocoapods", "composer", "conan", "conda", "cran", "debian",
    "docker", "gems", "generic", "gitlfs", "go", "gradle", "helm", "helmoci", "hex", "huggingfaceml", "ivy",
    "machinelearning", "maven", "nix", "npm", "nuget", "oci", "opkg", "p2", "pub", "puppet", "pypi", "rpm", "sbt",
    "swift", "terraform", "terraformbackend", "vagrant", "vcs",
]  # fmt: skip
"""Lower-case names as the single-repository call writes them (REST reference 2.7)."""

ProjectKey = Annotated[
    str, form(r"^([a-z][a-z0-9-]{1,31})?$", "2 to 32 lower-case letters, digits and dashes, beginning with a letter,")
]


class Repository(Model):
    """What every class of repository has (REST reference 2.7)."""

    package_type: PackageType
    """Cannot be changed later: the repository is replaced, which `allow_delete` must allow."""
    description: str = ""
    """Shown to people."""
    notes: str = ""
    """Your words; our ownership marker is added behind them on the server."""
    layout: str = ""
    """`repoLayoutRef`; empty: the one that the UI preselects for the package type (REST reference 12.3.2)."""
    includes: str = "**/*"
    """Ant pattern of paths that may be stored."""
    excludes: str = ""
    """Ant pattern of paths that may not."""
    project: ProjectKey = ""
    """Project key; the key then begins with it and a dash (REST reference 2.2)."""
    environments: tuple[str, ...] = ()
    """`DEV`, `PROD` or your own."""
    allow_delete: bool = False
    """Whether a repository that holds artifacts may be deleted. Must have been applied before the deletion."""
    adopt: bool = False
    """Take over a repository of this key that somebody else made, instead of refusing."""
    extra: dict[str, Any] = {}
    """Fields of the REST configuration that have no name here, by their REST names, such as `maxUniqueTags`."""


class LocalRepository(Repository):
    """Stores what people deploy."""

    xray_index: bool = False
    """Index for Xray."""


class RemoteRepository(Repository):
    """Proxies and caches another server."""

    url: HttpUrl
    """Upstream, without a trailing slash."""
    credentials: SecretRef | None = None
    """Access token for the upstream; sent as its password."""
    username: str = ""
    """User name sent with the credentials; empty: a token stands alone."""
    store_artifacts: bool = True
    """Keep what was fetched."""


class VirtualRepository(Repository):
    """Several repositories under one key; the order is the order of resolution."""

    repositories: tuple[RepositoryKey, ...] = ()
    """Members, each of this package type."""
    deploy_to: RepositoryKey | None = None
    """Local member that receives uploads."""


class Repositories(Model):
    """The repositories of one site by class. Groups are sugar: moving a key between groups deletes nothing."""

    local: dict[RepositoryKey, LocalRepository] = {}
    """By key."""
    remote: dict[RepositoryKey, RemoteRepository] = {}
    """By key."""
    virtual: dict[RepositoryKey, VirtualRepository] = {}
    """By key."""

    def all(self) -> Mapping[str, LocalRepository | RemoteRepository | VirtualRepository]:
        """Every repository by key; `rules` has refused a key that stands in two classes."""
        return {**self.local, **self.remote, **self.virtual}
