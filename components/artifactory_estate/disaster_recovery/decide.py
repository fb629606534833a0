"""What a pair may do: pure. Every verdict is a sentence that user, log and test see alike.

A change of `serving`, by what the journals and the document say:

| journal        | document                        | verdict                                             |
|----------------|---------------------------------|-----------------------------------------------------|
| none           | serving: master                 | go on: the first                                    |
| none           | serving: target                 | refused: a pair begins with its master              |
| epoch n        | epoch < n                       | refused: the document is older than the last change |
| epoch n        | epoch n, same serving           | go on: nothing changes                              |
| epoch n        | epoch n, other serving          | refused: needs a larger epoch                       |
| epoch n        | epoch > n, same serving         | go on: the epoch is written down                    |
| epoch n        | epoch > n, other serving        | a failover or its way back: needs proof             |

Proof, by what is known of the site that served:

| it answers and everything is at the other side | go on: nothing is lost                           |
| it answers and something is not                | refused: wait, or accept the loss                |
| it does not answer, evidence within the RPO    | go on: at most the evidence's age is lost        |
| it does not answer, older evidence or none     | refused: accept the loss, or bring it back       |
| refused, with `accept_data_loss`               | go on, with the reason in the journal            |
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from artifactory_estate.base import DocumentPath, Refusal, duration_text
from artifactory_estate.cloud.journal import Evidence, Journal, moment
from artifactory_estate.disaster_recovery.declared import DeclaredPair, Phase


@dataclass(frozen=True)
class Look:
    """Where a site's changes have got to, seen just now."""

    source: str
    standby: str
    at: datetime
    """When the look began: every change made before that is accounted for."""
    repositories: int
    """Local repositories of the source."""
    behind: Sequence[str]
    """A sentence for each that is not proven to be at the standby."""
    oldest: datetime | None = None
    """The oldest change that may be missing at the standby; None: nothing is, or nobody knows."""
    running: bool = True
    """Whether every repository has a replication that is enabled, and replication is not blocked."""

    @property
    def proven(self) -> bool:
        """Whether everything is at the standby. A site without repositories has nothing to lose."""
        return not self.behind

    def evidence(self) -> Evidence | None:
        """For the journal; None without proof."""
        if not self.proven:
            return None
        return Evidence(
            source=self.source, standby=self.standby, at=self.at.isoformat(), repositories=self.repositories
        )


@dataclass(frozen=True)
class Verdict:
    """Whether, and why."""

    change: bool
    """Whether the journal must be written before anything else."""
    reason: str
    refused: Refusal | None = None
    rested_on: Evidence | None = None


def newest(journals: Iterable[Journal | None]) -> Journal | None:
    """The one with the largest epoch; of equal ones the one with the newest evidence."""
    present = [journal for journal in journals if journal]
    return max(present, key=lambda it: (it.epoch, it.evidence.at if it.evidence else ""), default=None)


def on_serving(wanted: DeclaredPair, journal: Journal | None, look: Look | None, now: datetime) -> Verdict:
    """The verdict on the document's `serving` and `epoch`. `look` is None when the site that served does not answer."""
    if journal is None:
        return _first(wanted)
    if wanted.epoch < journal.epoch:
        return _refused(
            wanted,
            "epoch",
            f"the document says epoch {wanted.epoch} with {wanted.serving} serving; the journal says epoch "
            f"{journal.epoch} with {journal.serving} serving since {journal.since} ({journal.reason})",
            "an older document must not undo a failover",
            f"Take the newer document, or, to change back on purpose, say epoch {journal.epoch + 1}.",
        )
    if wanted.serving == journal.serving:
        grows = wanted.epoch > journal.epoch
        return Verdict(grows, f"{wanted.serving} serves, as before" + (f"; epoch {wanted.epoch}" if grows else ""))
    if wanted.epoch == journal.epoch:
        return _refused(
            wanted,
            "serving",
            f"{wanted.serving} is to serve in epoch {wanted.epoch}, in which the journal has {journal.serving} serving",
            "every change of `serving` needs a larger epoch, so that an old document cannot undo it",
            f"Say epoch {journal.epoch + 1}.",
        )
    return _change(wanted, journal, look, now)


def _first(wanted: DeclaredPair) -> Verdict:
    if wanted.serving == wanted.master.site:
        return Verdict(True, "the first")
    return _refused(
        wanted,
        "serving",
        f"{wanted.serving}, and no journal of this pair is there",
        "a pair begins with its master serving: the target has nothing yet",
        f"Say `serving: {wanted.master.site}`; change it once the pair is protected.",
    )


def _change(wanted: DeclaredPair, journal: Journal, look: Look | None, now: datetime) -> Verdict:
    proof = _by_look(wanted, journal, look) if look else _by_evidence(wanted, journal, now)
    if proof.refused and wanted.accept_data_loss:
        return Verdict(True, f"loss accepted: {wanted.accept_data_loss} ({proof.reason})")
    return proof


def _by_look(wanted: DeclaredPair, journal: Journal, look: Look) -> Verdict:
    before = journal.serving
    if look.proven:
        reason = f"{before} answered: all {look.repositories} repositories were at {wanted.serving}"
        return Verdict(True, reason, rested_on=look.evidence())
    return _refused(
        wanted,
        "serving",
        f"{wanted.serving} would lose changes that {before} has: {_some(look.behind)}",
        f"{before} answers, so they can still be replicated",
        'Wait until `estate watch` shows the pair as protected, or say `accept_data_loss: "<reason>"`.',
    )


def _by_evidence(wanted: DeclaredPair, journal: Journal, now: datetime) -> Verdict:
    before, rpo = journal.serving, wanted.objectives.rpo
    evidence = journal.evidence
    if evidence is None or (evidence.source, evidence.standby) != (before, wanted.serving):
        return _refused(
            wanted,
            "serving",
            f"{before} does not answer, and the journal has no proof that its artifacts are at {wanted.serving}",
            "without proof of protection, what was uploaded may be lost",
            f'Bring {before} back, or say `accept_data_loss: "<reason>"`.',
        )
    age = loss_bound_s(evidence, now)
    if age > rpo:
        return _refused(
            wanted,
            "serving",
            f"{before} does not answer, and the last proof that its artifacts are at {wanted.serving} is "
            f"{duration_text(age)} old ({evidence.at})",
            f"`objectives.rpo` is {duration_text(rpo)}",
            f'Bring {before} back, or say `accept_data_loss: "<reason>"`: at most {duration_text(age)} of uploads are lost.',
        )
    return Verdict(
        True,
        f"{before} did not answer; {evidence.repositories} repositories were at {wanted.serving} {duration_text(age)} before",
        rested_on=evidence,
    )


def loss_bound_s(evidence: Evidence, now: datetime) -> int:
    """Seconds of changes that may be missing when the source dies now: the age of the proof, rounded up."""
    return max(0, -int(-(now - moment(evidence.at)).total_seconds() // 1))


def no_switch_yet(wanted: DeclaredPair) -> Sequence[Refusal]:
    """Ways to move the traffic that are in the vocabulary and not offered."""
    service = wanted.service
    if service and service.switch == "load_balancer":
        return [
            Refusal(
                (*path(wanted), "service", "switch"),
                found="load_balancer",
                why="not offered yet: it needs one load balancer that reaches both sites",
                do="Say `route53`, or `hook` with a command of yours.",
            )
        ]
    if service and service.switch == "hook" and not service.command:
        return [Refusal((*path(wanted), "service", "command"), found="none", why="`switch: hook` runs a command")]
    return []


def same_version(wanted: DeclaredPair, versions: Mapping[str, str]) -> Sequence[Refusal]:
    """Both run the same Artifactory (seed 000, limitation 1); only where both answer."""
    if len(set(versions.values())) < 2:
        return []
    found = " and ".join(f"{site} runs {version}" for site, version in sorted(versions.items()))
    why = "seed 000, limitation 1: master and target must run the same version"
    return [Refusal((*path(wanted), "target"), found=found, why=why)]


@dataclass(frozen=True)
class Facts:
    """What decides the phase."""

    master_serves: bool
    definitions_missing: bool
    entries_missing: bool
    """Replications of the direction that is wanted."""
    entries_enabled: bool
    """All of them."""
    proven: bool
    """Evidence of this direction within the RPO."""


def phase_of(facts: Facts) -> Phase:
    """The word for it (seed 000): what is not there yet decides."""
    if not facts.master_serves:
        running = not facts.entries_missing and facts.entries_enabled
        return "restoring" if running else "activated"
    if facts.definitions_missing or facts.entries_missing:
        return "configured"
    if not facts.entries_enabled:
        return "initialized"
    return "protected" if facts.proven else "synchronizing"


def fresh(evidence: Evidence | None, source: str, rpo_s: int, now: datetime) -> bool:
    """Whether there is evidence of this direction within the RPO."""
    return evidence is not None and evidence.source == source and loss_bound_s(evidence, now) <= rpo_s


def path(wanted: DeclaredPair) -> DocumentPath:
    """The pair's place in the document."""
    return ("disaster_recovery", wanted.pair)


def _refused(wanted: DeclaredPair, field: str, found: str, why: str, do: str) -> Verdict:
    return Verdict(False, found, refused=Refusal((*path(wanted), field), found=found, why=why, do=do))


def _some(sentences: Sequence[str]) -> str:
    shown = "; ".join(sentences[:5])
    return f"{shown}; and {len(sentences) - 5} more" if len(sentences) > 5 else shown
