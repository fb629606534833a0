"""From whatever stands there to whatever is declared, with nobody else's touched."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from artifactory_estate.base import Refused
from artifactory_estate.repositories.lifecycle import (
    RepositoriesDeclaration,
    RepositoriesLifecycle,
    RepositoriesObservation,
)
from tests.support.fake_artifactory import FakeArtifactory
from tests.support.wire import Wire
from tests.unit.repositories.declare import OTHER, OWNER, declare
from tests.unit.repositories.test_killed_runs import standing

KEYS = ("a", "b", "c", "v", "w")
EMPTY = RepositoriesObservation()
LOCAL = st.fixed_dictionaries(
    {"package_type": st.sampled_from(["maven", "npm"]), "allow_delete": st.booleans(), "adopt": st.booleans()},
    optional={"description": st.sampled_from(["x", "y"]), "notes": st.sampled_from(["words", "other words"])},
)
VIRTUAL = st.fixed_dictionaries(
    {"package_type": st.just("maven"), "repositories": st.lists(st.sampled_from(KEYS[:3]), unique=True)},
    optional={"deploy_to": st.sampled_from(KEYS[:3])},
)
DOCUMENT = st.fixed_dictionaries(
    {"local": st.dictionaries(st.sampled_from(KEYS[:3]), LOCAL), "virtual": st.dictionaries(st.sampled_from(KEYS[3:]), VIRTUAL)}
)  # fmt: skip
THERE = st.dictionaries(
    st.sampled_from(KEYS),
    st.fixed_dictionaries(
        {
            "rclass": st.sampled_from(["local", "federated"]),
            "packageType": st.sampled_from(["maven", "npm"]),
            "notes": st.sampled_from(["", "theirs", OTHER.text, OWNER.text, f"mine {OWNER.text}"]),
            "description": st.sampled_from(["", "x"]),
        }
    ),
)
FILES = st.dictionaries(st.sampled_from(KEYS), st.just([1]))
lifecycle = RepositoriesLifecycle()


def others(fake: FakeArtifactory, declared: RepositoriesDeclaration) -> dict[str, Any]:
    """What may not be touched: not marked as ours, and not adopted."""
    adopted = {key for key, form in declared.forms().items() if form.adopt}
    return copy.deepcopy(
        {key: item for key, item in fake.repositories.items() if not OWNER.marks(item["notes"]) and key not in adopted}
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(there=THERE, files=FILES, first=DOCUMENT, second=DOCUMENT)
def test_a_run_reaches_what_is_declared_or_refuses_and_writes_nothing(
    server: Wire, there: dict[str, Any], files: dict[str, list[int]], first: dict[str, Any], second: dict[str, Any]
) -> None:
    fake = server.answer = FakeArtifactory()
    fake.repositories = {key: {"key": key, **item} for key, item in there.items()}
    fake.files = {key: sizes for key, sizes in files.items() if key in there}
    old: RepositoriesDeclaration | None = None
    for document in (first, second):
        wanted = declare(server, document)
        untouched, before = others(fake, wanted), copy.deepcopy(fake.repositories)
        server.seen.clear()
        try:
            observed = lifecycle.update(old, wanted, EMPTY) if old else lifecycle.create(wanted)
        except Refused:
            event("refused")
            assert server.writes == []
            assert fake.repositories == before
            assert lifecycle.preflight(old, wanted)
            return
        live, seen = lifecycle.read(wanted, observed)
        assert (live, seen) == (wanted, observed)
        ours = {key: item for key, item in fake.repositories.items() if OWNER.marks(item["notes"])}
        assert ours.keys() == wanted.repositories.keys()
        assert others(fake, wanted) == untouched
        server.seen.clear()
        lifecycle.update(wanted, wanted, observed)
        assert server.writes == []
        event("reached")
        old = wanted


@pytest.mark.parametrize("version", ["7.111.4", "7.77.0"])
def test_the_properties_own_yardstick_can_fail(server: Wire, fake: FakeArtifactory, version: str) -> None:
    fake.version = version
    declared = declare(server, {"local": {"a": {"package_type": "npm", "description": "x"}}})
    assert not standing(fake, declared)
    lifecycle.create(declared)
    assert standing(fake, declared)
    fake.repositories["a"]["description"] = "y"
    assert not standing(fake, declared)
