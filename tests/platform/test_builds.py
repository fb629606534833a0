"""Builds: published, read, changed, promoted, removed (12.10.4)."""

import hashlib
import json
from typing import Any

import pytest

from tests.platform.running import Bare

STARTED = "2026-01-31T12:00:00.000+0000"


def sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def info(name: str, number: str = "1", started: str = STARTED, **more: Any) -> dict[str, Any]:
    return {"version": "1.0.1", "name": name, "number": number, "started": started, **more}


def module(data: bytes, name: str = "a.txt", dependency: bytes = b"") -> dict[str, Any]:
    made: dict[str, Any] = {"id": "m", "artifacts": [{"type": "txt", "name": name, "sha1": sha1(data)}]}
    if dependency:
        made["dependencies"] = [{"id": "d.txt", "sha1": sha1(dependency), "scopes": ["compile"]}]
    return made


def publish(platform: Bare, data: dict[str, Any], status: int = 204) -> str:
    answer = platform.api("PUT", "build", json=data)
    assert answer.status_code == status, answer.text
    return answer.headers.get("X-Checksum-Sha256", "")


def test_a_run_is_an_item_of_the_build_info_repository(platform: Bare) -> None:
    digest = publish(platform, info("kept", "7", vcs=[{"revision": "abc"}]))
    moment = 1769860800000
    stored = platform.get(f"artifactory-build-info/kept/7-{moment}.json")
    assert hashlib.sha256(stored.content).hexdigest() == digest
    assert stored.json()["vcs"] == [{"revision": "abc"}]
    read = platform.api("GET", "build/kept/7")
    assert read.headers["Content-Type"] == "application/vnd.org.jfrog.build.BuildInfo+json"
    assert (read.json()["buildInfo"], read.json()["uri"]) == (
        stored.json(),
        f"{platform.url}/artifactory/api/build/kept/7",
    )
    assert platform("DELETE", f"/artifactory/artifactory-build-info/kept/7-{moment}.json").status_code == 204
    assert platform.api("GET", "build/kept/7").status_code == 404


def test_a_number_that_is_no_text_becomes_one(platform: Bare) -> None:
    publish(platform, {**info("numbered"), "number": 12})
    assert platform.api("GET", "build/numbered/12").json()["buildInfo"]["number"] == "12"


def test_lists_name_builds_and_runs_the_last_first(platform: Bare) -> None:
    for number, day in (("1", "01"), ("2", "03"), ("3", "02")):
        publish(platform, info("listed", number, f"2026-02-{day}T00:00:00.000Z"))
    runs = platform.api("GET", "build/listed").json()["buildsNumbers"]
    assert [run["uri"] for run in runs] == ["/2", "/3", "/1"]
    builds = {one["uri"]: one["lastStarted"] for one in platform.api("GET", "build").json()["builds"]}
    assert builds["/listed"] == "2026-02-03T00:00:00.000+0000"
    assert platform.api("GET", "build/unheard-of").status_code == 404


def test_the_same_number_may_start_again_and_the_last_start_is_shown(platform: Bare) -> None:
    publish(platform, info("again", "1", "2026-01-01T00:00:00.000Z", url="first"))
    publish(platform, info("again", "1", "2026-01-02T00:00:00.000Z", url="second"))
    assert platform.api("GET", "build/again/1").json()["buildInfo"]["url"] == "second"
    first = platform.api("GET", "build/again/1", params={"started": "2026-01-01T00:00:00.000+0000"})
    assert first.json()["buildInfo"]["url"] == "first"


@pytest.mark.parametrize(
    "bad",
    [
        {"number": "1", "started": STARTED},
        {"name": "x", "started": STARTED},
        {"name": "x", "number": "1"},
        {"name": "x", "number": "1", "started": "yesterday"},
        {"name": [5], "number": "1", "started": STARTED},
        {"name": "x", "number": "1", "started": STARTED, "modules": "m"},
        [1],
    ],
)
def test_an_incomplete_build_info_is_refused(platform: Bare, bad: Any) -> None:
    assert platform.api("PUT", "build", json=bad).status_code == 400


def test_names_that_no_path_can_hold_are_kept(platform: Bare) -> None:
    publish(platform, info("a/b :: ../c", "1/2"))
    read = platform.api("GET", "build/a%2Fb%20%3A%3A%20..%2Fc/1%2F2")
    assert (read.status_code, read.json().get("buildInfo", {}).get("name")) in {(200, "a/b :: ../c"), (400, None)}
    publish(platform, info("team/app", "1"))
    assert platform.api("GET", "build/team%2Fapp/1").json()["buildInfo"]["name"] == "team/app"


def test_modules_are_appended(platform: Bare) -> None:
    publish(platform, info("grown", modules=[{"id": "one"}]))
    assert platform.api("POST", "build/append/grown/1", json=[{"id": "two"}]).status_code == 204
    assert [one["id"] for one in platform.api("GET", "build/grown/1").json()["buildInfo"]["modules"]] == ["one", "two"]
    assert platform.api("POST", "build/append/grown/9", json=[]).status_code == 404
    assert platform.api("POST", "build/append/grown/1", json={"id": "two"}).status_code == 400


def test_a_diff_tells_what_changed(platform: Bare) -> None:
    publish(platform, info("diffed", "1", modules=[module(b"old"), module(b"x", "gone.txt")]))
    publish(platform, info("diffed", "2", modules=[module(b"new"), module(b"y", "fresh.txt")]))
    diff = platform.api("GET", "build/diffed/2", params={"diff": "1"}).json()["artifacts"]
    assert {kind: [one["name"] for one in entries] for kind, entries in diff.items()} == {
        "updated": ["a.txt"],
        "unchanged": [],
        "removed": ["gone.txt"],
        "new": ["fresh.txt"],
    }


def test_deleting_takes_the_artifacts_that_bear_its_properties(platform: Bare) -> None:
    platform.make("del-local")
    platform.put("del-local/mine.txt;build.name=deleted;build.number=1", b"mine")
    platform.put("del-local/other.txt", b"mine")
    publish(platform, info("deleted", "1", modules=[module(b"mine", "mine.txt")]))
    publish(platform, info("deleted", "2"))
    said = platform.api("DELETE", "build/deleted", params={"buildNumbers": "1", "artifacts": "1"})
    assert (said.status_code, said.text.strip()) == (
        200,
        "The following builds has been deleted successfully: 'deleted#1'.",
    )
    assert (platform.get("del-local/mine.txt").status_code, platform.get("del-local/other.txt").status_code) == (
        404,
        200,
    )
    whole = platform.api("POST", "build/delete", json={"buildName": "deleted", "deleteAll": True})
    assert whole.text.strip() == "All 'deleted' builds have been deleted successfully."
    assert platform.api("GET", "build/deleted").status_code == 404
    assert platform.api("POST", "build/delete", json={"buildName": "deleted"}).status_code == 400


def test_renaming_takes_runs_and_properties_along(platform: Bare) -> None:
    platform.make("ren-local")
    platform.put("ren-local/a.txt;build.name=before;build.number=1", b"renamed")
    publish(platform, info("before"))
    said = platform.api("POST", "build/rename/before", params={"to": "after"})
    assert "Build renaming of 'before' to 'after' was successfully started." in said.text
    assert platform.api("GET", "build/before").status_code == 404
    assert platform.api("GET", "build/after/1").json()["buildInfo"]["name"] == "after"
    properties = platform.api("GET", "storage/ren-local/a.txt?properties").json()["properties"]
    assert properties["build.name"] == ["after"]
    assert platform.api("POST", "build/rename/before", params={"to": "x"}).status_code == 404


def test_retention_keeps_the_last_and_the_named(platform: Bare) -> None:
    for number in range(1, 6):
        publish(platform, info("old", str(number), f"2026-03-0{number}T00:00:00.000Z"))
    rules = {"count": 2, "buildNumbersNotToBeDiscarded": ["1"], "deleteBuildArtifacts": False}
    assert platform.api("POST", "build/retention/old", params={"async": "false"}, json=rules).status_code == 204
    left = [run["uri"] for run in platform.api("GET", "build/old").json()["buildsNumbers"]]
    assert left == ["/5", "/4", "/1"]
    since = {"minimumBuildDate": 1772668800000}  # 2026-03-05
    assert platform.api("POST", "build/retention/old", json=since).status_code == 204
    assert [run["uri"] for run in platform.api("GET", "build/old").json()["buildsNumbers"]] == ["/5"]
    assert platform.api("POST", "build/retention/old", json={"count": "many"}).status_code == 400


def test_promotion_moves_what_was_made_and_notes_the_status(platform: Bare) -> None:
    for key in ("dev-local", "prod-local"):
        platform.make(key)
    platform.put("dev-local/o/a.txt;build.name=promoted;build.number=1", b"promoted")
    platform.put("dev-local/o/d.txt", b"needed")
    publish(platform, info("promoted", modules=[module(b"promoted", dependency=b"needed")]))
    wanted = {"status": "Released", "comment": "good", "targetRepo": "prod-local", "properties": {"stage": ["prod"]}}
    dry = platform.api("POST", "build/promote/promoted/1", json={**wanted, "dryRun": True})
    assert (dry.status_code, dry.json(), platform.get("dev-local/o/a.txt").status_code) == (200, {"messages": []}, 200)
    done = platform.api("POST", "build/promote/promoted/1", json={**wanted, "dependencies": True, "copy": False})
    assert (done.status_code, done.json()) == (200, {"messages": []})
    assert [platform.get(f"{repo}-local/o/a.txt").status_code for repo in ("dev", "prod")] == [404, 200]
    assert platform.get("prod-local/o/d.txt").content == b"needed"
    properties = platform.api("GET", "storage/prod-local/o/a.txt?properties").json()["properties"]
    assert (properties["stage"], properties["build.name"]) == (["prod"], ["promoted"])
    (status,) = platform.api("GET", "build/promoted/1").json()["buildInfo"]["statuses"]
    assert {name: status[name] for name in ("status", "comment", "repository", "user")} == {
        "status": "Released",
        "comment": "good",
        "repository": "prod-local",
        "user": "admin",
    }


def test_a_promotion_that_would_fail_changes_nothing(platform: Bare) -> None:
    for key in ("pf-local", "pt-local"):
        platform.make(key)
    platform.put("pf-local/a.txt", b"there")
    publish(platform, info("partial", modules=[module(b"there"), module(b"nowhere", "lost.txt")]))
    wanted = {"targetRepo": "pt-local", "status": "x"}
    failed = platform.api("POST", "build/promote/partial/1", json=wanted)
    assert failed.status_code == 400
    assert [one["level"] for one in failed.json()["messages"]] == ["ERROR"]
    assert platform.get("pf-local/a.txt").status_code == 200
    some = platform.api("POST", "build/promote/partial/1", json={**wanted, "failFast": False, "copy": True})
    assert (some.status_code, platform.get("pt-local/a.txt").status_code) == (400, 200)
    assert platform.api("POST", "build/promote/partial/2", json=wanted).status_code == 404
    assert platform.api("POST", "build/promote/partial/1", json={"targetRepo": "none"}).status_code == 400


def test_artifacts_of_a_run_are_found_by_checksum(platform: Bare) -> None:
    platform.make("found-local")
    platform.put("found-local/x/one.txt", b"same bytes")
    platform.put("found-local/y/two.txt;build.name=finder;build.number=1", b"same bytes")
    publish(platform, info("finder", modules=[module(b"same bytes", "one.txt")]))
    found = platform.api("GET", "builds/buildArtifacts/finder/1/artifactory-build-info").json()
    assert found == [{"repo": "found-local", "path": "y", "name": "two.txt"}]  # its properties say whose it is


def test_builds_need_permission(platform: Bare) -> None:
    user = {"username": "builder", "password": "Password1!", "email": "b@acme.example"}
    assert platform("POST", "/access/api/v2/users", json=user).status_code == 201
    auth = ("builder", "Password1!")
    publish(platform, info("guarded"))
    assert platform.api("GET", "build/guarded/1", auth=auth).status_code == 403
    assert platform.api("PUT", "build", auth=auth, json=info("own")).status_code == 403
    assert platform.api("PUT", "build", auth=None, json=info("own")).status_code == 401
    target = {"artifactory-build-info": {"include_patterns": ["own"], "exclude_patterns": []}}
    build = {"actions": {"users": {"builder": ["READ", "WRITE"]}, "groups": {}}, "targets": target}
    permission = {"name": "builders", "resources": {"build": build}}
    assert platform("POST", "/access/api/v2/permissions", json=permission).status_code == 201
    assert platform.api("PUT", "build", auth=auth, json=info("own")).status_code == 204
    assert platform.api("GET", "build/own/1", auth=auth).status_code == 200
    assert platform.api("DELETE", "build/own", auth=auth, params={"deleteAll": 1}).status_code == 403
    names = [one["uri"] for one in platform.api("GET", "build", auth=auth).json()["builds"]]
    assert names == ["/own"]


def test_a_project_keeps_its_own_builds(platform: Bare) -> None:
    project = {"project_key": "team", "display_name": "Team"}
    assert platform("POST", "/access/api/v1/projects", json=project).status_code in {200, 201}
    answer = platform.api("PUT", "build", params={"project": "team"}, json=info("shared-name"))
    assert answer.status_code == 204, answer.text
    assert platform.api("GET", "build/shared-name/1").status_code == 404
    assert platform.api("GET", "build/shared-name/1", params={"project": "team"}).status_code == 200
    assert platform.get("team-build-info/shared-name/1-1769860800000.json").status_code == 200
    assert platform.api("PUT", "build", params={"project": "nobody"}, json=info("x")).status_code == 404


def test_builds_go_with_their_repository(platform: Bare) -> None:
    project = {"project_key": "gone", "display_name": "Gone"}
    assert platform("POST", "/access/api/v1/projects", json=project).status_code in {200, 201}
    assert platform.api("PUT", "build", params={"project": "gone"}, json=info("lost")).status_code == 204
    assert platform.api("DELETE", "repositories/gone-build-info").status_code == 200
    assert platform.platform.builds.state.runs("gone-build-info", "lost") == []


def test_queries_reach_builds_modules_and_their_files(platform: Bare) -> None:
    platform.make("aql-local")
    platform.put("aql-local/a.txt", b"queried")
    publish(platform, info("queried", modules=[module(b"queried")], properties={"env": "ci"}))
    query = 'builds.find({"name": "queried"}).include("name", "number", "module.artifact.name")'
    answer = platform.api("POST", "search/aql", data=query)
    assert answer.status_code == 200, answer.text
    (row,) = answer.json()["results"]
    assert (row["build.name"], row["build.number"]) == ("queried", "1")
    items = platform.api("POST", "search/aql", data='items.find({"artifact.module.build.name": "queried"})').json()
    assert [one["name"] for one in items["results"]] == ["a.txt"]


def test_a_scan_answers_after_white_space(platform: Bare) -> None:
    publish(platform, info("scanned"))
    answer = platform.api("POST", "xray/scanBuild", json={"buildName": "scanned", "buildNumber": "1"})
    assert (answer.status_code, answer.text[0], json.loads(answer.text)["alerts"]) == (200, "\n", [])
    gone = platform.api("POST", "xray/scanBuild", json={"buildName": "scanned", "buildNumber": "2"})
    assert gone.status_code == 404
