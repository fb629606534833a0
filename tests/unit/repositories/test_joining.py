"""A virtual repository whose member a federation's stack makes, which runs after the site's."""

from typing import Any

import pytest

from artifactory_estate.base import Refused
from artifactory_estate.repositories.component import Repositories
from artifactory_estate.repositories.lifecycle import (
    RepositoriesDeclaration,
    RepositoriesLifecycle,
    RepositoriesObservation,
)
from tests.support.fake_artifactory import FakeArtifactory
from tests.support.recording import recorded
from tests.support.wire import Wire
from tests.unit.repositories.declare import SMALL, changed, declare

EMPTY = RepositoriesObservation()
BOTH: dict[str, Any] = {"package_type": "maven", "repositories": ["shared-federated", "libs-local"]}
TO_SHARED = {**BOTH, "deploy_to": "shared-federated"}
ALONE = {"package_type": "maven", "repositories": ["shared-federated"], "deploy_to": "shared-federated"}
WAITS = "libs: shared-federated joins when federation shared has made it"
lifecycle = RepositoriesLifecycle()


def joined(server: Wire, libs: dict[str, Any], elsewhere: str = "shared-federated") -> RepositoriesDeclaration:
    """SMALL with another `libs`, at a site that is a member of the federation `shared`."""
    declared = declare(server, changed(SMALL, virtual={"libs": libs}))
    return declared.model_copy(update={"made_elsewhere": {elsewhere: "shared"}})


def federate(fake: FakeArtifactory) -> None:
    """What the federation's stack does."""
    fake.repositories["shared-federated"] = {
        "key": "shared-federated",
        "rclass": "federated",
        "packageType": "maven",
        "notes": "",
    }


def libs_of(fake: FakeArtifactory) -> tuple[list[str], str]:
    found = fake.repositories["libs"]
    return found["repositories"], found["defaultDeploymentRepo"]


@pytest.mark.parametrize(
    ("libs", "first", "then"),
    [
        (BOTH, (["libs-local"], ""), (["shared-federated", "libs-local"], "")),
        (TO_SHARED, (["libs-local"], ""), (["shared-federated", "libs-local"], "shared-federated")),
        (ALONE, ([], ""), (["shared-federated"], "shared-federated")),
    ],
    ids=["member", "uploads go there", "nothing else"],
)
def test_first_without_then_with_then_no_change(
    server: Wire, fake: FakeArtifactory, libs: dict[str, Any], first: tuple[Any, Any], then: tuple[Any, Any]
) -> None:
    declared = joined(server, libs)
    assert lifecycle.preflight(None, declared) == ()
    waiting = lifecycle.create(declared)
    assert (libs_of(fake), waiting.pending) == (first, (WAITS,))
    assert lifecycle.read(declared, waiting) == (declared, waiting)
    server.seen.clear()
    assert lifecycle.update(declared, declared, waiting) == waiting
    assert server.writes == []

    federate(fake)
    live, seen = lifecycle.read(declared, waiting)
    assert (live == declared, seen.pending) == (False, ())
    done = lifecycle.update(declared, declared, waiting)
    assert (libs_of(fake), done.pending) == (then, ())
    server.seen.clear()
    assert lifecycle.read(declared, done) == (declared, done)
    assert lifecycle.update(declared, declared, done) == done
    assert server.writes == []


def test_what_would_be_empty_stays_until_the_federation_has_made_it(server: Wire, fake: FakeArtifactory) -> None:
    before = declare(server, SMALL)
    lifecycle.create(before)
    declared = joined(server, ALONE)
    waiting = lifecycle.update(before, declared, EMPTY)
    assert (libs_of(fake), waiting.pending) == ((["libs-local"], "libs-local"), (WAITS,))
    assert lifecycle.read(declared, waiting) == (declared, waiting)
    federate(fake)
    assert lifecycle.update(declared, declared, waiting).pending == ()
    assert libs_of(fake) == (["shared-federated"], "shared-federated")


def test_drift_shows_while_a_member_is_awaited(server: Wire, fake: FakeArtifactory) -> None:
    declared = joined(server, BOTH)
    waiting = lifecycle.create(declared)
    fake.repositories["libs"]["repositories"] = []
    live, _ = lifecycle.read(declared, waiting)
    assert {key for key, text in live.repositories.items() if text != declared.repositories[key]} == {"libs"}
    lifecycle.update(live, declared, waiting)
    assert libs_of(fake)[0] == ["libs-local"]


@pytest.mark.parametrize(
    ("libs", "unknown"),
    [
        ({**BOTH, "repositories": ["libs-local", "nowhere"]}, "nowhere"),
        ({**BOTH, "deploy_to": "nowhere"}, "nowhere"),
    ],
)
def test_a_member_that_nobody_declares_is_refused(server: Wire, libs: dict[str, Any], unknown: str) -> None:
    with pytest.raises(Refused, match=rf"virtual\.libs: {unknown} is neither declared nor at us-east"):
        lifecycle.create(joined(server, libs))
    with pytest.raises(Refused, match="shared-federated is neither declared nor at us-east"):
        lifecycle.create(joined(server, BOTH, elsewhere="other-federated"))
    assert server.writes == []


def test_the_component_declares_only_what_a_virtual_repository_names() -> None:
    repositories = changed(SMALL, virtual={"libs": BOTH})
    elsewhere = {"shared-federated": "shared", "unrelated-federated": "shared"}

    def program() -> None:
        connection = {"site": "us-east", "url": "http://us-east.example"}
        Repositories("with", "acme", connection, repositories, made_elsewhere=elsewhere)  # type: ignore[arg-type]
        Repositories("without", "acme", connection, SMALL, made_elsewhere=elsewhere)  # type: ignore[arg-type]

    with recorded(program) as found:
        declared = {
            made.name: made.inputs["made_elsewhere"]
            for made in found.of_type("pulumi-python:dynamic/estate:Repositories")
        }
    assert declared == {"with": {"shared-federated": "shared"}, "without": {}}
