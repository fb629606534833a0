"""Binaries that fail, queues that are exhausted, the move to the federation service, versions (reference 3.2 to 3.6)."""

import hashlib
from pathlib import Path

import pytest

from tests.platform.running import Bare, running, until
from tests.platform.test_federation import federate, has, members, summary, trust


def failing(platform: Bare, repo: str) -> list[dict[str, object]]:
    return list(platform.api("GET", f"federation/binaries/failures/list?repoKey={repo}").json())


@pytest.fixture(scope="module")
def friends(pair: tuple[Bare, Bare]) -> tuple[Bare, Bare]:
    trust(*pair)
    return pair


def test_a_binary_that_the_source_lost_becomes_a_task_on_both_sides(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    federate("lost", first, second)
    until(lambda: summary(first)["HEALTHY"] == 1, "the first sync")
    data = b"lost and found" * 100
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    off = [*members("lost", first), {**members("lost", second)[0], "enabled": False}]
    first.api("POST", "repositories/lost", json={"members": off})
    first.put("lost/a.bin", data)
    first.put("lost/b.bin", b"other")
    first.platform.binaries.store.remove(sha1)
    first.api("POST", "repositories/lost", json={"members": members("lost", first, second)})
    until(lambda: has(second, "lost/b.bin", b"other"), "the others, which a missing binary does not hold back")
    until(lambda: failing(first, "lost") and failing(second, "lost"), "the tasks")
    (task,) = failing(first, "lost")
    assert (task["sha1"], task["repoKey"], int(str(task["failuresCount"])) >= 1) == (sha1, "lost", True)
    assert second.api("GET", "storage/lost/a.bin").json()["checksums"]["sha1"] == sha1
    assert second.get("lost/a.bin").status_code == 404
    counts = first.api("GET", "federation/status/repoState/lost/binaries").json()
    assert counts["failingTasks"] == 1
    first.platform.binaries.store.put(sha1, _file(first, data))
    assert first.api("PUT", "federation/binaries/failures/replay?repoKey=lost").json() == {"replayTasks": 1}
    until(lambda: has(second, "lost/a.bin", data), "the binary")
    until(lambda: not failing(first, "lost") and not failing(second, "lost"), "no task")
    assert first.api("PUT", "federation/binaries/failures/replay?repoKey=lost").json() == {"replayTasks": 0}


def _file(platform: Bare, data: bytes) -> Path:
    path = platform.platform.temporary / "found-again"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_full_target_is_a_task_that_can_be_given_up(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    federate("full", first, second)
    until(lambda: summary(first)["PENDING_FS"] == 0, "the first sync")
    second.fault("fill-disk")
    first.put("full/big.bin", b"big")
    until(lambda: failing(first, "full"), "the task")
    (task,) = failing(first, "full")
    answer = first.api("DELETE", f"federation/binaries/failures/delete?repoKey=full&sha1={task['sha1']}")
    assert answer.json() == {"deletedTasks": 1}
    assert failing(first, "full") == []
    second.fault("free-disk")
    second.api("PUT", "federation/binaries/failures/replay?repoKey=full")
    until(lambda: has(second, "full/big.bin", b"big"), "the target's own task")
    assert first.api("GET", "federation/binaries/failures/list").status_code == 400
    assert first.api("GET", "federation/binaries/failures/list?repoKey=nowhere").status_code == 404


def test_a_full_sync_brings_binaries_that_were_given_up(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    federate("mended", first, second)
    until(lambda: summary(first)["PENDING_FS"] == 0, "the first sync")
    second.fault("fill-disk")
    first.put("mended/a.bin", b"mended")
    until(lambda: failing(second, "mended"), "the task")
    second.fault("free-disk")
    first.api("DELETE", "federation/binaries/failures/delete?repoKey=mended")
    first.api("POST", "federation/forceFullSync/mended")
    until(lambda: has(second, "mended/a.bin", b"mended"), "the full sync")
    until(lambda: failing(second, "mended") == [], "no task")


def test_a_user_who_wants_a_binary_that_is_late_gets_it(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    federate("late-binary", first, second)
    until(lambda: summary(first)["PENDING_FS"] == 0, "the first sync")
    second.fault("fill-disk")
    first.put("late-binary/a.bin", b"wanted now")
    until(lambda: failing(second, "late-binary"), "the task")
    for one in friends:  # nobody tries again by itself
        one.platform.database.run("UPDATE federation_binaries SET retry_at = ?", 1 << 60)
    assert second.get("late-binary/a.bin").status_code in {404, 507}
    second.fault("free-disk")
    assert second.get("late-binary/a.bin").content == b"wanted now"
    assert failing(second, "late-binary") == []


def test_created_times_go_along_only_when_both_sides_say_so(tmp_path: Path) -> None:
    with running(tmp_path, count=2, version="7.123.0") as (first, second):
        trust(first, second)
        federate("times", first, second)
        old = "2020-01-02T03:04:05.000Z"
        headers = {"X-Artifactory-Created": old, "X-Artifactory-Last-Modified": old}
        first.put("times/one.txt", b"one", headers=headers)
        until(lambda: has(second, "times/one.txt", b"one"), "one")
        assert not second.api("GET", "storage/times/one.txt").json()["created"].startswith("2020")
        assert first.api("PUT", "federation/propagateCreatedTime").status_code == 400
        assert first.api("PUT", "federation/propagateCreatedTime?enabled=true").status_code == 200
        name = "artifactory.federated.mirror.events.upload.info.propagate.enabled"
        second.platform.properties = {name: "true"}
        first.put("times/two.txt", b"two", headers=headers)
        until(lambda: has(second, "times/two.txt", b"two"), "two")
        there = second.api("GET", "storage/times/two.txt").json()
        assert (there["created"][:10], there["createdBy"]) == ("2020-01-02", "admin")


def test_an_old_queue_is_exhausted_until_it_is_recovered(tmp_path: Path) -> None:
    with running(tmp_path, count=2, version="7.77.16", rtfs=False) as (first, second):
        trust(first, second)
        federate("tired", first, second)
        until(lambda: first.api("GET", "federation/status/unavailableMirrors").json() == [], "the first sync")
        first.platform.properties = {"artifactory.federated.event.queue.max.error.retries": "1"}
        second.fault("answer", status=500, times=0, match="/internal/federation/tired/events", peers=True)
        first.put("tired/a.txt", b"a")
        until(lambda: first.api("GET", "federation/status/unavailableMirrors").json() != [], "the failure")
        second.fault("heal")
        (mirror,) = first.api("GET", "federation/status/repo/tired").json()["mirrorEventsStatusInfo"]
        assert (mirror["status"], mirror["createEvents"]) == ("OUT_OF_SYNC", 1)
        assert first.platform.federation.state.due(1 << 61) == []
        assert first.api("POST", "federation/recovery?repoKey=tired").status_code == 404  # the newer spelling
        assert first.api("POST", "federation/recovery/tired").text == "Recovery triggered successfully"
        until(lambda: has(second, "tired/a.txt", b"a"), "the event")


def test_the_move_to_the_federation_service_and_back(tmp_path: Path) -> None:
    with running(tmp_path, rtfs=False) as (one,):
        assert one.api("GET", "federation/migration/status").text == "Status not configured"
        one.make("moving", "federated", members=[])
        one.platform.federation.state.put(
            "moving", {"url": "http://127.0.0.1:1/artifactory/x", "enabled": False}, False, "HEALTHY"
        )
        until(lambda: one.platform.settings.get("federation-service"), "the note of it")
    with running(tmp_path, rtfs=True) as (one,):
        assert one.api("GET", "federation/rtfs").text == "false"
        assert one.api("GET", "federation/status/stateSummary").status_code == 405
        assert one.api("GET", "federation/state").status_code == 200
        assert one("POST", "/rtfs/api/v1/migration/start").status_code == 202
        until(lambda: one.api("GET", "federation/migration/status").text == "MIGRATION_COMPLETED", "the migration")
        assert one.api("GET", "federation/rtfs").text == "true"
        assert one.api("GET", "federation/state").status_code == 405
        one("POST", "/rtfs/api/v1/migration/rollback")
        assert one.api("GET", "federation/rtfs").text == "false"


def test_a_member_on_the_older_service_is_supported(tmp_path: Path) -> None:
    """The two services live side by side (seed 003): only the version decides whether a member can be shown."""
    with running(tmp_path / "new") as (new,), running(tmp_path / "legacy", rtfs=False) as (legacy,):
        trust(new, legacy)
        federate("hybrid", new, legacy)
        new.put("hybrid/a.txt", b"a")
        until(lambda: has(legacy, "hybrid/a.txt", b"a"), "the bytes")
        new.platform.federation.delivery._next_look = 0
        until(lambda: summary(new)["HEALTHY"] == 1, "the look", 20)
        (row, _) = new.api("GET", "federation/status/connectionStates/hybrid").json()["memberConnections"]
        assert (row["supported"], row["status"]) == (True, "HEALTHY")


def test_a_member_of_an_older_version_is_not_supported(tmp_path: Path) -> None:
    with running(tmp_path / "new") as (new,), running(tmp_path / "old", version="7.100.0", rtfs=False) as (old,):
        trust(new, old)
        federate("mixed", new, old)
        new.put("mixed/a.txt", b"a")
        until(lambda: has(old, "mixed/a.txt", b"a"), "the bytes, all the same")
        new.platform.federation.delivery._next_look = 0
        until(lambda: summary(new)["NOT_AVAILABLE"] == 1, "the look", 20)
        (row, _) = new.api("GET", "federation/status/connectionStates/mixed").json()["memberConnections"]
        assert (row["supported"], row["status"]) == (False, "UNSUPPORTED")
        receiver = [{**members("mixed", new)[0], "mode": "receiver"}]
        assert old.api("POST", "repositories/mixed", json={"members": receiver}).status_code == 400


def test_a_type_that_the_server_switched_off_waits(friends: tuple[Bare, Bare]) -> None:
    first, second = friends
    federate("typed", first, second, packageType="npm")
    until(lambda: summary(first)["PENDING_FS"] == 0, "the first sync")
    first.api("POST", "federation/repos/disable", json=["npm"])
    first.put("typed/a.txt", b"a")
    (row, _) = first.api("GET", "federation/status/connectionStates/typed").json()["memberConnections"]
    assert (row["status"], second.get("typed/a.txt").status_code) == ("DISABLED", 404)
    answer = first.api("POST", "federation/repos/enable", json=["npm"])
    assert (answer.status_code, answer.text) == (200, "Repos of type [npm] enabled.")
    until(lambda: has(second, "typed/a.txt", b"a"), "the event")


@pytest.mark.parametrize(
    ("version", "method", "path"),
    [
        ("7.77.16", "POST", "federation/forceFullSync/x"),
        ("7.77.16", "POST", "federation/convertToLocal"),
        ("7.77.16", "GET", "federation/inconsistentRepos"),
        ("7.77.16", "GET", "federation/status/stateSummary"),
        ("7.77.16", "PUT", "federation/propagateCreatedTime?enabled=true"),
        ("7.77.16", "GET", "v2/federation/status/repo/x"),
    ],
)
def test_what_a_version_lacks_is_not_found(legacy: Bare, version: str, method: str, path: str) -> None:
    assert legacy.platform.version == version
    answer = legacy.api(method, path)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (404, "Not Found")


@pytest.fixture(scope="module")
def legacy(tmp_path_factory: pytest.TempPathFactory) -> object:
    with running(tmp_path_factory.mktemp("versions"), version="7.77.16", rtfs=False) as (platform,):
        yield platform
