from collections.abc import Iterator
from typing import Any

import pytest

from artifactory_estate.database.limit import ConnectionLimit, ConnectionLimitDeclaration
from artifactory_estate.database.model import Database
from artifactory_estate.database.on_rds import on_rds

DECLARED = ConnectionLimitDeclaration(database="acme-us-east", is_cluster=False, connections=400, region="us-east-1")
lifecycle = ConnectionLimit()
SAID = "acme-us-east lets in 400 connections after its next restart only"


@pytest.fixture
def status(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What RDS says of the parameter groups; one a member."""
    said = ["in-sync"]
    asked: list[Any] = []

    class Rds:
        def describe_db_instances(self, **wanted: Any) -> dict[str, Any]:
            asked.append(wanted)
            groups = [{"DBParameterGroups": [{"ParameterApplyStatus": each}]} for each in said]
            return {"DBInstances": groups}

    monkeypatch.setattr("artifactory_estate.database.limit.client", lambda *_a, **_k: Rds())
    yield said
    assert all(len(wanted["Filters"]) == 1 for wanted in asked)


def test_a_new_database_has_its_limit(status: list[str]) -> None:
    assert lifecycle.create(DECLARED).pending == ()
    assert lifecycle.notices(None, DECLARED) == ()


def test_another_limit_is_pending_until_the_restart(status: list[str]) -> None:
    more = DECLARED.model_copy(update={"connections": 800})
    (notice,) = lifecycle.notices(DECLARED, more)
    assert "lets in 800 connections, 400 before, from its next restart on: restart it with failover" in notice
    observed = lifecycle.update(DECLARED, more, lifecycle.create(DECLARED))
    assert observed.pending == ("acme-us-east lets in 800 connections after its next restart only",)
    status[0] = "pending-reboot"
    assert lifecycle.read(more, observed)[1].pending == observed.pending
    assert lifecycle.update(more, more, observed).pending == observed.pending
    status[0] = "in-sync"
    assert lifecycle.read(more, observed) == (more, observed.model_copy(update={"pending": ()}))
    assert lifecycle.update(more, more, observed).pending == ()


def test_one_member_of_a_cluster_that_waits_is_enough(status: list[str]) -> None:
    status[:] = ["in-sync", "pending-reboot"]
    assert lifecycle.create(DECLARED.model_copy(update={"is_cluster": True})).pending == (SAID,)


@pytest.mark.parametrize(
    ("engine", "version", "waits"),
    [
        ("postgresql", "15.4", True),
        ("aurora-postgresql", "15.4", True),
        ("mysql", "8.0", False),
        ("mariadb", "10.6", False),
        ("oracle", "19", True),
        ("mssql", "15.00", True),
    ],
)
def test_which_engines_wait(engine: str, version: str, waits: bool) -> None:
    declared = Database.from_data({"engine": engine, "version": version, "allow_non_postgresql": True})
    assert on_rds(declared, 400).limit_waits == waits


def test_it_goes_without_a_trace() -> None:
    lifecycle.delete(DECLARED, lifecycle.observed())
