"""Repository definitions: what is accepted, refused, filled in, merged (reference 2)."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from artifactory_sandbox.platform.repositories.package_types import CLASSES_OF, PACKAGE_TYPES
from tests.platform.running import Bare, running

BATCH = "v2/repositories/batch"


@pytest.fixture(scope="module", autouse=True)
def _kept(platform: Bare) -> None:
    platform.make("kept")
    platform.make("typed", packageType="pypi")


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
        ("bad", {"rclass": "virtual", "packageType": "npm", "repositories": ["typed"]}, "is of type pypi, not npm"),
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
    for rclass, extra in (("local", {}), ("remote", {"url": "http://up.example"}), ("virtual", {}), ("federated", {})):
        key = f"{package_type}-{rclass}"
        made = create(platform, key, {"rclass": rclass.upper(), "packageType": package_type.upper(), **extra})
        assert made.status_code == (200 if rclass in CLASSES_OF[package_type] else 400), made.text
        if made.status_code == 400:
            continue
        found = platform.api("GET", f"repositories/{key}").json()
        assert (found["key"], found["rclass"], found["packageType"]) == (key, rclass, package_type)
        layout = "" if rclass == "virtual" else "maven-2-default"
        assert (found["repoLayoutRef"], found["includesPattern"]) == (layout, "**/*")


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


def test_a_batch_names_every_bad_element(platform: Bare) -> None:
    sent = [{"key": "named-a", "rclass": "local"}, {"key": "named b", "rclass": "local"}, {"key": "named-c"}]
    answer = platform.api("PUT", BATCH, json=sent)
    assert answer.status_code == 400
    assert [one["message"] for one in answer.json()["errors"]] == [
        "Illegal repository key : 'named b'",
        "Missing repository type",
    ]
    assert platform.api("GET", "repositories/named-a").status_code == 400


def test_two_at_once_make_one_repository(platform: Bare) -> None:
    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(create, platform, "raced", {"rclass": "local", "notes": str(n)}) for n in range(6)]
    assert sorted(job.result().status_code for job in jobs) == [200, 400, 400, 400, 400, 400]


def test_what_a_definition_refers_to_must_be_there(platform: Bare) -> None:
    body = {"rclass": "remote", "url": "http://up.example", "proxy": "nowhere"}
    assert said(create(platform, "refers", body)) == "Proxy with key 'nowhere' not found"
    platform.platform.configuration.patch({"proxies": {"way-out": {"host": "h", "port": 1}}})
    assert create(platform, "refers", {**body, "proxy": "way-out"}).status_code == 200
    assert platform.api("GET", "repositories/refers").json()["proxy"] == "way-out"
    platform.api("POST", "repositories/refers", json={"disableProxy": True})
    assert "proxy" not in platform.api("GET", "repositories/refers").json()


def test_deleting_a_repository_takes_it_out_of_backups_and_deployment(platform: Bare) -> None:
    platform.make("leaving")
    platform.make("around", "virtual", repositories=["leaving", "kept"], defaultDeploymentRepo="leaving")
    platform.platform.configuration.patch({"backups": {"backup-daily": {"excludedRepositories": ["leaving", "kept"]}}})
    assert platform.api("DELETE", "repositories/leaving").status_code == 200
    shown = platform.api("GET", "repositories/around").json()
    assert (shown["repositories"], shown["defaultDeploymentRepo"]) == (["kept"], "")
    backup = platform.platform.configuration.tree()["backups"]["backup-daily"]
    assert backup["excludedRepositories"] == ["kept"]


@pytest.mark.parametrize(
    ("version", "environments", "status"),
    [
        ("7.50.3", ["DEV", "PROD"], 200),
        ("7.53.1", ["DEV", "PROD"], 400),
        ("7.53.1", ["PROD"], 200),
        ("7.107.1", ["DEV", "PROD"], 200),
        ("7.107.1", ["NOWHERE"], 400),
    ],
)
def test_environments_go_by_version(tmp_path: Path, version: str, environments: list[str], status: int) -> None:
    with running(tmp_path, version=version) as (platform,):
        body = {"project_key": "proj", "display_name": "proj", "admin_privileges": {}}
        platform("POST", "/access/api/v1/projects", json=body)
        sent = {"rclass": "local", "projectKey": "proj", "environments": environments}
        answer = create(platform, "proj-a", sent)
        assert answer.status_code == status, answer.text
        create(platform, "outside", {"rclass": "local", "environments": ["PROD"]})
        shown = platform.api("GET", "repositories/outside").json()
        assert shown["environments"] == []
        assert shown["projectKey"] == ("default" if version in {"7.50.3", "7.53.1"} else "")


def test_who_manages_a_projects_resources_names_repositories_after_it(tmp_path: Path) -> None:
    with running(tmp_path) as (platform,):
        privileges = dict.fromkeys(("manage_members", "manage_resources", "index_resources"), True)
        project = {"project_key": "acme", "display_name": "Acme works", "admin_privileges": privileges}
        assert platform("POST", "/access/api/v1/projects", json=project).status_code == 201
        user = {"username": "pam", "password": "Password1!", "email": "pam@acme.example"}
        platform("POST", "/access/api/v2/users", json=user)
        platform("PUT", "/access/api/v1/projects/acme/users/pam", json={"name": "pam", "roles": ["Project Admin"]})
        pam = {"auth": ("pam", "Password1!")}
        assert create(platform, "acme-a", {"rclass": "local", "projectKey": "acme"}, **pam).status_code == 200
        named = create(platform, "other-a", {"rclass": "local", "projectKey": "acme"}, **pam)
        assert (named.status_code, "must start with" in said(named)) == (400, True)
        assert create(platform, "mine", {"rclass": "local"}, **pam).status_code == 403
        assert platform.api("POST", "repositories/acme-a", json={"notes": "n"}, **pam).status_code == 200
        assert platform.api("DELETE", "repositories/acme-a", **pam).status_code == 200
        assert platform.api("DELETE", "repositories/artifactory-build-info", **pam).status_code == 403
        assert said(create(platform, "x-a", {"rclass": "local", "projectKey": "nowhere"})).endswith("was not found")
        create(platform, "loose", {"rclass": "local"})
        attach = "/access/api/v1/projects/_/attach/repositories/loose"
        assert platform("PUT", f"{attach}/nowhere").status_code == 404
        assert platform("PUT", f"{attach}/acme").status_code == 204
        shown = platform.api("GET", "repositories/loose").json()
        assert (shown["projectKey"], shown["environments"]) == ("acme", ["DEV"])
        assert [row["key"] for row in platform.api("GET", "repositories?project=acme").json()] == ["loose"]
        assert platform("DELETE", attach).status_code == 204
        assert platform.api("GET", "repositories/loose").json()["projectKey"] == ""


def test_a_remote_sends_its_own_headers_by_its_own_way(tmp_path: Path) -> None:
    seen: list[tuple[str, str | None]] = []

    class Recorder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers.get("X-Key")))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    with running(tmp_path, version="7.146.0") as (platform,), HTTPServer(("127.0.0.1", 0), Recorder) as upstream:
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        header = {"name": "X-Key", "value": "hidden", "sensitive": True}
        host = f"http://127.0.0.1:{upstream.server_port}"
        platform.make("headed", "remote", url=host, customHttpHeaders=[header])
        assert platform.get("headed/a.txt").text == "ok"
        assert seen[-1] == ("/a.txt", "hidden")
        assert "hidden" not in platform.api("GET", "repositories/headed").text
        six = [{**header, "name": f"X-{n}"} for n in range(6)]
        assert create(platform, "six", {"rclass": "remote", "url": host, "customHttpHeaders": six}).status_code == 400
        platform.platform.configuration.patch({"proxies": {"way": {"host": "127.0.0.1", "port": upstream.server_port}}})
        platform.make("proxied", "remote", url="http://nowhere.example", proxy="way")
        assert platform.get("proxied/b.txt").text == "ok"
        assert seen[-1] == ("http://nowhere.example/b.txt", None)
        upstream.shutdown()
