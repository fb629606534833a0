import json
import time
from typing import Any

import pytest

from artifactory_estate.repositories.lifecycle import RepositoriesLifecycle, RepositoriesObservation
from tests.support.fake_artifactory import FakeArtifactory
from tests.support.wire import Wire
from tests.unit.repositories.declare import changed, declare

lifecycle = RepositoriesLifecycle()
EMPTY = RepositoriesObservation()


def many(count: int) -> dict[str, Any]:
    """`count` repositories: 8 local to 1 remote to 1 virtual, with texts as people write them."""
    teams = [f"team-{n:04}" for n in range(count // 10)]
    return {
        "local": {
            f"{team}-{package_type}-local": {
                "package_type": package_type,
                "description": f"What {team} releases itself.",
            }
            for team in teams
            for package_type in ("maven", "npm", "pypi", "docker", "generic", "helm", "go", "rpm")
        },
        "remote": {f"{team}-npm-remote": {"package_type": "npm", "url": "http://npm.example"} for team in teams},
        "virtual": {
            f"{team}-npm": {"package_type": "npm", "repositories": [f"{team}-npm-local", f"{team}-npm-remote"]}
            for team in teams
        },
    }


@pytest.fixture(scope="module")
def thousand() -> dict[str, Any]:
    return many(1000)


def test_a_thousand_cost_few_requests(server: Wire, fake: FakeArtifactory, thousand: dict[str, Any]) -> None:
    declared = declare(server, thousand)
    assert len(declared.repositories) == 1000
    observed = lifecycle.create(declared)
    assert (len(fake.repositories), observed.count) == (1000, 1000)
    assert len(server.seen) <= 1000 / 100 + 5
    server.seen.clear()
    assert lifecycle.read(declared, observed) == (declared, observed)
    assert len(server.seen) == 1
    server.seen.clear()
    assert lifecycle.update(declared, declared, observed) == observed
    assert (len(server.seen), server.writes) == (1, [])
    described = {key: {**item, "description": "new"} for key, item in thousand["local"].items()}
    server.seen.clear()
    lifecycle.update(declared, declare(server, changed(thousand, local=described)), observed)
    assert len(server.writes) == 8
    assert len(server.seen) <= 10


def test_state_of_a_thousand(thousand: dict[str, Any]) -> None:
    declared = declare("http://us-east.example", thousand)
    data = declared.to_data()
    checkpoint = len(json.dumps({"inputs": data, "outputs": {**data, "observed": EMPTY.to_data()}}))
    constant = len(json.dumps({"inputs": {}, "outputs": {}})) + 2000
    assert max(map(len, declared.repositories.values())) <= 120
    assert (checkpoint - constant) / 1000 <= 450


def test_old_servers_are_asked_for_each(server: Wire, fake: FakeArtifactory) -> None:
    fake.version, fake.has_configurations = "7.41.4", False
    declared = declare(server, many(50))
    observed = lifecycle.create(declared)
    assert len(server.writes) == len(fake.repositories) == 50
    server.seen.clear()
    assert lifecycle.read(declared, observed) == (declared, observed)
    assert len(server.seen) == 2 + 50


def test_five_thousand_are_compared_in_no_time() -> None:
    declared = declare("http://us-east.example", many(5000))
    data = declared.to_data()
    started = time.process_time()
    again = type(declared).from_data(data)
    assert not lifecycle.plan(declared, again).changed
    assert time.process_time() - started < 1.0
