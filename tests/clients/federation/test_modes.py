"""Members that only receive, and the older federation service."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from artifactory_estate.federation import health
from artifactory_estate.federation.lifecycle import FederationLifecycle
from artifactory_estate.trust.lifecycle import TrustLifecycle
from tests.clients.federation.conftest import SITES, Declare, trust_of
from tests.clients.running import Running, running, until

FEDERATION = FederationLifecycle()
KEY = "shared-federated"


@pytest.fixture
def legacy(tmp_path: Path) -> Iterator[dict[str, Running]]:
    with running(tmp_path, SITES, "--no-rtfs") as found:
        TrustLifecycle().create(trust_of(found))
        yield found


def test_a_receiver_gets_and_does_not_send(trusted: dict[str, Running], declare: Declare) -> None:
    wanted = declare(members={"eu-west": {}, "lab": {"mode": "receiver"}, "us-east": {}})
    assert FEDERATION.create(wanted).pending == ()
    sent = trusted["eu-west"].upload(KEY, "a/one.bin", b"one" * 1000)
    until(lambda: trusted["lab"].digest(KEY, "a/one.bin") == sent, "the artifact at the receiver")
    trusted["lab"].upload(KEY, "b/kept.bin", b"two")
    later = trusted["eu-west"].upload(KEY, "c/three.bin", b"three")
    for name in ("us-east", "lab"):
        until(lambda name=name: trusted[name].digest(KEY, "c/three.bin") == later, f"the later artifact at {name}")
    assert trusted["eu-west"].digest(KEY, "b/kept.bin") is None
    words = {connection.state for connection in health.observe(wanted).connections if connection.site != "lab"}
    assert words <= {"healthy", "receiving_only", "full_sync_running", "pending_full_sync", "delayed"}


def test_a_member_is_paused_and_goes_on(trusted: dict[str, Running], declare: Declare) -> None:
    first = declare()
    observed = FEDERATION.create(first)
    paused = declare(members={"eu-west": {}, "lab": {"enabled": False}, "us-east": {}})
    assert FEDERATION.update(first, paused, observed).pending == ()

    def disabled() -> bool:
        return any(one.state == "disabled" for one in health.observe(paused).connections if one.peer == "lab")

    until(disabled, "lab to be shown as disabled")
    assert FEDERATION.update(paused, first, observed).pending == ()
    sent = trusted["eu-west"].upload(KEY, "a/one.bin", b"one")
    until(lambda: trusted["lab"].digest(KEY, "a/one.bin") == sent, "the artifact at the member that goes on")


def test_the_older_service_is_read_in_the_same_words(legacy: dict[str, Running]) -> None:
    one = legacy["lab"].platform
    declared = health.DeclaredFederation.from_data(
        {
            "owner": {"estate": "acme", "resource": "federation-shared/shared-repositories"},
            "federation": "shared",
            "connections": {name: site.connection.to_data() for name, site in legacy.items()},
            "members": {name: {} for name in SITES},
            "repositories": {KEY: '{"rclass":"federated","packageType":"generic"}'},
        }
    )
    assert FEDERATION.create(declared).pending == ()
    sent = legacy["lab"].upload(KEY, "a/one.bin", b"one")
    until(lambda: legacy["us-east"].digest(KEY, "a/one.bin") == sent, "the artifact")
    until(lambda: health.observe(declared).settled, "the federation to be healthy")
    assert one.request("GET", "/artifactory/api/federation/state").ok
