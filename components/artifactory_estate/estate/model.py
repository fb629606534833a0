"""The whole document."""

from typing import Annotated

from pydantic import Field

from artifactory_estate.base import Model
from artifactory_estate.base.name import Name
from artifactory_estate.disaster_recovery.model import DisasterRecovery
from artifactory_estate.federation.model import Federation
from artifactory_estate.site.model import Artifactory, Site
from artifactory_estate.trust.model import Trust


class State(Model):
    """Where Pulumi keeps state, and what seals the secrets in it."""

    backend: Annotated[str, Field(pattern=r"^(file|s3|azblob|gs)://\S+$|^https://\S+$")]
    """`file://…` relative to the document's project, `s3://bucket?region=…`: must outlive every region a pair has to
    survive."""
    secrets_provider: Annotated[
        str, Field(pattern=r"^(passphrase|(awskms|azurekeyvault|gcpkms|hashivault)://\S+)$")
    ] = "passphrase"
    """`passphrase` (from PULUMI_CONFIG_PASSPHRASE) or a key: `awskms://alias/estate?region=…`."""


class Estate(Model):
    """Everything an organisation runs Artifactory on."""

    estate: Name
    """Its name; goes into names, tags and ownership marks."""
    state: State
    """Pulumi state."""
    artifactory: Artifactory | None = None
    """For managed sites, unless one says otherwise."""
    sites: dict[Name, Site]
    """By name; `defaults` have been merged into the managed ones."""
    trust: Trust = Trust()
    """Edges beyond those of federations and pairs."""
    federations: dict[Name, Federation] = {}
    """By name."""
    disaster_recovery: dict[Name, DisasterRecovery] = {}
    """By name."""
    tags: dict[str, str] = {}
    """On every AWS resource of every site."""
