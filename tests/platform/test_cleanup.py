"""Cleanup and archive policies: what they refuse, what they say, what they really remove (12.9)."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from artifactory_sandbox.platform.cleanup.state import KEPT
from tests.platform.running import Bare, running, until

PACKAGES, BUNDLES = "cleanup/packages/policies", "cleanup/bundles/policies"
ARCHIVE = "archive/v2/packages/policies"
DAY_S = 86_400


def policy(key: str, repo: str = "none-local", **criteria: Any) -> dict[str, Any]:
    wanted = {"packageTypes": ["generic"], "repos": [repo], "includedPackages": ["**"], "includeAllProjects": False}
    if not any(name.endswith(("Days", "Months", "Versions", "Properties")) for name in criteria):
        criteria["createdBeforeInDays"] = 10
    return {"key": key, "durationInMinutes": 0, "searchCriteria": {**wanted, **criteria}}


def make(platform: Bare, body: dict[str, Any], path: str = PACKAGES, enabled: bool = True) -> None:
    answer = platform.api("POST", f"{path}/{body['key']}", json=body)
    assert answer.status_code == 201, answer.text
    if enabled:
        switched = platform.api("POST", f"{path}/{body['key']}/enablement", json={"enabled": True})
        assert switched.status_code == 200, switched.text


def run(platform: Bare, key: str, path: str = PACKAGES, dry: bool = False) -> dict[str, Any]:
    """A run, once it has ended."""
    answer = platform.api("PUT", f"{path}/{key}/run", params={"dryRun": str(dry).lower()})
    assert answer.status_code == 201, answer.text
    number = answer.json()["runId"]

    def last() -> dict[str, Any]:
        runs = platform.api("GET", "cleanup/policies/runs", params={"policyKey": key}).json()
        return next(one for one in runs if one["runId"] == number)

    until(lambda: last()["finishTime"], "the end of a run")
    return last()


@pytest.fixture
def aged(platform: Bare) -> Any:
    """Sets the clock on, and back afterwards."""
    yield lambda days: platform.platform.clock.advance(days * DAY_S)
    platform.platform.clock.skew(0)


def test_a_policy_is_printed_as_it_was_sent_and_nothing_unset_appears(platform: Bare) -> None:
    make(platform, policy("echo-policy", createdBeforeInDays=30), enabled=False)
    assert platform.api("GET", f"{PACKAGES}/echo-policy").json() == {
        "key": "echo-policy",
        "cronExp": "",
        "durationInMinutes": 0,
        "enabled": False,
        "skipTrashcan": False,
        "projectKey": "",
        "searchCriteria": {
            "packageTypes": ["generic"],
            "repos": ["none-local"],
            "includedPackages": ["**"],
            "includeAllProjects": False,
            "createdBeforeInDays": 30,
        },
    }
    listed = platform.api("GET", PACKAGES).json()
    assert "echo-policy" in [one["key"] for one in listed]
    assert platform.api("DELETE", f"{PACKAGES}/echo-policy").status_code == 200
    assert platform.api("GET", f"{PACKAGES}/echo-policy").status_code == 404
    assert platform.api("DELETE", f"{PACKAGES}/echo-policy").status_code == 404


@pytest.mark.parametrize(
    ("change", "criteria"),
    [
        ({"key": "ab"}, {}),
        ({"key": "with space"}, {}),
        ({"enabled": True}, {}),
        ({"cronExp": "every day"}, {}),
        ({"durationInMinutes": "long"}, {}),
        ({"searchCriteria": None}, {}),
        ({"projectKey": "other"}, {}),
        ({}, {"packageTypes": []}),
        ({}, {"packageTypes": ["parcel"]}),
        ({}, {"packageTypes": ["composer"]}),
        ({}, {"includedPackages": ["a", "b"]}),
        ({}, {"createdBeforeInDays": 0}),
        ({}, {"keepLastNVersions": 5}),
        ({}, {"keepLastNVersions": 5, "createdBeforeInDays": 5, "packageTypes": ["npm"]}),
        ({}, {"includedProperties": {"a": ["1"], "b": ["2"]}}),
        ({}, {"includedProperties": {"a": ["1", "2"]}}),
        ({}, {"includedProperties": {"a": ["1"]}, "createdBeforeInDays": 5}),
        ({}, {"excludedProperties": {"a": ["1"]}}),
        ({}, {"repos": "all"}),
    ],
)
def test_what_contradicts_is_refused(platform: Bare, change: dict[str, Any], criteria: dict[str, Any]) -> None:
    body = {**policy("wrong-policy", **criteria), **change}
    assert platform.api("POST", f"{PACKAGES}/{body['key']}", json=body).status_code == 400


def test_without_any_condition_a_policy_is_refused(platform: Bare) -> None:
    body = policy("bare-policy")
    del body["searchCriteria"]["createdBeforeInDays"]
    assert platform.api("POST", f"{PACKAGES}/bare-policy", json=body).status_code == 400


def test_enabling_is_a_call_of_its_own(platform: Bare) -> None:
    make(platform, policy("switched"), enabled=False)
    body = policy("switched", createdBeforeInDays=99)
    assert platform.api("PUT", f"{PACKAGES}/switched", json={**body, "enabled": True}).status_code == 400
    assert platform.api("PUT", f"{PACKAGES}/switched/run").status_code == 400  # disabled
    assert platform.api("POST", f"{PACKAGES}/switched/enablement", json={"enabled": "yes"}).status_code == 400
    assert platform.api("POST", f"{PACKAGES}/switched/enablement", json={"enabled": True}).status_code == 200
    assert platform.api("PUT", f"{PACKAGES}/switched", json={**body, "enabled": True}).status_code == 200
    now = platform.api("GET", f"{PACKAGES}/switched").json()
    assert (now["enabled"], now["searchCriteria"]["createdBeforeInDays"]) == (True, 99)
    assert platform.api("PUT", "cleanup/policies/forceDisableAll").status_code == 200
    assert platform.api("GET", f"{PACKAGES}/switched").json()["enabled"] is False


def test_a_key_is_unique_among_all_kinds(platform: Bare) -> None:
    make(platform, policy("unique-key"), enabled=False)
    assert platform.api("POST", f"{PACKAGES}/unique-key", json=policy("unique-key")).status_code == 409
    assert platform.api("POST", f"{ARCHIVE}/unique-key", json=policy("unique-key")).status_code == 409
    assert platform.api("GET", f"{ARCHIVE}/unique-key").status_code == 404
    assert platform.api("PUT", f"{PACKAGES}/none-such", json=policy("none-such")).status_code == 404
    assert platform.api("GET", f"{PACKAGES}/unique-key", auth=None).status_code == 401


def test_a_dry_run_only_reports_and_a_real_one_removes(platform: Bare, aged: Any) -> None:
    platform.make("old-local")
    platform.put("old-local/a/old.txt", b"older")
    aged(20)
    platform.put("old-local/a/new.txt", b"newer")
    make(platform, policy("by-age", "old-*", createdBeforeInDays=10))
    dry = run(platform, "by-age", dry=True)
    assert (dry["status"], dry["isDryRun"], dry["itemsCount"], dry["itemsSize"]) == ("COMPLETED", True, 1, 5)
    assert platform.get("old-local/a/old.txt").status_code == 200
    where = {"policyKey": "by-age", "runId": dry["runId"]}
    report = platform.api("GET", "cleanup/policies/runs/downloadReport", params=where)
    with zipfile.ZipFile(io.BytesIO(report.content)) as archive:
        (name,) = archive.namelist()
        assert "a/old.txt" in archive.read(name).decode()
    aged(20)  # the download counts for use, not for age
    done = run(platform, "by-age")
    assert (done["status"], done["itemsCount"]) == ("COMPLETED", 2)
    assert platform.get("old-local/a/old.txt").status_code == 404
    assert platform.get("auto-trashcan/old-local/a/old.txt").status_code == 200


def test_what_is_downloaded_stays(platform: Bare, aged: Any) -> None:
    platform.make("used-local")
    for name in ("used.txt", "idle.txt"):
        platform.put(f"used-local/{name}")
    aged(40)
    platform.get("used-local/used.txt")
    platform.platform.artifacts.statistics.flush()
    body = policy("by-use", "used-local", lastDownloadedBeforeInDays=30)
    make(platform, {**body, "skipTrashcan": True})
    assert run(platform, "by-use")["itemsCount"] == 1
    assert [platform.get(f"used-local/{name}").status_code for name in ("used.txt", "idle.txt")] == [200, 404]
    assert platform.get("auto-trashcan/used-local/idle.txt").status_code == 404


def test_the_last_versions_are_kept(platform: Bare) -> None:
    platform.make("npm-local", packageType="npm")
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        platform.put(f"npm-local/left-pad/-/left-pad-{version}.tgz", version.encode())
    platform.put("npm-local/right-pad/-/right-pad-1.0.0.tgz", b"r")
    make(platform, policy("by-number", "npm-local", packageTypes=["npm"], keepLastNVersions=2))
    assert run(platform, "by-number")["itemsCount"] == 1
    left = [row["path"] for row in platform.platform.artifacts.state.files("npm-local")]
    assert [path for path in left if path.endswith("pad-1.0.0.tgz")] == ["right-pad/-/right-pad-1.0.0.tgz"]


def test_an_image_goes_as_a_whole(platform: Bare, aged: Any) -> None:
    platform.make("images-local", packageType="docker")
    for name in ("manifest.json", "sha256__aa", "sha256__bb"):
        platform.put(f"images-local/team/app/1.0/{name}", name.encode())
    aged(20)
    make(platform, policy("by-image", "images-local", packageTypes=["docker"], includedPackages=["team/*"]))
    assert run(platform, "by-image")["itemsCount"] == 1
    assert platform.platform.artifacts.state.tree("images-local", "team") == []


def test_properties_choose(platform: Bare) -> None:
    platform.make("tagged-local")
    platform.put("tagged-local/a.txt;stage=old")
    platform.put("tagged-local/b.txt;stage=new")
    platform.put("tagged-local/not/a.txt;stage=old")
    body = policy("by-property", "tagged-local", includedProperties={"stage": ["old"]}, excludedPackages=["not/*"])
    make(platform, body)
    assert run(platform, "by-property")["itemsCount"] == 1
    left = [row["path"] for row in platform.platform.artifacts.state.files("tagged-local")]
    assert left == ["b.txt", "not/a.txt"]


def test_only_the_last_runs_of_a_policy_are_remembered(platform: Bare) -> None:
    state = platform.platform.cleanup.state
    make(platform, policy("often-policy"))
    other = run(platform, "often-policy", dry=True)["runId"]
    numbers = [state.ask("often-policy", True, 0) for _ in range(KEPT)]
    for number in numbers:
        state.end(number, "COMPLETED", 1, [])
    assert [row["id"] for row in state.runs("often-policy")] == numbers[::-1]
    forgotten = {"policyKey": "often-policy", "runId": str(other)}
    assert platform.api("GET", "cleanup/policies/runs/downloadReport", params=forgotten).status_code == 404
    assert platform.api("DELETE", f"{PACKAGES}/often-policy").status_code in {200, 204}


def test_the_cron_runs_by_itself(platform: Bare, aged: Any) -> None:
    platform.make("cron-local")
    platform.put("cron-local/a.txt")
    make(platform, {**policy("by-cron", "cron-local"), "cronExp": "0 0 3 * * ?"})
    aged(20)
    platform.platform.wake()
    until(lambda: platform.get("cron-local/a.txt").status_code == 404, "the cleanup")
    runs = platform.api("GET", "cleanup/policies/runs", params={"policyKey": "by-cron"}).json()
    assert len(runs) == 1


def test_bundles_of_an_age_go_unless_they_were_promoted(platform: Bare, aged: Any) -> None:
    for key in ("rb-local", "rb-prod-local"):
        platform.make(key)
    platform.put("rb-local/a.txt")
    for name in ("stale", "promoted"):
        body = {
            "release_bundle_name": f"cl-{name}",
            "release_bundle_version": "1",
            "source_type": "artifacts",
            "source": {"artifacts": [{"path": "rb-local/a.txt"}]},
        }
        assert platform("POST", "/lifecycle/api/v2/release_bundle?async=false", json=body).status_code == 201
    wanted = {"environment": "PROD", "included_repository_keys": ["rb-prod-local"]}
    promoted = platform("POST", "/lifecycle/api/v2/promotion/records/cl-promoted/1?async=false", json=wanted)
    assert promoted.status_code == 201, promoted.text
    criteria = {
        "releaseBundles": [{"name": "cl-*", "projectKey": ""}],
        "excludePromotedEnvironments": ["PROD"],
        "includeAllProjects": True,
        "createdBeforeInMonths": 1,
    }
    make(platform, {"key": "by-bundle", "itemType": "releaseBundle", "searchCriteria": criteria}, BUNDLES)
    shown = platform.api("GET", f"{BUNDLES}/by-bundle").json()
    assert (shown["itemType"], "cronExp" in shown, "skipTrashcan" in shown) == ("releaseBundle", False, False)
    aged(40)
    assert run(platform, "by-bundle", BUNDLES)["itemsCount"] == 1
    exist = [
        platform("GET", f"/lifecycle/api/v2/release_bundle/existence/cl-{name}/1").json()["exists"]
        for name in ("stale", "promoted")
    ]
    assert exist == [False, True]
    bad = {"key": "no-bundle", "searchCriteria": {"releaseBundles": []}}
    assert platform.api("POST", f"{BUNDLES}/no-bundle", json=bad).status_code == 400


def test_archived_packages_are_at_the_cold_platform(platform: Bare, aged: Any, tmp_path: Path) -> None:
    platform.make("cold-local")
    platform.put("cold-local/a/b.txt;k=v", b"cold")
    aged(20)
    make(platform, policy("to-cold", "cold-local"), ARCHIVE)
    failed = run(platform, "to-cold", ARCHIVE)
    assert (failed["status"], platform.get("cold-local/a/b.txt").status_code) == ("FAILED", 200)
    with running(tmp_path) as (cold,):
        cold.platform.clock.advance(20 * DAY_S)
        token = cold("POST", "/access/api/v1/service_trust/pairing/mission-control").json()["pairing_token"]
        body = {"name": "cold", "url": cold.url, "token": token, "is_cold_storage": True}
        made = platform("POST", "/mc/api/v1/jpds", json=body)
        assert (made.status_code, made.json()["is_cold_storage"]) == (201, True)
        aged(20)
        assert run(platform, "to-cold", ARCHIVE)["status"] == "COMPLETED"
        assert platform.get("cold-local/a/b.txt").status_code == 404
        assert cold.get("cold-local/a/b.txt").content == b"cold"
        assert platform("DELETE", f"/mc/api/v1/jpds/{made.json()['id']}").status_code == 204
