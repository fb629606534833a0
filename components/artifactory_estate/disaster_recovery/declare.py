"""From the document's words to what the pair's resource declares."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from artifactory_estate.base import Owner
from artifactory_estate.cloud.journal import Place
from artifactory_estate.disaster_recovery.declared import DeclaredPair, DeclaredService
from artifactory_estate.disaster_recovery.model import DisasterRecovery
from artifactory_estate.repositories.model import Repositories
from artifactory_estate.repositories.rest_form import compact_all
from artifactory_estate.rest import Connection

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True)
class End:
    """One site of the pair."""

    connection: Connection
    journal: Place
    """Its bucket, region and role."""
    provider: "pulumi.ProviderResource | None" = None
    """AWS provider for its account; None: the program's own. Regions are given resource by resource."""
    repositories: Repositories = field(default_factory=Repositories)
    """What it declares. Of the master: so that a change is a change of the pair, and for the remote ones' credentials."""
    trusts_checksums: bool = False
    """Whether it has checksum replication: a binary that is in its filestore already is not sent (REST reference 1.7)."""

    @property
    def site(self) -> str:
        """Its name."""
        return self.connection.site

    @property
    def host(self) -> str:
        """Host name of its URL."""
        return urlsplit(self.connection.url).hostname or ""


def resource_of(pair: str) -> str:
    """What a pair's resource is called in its stack `dr-<pair>`; with the stack's name it is the owner in its marks."""
    return f"{pair}-pair"


def declaration(pair: str, owner: Owner, declared: DisasterRecovery, master: End, target: End) -> DeclaredPair:
    """The lifecycle's declaration; `estate watch` and `status` make the same one from the document."""
    remotes = master.repositories.remote
    service = declared.service
    return DeclaredPair(
        owner=owner,
        pair=pair,
        master=master.connection,
        target=target.connection,
        journals={master.site: master.journal, target.site: target.journal},
        serving=declared.serving,
        epoch=declared.epoch,
        schedule=declared.schedule,
        objectives=declared.objectives,
        on_delete=declared.on_delete,
        accept_data_loss=declared.accept_data_loss,
        service=DeclaredService(name=service.name, switch=service.switch, command=service.command) if service else None,
        credentials={key: remote.credentials for key, remote in sorted(remotes.items()) if remote.credentials},
        definitions=_digest(master.repositories),
        trusting=tuple(end.site for end in (master, target) if end.trusts_checksums),
    )


def _digest(repositories: Repositories) -> str:
    text = json.dumps(compact_all(repositories), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
