"""Nodes are taken out, brought up to date and put back one at a time; whatever goes wrong stops it and can be resumed."""

import itertools

import pytest

from artifactory_estate.cloud import node_commands, target_groups
from artifactory_estate.cloud.node_commands import Group, NodeFailed
from tests.support.aws import REGION
from tests.unit.cloud.rolled import Nodes

EACH = ["out", "run", "in"]


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Nodes:
    made = Nodes("i-1", "i-2", "i-3")
    for module in (node_commands, target_groups):
        monkeypatch.setattr(module, "client", made.client)
    return made


def group(said: list[str] | None = None) -> Group:
    return Group("acme-nodes", REGION, None, lambda _seconds: None, (said if said is not None else []).append)


def done_to(*nodes: str) -> list[str]:
    return [f"{step} {node}" for node in nodes for step in EACH]


def test_each_leaves_the_load_balancer_while_it_is_changed(nodes: Nodes) -> None:
    nodes.drains_for, nodes.ill_for = 3, {"i-2": 2}
    assert group().roll("script") == ["i-1", "i-2", "i-3"]
    assert nodes.log == done_to("i-1", "i-2", "i-3")
    assert nodes.fewest == 2


def test_it_says_which_node_of_how_many(nodes: Nodes) -> None:
    said: list[str] = []
    group(said).roll("script")
    assert said[0] == "node 1 of 3, i-1: leaves the load balancer"
    assert said[-1] == "node 3 of 3, i-3: serves"


def test_a_single_node_is_a_downtime_and_it_says_so(nodes: Nodes) -> None:
    nodes.replace("i-2", "i-1")
    nodes.replace("i-3", "i-1")
    said: list[str] = []
    nodes.states = {"i-1": "healthy"}
    group(said).roll("script")
    assert "it is the only one, so the site is down until it is back" in said[0]


def test_the_first_bad_node_stays_out_and_is_named(nodes: Nodes) -> None:
    nodes.fails = {"i-2"}
    with pytest.raises(NodeFailed, match=r"i-2: .* FAILED: Artifactory stopped: bad binarystore"):
        group().roll("script")
    assert nodes.log == [*done_to("i-1"), "out i-2", "run i-2"]
    assert nodes.states == {"i-1": "healthy", "i-3": "healthy"}


def test_a_node_that_a_killed_run_left_out_is_first_and_comes_back(nodes: Nodes) -> None:
    del nodes.states["i-3"]
    assert group().roll("script") == ["i-3", "i-1", "i-2"]
    assert nodes.log == ["run i-3", "in i-3", *done_to("i-1", "i-2")]
    assert nodes.fewest == 2


def test_a_draining_node_is_waited_for_and_not_taken_out_twice(nodes: Nodes) -> None:
    nodes.states["i-2"], nodes.ill_for["drains i-2"] = "draining", 3
    group().roll("script")
    assert nodes.log == ["run i-2", "in i-2", *done_to("i-1", "i-3")]


def test_none_is_taken_out_while_another_is_missing(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The group wants a fourth that has not come into service."""
    described = nodes.describe_auto_scaling_groups()
    described["AutoScalingGroups"][0]["DesiredCapacity"] = 5
    monkeypatch.setattr(nodes, "describe_auto_scaling_groups", lambda **_: described)
    clock = itertools.count(0, 100)
    monkeypatch.setattr("artifactory_estate.cloud.node_commands.time.monotonic", lambda: next(clock))
    with pytest.raises(NodeFailed, match="i-1: stays in service, since fewer than 4 others serve"):
        group().roll("script")
    assert nodes.log == []


def test_a_node_that_is_done_and_serves_is_left_alone(nodes: Nodes) -> None:
    nodes.states["i-2"] = "unhealthy"
    assert group().roll("script", lambda _node: True) == ["i-2"]
    assert nodes.log == done_to("i-2")


def test_a_node_that_dies_meanwhile_is_done_when_it_is_replaced(nodes: Nodes) -> None:
    nodes.dies = {"i-1"}
    assert group().roll("script") == ["i-1", "i-1-again", "i-2", "i-3"]
    assert set(nodes.states.values()) == {"healthy"}


def test_a_node_that_falls_ill_afterwards_is_done_once_more_and_no_oftener(nodes: Nodes) -> None:
    script = nodes.send_command

    def falls_ill(**request: object) -> object:
        if request["InstanceIds"] == ["i-2"]:
            nodes.states["i-1"] = "unhealthy"
        return script(**request)

    nodes.send_command = falls_ill  # type: ignore[method-assign, assignment]
    assert group().roll("script") == ["i-1", "i-2", "i-3"]
    assert nodes.log.count("run i-1") == 2


def test_a_node_that_falls_ill_before_the_next_leaves_is_first(nodes: Nodes) -> None:
    def falls_ill(text: str) -> None:
        if text.endswith("i-1: serves"):
            nodes.states["i-3"] = "unhealthy"

    rolled = Group("acme-nodes", REGION, None, lambda _seconds: None, falls_ill).roll("script")
    assert rolled == ["i-1", "i-3", "i-2"]
    assert nodes.fewest == 2


def test_a_node_that_boots_is_waited_for(nodes: Nodes) -> None:
    nodes.unreachable = {"i-1": 4}
    group().roll("script")
    assert nodes.log == done_to("i-1", "i-2", "i-3")


def test_a_node_that_stays_unhealthy_stops_the_roll(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes.ill_for = {"i-1": 10_000}
    clock = itertools.count(0, 10)
    monkeypatch.setattr("artifactory_estate.cloud.node_commands.time.monotonic", lambda: next(clock))
    with pytest.raises(NodeFailed, match="i-1: not healthy at the load balancer within 300 s"):
        group().roll("script")
    assert "run i-2" not in nodes.log


def test_not_serving_names_the_ill_and_the_missing(nodes: Nodes) -> None:
    nodes.states["i-1"] = "unhealthy"
    del nodes.states["i-3"]
    assert group().not_serving() == ["i-1", "i-3"]


def test_a_group_that_does_not_exist_yet_has_no_nodes(aws: str) -> None:
    assert Group("acme-nothing", REGION, None).nodes() == []
    assert Group("acme-nothing", REGION, None).not_serving() == []
