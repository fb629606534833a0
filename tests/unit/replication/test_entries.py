"""Declared pushes and pulls as entries of a server, and back."""

from dataclasses import replace

import pytest

from artifactory_estate.base import Owner
from artifactory_estate.replication import entries
from artifactory_estate.replication.declared import DeclaredReplications
from artifactory_estate.replication.model import Pull, Push
from artifactory_estate.rest import Connection
from artifactory_estate.rest.replications import Replication

CRON = "0 0 2 ? * MON-SAT"
ONE, TWO = "http://one.example/artifactory/libs", "http://two.example/artifactory/libs"

DECLARED = DeclaredReplications(
    owner=Owner(estate="acme", resource="source/replications"),
    connection=Connection(site="source", url="http://source.example"),
    targets={site: Connection(site=site, url=f"http://{site}.example") for site in ("one", "two")},
    push={"libs": Push(cron=CRON, targets=("one", "two"))},
    pull={"upstream": Pull(cron=CRON, adopt=True)},
)
PUSH_ONE = Replication("libs", CRON, ONE, on_event=True)
PUSH_TWO = replace(PUSH_ONE, url=TWO)
PULL = Replication("upstream", CRON)


def test_one_entry_a_target_and_one_a_pull() -> None:
    assert entries.declared(DECLARED) == {entry.identity: entry for entry in (PULL, PUSH_ONE, PUSH_TWO)}


def test_what_is_there_reads_back_as_declared() -> None:
    foreign = Replication("others", CRON, "http://three.example/artifactory/others")
    assert entries.live(DECLARED, [PUSH_ONE, PUSH_TWO, PULL, foreign]) == DECLARED


@pytest.mark.parametrize(
    ("there", "push"),
    [
        ([PUSH_TWO, PULL], {"libs": Push(cron=CRON, targets=("two",))}),
        ([replace(PUSH_ONE, enabled=False), PUSH_TWO, PULL], {"libs": Push(cron=CRON, targets=("two",))}),
        (
            [replace(PUSH_ONE, cron="0 0 3 ? * *"), PUSH_TWO, PULL],
            {"libs": Push(cron="0 0 3 ? * *", targets=("one", "two"))},
        ),
        (
            [replace(PUSH_ONE, on_event=False, sync_deletes=True), PUSH_TWO, PULL],
            {"libs": Push(cron=CRON, targets=("one", "two"), on_event=False, sync_deletes=True)},
        ),
        ([PULL], {}),
    ],
    ids=["a target less", "switched off", "another time", "other settings", "gone"],
)
def test_drift_shows_in_the_declarations_own_form(there: list[Replication], push: dict[str, Push]) -> None:
    assert entries.live(DECLARED, there).push == push


def test_a_target_that_trusts_checksums_is_asked_before_a_binary_is_sent() -> None:
    trusting = DECLARED.model_copy(update={"trusting": ("two",)})
    asked = replace(PUSH_TWO, check_existence=True)
    assert entries.declared(trusting) == {entry.identity: entry for entry in (PULL, PUSH_ONE, asked)}
    assert entries.live(trusting, [PUSH_ONE, asked, PULL]) == trusting
    assert entries.live(trusting, [PUSH_ONE, PUSH_TWO, PULL]).push["libs"].targets == ("one",)


def test_only_what_says_so_is_adopted() -> None:
    assert not entries.adopted(DECLARED, PUSH_ONE)
    assert entries.adopted(DECLARED, PULL)
    assert not entries.adopted(DECLARED, Replication("others", CRON))


def test_a_refusal_can_name_every_field() -> None:
    theirs = replace(PUSH_ONE, cron="0 0 3 ? * *", sync_deletes=True)
    assert list(entries.fields(theirs, PUSH_ONE)) == [("cron", "0 0 3 ? * *", CRON), ("sync_deletes", True, False)]
