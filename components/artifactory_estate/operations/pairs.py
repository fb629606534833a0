"""How disaster-recovery pairs do now."""

from datetime import datetime

from artifactory_estate.base import EstateError, Model, Owner, duration_text
from artifactory_estate.disaster_recovery import evidence, journals
from artifactory_estate.disaster_recovery.declare import declaration, resource_of
from artifactory_estate.disaster_recovery.declared import DeclaredPair
from artifactory_estate.disaster_recovery.evidence import Observed
from artifactory_estate.estate.ends import end_of
from artifactory_estate.estate.model import Estate


class PairStatus(Model):
    """One pair, with what its phase rests on."""

    name: str
    serving: str
    epoch: int
    phase: str
    evidence: str = ""
    """The newest proof of protection."""
    loss_bound: str = ""
    """What may be missing if the serving site dies now, or what may have been lost by the last failover."""
    repositories: int = 0
    """Looked at."""
    behind: tuple[str, ...] = ()
    """Why repositories are not proven to be at the standby."""
    proven: bool = False
    """Whether everything was at the standby just now."""
    pending: tuple[str, ...] = ()
    """What does not answer, could not be written, or is to be renewed."""


def declared(estate: Estate, name: str) -> DeclaredPair:
    """As the pair's stack declares it."""
    pair = estate.disaster_recovery[name]
    owner = Owner(estate=estate.estate, resource=f"dr-{name}/{resource_of(name)}")
    return declaration(name, owner, pair, end_of(estate, pair.master), end_of(estate, pair.target))


def pair_status(estate: Estate, name: str, *, nudge: bool = False) -> PairStatus:
    """Look at every repository of the pair, and write the proof down when there is one."""
    pair = declared(estate, name)
    try:
        found = evidence.observe(pair, nudge=nudge)
    except EstateError as error:
        return PairStatus(name=name, serving=pair.serving, epoch=pair.epoch, phase="unknown", pending=(str(error),))
    return PairStatus(
        name=name,
        serving=found.serving,
        epoch=found.epoch,
        phase=found.phase,
        evidence=_evidence(found),
        loss_bound=_loss_bound(pair, found),
        repositories=found.look.repositories if found.look else 0,
        behind=tuple(found.look.behind) if found.look else (),
        proven=bool(found.look and found.look.proven),
        pending=tuple(found.notes),
    )


def _evidence(found: Observed) -> str:
    if not found.evidence:
        return "none"
    proof = found.evidence
    return f"{proof.repositories} repositories of {proof.source} at {proof.standby}, {proof.at}"


def _loss_bound(pair: DeclaredPair, found: Observed) -> str:
    if found.loss_bound_s is not None:
        return f"{duration_text(found.loss_bound_s)}, if {found.serving} dies now"
    newest = journals.read(pair).newest
    if newest and newest.rested_on:
        before = datetime.fromisoformat(newest.since) - datetime.fromisoformat(newest.rested_on.at)
        return f"{before.total_seconds():.0f}s before the failover at {newest.since}"
    return f"unbounded: {newest.reason}" if newest and newest.epoch > 1 else "unbounded: nothing is proven yet"
