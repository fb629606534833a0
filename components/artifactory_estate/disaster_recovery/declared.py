"""What a pair's resource declares and reports: plain data that goes into state."""

from typing import Literal

from artifactory_estate.base import Model, Observation, Owner, SecretRef
from artifactory_estate.cloud.journal import Evidence, Place
from artifactory_estate.disaster_recovery.model import Objectives, OnDelete, Schedule
from artifactory_estate.rest import Connection

Phase = Literal["configured", "initialized", "synchronizing", "protected", "activated", "restoring"]
"""One word for people; programs decide by the evidence."""


class DeclaredService(Model):
    """The name that clients use."""

    name: str
    """Host name."""
    switch: Literal["route53", "load_balancer", "hook"]
    """Who moves the traffic."""
    command: tuple[str, ...] = ()
    """For `hook`."""


class DeclaredPair(Model):
    """One pair, and all that a failover needs to know without asking the dead side."""

    owner: Owner
    pair: str
    """Its name in the document; in the journal's key and the switch's metric too."""
    master: Connection
    target: Connection
    journals: dict[str, Place]
    """By site, one for each of the two: the bucket of its journal, its region, the role to write there."""
    serving: str
    """Site."""
    epoch: int
    schedule: Schedule = Schedule()
    objectives: Objectives = Objectives()
    on_delete: OnDelete = OnDelete()
    accept_data_loss: str | None = None
    service: DeclaredService | None = None
    credentials: dict[str, SecretRef] = {}
    """Of the master's remote repositories, by key: no server tells a stored password, so the copy gets it from here."""
    definitions: str = ""
    """A digest of the master's declared repositories, so that a change of theirs is a change here."""
    trusting: tuple[str, ...] = ()
    """Sites of the two that are sent no binary that is in their filestore already."""

    @property
    def connections(self) -> dict[str, Connection]:
        """Both, by site."""
        return {self.master.site: self.master, self.target.site: self.target}

    @property
    def standby(self) -> str:
        """The site that does not serve."""
        return self.target.site if self.serving == self.master.site else self.master.site


class ObservedPair(Observation):
    """What is so."""

    phase: Phase = "configured"
    """When the lifecycle last looked; `evidence.observe` looks now."""
    traffic: str = ""
    """The site that the service name was last moved to, everywhere; empty: still to be moved."""
    since: str = ""
    """ISO 8601, UTC: since when the serving site serves."""
    rested_on: Evidence | None = None
    """The proof that the last change of `serving` rested on; its age at that moment bounds what may be lost."""
