"""Garbage collection, pruning, the schedule, tasks, checksum replication (reference 1.1, 1.7)."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from artifactory_sandbox.platform.web import Refused
from tests.platform.running import Bare, running, until

SHA1 = "0a" * 20


def orphan(platform: Bare) -> Path:
    """A file of the filestore that the database does not know."""
    path = Path(platform.platform.binaries.directory) / "0a" / SHA1
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"orphan")
    return path


def prune(platform: Bare, options: Mapping[str, Any]) -> dict[str, Any]:
    assert platform.api("POST", "system/storage/prune/start", json=dict(options)).status_code == 202
    until(lambda: platform.api("GET", "system/storage/prune/status").json()["status"] == "finished", "prune")
    return dict(platform.api("GET", "system/storage/prune/status").json())


def test_a_run_that_ends_while_it_is_looked_at_has_finished(platform: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    done = prune(platform, {})
    settings, tasks = platform.platform.settings, platform.platform.system.tasks

    def ends(_: str) -> bool:
        settings.set("prune-status", done)
        return False

    for running_then, status in ((ends, "finished"), (lambda _: False, "stopped")):  # the second was killed
        settings.set("prune-status", {**done, "status": "running"})
        monkeypatch.setattr(tasks, "kinds_running", running_then)
        assert platform.api("GET", "system/storage/prune/status").json()["status"] == status
    settings.set("prune-status", done)


def test_pruning_removes_old_files_that_nobody_knows_and_nothing_else(platform: Bare) -> None:
    platform.make("prune-local")
    kept = platform.put("prune-local/kept", b"kept by prune").json()["checksums"]["sha1"]
    path = orphan(platform)
    assert prune(platform, {})["report"]["totalBinariesCleaned"] == 0
    dry = prune(platform, {"dryRun": True, "binaryOlderThanDays": 0})
    assert (dry["report"]["totalBinariesCleaned"], dry["dryRun"], path.exists()) == (1, True, True)
    assert (
        prune(platform, {"startFromDirectory": "0b", "binaryOlderThanDays": 0})["report"]["totalBinariesCleaned"] == 0
    )
    done = prune(platform, {"binaryOlderThanDays": 0})
    assert (done["report"]["totalBytesCleaned"], path.exists(), done["progress"]) == (6, False, "100%")
    assert platform.platform.binaries.store.has(kept)


@pytest.mark.parametrize(
    "options", [{"startFromDirectory": "../x"}, {"binaryOlderThanDays": -1}, {"startFromBinary": "x"}, [1]]
)
def test_pruning_refuses_what_it_cannot_read(platform: Bare, options: object) -> None:
    assert platform.api("POST", "system/storage/prune/start", json=options).status_code == 400


def test_pruning_runs_once_at_a_time_and_can_be_stopped(platform: Bare) -> None:
    busy = platform.platform.system.tasks
    with busy.running("prune", "a long one"):
        assert platform.api("POST", "system/storage/prune/start").status_code == 412
        listed = platform.api("GET", "tasks").json()["tasks"]
        (task,) = [one for one in listed if one["type"] == "prune"]
        assert (task["state"], task["nodeId"], "started" in task) == ("running", "node-0", True)
        assert platform.api("POST", "system/storage/prune/stop").status_code == 202
        assert busy.stopped(task["id"])
    assert platform.api("POST", "system/storage/prune/stop").status_code == 412


def test_garbage_waits_for_the_grace_period(tmp_path: Path) -> None:
    with running(tmp_path) as (platform,):
        inside = platform.platform
        inside.properties = {"artifactory.gc.gracePeriodSecs": "60"}
        platform.make("graced-local")
        sha1 = platform.put("graced-local/a", b"graced").json()["checksums"]["sha1"]
        platform.api("PATCH", "system/configuration", data="trashcanConfig: {enabled: false}")
        platform("DELETE", "/artifactory/graced-local/a")
        assert (inside.system.garbage.collect()["removed"], inside.binaries.store.has(sha1)) == (0, True)
        inside.clock.advance(61)
        assert (inside.system.garbage.collect()["removed"], inside.binaries.store.has(sha1)) == (1, False)


def test_garbage_is_collected_by_the_cron_expression_of_the_descriptor(tmp_path: Path) -> None:
    with running(tmp_path) as (platform,):
        inside = platform.platform
        data = "gcConfig: {cronExp: '0 0 0 ? * * 2099'}\ntrashcanConfig: {enabled: false}"
        assert platform.api("PATCH", "system/configuration", data=data).status_code == 200
        inside.system.schedule.tick()
        inside.clock.advance(10 * 86400)
        inside.system.schedule.tick()
        assert inside.system.garbage.last() is None
        platform.api("PATCH", "system/configuration", data="gcConfig: ~")
        inside.system.schedule.tick()
        inside.clock.advance(4 * 3600)
        inside.system.schedule.tick()
        first = inside.system.garbage.last()
        assert first is not None and (first["status"], first["number"]) == ("COMPLETED", 1)
        inside.system.schedule.tick()
        assert inside.system.garbage.last() == first


def test_a_job_that_fails_is_due_again_and_stops_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as (platform,):
        inside = platform.platform
        inside.system.schedule.tick()

        def fail() -> dict[str, Any]:
            raise Refused(500, "no luck")

        inside.system.garbage.collect = fail  # type: ignore[method-assign]
        inside.clock.advance(24 * 3600)
        inside.system.schedule.tick()
        due = inside.configuration.state.jobs()["gc"]["next"]
        assert due > inside.clock.now()


def test_checksums_are_trusted_for_a_bounded_time(platform: Bare) -> None:
    path = "config/storage/checksumReplication"
    for wrong in ({}, {"checkBinaryExistenceAllowed": 1}, {"checkBinaryExistenceAllowed": True, "daysToTrust": 31}):
        assert platform.api("PUT", path, json=wrong).status_code == 400
    made = platform.api("PUT", path, json={"checkBinaryExistenceAllowed": True, "daysToTrust": 2}).json()
    assert abs(made["trustUntil"] - platform.platform.clock.now() - 2 * 86_400_000) < 60_000
    assert platform.api("GET", path).json() == made


def test_the_older_calls_answer_as_text(platform: Bare) -> None:
    path = orphan(platform)
    assert platform.api("POST", "system/storage/prune").status_code == 200
    assert not path.exists()
    assert platform.api("GET", "system/storage/size").text.isdigit()
    assert "file-system" in platform.api("GET", "system/storage/info").text
    assert platform.api("POST", "system/storage/optimize").status_code == 412
    assert platform.api("POST", "system/storage/compress").status_code == 400


def test_a_sharded_filestore_is_optimised_once_at_a_time(tmp_path: Path) -> None:
    with running(tmp_path) as (platform,):
        begun, end = threading.Event(), threading.Event()

        def rebalance() -> None:
            begun.set()
            end.wait(10)

        platform.platform.binaries.rebalance = rebalance
        assert platform.api("POST", "system/storage/optimize").status_code == 202
        assert begun.wait(10)
        assert platform.api("POST", "system/storage/optimize").status_code == 409
        end.set()
        until(lambda: not platform.platform.system.tasks.kinds_running("optimize"), "the end")
    with running(tmp_path / "old", version="7.77.16") as (older,):
        assert older.api("POST", "system/storage/optimize").status_code == 200


@pytest.mark.parametrize(("said", "used"), [("0 0 1 * * ?", "0 0 1 * * ?"), ("nonsense", "0 17 * * * ?")])
def test_the_summary_is_refreshed_when_a_property_says_so(tmp_path: Path, said: str, used: str) -> None:
    with running(tmp_path) as (platform,):
        platform.platform.properties = {"artifactory.update.storage.summary.cron": said}
        platform.platform.system.schedule.tick()
        assert platform.platform.configuration.state.jobs()["storage-summary"]["cron"] == used
