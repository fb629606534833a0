"""Pairing and federated repositories between platforms: bytes are moved and compared (reference 3, 4.1)."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.platform.running import ADMIN, Bare, running, until

PAIRING = "/artifactory/api/v1/service_trust/pairing/federated-repo"


def trust(first: Bare, second: Bare, use: str = "*") -> Any:
    token = first("POST", f"{PAIRING}/{use}").json()["pairing_token"]
    return second("PUT", f"{PAIRING}/{use}", json={"pairing_token": token})


def members(key: str, *platforms: Bare) -> list[dict[str, Any]]:
    return [{"url": f"{one.url}/artifactory/{key}", "enabled": True} for one in platforms]


def federate(key: str, first: Bare, *others: Bare, **fields: Any) -> Any:
    body = {"rclass": "federated", "members": members(key, *others), **fields}
    return first.api("PUT", f"repositories/{key}", json=body)


def has(platform: Bare, path: str, data: bytes) -> bool:
    answer = platform.get(path)
    return answer.status_code == 200 and hashlib.sha256(answer.content).digest() == hashlib.sha256(data).digest()


def summary(platform: Bare) -> dict[str, int]:
    return dict(platform.api("GET", "federation/status/stateSummary").json()["federationStates"])


@pytest.fixture(scope="module")
def friends(pair: tuple[Bare, Bare]) -> tuple[Bare, Bare]:
    """Two platforms that trust each other."""
    first, second = pair
    answer = trust(first, second)
    assert answer.json() == {"message": "Trust with Artifactory was established successfully"}
    return first, second


def test_the_names_of_the_loopback_address_are_one(platform: Bare) -> None:
    named = platform.url.replace("127.0.0.1", "localhost")
    own = {"url": f"{named}/artifactory/named", "enabled": True}
    made = platform.api("PUT", "repositories/named", json={"rclass": "federated", "members": [own]})
    assert made.status_code == 200, made.text
    shown = platform.api("GET", "repositories/named").json()["members"]
    assert [one["url"] for one in shown] == [own["url"]]
    synced = platform.api("POST", f"federation/fullSync/named?mirror={own['url']}")
    assert synced.status_code == 200, synced.text
    uri = platform.session.get(f"{named}/artifactory/api/storage/named", auth=ADMIN).json()["uri"]
    assert uri == f"{named}/artifactory/api/storage/named"


def test_a_pairing_token_is_for_one_use_and_five_minutes(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    made = first("POST", f"{PAIRING}/*").json()
    assert made["expires_in"] == 300
    body = {"pairing_token": made["pairing_token"]}
    assert second("PUT", f"{PAIRING}/*", json=body).status_code == 200
    assert second("PUT", f"{PAIRING}/*", json=body).status_code == 400
    late = {"pairing_token": first("POST", f"{PAIRING}/*").json()["pairing_token"]}
    first.fault("clock", skew=301)
    refused = second("PUT", f"{PAIRING}/*", json=late)
    first.fault("heal")
    assert (refused.status_code, "expired" in refused.text) == (400, True)
    assert second("PUT", f"{PAIRING}/*", json={"pairing_token": "nonsense"}).status_code == 400
    assert first("PUT", f"{PAIRING}/*", json=late).status_code == 400  # with itself
    assert first("POST", "/artifactory/api/v1/service_trust/pairing/nonsense").status_code == 404


def test_creating_reaches_the_member_and_adds_the_own_one(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    assert federate("made", first, second, description="ours", packageType="npm").status_code == 200
    for one in friends:
        shown = one.api("GET", "repositories/made").json()
        assert (shown["rclass"], shown["packageType"], shown["description"]) == ("federated", "npm", "ours")
        assert {member["url"] for member in shown["members"]} == {f"{each.url}/artifactory/made" for each in friends}
    assert federate("made", second, first).status_code == 400


def test_events_travel_both_ways_and_do_not_come_back(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    federate("both", first, second)
    first.put("both/a/one.bin;k=v", b"one" * 1000)
    second.put("both/two.bin", b"two" * 1000)
    until(lambda: has(second, "both/a/one.bin", b"one" * 1000), "one at the second")
    until(lambda: has(first, "both/two.bin", b"two" * 1000), "two at the first")
    assert second.api("GET", "storage/both/a/one.bin?properties").json()["properties"] == {"k": ["v"]}
    first.api("PUT", "storage/both/a/one.bin?properties=k=w")
    wanted = {"k": ["w"]}
    where = "storage/both/a/one.bin?properties"
    until(lambda: second.api("GET", where).json()["properties"] == wanted, "the property")
    second("DELETE", "/artifactory/both/a")
    until(lambda: first.get("both/a/one.bin").status_code == 404, "the deletion")
    for one in friends:
        rows = one.platform.federation.state.remote("both")
        until(lambda one=one, rows=rows: not one.platform.federation.state.events(rows[0]["id"], 1), "empty queues")


def test_configuration_goes_along_but_for_what_is_local(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    federate("config", first, second)
    changes = {"description": "new", "notes": "n", "blackedOut": True, "propertySets": ["x"]}
    assert first.api("POST", "repositories/config", json=changes).status_code == 200
    there = second.api("GET", "repositories/config").json()
    assert (there["description"], there["notes"], there["blackedOut"], there["propertySets"]) == ("new", "n", False, [])
    assert first.api("POST", "federation/configSync/config").status_code == 200
    assert first.api("GET", "federation/inconsistentRepos").json() == []


def test_a_full_sync_brings_what_is_missing_and_never_deletes(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    federate("sync", first, second)
    until(lambda: summary(first)["PENDING_FS"] == 0, "the first sync")
    first.put("sync/lost.txt", b"lost")
    second.put("sync/theirs.txt", b"theirs")
    until(lambda: has(second, "sync/lost.txt", b"lost") and has(first, "sync/theirs.txt", b"theirs"), "both")
    second.platform.artifacts.state.delete("sync", "lost.txt")  # behind everybody's back
    dry = first.api("POST", "federation/fullSync/sync?isDry=true").json()
    assert first.get(dry["resultPaths"][0]).json() == {
        "results": [{"name": "lost.txt", "type": "file", "fullPath": "lost.txt"}]
    }
    first.platform.artifacts.state.delete("sync", "theirs.txt")
    answer = first.api("POST", f"federation/fullSync/sync?mirror={second.url}/artifactory/sync")
    assert (answer.status_code, answer.text) == (200, "Full sync triggered successfully")
    until(lambda: has(second, "sync/lost.txt", b"lost"), "the full sync")
    assert has(second, "sync/theirs.txt", b"theirs")
    assert first.api("POST", "federation/fullSync/nowhere").status_code == 404


def test_an_unreachable_member_gets_its_events_when_it_is_back(tmp_path: Path) -> None:
    with running(tmp_path / "first") as (first,):
        with running(tmp_path / "second") as (second,):
            trust(first, second)
            federate("late", first, second)
            until(lambda: summary(first)["HEALTHY"] == 1, "the first sync")
            port = int(second.url.rpartition(":")[2])
        first.put("late/waiting.txt", b"waiting")
        until(lambda: summary(first)["NOT_AVAILABLE"] == 1, "the member to be missed")
        (row,) = first.api("GET", "federation/status/stateList").json()["federations"][0]["memberInfoList"]
        assert row["aggregatedStatus"] == "N/A"
        one, other = first.api("GET", "federation/status/connectionStates/late").json()["memberConnections"]
        assert (one["status"], one["queuedEvents"], other["status"]) == ("ERROR", 1, "N/A")
        missing = first.api("POST", "repositories/late", json={"members": members("late", first)})
        assert (missing.status_code, "offline" in missing.text) == (400, True)
        with running(tmp_path / "second", port=port) as (second,):
            assert first.api("POST", "federation/recovery?repoKey=late").text == "Recovery triggered successfully"
            until(lambda: has(second, "late/waiting.txt", b"waiting"), "the event")
            until(lambda: summary(first)["HEALTHY"] == 1, "health")


def test_a_purged_queue_needs_a_full_sync(tmp_path: Path) -> None:
    with running(tmp_path, count=2) as (first, second):
        trust(first, second)
        federate("purged", first, second)
        until(lambda: summary(first)["HEALTHY"] == 1, "the first sync")
        second.fault("answer", status=503, times=0, match="/internal/", peers=True)
        first.put("purged/gone.txt", b"gone")
        until(lambda: summary(first)["HEALTHY"] == 0, "the failure")
        first.fault("purge-queue", repository="purged")
        second.fault("heal")
        assert summary(first)["ERROR"] == 1
        first.put("purged/next.txt", b"next")
        first.api("POST", "federation/recovery")
        until(lambda: has(second, "purged/next.txt", b"next"), "later events")
        assert (summary(first)["ERROR"], second.get("purged/gone.txt").status_code) == (1, 404)
        first.api("POST", "federation/fullSync/purged")
        until(lambda: has(second, "purged/gone.txt", b"gone"), "the full sync")
        until(lambda: summary(first)["HEALTHY"] == 1, "health")


def test_a_receiver_takes_and_does_not_send(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    body = {"rclass": "federated", "members": [{**members("receive", second)[0], "mode": "receiver"}]}
    assert first.api("PUT", "repositories/receive", json=body).status_code == 200
    first.put("receive/down.txt", b"down")
    until(lambda: has(second, "receive/down.txt", b"down"), "the event")
    second.put("receive/up.txt", b"up")
    assert not second.platform.federation.state.events(second.platform.federation.state.remote("receive")[0]["id"], 1)
    assert first.get("receive/up.txt").status_code == 404


def test_a_receiving_only_trust_is_enforced(tmp_path: Path) -> None:
    with running(tmp_path, count=2) as (source, target):
        refused = federate("oneway", source, target)
        assert (refused.status_code, "cross-instance authentication" in refused.text) == (400, True)
        assert source.api("GET", "repositories/oneway").status_code == 400
        assert trust(source, target, "r").status_code == 200
        assert federate("oneway", source, target).status_code == 200
        source.put("oneway/down.txt", b"down")
        until(lambda: has(target, "oneway/down.txt", b"down"), "the event")
        target.put("oneway/up.txt", b"up")
        until(lambda: not target.platform.federation.state.due(1 << 62), "the target to settle")
        assert source.get("oneway/up.txt").status_code == 404
        assert target.platform.federation.state.remote("oneway")[0]["state"] == "READ_ONLY"


def test_a_switched_off_member_waits(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    federate("paused", first, second)
    off = [*members("paused", first), {**members("paused", second)[0], "enabled": False}]
    assert first.api("POST", "repositories/paused", json={"members": off}).status_code == 200
    first.put("paused/later.txt", b"later")
    (one, _) = first.api("GET", "federation/status/connectionStates/paused").json()["memberConnections"]
    assert (one["status"], one["disabled"]) == ("DISABLED", True)
    assert second.get("paused/later.txt").status_code == 404
    first.api("POST", "repositories/paused", json={"members": members("paused", first, second)})
    until(lambda: has(second, "paused/later.txt", b"later"), "the event")


def test_a_removed_member_stays_federated_alone(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    federate("left", first, second)
    assert first.api("POST", "repositories/left", json={"members": members("left", first)}).status_code == 200
    for one in friends:
        shown = one.api("GET", "repositories/left").json()["members"]
        assert [member["url"] for member in shown] == [f"{one.url}/artifactory/left"]


def test_conversion_there_and_back(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    first.make("turn")
    first.put("turn/kept.txt", b"kept")
    url = {"url": f"{second.url}/artifactory/turn", "username": "admin", "password": "p", "cronExp": "0 0 12 * * ?"}
    first.api("PUT", "replications/turn", json=url)
    moved = first.api("POST", "federation/migrate/turn")
    assert (moved.status_code, moved.text) == (200, "Migration finished successfully.")
    assert first.api("GET", "repositories/turn").json()["rclass"] == "federated"
    assert "turn" not in first.api("GET", "replications").text
    assert first.api("POST", "federation/migrate/turn").status_code == 400
    first.api("POST", "repositories/turn", json={"members": members("turn", first, second)})
    refused = first.api("POST", "federation/convertToLocal", json=["turn"])
    assert (refused.status_code, refused.json()) == (
        400,
        {"failedConversionRepositories": {"turn": "Repo turn contains remote members"}},
    )
    first.api("POST", "repositories/turn", json={"members": members("turn", first)})
    back = first.api("POST", "federation/convertToLocal", json=["turn"])
    assert back.text == "Successfully converted from federated to local repositories: [turn]"
    assert first.get("turn/kept.txt").content == b"kept"


@pytest.mark.parametrize("path", ["state", "status/repo/x", "status/mirrorsLag", "status/unavailableMirrors"])
def test_legacy_monitoring_is_a_405_with_the_service(platform: Bare, path: str) -> None:
    assert platform.api("GET", f"federation/{path}").status_code == 405


@pytest.fixture(scope="module")
def legacy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bare, Bare]]:
    with running(tmp_path_factory.mktemp("legacy"), count=2, rtfs=False) as (first, second):
        trust(first, second)
        federate("old", first, second)
        yield first, second


def test_legacy_monitoring_without_the_service(legacy: tuple[Bare, Bare]) -> None:
    first, second = legacy
    for path in ("stateSummary", "stateList", "connectionStates/old"):
        assert first.api("GET", f"federation/status/{path}").status_code == 405
    until(lambda: first.api("GET", "federation/state").json()[0]["status"] == "SYNCING", "the first sync")
    (mirror,) = first.api("GET", "federation/status/repo/old").json()["mirrorEventsStatusInfo"]
    assert (mirror["remoteUrl"], mirror["remoteRepoKey"], mirror["status"]) == (
        f"{second.url}/artifactory/",
        "old",
        "SYNC",
    )
    (mirror,) = first.api("GET", "v2/federation/status/repo/old").json()["mirrorEventsStatusInfo"]
    assert mirror["status"] == "HEALTHY"
    assert first.api("GET", "federation/status/unavailableMirrors").json() == []
    assert first.api("GET", "federation/rtfs").text == "false"
    assert first.api("GET", "federation/migration/status").text == "Status not configured"


def test_pairing_shows_in_the_descriptor_and_can_be_revoked(legacy: tuple[Bare, Bare]) -> None:
    first, second = legacy
    xml = first.api("GET", "system/configuration").text
    assert f"<baseUrl>{second.url}</baseUrl>" in xml
    where = "/artifactory/api/v1/service_trust/pairings/*"
    assert first("DELETE", where, json={"base_url": "http://nobody.example"}).status_code == 404
    assert first("DELETE", where, json={"base_url": second.url}).status_code == 200
    assert "<baseUrl>" not in first.api("GET", "system/configuration").text


def test_a_federation_needs_a_base_url(tmp_path: Path) -> None:
    with running(tmp_path) as (alone,):
        alone("PUT", "/artifactory/api/system/configuration/baseUrl", data="")
        answer = federate("x", alone)
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
            400,
            "The Base URL is mandatory and is not configured.",
        )
