"""Repository definitions: what is accepted, refused, filled in, merged (reference 2)."""

import time
from pathlib import Path
from typing import Any

import pytest

from artifactory_sandbox.platform.repositories.defaults import PACKAGE_TYPES
from tests.unit.sandbox_platform.running import Bare, running

BATCH = "v2/repositories/batch"


@pytest.fixture(scope="module", autouse=True)
def _kept(platform: Bare) -> None:
    platform.make("kept")


def said(answer: Any) -> str:
    return str(answer.json()["errors"][0]["message"])


def create(platform: Bare, key: str, body: Any, **options: Any) -> Any:
    return platform.api("PUT", f"repositories/{key}", json=body, **options)


def test_create_answers_in_text_and_refuses_a_second_time(platform: Bare) -> None:
    made = create(platform, "once", {"rclass": "local"})
    assert (made.status_code, made.text.strip()) == (200, "Successfully created repository 'once'")
    assert made.headers["Content-Type"] == "text/plain"
    again = create(platform, "ONCE", {"rclass": "local", "description": "other"})
    assert (again.status_code, said(again)) == (
        400,
        "error when validating repository name: ONCE : Repository key already exists",
    )
    assert platform.api("GET", "repositories/once").json()["description"] == ""


@pytest.mark.parametrize(
    ("key", "body", "text"),
    [
        ("noclass", {}, "Missing repository type"),
        ("kept", {}, "Missing repository type"),
        ("bad", {"rclass": "nonsense"}, "Unsupported repository type"),
        ("bad", {"rclass": "local", "packageType": "nonsense"}, "Unsupported package type"),
        ("bad", {"rclass": "local", "key": "other"}, "differs"),
        ("bad key", {"rclass": "local"}, "Illegal repository key"),
        ("bad+key", {"rclass": "local"}, "Illegal repository key"),
        ("x" * 65, {"rclass": "local"}, "between 1 and 64"),
        ("api", {"rclass": "local"}, "Reserved"),
        ("Docker-Upper", {"rclass": "local", "packageType": "docker"}, "must be in lower case"),
        (
            "bad",
            {"rclass": "local", "repoLayoutRef": "nonsense"},
            "Unable to find repository layout by the name: nonsense",
        ),
        (
            "bad",
            {"rclass": "local", "xrayIndex": "maybe"},
            "Can't convert value 'maybe' to type class java.lang.Boolean",
        ),
        (
            "bad",
            {"rclass": "local", "packageType": "maven", "checksumPolicyType": "none"},
            "No checksum policy type found for type: none",
        ),
        ("bad", {"rclass": "remote"}, "Invalid url"),
        ("bad", {"rclass": "virtual", "repositories": ["nowhere"]}, "Repository 'nowhere' does not exist"),
        ("bad", {"rclass": "virtual", "packageType": "npm", "repositories": ["kept"]}, "is of type generic, not npm"),
        ("bad", {"rclass": "federated", "members": [{"url": "nonsense"}]}, "Invalid member url"),
        (
            "bad",
            {"rclass": "federated", "members": [{"url": "http://x/artifactory/r", "mode": "nonsense"}]},
            "Invalid member mode",
        ),
    ],
)
def test_bad_definitions_are_refused(platform: Bare, key: str, body: dict[str, Any], text: str) -> None:
    answer = create(platform, key, body)
    assert (answer.status_code, text in said(answer)) == (400, True), answer.text
    assert platform.api("GET", "repositories/bad").status_code == 400


def test_a_remotes_cache_has_its_key_for_itself(platform: Bare) -> None:
    platform.make("proxied", "remote", url="http://up.example")
    platform.make("plain-cache")
    assert "already exists" in said(create(platform, "proxied-cache", {"rclass": "local"}))
    assert "already exists" in said(create(platform, "plain", {"rclass": "remote", "url": "http://up.example"}))


def test_wrong_numbers_content_types_and_json(platform: Bare) -> None:
    number = create(platform, "bad", {"rclass": "remote", "url": "http://x", "socketTimeoutMillis": "many"})
    assert (number.status_code, said(number).startswith("Error converting from 'String' to 'Integer'")) == (500, True)
    text = platform.api("PUT", "repositories/bad", data="{}", headers={"Content-Type": "text/plain"})
    assert (text.status_code, said(text)) == (415, "Unsupported Media Type")
    broken = platform.api("PUT", "repositories/bad", data="{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, said(broken).startswith("Error parsing json body")) == (400, True)
    charset = {"Content-Type": "application/json;charset=utf-8"}
    answer = platform.api("POST", "repositories/kept", data="{}", headers=charset)
    assert (answer.status_code, said(answer)) == (404, "No repository kept was found.")


@pytest.mark.parametrize("package_type", sorted(PACKAGE_TYPES))
def test_every_package_type_comes_back_with_its_defaults(platform: Bare, package_type: str) -> None:
    for rclass, extra in (("local", {}), ("remote", {"url": "http://up.example"}), ("virtual", {})):
        key = f"{package_type}-{rclass}"
        assert create(platform, key, {"rclass": rclass, "packageType": package_type, **extra}).status_code == 200
        found = platform.api("GET", f"repositories/{key}").json()
        assert (found["key"], found["rclass"], found["packageType"]) == (key, rclass, package_type)
        assert (found["repoLayoutRef"], found["includesPattern"]) == ("maven-2-default", "**/*")


def test_a_remote_prints_what_clients_need(platform: Bare) -> None:
    create(platform, "up", {"rclass": "remote", "url": "http://up.example/", "username": "u", "password": "secret"})
    found = platform.api("GET", "repositories/up")
    assert found.headers["Content-Type"] == (
        "application/vnd.org.jfrog.artifactory.repositories.RemoteRepositoryConfiguration+json"
    )
    shown = found.json()
    assert (shown["url"], shown["blockMismatchingMimeTypes"], shown["shareConfiguration"]) == (
        "http://up.example/",
        False,
        False,
    )
    assert shown["contentSynchronisation"]["source"] == {"originAbsenceDetection": False}
    assert "secret" not in found.text
    assert platform.platform.repositories.upstream("up") == ("http://up.example", ("u", "secret"))
    platform.api("POST", "repositories/up", json={"description": "kept"})
    assert platform.platform.repositories.upstream("up")[1] == ("u", "secret")


@pytest.mark.parametrize(
    ("sent", "field", "wanted"),
    [
        ({}, "description", "first"),
        ({"description": None}, "description", ""),
        ({"description": ""}, "description", ""),
        ({"propertySets": []}, "propertySets", ["a"]),
        ({"propertySets": None}, "propertySets", ["a"]),
        ({"propertySets": ["b", "c"]}, "propertySets", ["b", "c"]),
        ({"url": None, "notes": "n"}, "notes", "n"),
        ({"socketTimeoutMillis": 0}, "socketTimeoutMillis", 0),
        ({"hardFail": "on"}, "hardFail", True),
        ({"remoteRepoLayoutRef": ""}, "remoteRepoLayoutRef", "npm-default"),
        ({"unknownField": 1}, "unknownField", None),
        ({"contentSynchronisation": {}}, "contentSynchronisation", False),
        ({"contentSynchronisation": {"enabled": True, "statistics": {}}}, "contentSynchronisation", True),
    ],
)
def test_update_merges(platform: Bare, sent: dict[str, Any], field: str, wanted: Any) -> None:
    body = {
        "rclass": "remote",
        "url": "http://up.example",
        "description": "first",
        "propertySets": ["a"],
        "remoteRepoLayoutRef": "npm-default",
    }
    create(platform, "merged", body)
    answer = platform.api("POST", "repositories/merged", json={**sent, "url": sent.get("url", "http://up.example")})
    found = platform.api("GET", "repositories/merged").json()
    platform.api("DELETE", "repositories/merged")
    if "url" in sent:
        assert answer.status_code == 400  # a remote without an address is none
        return
    assert (answer.status_code, answer.text.strip()) == (200, "Repository merged update successfully.")
    value = found.get(field)
    assert (value["enabled"] if isinstance(value, dict) else value) == wanted


def test_update_of_nothing_and_of_what_cannot_change(platform: Bare) -> None:
    missing = platform.api("POST", "repositories/nowhere", json={})
    assert (missing.status_code, said(missing)) == (404, "No repository 'nowhere' was found.")
    assert platform.api("POST", "repositories/kept", json={"rclass": "remote"}).status_code == 400
    assert platform.api("POST", "repositories/kept", json={"packageType": "npm"}).status_code == 400


def test_missing_repositories_are_bad_requests_and_delete_has_its_own_shape(platform: Bare) -> None:
    missing = platform.api("GET", "repositories/nowhere")
    assert (missing.status_code, said(missing)) == (400, "Bad Request")
    assert platform.api("HEAD", "repositories/nowhere").status_code == 400
    assert platform.api("HEAD", "repositories/kept").status_code == 200
    gone = platform.api("DELETE", "repositories/nowhere")
    assert (gone.status_code, gone.json()) == (
        404,
        {
            "repoKey": "nowhere",
            "statusMsg": "Cannot delete repository: 'nowhere', repository config does not exist",
            "deletedArtifactsCount": 0,
            "success": False,
        },
    )


def test_delete_takes_content_and_places_in_virtuals(platform: Bare) -> None:
    platform.make("going")
    platform.make("all", "virtual", repositories=["going", "kept"], defaultDeploymentRepo="going")
    platform.put("going/a/b.txt")
    body = platform.api("DELETE", "repositories/going").json()
    assert (body["success"], body["deletedArtifactsCount"]) == (True, 1)
    assert platform.api("GET", "repositories/all").json()["repositories"] == ["kept"]
    platform.make("going")
    assert platform.get("going/a/b.txt").status_code == 404


def test_an_unknown_deployment_repository_unsets_it(platform: Bare) -> None:
    platform.make("v", "virtual", repositories=["kept"], defaultDeploymentRepo="kept")
    platform.api("POST", "repositories/v", json={"defaultDeploymentRepo": "does-not-exist"})
    assert platform.api("GET", "repositories/v").json()["defaultDeploymentRepo"] == ""


def test_lists_filter_and_write_types_their_way(platform: Bare) -> None:
    platform.make("listed-npm", packageType="npm")
    platform.make("listed-virtual", "virtual", packageType="npm")
    rows = platform.api("GET", "repositories?type=local&packageType=npm").json()
    assert {(row["type"], row["packageType"]) for row in rows} == {("LOCAL", "Npm")}
    assert "listed-npm" in {row["key"] for row in rows}
    assert platform.api("GET", "repositories?type=nonsense").json() == []
    found = platform.api("GET", "repositories/configurations?repoType=virtual").json()
    assert list(found) == ["VIRTUAL"]
    assert {"key", "rclass", "repositories"} <= found["VIRTUAL"][0].keys()


def test_batch_is_all_or_nothing(platform: Bare) -> None:
    two = [{"key": key, "rclass": "local", "packageType": "pypi"} for key in ("batch-1", "batch-2")]
    made = platform.api("PUT", BATCH, json=two)
    assert (made.status_code, made.text.count("Successfully created repository")) == (201, 2)
    mixed = [{"key": "batch-3", "rclass": "local"}, {"key": "batch-1", "rclass": "local"}]
    assert platform.api("PUT", BATCH, json=mixed).status_code == 400
    assert platform.api("GET", "repositories/batch-3").status_code == 400
    changed = platform.api("POST", BATCH, json=[{"key": "batch-1", "description": "x"}, {"key": "nowhere"}])
    assert changed.status_code == 200
    found = platform.api("GET", f"{BATCH}?names=batch-1,batch-2,nowhere").json()
    assert [(row["key"], row["description"]) for row in found] == [("batch-1", "x"), ("batch-2", "")]
    assert platform.api("POST", BATCH, json=[{"key": "nowhere"}]).status_code == 404
    assert platform.api("PUT", BATCH, json=[{"key": f"n{n}", "rclass": "local"} for n in range(101)]).status_code == 400
    assert platform.api("PUT", BATCH, json={"key": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("version", "create", "update"), [("7.77.16", 404, 404), ("7.90.1", 201, 404), ("7.104.2", 201, 200)]
)
def test_batch_calls_begin_with_their_versions(tmp_path: Path, version: str, create: int, update: int) -> None:
    with running(tmp_path, version=version) as (old,):
        assert old.api("PUT", BATCH, json=[{"key": "a", "rclass": "local"}]).status_code == create
        old.api("PUT", "repositories/a", json={"rclass": "local"})
        assert old.api("POST", BATCH, json=[{"key": "a", "description": "d"}]).status_code == update


def test_ten_thousand_repositories_are_listed_quickly(tmp_path: Path) -> None:
    with running(tmp_path) as (full,):
        state, repositories = full.platform.repositories.state, full.platform.repositories
        config = repositories.find("artifactory-build-info")
        assert config is not None
        with full.platform.database.transaction():
            for number in range(10_000):
                state.put({**config, "key": f"r{number:05}"}, {})
        times = []
        for path in ("repositories", "repositories/configurations"):
            began = time.monotonic()
            assert len(full.api("GET", path).content) > 1_000_000
            times.append(time.monotonic() - began)
        assert times[0] < 2, times
        assert times[1] < 3, times
