"""A disaster-recovery pair: what is intended. What is observed stands in the lifecycle (seed 000)."""

from typing import Annotated, Literal

from pydantic import Field

from artifactory_estate.base import Duration, Model
from artifactory_estate.base.name import HostName, Name


class Service(Model):
    """The one name that clients use, whichever site serves."""

    name: HostName
    """Host name: `repo.acme.example`."""
    ttl: Duration = 30
    """How long clients may remember the answer. Default 30s."""
    switch: Literal["route53", "load_balancer", "hook"] = "route53"
    """Who moves the traffic. `hook` runs `command`."""
    zone: HostName | None = None
    """Hosted zone; default: the last two labels of the name."""
    command: tuple[str, ...] = ()
    """For `hook`: a program and its arguments; gets the serving site as last argument."""


class Schedule(Model):
    """How the full synchronisation is staggered (seed 000, DR Configuration Properties)."""

    delay: Duration = 300
    """Before the first repository starts. Default 5m."""
    interval: Duration = 300
    """Between the starts of two repositories. Default 5m; raise it for large repositories."""


class Objectives(Model):
    """What the business accepts."""

    rpo: Duration = 300
    """The oldest proof of protection a failover may rest on. Default 5m."""
    rto: Duration = 300
    """How long the service may be away. Default 5m."""


class OnDelete(Model):
    """What goes when the pair's declaration goes (seed 000, Deleting a DR Configuration)."""

    replications: Literal["remove", "keep"] = "remove"
    """The replications that the pair made."""


class DisasterRecovery(Model):
    """One master, one target, one to one (seed 000, limitation 3)."""

    master: Name
    """Site that owns the repositories."""
    target: Name
    """Site that stands in; declares no repositories of its own: the pair owns them."""
    serving: Name
    """Which of the two serves. Changing it is a failover or its way back, and needs a larger `epoch`."""
    epoch: Annotated[int, Field(ge=1)]
    """Grows with every change of `serving`, so that an old document cannot undo a failover."""
    service: Service | None = None
    """The service name, if traffic is to be moved by us."""
    schedule: Schedule = Schedule()
    """Staggering of the synchronisation."""
    objectives: Objectives = Objectives()
    """Recovery point and recovery time."""
    accept_data_loss: str | None = None
    """The reason why `serving` may change without proof of protection; goes into the journal."""
    on_delete: OnDelete = OnDelete()
    """What is removed with the pair."""

    @property
    def sides(self) -> tuple[str, str]:
        """Master and target."""
        return self.master, self.target
