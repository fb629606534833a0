"""The whole document."""

from typing import Annotated

from artifactory_estate.base import Model
from artifactory_estate.base.name import Name
from artifactory_estate.base.text_form import form
from artifactory_estate.disaster_recovery.model import DisasterRecovery
from artifactory_estate.federation.model import Federation
from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.model import ManagedSite, Site
from artifactory_estate.trust.model import Trust


class State(Model):
    """Where Pulumi keeps state, and what seals the secrets in it."""

    backend: Annotated[
        str, form(r"^(file|s3|azblob|gs|https)://[^\s@]+$", "file://, s3://, azblob://, gs:// or https:// and a place")
    ]
    """`file://…` relative to the document's project, `s3://bucket?region=…`: must outlive every region a pair has to
    survive."""
    secrets_provider: Annotated[
        str,
        form(
            r"^(passphrase|(awskms|azurekeyvault|gcpkms|hashivault)://\S+)$",
            "passphrase, or a key such as awskms://alias/estate?region=eu-central-1,",
        ),
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

    @property
    def managed_sites(self) -> dict[str, ManagedSite]:
        """Those that we build, by name."""
        return {name: site for name, site in self.sites.items() if isinstance(site, ManagedSite)}

    @property
    def trusting_sites(self) -> tuple[str, ...]:
        """Managed sites with checksum replication: no binary that is in their filestore already is sent to them."""
        sites = self.managed_sites.items()
        return tuple(name for name, site in sites if site.filestore.checksum_replication is not None)

    def replicates_to(self, site: str) -> frozenset[str]:
        """The sites that `site` has replications to: targets of its pushes, and its pair's other side."""
        pair = self.pair_of(site)
        pushed = {target for push in self.sites[site].replications.push.values() for target in push.targets}
        return frozenset({*pushed, *(pair[1].sides if pair else ())} - {site})

    def looks_before_sending(self, site: str) -> bool:
        """Whether one of its replications asks first what the other side's filestore has."""
        return not self.replicates_to(site).isdisjoint(self.trusting_sites)

    def artifactory_of(self, site: str) -> Artifactory | None:
        """What runs at a managed site: its own word, else the estate's. None where somebody else decides."""
        declared = self.sites.get(site)
        return (declared.artifactory or self.artifactory) if isinstance(declared, ManagedSite) else None

    def federations_of(self, site: str) -> dict[str, Federation]:
        """Those that `site` is a member of, by name."""
        return {name: federation for name, federation in self.federations.items() if site in federation.members}

    def made_by_federations(self, site: str) -> dict[str, str]:
        """The federated repositories that the site has as a member: the federation that makes each, by key."""
        return {key: name for name, federation in self.federations_of(site).items() for key in federation.repositories}

    def pair_of(self, site: str) -> tuple[str, DisasterRecovery] | None:
        """The pair that `site` is master or target of, with its name."""
        return next(((name, pair) for name, pair in self.disaster_recovery.items() if site in pair.sides), None)

    def service_name(self, site: str) -> str | None:
        """The host name of its pair's service."""
        found = self.pair_of(site)
        return found[1].service.name if found and found[1].service else None
