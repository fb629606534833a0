from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from artifactory_estate.cloud.node_reports import FrontsOf, NodeReport
from artifactory_estate.rest import Connection
from artifactory_estate.site import lifecycle as site_lifecycle
from artifactory_estate.site.lifecycle import ReadinessDeclaration, ReadinessLifecycle, ReadinessObservation
from artifactory_estate.site.readiness import Expected, NotReady, look, wait
from tests.support.wire import Wire
from tests.unit.site_lifecycles.fake_node import API, FakeNode

lifecycle = ReadinessLifecycle()
RUNNING = {"id": "n1", "state": "RUNNING", "version": "7.111.4"}
WANTED = Expected("7.111.4", 1)


class Clock:
    """Time passes only in pauses; `events` happen in the n-th one."""

    def __init__(self, **events: Callable[[], None]) -> None:
        self.time = 100.0
        self.pauses: list[float] = []
        self.events = {int(name.removeprefix("at")): event for name, event in events.items()}

    def pause(self, seconds: float) -> None:
        self.time += seconds
        self.pauses.append(seconds)
        self.events.get(len(self.pauses), lambda: None)()

    def now(self) -> float:
        return self.time


def test_ready_at_once_costs_four_requests(server: Wire, connection: Connection) -> None:
    declared = ReadinessDeclaration(connection=connection, version="7.111.4")
    observed = lifecycle.create(declared)
    assert observed == ReadinessObservation(version="7.111.4", nodes=("n1",))
    assert sorted(server.calls) == [
        f"GET {API}/ping",
        f"GET {API}/status",
        f"GET {API}/version",
        "GET /router/api/v1/system/health",
    ]
    assert lifecycle.read(declared, observed) == (declared, observed)
    assert lifecycle.update(declared, declared, observed) == observed
    lifecycle.delete(declared, observed)
    assert server.writes == []


def test_a_front_that_fails_is_told_although_the_site_answers(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = FrontsOf(bucket="b", group="small-us-east-fronts", region="us-east-1")
    declared = ReadinessDeclaration(connection=connection, version="7.111.4", fronts_of=front)
    failed = [NodeReport(instance="i-1", status="failed", bundle="", reason="nginx does not take its new files")]
    monkeypatch.setattr(site_lifecycle, "failed_fronts", lambda place: failed if place == front else ())
    with pytest.raises(NotReady, match=r"^us-east: the front i-1 does not serve as declared: nginx does not take"):
        lifecycle.create(declared)
    failed.clear()
    assert lifecycle.create(declared).nodes == ("n1",)


@pytest.mark.parametrize(
    ("state", "lacking"),
    [
        ({"reason": "Server state is offline"}, "us-east: GET /artifactory/api/system/ping answered 503: Server state is offline"),
        ({"version": "7.104.2"}, "Artifactory 7.104.2 answers, 7.111.4 is declared"),
        ({"ill": ["jfac"]}, "not healthy: jfac@1 on n1: starting"),
        ({"nodes": [{**RUNNING, "state": "STARTING"}]}, "0 of 1 nodes run: none"),
        ({"nodes": [RUNNING, {**RUNNING, "id": "n2", "version": "7.104.2"}]}, "not yet on 7.111.4: n2"),
    ],
)  # fmt: skip
def test_what_keeps_it_from_being_ready_is_named(
    connection: Connection, node: FakeNode, state: dict[str, Any], lacking: str
) -> None:
    assert look(connection, WANTED).lacking == ""
    vars(node).update(state)
    assert look(connection, WANTED).lacking == lacking
    assert lifecycle.read(ReadinessDeclaration(connection=connection, version="7.111.4"), ReadinessObservation())[1].pending == (
        f"not ready: {lacking}",
    )  # fmt: skip


def test_any_version_and_more_nodes_than_needed_will_do(connection: Connection, node: FakeNode) -> None:
    node.version = "7.200.0"
    node.nodes = [{"id": f"n{n}", "state": "RUNNING", "version": "7.200.0"} for n in range(3)]
    node.nodes.append({"id": "old", "state": "OFFLINE", "version": "7.1.0"})
    assert look(connection, Expected(None, 2)).nodes == ("n0", "n1", "n2")
    assert look(connection, Expected(None, 4)).lacking == "3 of 4 nodes run: n0, n1, n2"


def test_a_platform_that_hides_router_and_nodes(connection: Connection, node: FakeNode) -> None:
    node.has_router, node.nodes = False, []
    assert look(connection, WANTED).lacking == ""
    assert look(connection, Expected(None, 2)).lacking == "1 of 2 nodes run: node"
    node.pool = {"h1": "a", "h2": "b"}
    node.in_use = {"a"}
    assert look(connection, WANTED).nodes == ("n1",)


def test_it_waits_through_a_whole_start(connection: Connection, node: FakeNode, token: Path, server: Wire) -> None:
    value = token.read_text()
    token.unlink()
    node.reason, node.version = "starting", "7.104.2"
    clock = Clock(
        at2=lambda: token.write_text(value) and None,
        at4=lambda: setattr(node, "reason", ""),
        at6=lambda: setattr(node, "version", "7.111.4"),
    )
    seen = wait(connection, WANTED, 900, clock.pause, clock.now)
    assert (seen.version, clock.pauses) == ("7.111.4", [3.0] * 6)
    assert len(server.seen) < 4 * 6


def test_the_deadline_names_what_was_seen_last(connection: Connection, node: FakeNode) -> None:
    node.reason = "no valid licence"
    clock = Clock(at1=lambda: setattr(node, "reason", "database is not reachable"))
    with pytest.raises(NotReady, match=r"us-east: not ready after 10s\. Seen last: .*database is not reachable$"):
        wait(connection, WANTED, 10, clock.pause, clock.now)
    assert sum(clock.pauses) == 10


def test_a_node_that_cannot_start_ends_the_wait_with_its_reason(connection: Connection, node: FakeNode) -> None:
    node.reason = "starting"
    reasons: list[str] = []
    clock = Clock(at6=lambda: reasons.append("i-1 did not start: no master key"))
    with pytest.raises(NotReady, match=r"us-east: i-1 did not start: no master key$"):
        wait(connection, WANTED, 900, clock.pause, clock.now, stuck=lambda: "".join(reasons))
    assert len(clock.pauses) == 8


def test_nobody_there(token: Path) -> None:
    clock = Clock()
    nobody = Connection(site="us-east", url="http://127.0.0.1:9", token=f"file:{token}")
    with pytest.raises(NotReady, match="got no answer from http"):
        wait(nobody, WANTED, 5, clock.pause, clock.now)


def test_an_unavailable_site_is_not_waited_for(server: Wire, connection: Connection) -> None:
    away = ReadinessDeclaration(connection=connection.model_copy(update={"available": False}))
    observed = lifecycle.create(away)
    assert observed.pending == ("us-east is not available",)
    assert lifecycle.read(away, observed) == (away, observed)
    assert server.seen == []
