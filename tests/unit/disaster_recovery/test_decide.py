"""Every row of the decision tables, accepted and refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from artifactory_estate.base import Owner
from artifactory_estate.cloud.journal import Evidence, Journal, Place
from artifactory_estate.disaster_recovery import decide
from artifactory_estate.disaster_recovery.decide import Facts, Look
from artifactory_estate.disaster_recovery.declared import DeclaredPair, DeclaredService
from artifactory_estate.rest import Connection

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def declared(serving: str, epoch: int, **fields: Any) -> DeclaredPair:
    pair = DeclaredPair(
        owner=Owner(estate="acme", resource="dr-east/east-pair"),
        pair="east",
        master=Connection(site="us-east", url="http://us-east.example"),
        target=Connection(site="us-west", url="http://us-west.example"),
        journals={site: Place(bucket=site, region="us-east-1") for site in ("us-east", "us-west")},
        serving=serving,
        epoch=epoch,
    )
    return pair.model_copy(update=fields)


def proof(age_s: int, source: str = "us-east", standby: str = "us-west") -> Evidence:
    return Evidence(source=source, standby=standby, at=(NOW - timedelta(seconds=age_s)).isoformat(), repositories=7)


def journal(serving: str, epoch: int, evidence: Evidence | None = None) -> Journal:
    return Journal(serving=serving, epoch=epoch, since=NOW.isoformat(), reason="the first", evidence=evidence)


def look(*behind: str, source: str = "us-east", standby: str = "us-west") -> Look:
    return Look(source, standby, NOW, 7, behind)


GO_ON = [
    ("the first", declared("us-east", 1), None, None, True, "the first"),
    ("nothing changes", declared("us-east", 1), journal("us-east", 1), None, False, "us-east serves, as before"),
    ("epoch grows", declared("us-east", 4), journal("us-east", 1), None, True, "us-east serves, as before; epoch 4"),
    (
        "failover, the master answers",
        declared("us-west", 2),
        journal("us-east", 1),
        look(),
        True,
        "us-east answered: all 7 repositories were at us-west",
    ),
    (
        "failover, the master is dead",
        declared("us-west", 2),
        journal("us-east", 1, proof(60)),
        None,
        True,
        "us-east did not answer; 7 repositories were at us-west 1m before",
    ),
    (
        "proof at the last second",
        declared("us-west", 2),
        journal("us-east", 1, proof(300)),
        None,
        True,
        "us-east did not answer; 7 repositories were at us-west 5m before",
    ),
    (
        "the way back",
        declared("us-east", 3),
        journal("us-west", 2),
        look(source="us-west", standby="us-east"),
        True,
        "us-west answered: all 7 repositories were at us-east",
    ),
    (
        "a loss is accepted",
        declared("us-west", 2, accept_data_loss="fire"),
        journal("us-east", 1),
        None,
        True,
        "loss accepted: fire (us-east does not answer, and the journal has no proof that its artifacts are at us-west)",
    ),
    (
        "the word is there and not needed",
        declared("us-west", 2, accept_data_loss="fire"),
        journal("us-east", 1),
        look(),
        True,
        "us-east answered: all 7 repositories were at us-west",
    ),
]


@pytest.mark.parametrize(("case", "wanted", "found", "seen", "change", "reason"), GO_ON, ids=[row[0] for row in GO_ON])
def test_goes_on(
    case: str, wanted: DeclaredPair, found: Journal | None, seen: Look | None, change: bool, reason: str
) -> None:
    verdict = decide.on_serving(wanted, found, seen, NOW)
    assert (verdict.refused, verdict.change, verdict.reason) == (None, change, reason), case


REFUSED = [
    (
        "begins with the target",
        declared("us-west", 1),
        None,
        None,
        "disaster_recovery.east.serving: us-west, and no journal of this pair is there",
        "Say `serving: us-east`",
    ),
    (
        "stale epoch",
        declared("us-east", 1),
        journal("us-west", 2),
        None,
        "disaster_recovery.east.epoch: the document says epoch 1 with us-east serving; the journal says epoch 2 with "
        "us-west serving since",
        "say epoch 3",
    ),
    (
        "stale epoch although the same site serves",
        declared("us-west", 1),
        journal("us-west", 2),
        None,
        "disaster_recovery.east.epoch: the document says epoch 1",
        "say epoch 3",
    ),
    (
        "stale epoch although the loss is accepted",
        declared("us-east", 1, accept_data_loss="fire"),
        journal("us-west", 2),
        look(),
        "disaster_recovery.east.epoch: the document says epoch 1",
        "say epoch 3",
    ),
    (
        "same epoch, other serving",
        declared("us-west", 1),
        journal("us-east", 1, proof(1)),
        look(),
        "disaster_recovery.east.serving: us-west is to serve in epoch 1, in which the journal has us-east serving",
        "Say epoch 2",
    ),
    (
        "the master answers and is ahead",
        declared("us-west", 2),
        journal("us-east", 1, proof(1)),
        look("libs-local: its replication to us-west says error"),
        "us-west would lose changes that us-east has: libs-local: its replication to us-west says error",
        "accept_data_loss",
    ),
    (
        "dead, and never proven",
        declared("us-west", 2),
        journal("us-east", 1),
        None,
        "us-east does not answer, and the journal has no proof",
        "accept_data_loss",
    ),
    (
        "dead, and proven the other way",
        declared("us-west", 4),
        journal("us-east", 3, proof(1, "us-west", "us-east")),
        None,
        "us-east does not answer, and the journal has no proof",
        "accept_data_loss",
    ),
    (
        "proof one second too old",
        declared("us-west", 2),
        journal("us-east", 1, proof(301)),
        None,
        "is 301s old",
        "at most 301s of uploads are lost",
    ),
]


@pytest.mark.parametrize(("case", "wanted", "found", "seen", "text", "do"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refuses(case: str, wanted: DeclaredPair, found: Journal | None, seen: Look | None, text: str, do: str) -> None:
    refused = decide.on_serving(wanted, found, seen, NOW).refused
    assert refused is not None and text in str(refused), case
    assert do in refused.do


def test_the_newest_journal_has_the_largest_epoch_then_the_newest_evidence() -> None:
    old, new = journal("us-east", 1, proof(5)), journal("us-west", 2)
    assert decide.newest([old, None, new]) == new
    assert decide.newest([journal("us-east", 1, proof(50)), old]) == old
    assert decide.newest([None, None]) is None


@pytest.mark.parametrize(
    ("facts", "phase"),
    [
        (Facts(True, True, False, True, False), "configured"),
        (Facts(True, False, True, True, True), "configured"),
        (Facts(True, False, False, False, True), "initialized"),
        (Facts(True, False, False, True, False), "synchronizing"),
        (Facts(True, False, False, True, True), "protected"),
        (Facts(False, False, True, True, False), "activated"),
        (Facts(False, False, False, False, False), "activated"),
        (Facts(False, False, False, True, True), "restoring"),
    ],
)
def test_phase(facts: Facts, phase: str) -> None:
    assert decide.phase_of(facts) == phase


def test_loss_bound_is_the_age_of_the_proof_rounded_up() -> None:
    evidence = proof(90)
    assert decide.loss_bound_s(evidence, NOW) == 90
    assert decide.loss_bound_s(evidence, NOW + timedelta(milliseconds=1)) == 91
    assert decide.loss_bound_s(evidence, NOW - timedelta(days=1)) == 0  # clocks differ


@pytest.mark.parametrize(
    ("evidence", "fresh"),
    [(None, False), (proof(300), True), (proof(301), False), (proof(1, "us-west", "us-east"), False)],
)
def test_fresh(evidence: Evidence | None, fresh: bool) -> None:
    assert decide.fresh(evidence, "us-east", 300, NOW) is fresh


@pytest.mark.parametrize(
    ("service", "found"),
    [
        (None, None),
        (DeclaredService(name="repo.example", switch="route53"), None),
        (DeclaredService(name="repo.example", switch="hook", command=("move",)), None),
        (DeclaredService(name="repo.example", switch="hook"), "none"),
        (DeclaredService(name="repo.example", switch="load_balancer"), "load_balancer"),
    ],
)
def test_ways_to_move_the_traffic(service: DeclaredService | None, found: str | None) -> None:
    refused = decide.no_switch_yet(declared("us-east", 1, service=service))
    assert [refusal.found for refusal in refused] == ([found] if found else [])


def test_both_sites_run_one_version() -> None:
    wanted = declared("us-east", 1)
    assert not decide.same_version(wanted, {"us-east": "7.111.4", "us-west": "7.111.4"})
    assert not decide.same_version(wanted, {"us-west": "7.111.4"})
    (refused,) = decide.same_version(wanted, {"us-east": "7.111.4", "us-west": "7.98.1"})
    assert refused.found == "us-east runs 7.111.4 and us-west runs 7.98.1"


def test_evidence_only_with_proof() -> None:
    assert look("one").evidence() is None
    assert look().evidence() == Evidence(source="us-east", standby="us-west", at=NOW.isoformat(), repositories=7)
