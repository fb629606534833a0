"""One node more, one node less: what the plan says, and what is true afterwards."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from artifactory_estate.cloud.secrets import resolve
from artifactory_estate.rest import Connection, Platform, licences, system
from tests.engine.examples.example import Example, Sandbox, running_sandbox

DOCUMENT = """\
estate: acme
state: {backend: "file://state"}
sites:
  us-east:
    platform: managed
    url: http://us-east.repo.acme.example
    aws: {account: "123456789012", region: us-east-1}
    nodes: {count: 2, max: 4}
    licences: "file:licences.txt"
  berlin: {platform: external, url: "http://berlin.repo.acme.example", credentials: {token: "file:berlin.token"}}
  tokyo: {platform: external, url: "http://tokyo.repo.acme.example", credentials: {token: "file:tokyo.token"}}
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), DOCUMENT) as sandbox:
        yield sandbox


def steps(example: Example) -> dict[str, Any]:
    """What a preview would change: resource to its top-level properties."""
    text = example.run("preview", "--json", "-s", example.stack)
    plan = json.loads(text[text.index("{") :])
    changing = [step for step in plan["steps"] if step["op"] != "same"]
    return {
        step["urn"].rsplit("::", 1)[1]: (step["op"], sorted({key.split(".")[0] for key in step["detailedDiff"] or ()}))
        for step in changing
    }


@pytest.fixture
def platform(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Platform:
    """The site, through the sandbox's proxy, as its first node's administrator."""
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    reference = "aws-secretsmanager:acme-scaled/us-east/admin-token?region=us-east-1"
    return Platform(Connection(site="us-east", url="http://us-east.repo.acme.example", token=reference), resolve)


def running(platform: Platform) -> set[str]:
    return {node.id for node in system.nodes(platform) if node.state == "RUNNING"}


def holders(platform: Platform) -> set[str]:
    return {licence.node for licence in licences.installed(platform) if licence.node}


@pytest.mark.timeout(1200)
def test_a_node_more_changes_the_capacity_a_licence_and_an_alarm(
    sandbox: Sandbox, tmp_path: Path, platform: Platform
) -> None:
    example = Example(tmp_path / "scaled", Path(__file__).parent / "scaled", environment=sandbox.environment)
    example.configure({"nodes": "2"})
    example.up()
    assert steps(example) == {}
    assert running(platform) == holders(platform) == {"us-east-1", "us-east-2"}
    example.configure({"nodes": "3"})
    assert steps(example) == {
        "us-east-licence-supply": ("update", ["nodes"]),
        "us-east-nodes-group": ("update", ["desiredCapacity"]),
        "us-east-readiness": ("update", ["nodes"]),
        "us-east-alarms-nodes": ("update", ["alarmDescription", "threshold"]),
    }
    example.up()
    assert running(platform) == holders(platform) == {"us-east-1", "us-east-2", "us-east-3"}
    example.configure({"nodes": "2"})
    example.up()
    left = _until(lambda: running(platform) if len(running(platform)) == 2 else None)
    assert left < {"us-east-1", "us-east-2", "us-east-3"}
    example.configure({"nodes": "3"})
    example.up()
    assert running(platform) == holders(platform) == {"us-east-1", "us-east-2", "us-east-3"}, "the slot was free again"
    _more_places_wait_for_a_restart_of_the_database(example, sandbox)


def _more_places_wait_for_a_restart_of_the_database(example: Example, sandbox: Sandbox) -> None:
    def pending() -> list[str]:
        found: list[str] = example.resources()["us-east-connections"]["outputs"]["observed"]["pending"]
        return found

    example.configure({"max": "5"})
    planned = steps(example)
    assert planned["us-east-connections"] == ("update", ["connections"])
    assert planned["us-east-database-parameters"][0] == "update"
    example.up()
    assert pending()[0].startswith("acme-scaled-us-east lets in ")
    sandbox.aws("rds").reboot_db_instance(DBInstanceIdentifier="acme-scaled-us-east", ForceFailover=True)
    example.run("refresh", "--yes", "--skip-preview", "-s", example.stack)
    assert pending() == []


def _until(ask: Callable[[], set[str] | None], within_s: float = 90) -> set[str]:
    deadline = time.monotonic() + within_s
    while not (found := ask()):
        assert time.monotonic() < deadline
        time.sleep(1)
    return found
