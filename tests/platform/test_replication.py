"""Replication between two platforms: bytes are moved and compared (reference 5)."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from artifactory_sandbox.platform import bare
from artifactory_sandbox.platform.replication.transfer import Transfer
from artifactory_sandbox.platform.version import DEFAULT
from tests.platform.running import Bare, serving, until

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


def test_events_of_two_that_follow_each_other_come_to_rest(
    pair: tuple[Bare, Bare], monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, events = "mutual-local", []
    for one in pair:
        one.make(repo)
        queue = one.platform.replication.state.queue
        monkeypatch.setattr(one.platform.replication.state, "queue", _counted(queue, events))
    for source, target in (pair, pair[::-1]):
        config = push(target, repo, enableEventReplication=True, syncDeletes=True)
        assert source.api("PUT", f"replications/{repo}", json=config).status_code == 201
    first, second = pair

    def rest() -> bool:
        return not any(one.platform.replication.state.waiting() for one in pair)

    first.put(f"{repo}/folder/", b"")
    until(lambda: second.api("GET", f"storage/{repo}/folder").status_code == 200, "the folder")
    until(rest, "what it echoes")  # an echo that meets the next change half-way would undo it
    first.put(f"{repo}/folder;k=v/", b"")
    until(lambda: second.api("GET", f"storage/{repo}/folder?properties").status_code == 200, "its property")
    until(rest, "what it echoes")
    first("DELETE", f"/artifactory/{repo}/folder")
    until(lambda: second.api("GET", f"storage/{repo}/folder").status_code == 404, "the deletion")
    first.put(f"{repo}/last.txt")
    until(lambda: second.get(f"{repo}/last.txt").status_code == 200, "the last event")
    until(rest, "rest")
    assert len(events) <= 12, events  # one for each change, and one for what it does on the other side
    assert first.api("GET", f"storage/{repo}/folder").status_code == 404


def _counted(queue: Callable[..., None], events: list[tuple[Any, ...]]) -> Callable[..., None]:
    def counted(*event: Any) -> None:
        events.append(event)
        queue(*event)

    return counted


def test_properties_bring_a_folder_that_is_not_there_yet(pair: tuple[Bare, Bare]) -> None:
    source, target = replicated(pair, "late-local")
    source.put("late-local/folder/", b"")
    config = push(target, "late-local", enableEventReplication=True)
    assert source.api("POST", "replications/late-local", json=config).status_code == 200
    source.api("PUT", "storage/late-local/folder?properties=k=v")
    address = "storage/late-local/folder?properties"
    until(lambda: target.api("GET", address).status_code == 200, "the folder with its property")
    assert target.api("GET", address).json()["properties"] == {"k": ["v"]}


def test_a_folder_that_is_there_is_no_news(platform: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.make("news-local")
    told: list[Any] = []
    monkeypatch.setattr(platform.platform.replication, "changed", told.append)
    for path, news in (("a/b/", 1), ("a/b/", 1), ("a/", 1), ("a;k=v/", 2), ("c/", 3)):
        assert platform.put(f"news-local/{path}", b"").status_code == 201
        assert len(told) == news, path


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


def test_a_pull_follows_the_events_of_its_upstream(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    far.make("followed")
    near.make("follow", "remote", url=f"{far.url}/artifactory/followed", username="admin", password="password")
    body = {"cronExp": DAILY, "enabled": True, "enableEventReplication": True, "syncDeletes": True}
    assert near.api("PUT", "replications/follow", json=body).status_code == 201
    until(lambda: far.api("GET", "replications/channels/followed").json() != [], "the subscription")
    far.put("followed/a/b.txt;k=v", b"followed")
    items = near.platform.artifacts.state
    until(lambda: items.item("follow-cache", "a/b.txt"), "the file in the cache")
    until(lambda: items.properties(items.item("follow-cache", "a/b.txt")["id"]) == {"k": ["v"]}, "its property")  # type: ignore[index]
    near.api("POST", "system/replications/block?push=false")
    far("DELETE", "/artifactory/followed/a/b.txt")
    (channel,) = far.api("GET", "replications/channels/followed").json()
    assert channel["repoKey"] == "followed"
    near.api("POST", "system/replications/unblock")
    until(lambda: items.item("follow-cache", "a/b.txt") is None, "the deletion")
    assert far.api("POST", "replications/channels/release").status_code == 200
    assert far.api("GET", "replications/channels/nowhere").status_code == 404


def test_statistics_go_along_when_asked(pair: tuple[Bare, Bare]) -> None:
    source, target = replicated(pair, "stats-local", syncStatistics=True)
    source.put("stats-local/a.txt", b"counted")
    for _ in range(3):
        source.get("stats-local/a.txt")
    until(lambda: source.platform.artifacts.state.item("stats-local", "a.txt")["downloads"] == 3, "the count")  # type: ignore[index]
    for _ in range(2):
        assert run(source, "stats-local") == "ok"
    item = target.platform.artifacts.state.item("stats-local", "a.txt")
    assert item is not None
    elsewhere = target.platform.artifacts.state.elsewhere(item["id"])
    assert (item["downloads"], elsewhere["downloads"]) == (0, 3)  # type: ignore[index]


def test_a_run_by_hand_needs_no_stored_replication(pair: tuple[Bare, Bare]) -> None:
    source, target = pair
    for one in pair:
        one.make("hand-local")
    source.put("hand-local/in/a.txt", b"a")
    source.put("hand-local/out/b.txt", b"b")
    option = {"url": f"{target.url}/artifactory/hand-local", "username": "admin", "password": "password"}
    assert source.api("POST", "replication/execute/hand-local").status_code == 404
    assert source.api("POST", "replication/execute/hand-local", json=[{"url": "x"}]).status_code == 400
    bad = source.api("POST", "replication/execute/hand-local", json=[{**option, "url": "nonsense"}])
    assert (bad.status_code, bad.json()["errors"][0]["message"]) == (400, "Invalid url [nonsense]")
    assert source.api("POST", "replication/execute/hand-local/in", json=[option]).status_code == 202
    until(lambda: status(source, "hand-local") == "ok", "the run")
    assert (target.get("hand-local/in/a.txt").status_code, target.get("hand-local/out/b.txt").status_code) == (200, 404)
    assert source.api("POST", "replication/hand-local", json=option).status_code == 202  # the older spelling
    until(lambda: target.get("hand-local/out/b.txt").status_code == 200, "the rest")
    assert source.api("GET", "replications").text.count("hand-local") == 0


def test_one_bad_item_does_not_hold_back_the_others(pair: tuple[Bare, Bare]) -> None:
    source, target = replicated(pair, "warn-local")
    source.put("warn-local/good.txt", b"good")
    source.put("warn-local/lost.txt", b"lost bytes")
    sha1 = hashlib.sha1(b"lost bytes", usedforsecurity=False).hexdigest()
    source.platform.binaries.store.remove(sha1)
    assert run(source, "warn-local") == "warn"
    assert target.get("warn-local/good.txt").content == b"good"
    rows = source.platform.replication.state.of("warn-local")
    assert "lost.txt" in rows[0]["said"]


def test_a_run_that_its_node_left_is_taken_up_again(pair: tuple[Bare, Bare]) -> None:
    source, target = replicated(pair, "cut-local", enabled=False)
    source.put("cut-local/a.txt", b"a")
    (row,) = source.platform.replication.state.of("cut-local")
    source.platform.replication.state.result(row["id"], "incomplete", None, "running")  # as a killed node leaves it
    until(lambda: status(source, "cut-local") == "ok", "the rest of the run")
    assert target.get("cut-local/a.txt").status_code == 200


def test_binaries_in_the_targets_filestore_are_not_sent_again(
    pair: tuple[Bare, Bare], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = replicated(pair, "exist-local", checkBinaryExistenceInFilestore=True)
    data = b"came by bucket replication" * 50
    source.put("exist-local/a.bin", data)
    path = target.platform.temporary / "bucket-replication"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    target.platform.binaries.store.put(hashlib.sha1(data, usedforsecurity=False).hexdigest(), path)
    allowed = target.api("PUT", "config/storage/checksumReplication", json={"checkBinaryExistenceAllowed": True})
    assert allowed.status_code in {200, 201, 204}, allowed.text
    uploads: list[Any] = []
    monkeypatch.setattr(target.platform.artifacts, "store", uploads.append)
    assert run(source, "exist-local") == "ok"
    monkeypatch.undo()
    assert (digest(target, "exist-local/a.bin"), uploads) == (hashlib.sha256(data).hexdigest(), [])


def test_several_targets_and_events_of_a_pull_need_an_enterprise_licence(
    pair: tuple[Bare, Bare], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = pair
    source.make("pro-local")
    source.make("pro-remote", "remote", url="http://127.0.0.1:1/artifactory/x")
    pro = {"type": "Commercial", "validThrough": "", "licensedTo": ""}
    monkeypatch.setattr(source.platform.licences, "single", lambda: pro)
    several = {"cronExp": DAILY, "replications": [push(target, "one"), push(target, "two")]}
    refused = source.api("PUT", "replications/multiple/pro-local", json=several)
    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (
        403,
        "Multi-push replication is only available with an Enterprise license.",
    )
    event = {"cronExp": DAILY, "enabled": True, "enableEventReplication": True}
    assert source.api("PUT", "replications/pro-remote", json=event).status_code == 403
    checked = push(target, "one", checkBinaryExistenceInFilestore=True)
    assert source.api("PUT", "replications/pro-local", json=checked).status_code == 403
    assert source.api("PUT", "replications/pro-local", json=push(target, "one")).status_code == 201
    assert isinstance(source.api("GET", "replications/pro-local").json(), dict)


def test_two_nodes_run_a_replication_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [bare.make(tmp_path / "target", "127.0.0.1", 0, DEFAULT, True, "target")]
    made += [bare.make(tmp_path / "source", "127.0.0.1", 0, DEFAULT, True, f"source-{n}", n) for n in range(2)]
    runs: list[str] = []
    moving = Transfer.push

    def push_counted(transfer: Transfer) -> None:
        runs.append("run")
        time.sleep(0.5)
        moving(transfer)

    monkeypatch.setattr(Transfer, "push", push_counted)
    with serving(made) as (target, one, other):
        replicated((one, target), "once-local")
        for n in range(5):
            one.put(f"once-local/{n}.txt", str(n).encode())
        assert other.api("POST", "replication/execute/once-local").status_code == 202
        for node in (one, other):
            node.platform.wake()
        until(lambda: status(one, "once-local") == "ok", "the run")
        assert len(target.api("GET", "storage/once-local?list").json()["files"]) == 5
        assert runs == ["run"]


def test_an_entry_is_of_the_kind_that_its_repository_has_now(pair: tuple[Bare, Bare]) -> None:
    """A repository that was deleted and made again as another class leaves no entry that nobody can serve."""
    source, target = pair
    source.make("turned", "remote", url=f"{target.url}/artifactory/far")
    assert source.api("PUT", "replications/turned", json={"cronExp": DAILY}).status_code == 201
    (left,) = source.platform.replication.state.of("turned")
    source.api("DELETE", "repositories/turned")
    source.make("turned")
    assert source.platform.replication.state.of("turned") == []
    columns = {
        name: left[name] for name in ("repo", "url", "kind", "password", "replication_key", "enabled", "on_event")
    }
    source.platform.replication.state.put({**columns, "config": {"enabled": True, "cronExp": DAILY}, "next_run": None})
    assert source.api("POST", "replications/disable", json={"include": ["**"]}).status_code == 201
    source.api("DELETE", "repositories/turned")
