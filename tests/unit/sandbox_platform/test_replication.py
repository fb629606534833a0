"""Replication between two platforms: bytes are moved and compared (reference 5)."""

import hashlib
from typing import Any

import pytest

from tests.unit.sandbox_platform.running import Bare, until

DAILY = "0 0 12 * * ?"


def push(target: Bare, repo: str, **fields: Any) -> dict[str, Any]:
    url = f"{target.url}/artifactory/{repo}"
    return {"url": url, "username": "admin", "password": "password", "cronExp": DAILY, "enabled": True, **fields}


def replicated(pair: tuple[Bare, Bare], repo: str, **fields: Any) -> tuple[Bare, Bare]:
    source, target = pair
    for one in pair:
        one.make(repo)
    assert source.api("PUT", f"replications/{repo}", json=push(target, repo, **fields)).status_code == 201
    return pair


def status(platform: Bare, repo: str) -> str:
    return str(platform.api("GET", f"replication/{repo}").json()["status"])


def run(platform: Bare, repo: str) -> str:
    before = platform.api("GET", f"replication/{repo}").json()["lastCompleted"]
    assert platform.api("POST", f"replication/execute/{repo}").status_code == 202
    until(lambda: platform.api("GET", f"replication/{repo}").json()["lastCompleted"] != before, f"{repo} to replicate")
    return status(platform, repo)


def digest(platform: Bare, path: str) -> str | None:
    answer = platform.get(path)
    return hashlib.sha256(answer.content).hexdigest() if answer.status_code == 200 else None


def test_a_run_moves_bytes_properties_and_times(pair: tuple[Bare, Bare]) -> None:
    source, target = replicated(pair, "run-local")
    data = b"some bytes" * 10_000
    source.put("run-local/a/b.bin;k=v;l=1,2", data)
    source.put("run-local/space and ü.txt", b"named")
    assert status(source, "run-local") == "never_run"
    assert run(source, "run-local") == "ok"
    assert digest(target, "run-local/a/b.bin") == hashlib.sha256(data).hexdigest()
    assert digest(target, "run-local/space and ü.txt") == hashlib.sha256(b"named").hexdigest()
    there, here = (one.api("GET", "storage/run-local/a/b.bin").json() for one in (target, source))
    assert (there["created"], there["lastModified"]) == (here["created"], here["lastModified"])
    properties = target.api("GET", "storage/run-local/a/b.bin?properties").json()["properties"]
    assert properties == {"k": ["v"], "l": ["1", "2"]}


def test_events_arrive_by_themselves(pair: tuple[Bare, Bare]) -> None:
    source, target = replicated(pair, "event-local", enableEventReplication=True, syncDeletes=True)
    source.put("event-local/now.txt", b"now")
    until(lambda: target.get("event-local/now.txt").status_code == 200, "the event")
    source.api("PUT", "storage/event-local/now.txt?properties=a=1")
    until(lambda: target.api("GET", "storage/event-local/now.txt?properties").status_code == 200, "the property")
    source("DELETE", "/artifactory/event-local/now.txt")
    until(lambda: target.get("event-local/now.txt").status_code == 404, "the deletion")


def test_deletes_go_along_only_when_asked(pair: tuple[Bare, Bare]) -> None:
    source, target = replicated(pair, "delete-local")
    source.put("delete-local/kept.txt")
    target.put("delete-local/surplus.txt", b"surplus")
    assert run(source, "delete-local") == "ok"
    assert target.get("delete-local/surplus.txt").status_code == 200
    source.api("POST", "replications/delete-local", json={"syncDeletes": True})
    assert run(source, "delete-local") == "ok"
    assert (target.get("delete-local/surplus.txt").status_code, target.get("delete-local/kept.txt").status_code) == (
        404,
        200,
    )


def test_path_patterns_narrow_a_run(pair: tuple[Bare, Bare]) -> None:
    fields = {"includePathPrefixPattern": "in/**", "excludePathPrefixPattern": "in/out/**"}
    source, target = replicated(pair, "filter-local", **fields)
    for path in ("in/a", "in/out/b", "c"):
        source.put(f"filter-local/{path}")
    assert run(source, "filter-local") == "ok"
    assert [target.get(f"filter-local/{path}").status_code for path in ("in/a", "in/out/b", "c")] == [200, 404, 404]


def test_the_cron_fires_by_the_nodes_clock(pair: tuple[Bare, Bare]) -> None:
    source, target = replicated(pair, "cron-local")
    source.put("cron-local/later.txt", b"later")
    source.fault("clock", advance=86_400)
    until(lambda: status(source, "cron-local") == "ok", "the cron")
    source.fault("heal")
    assert target.get("cron-local/later.txt").content == b"later"


def test_the_global_block_stops_runs_events_and_execution(pair: tuple[Bare, Bare]) -> None:
    source, target = replicated(pair, "block-local", enableEventReplication=True)
    source.api("POST", "system/replications/block?pull=false")
    source.put("block-local/blocked.txt")
    assert source.api("POST", "replication/execute/block-local").status_code == 400
    source.fault("clock", advance=86_400)
    until(lambda: not source.platform.replication.state.due(source.platform.clock.now()), "the plan to pass by")
    source.fault("heal")
    assert status(source, "block-local") == "never_run"
    assert target.get("block-local/blocked.txt").status_code == 404
    source.api("POST", "system/replications/unblock")
    assert run(source, "block-local") == "ok"
    assert target.get("block-local/blocked.txt").status_code == 200


def test_pull_fills_the_cache_of_a_remote(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    far.make("pulled")
    far.put("pulled/x/y.bin;k=v", b"pulled bytes")
    near.make("pull", "remote", url=f"{far.url}/artifactory/pulled", username="admin", password="password")
    body = {"cronExp": DAILY, "enabled": True, "syncDeletes": True}
    assert near.api("PUT", "replications/pull", json=body).status_code == 201
    shown = near.api("GET", "replications/pull").json()
    assert (isinstance(shown, dict), shown["cronExp"]) == (True, DAILY)
    assert run(near, "pull") == "ok"
    assert near.platform.artifacts.state.item("pull-cache", "x/y.bin")["size"] == 12  # type: ignore[index]
    assert near.api("GET", "storage/pull/x/y.bin?properties").json()["properties"] == {"k": ["v"]}
    far("DELETE", "/artifactory/pulled/x/y.bin")
    assert run(near, "pull") == "ok"
    assert near.platform.artifacts.state.item("pull-cache", "x/y.bin") is None


def test_a_target_that_refuses_makes_an_error(pair: tuple[Bare, Bare]) -> None:
    source, target = pair
    source.make("orphan-local")
    source.api("PUT", "replications/orphan-local", json=push(target, "orphan-local"))
    source.put("orphan-local/a")
    assert run(source, "orphan-local") == "error"
    target.make("orphan-local")
    source.api("POST", "replications/orphan-local", json={"password": "wrong"})
    assert run(source, "orphan-local") == "error"
    source.api("POST", "replications/orphan-local", json={"password": "password"})
    assert run(source, "orphan-local") == "ok"


def test_reading_writing_and_forgetting(pair: tuple[Bare, Bare]) -> None:
    source, target = pair
    source.make("conf-local")
    none = source.api("GET", "replications/conf-local")
    assert (none.status_code, none.json()["errors"][0]["message"]) == (404, "Could not find replication")
    assert source.api("DELETE", "replications/conf-local").status_code == 400
    assert source.api("POST", "replications/conf-local", json={}).status_code == 400
    source.api("PUT", "replications/conf-local", json=push(target, "one", enableEventReplication=True, proxy="p"))
    (shown,) = source.api("GET", "replications/conf-local").json()
    assert (shown["proxyRef"], shown["repoKey"], shown["enableEventReplication"]) == ("p", "conf-local", True)
    assert "password" not in shown
    source.api("POST", "replications/conf-local", json={"syncDeletes": True})
    (shown,) = source.api("GET", "replications/conf-local").json()
    assert (shown["syncDeletes"], shown["enableEventReplication"]) == (True, False)
    several = {"cronExp": DAILY, "enableEventReplication": True, "replications": [push(target, "two")]}
    assert source.api("PUT", "replications/multiple/conf-local", json=several).status_code == 201
    urls = [entry["url"].rpartition("/")[2] for entry in source.api("GET", "replications/conf-local").json()]
    assert urls == ["one", "two"]
    wrong = source.api("DELETE", "replications/conf-local?url=http://nowhere/artifactory/x")
    assert (wrong.status_code, wrong.json()["errors"][0]["message"]) == (400, "Invalid replication url")
    assert source.api("DELETE", f"replications/conf-local?url={target.url}/artifactory/one").status_code == 200
    assert len(source.api("GET", "replications/conf-local").json()) == 1
    assert source.api("POST", "replications/disable", json={"include": ["**/two"]}).status_code == 201
    assert source.api("GET", "replications/conf-local").json()[0]["enabled"] is False
    assert source.api("DELETE", "repositories/conf-local").status_code == 200
    assert "conf-local" not in source.api("GET", "replications").text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"url": ""}, "url is required"),
        ({"url": "nonsense"}, "Invalid url [nonsense]"),
        ({"username": ""}, "username is required"),
        ({"cronExp": ""}, "cronExp is required"),
        ({"cronExp": "0 0 12 * *"}, "Invalid cronExp"),
        ({"cronExp": "0 0 12 * * * "}, "Invalid cronExp"),
        ({"cronExp": "0 0 12 * * ? 1999"}, "Invalid cronExp"),
    ],
)
def test_bad_replications_are_refused(pair: tuple[Bare, Bare], changes: dict[str, Any], text: str) -> None:
    source, target = pair
    source.api("PUT", "repositories/refused-local", json={"rclass": "local"})
    answer = source.api("PUT", "replications/refused-local", json={**push(target, "x"), **changes})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, text)


def test_only_local_and_remote_repositories_replicate(pair: tuple[Bare, Bare]) -> None:
    source, target = pair
    source.make("virtual", "virtual")
    for repo, text in (("virtual", "Invalid repository"), ("nowhere", "Could not find repository")):
        answer = source.api("PUT", f"replications/{repo}", json=push(target, repo))
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (400, text)
