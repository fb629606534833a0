"""Webhooks: what clients read back, and calls that really reach a receiver (12.7)."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from artifactory_sandbox.platform import bare
from artifactory_sandbox.platform.version import DEFAULT, Version
from tests.platform.running import Bare, running, serving, until

API = "/event/api/v1/subscriptions"


@dataclass
class Receiver:
    """Takes what is sent; answers with the statuses that are asked for, then 200."""

    url: str = ""
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def events(self, within: int = 1) -> list[dict[str, Any]]:
        until(lambda: len(self.got) >= within, f"{within} events, {self.got}")
        return [json.loads(body) for _, _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status = kept.statuses.pop(0) if kept.statuses else 200
            kept.got.append((self.command, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_PUT = _take

        def log_message(self, format: str, *args: Any) -> None:
            """Keeps still."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def hook(key: str, url: str, domain: str = "artifact", events: tuple[str, ...] = ("deployed",), **more: Any) -> Any:
    criteria = more.pop("criteria", {"anyLocal": True})
    return {
        "key": key,
        "enabled": True,
        "event_filter": {"domain": domain, "event_types": list(events), "criteria": criteria},
        "handlers": [{"handler_type": "webhook", "url": url, **more}],
    }


def make(platform: Bare, body: Any) -> None:
    answer = platform("POST", API, json=body)
    assert answer.status_code == 201, answer.text


@pytest.fixture(autouse=True)
def _no_hooks_left(platform: Bare) -> Iterator[None]:
    yield
    for config in platform("GET", API).json():
        assert platform("DELETE", f"{API}/{config['key']}").status_code == 204


def test_what_was_never_set_stays_absent_and_flags_are_present(platform: Bare) -> None:
    make(platform, hook("plain", "http://h.example/x"))
    assert platform("GET", f"{API}/plain").json() == {
        "key": "plain",
        "enabled": True,
        "event_filter": {
            "domain": "artifact",
            "event_types": ["deployed"],
            "criteria": {"anyLocal": True, "anyRemote": False, "anyFederated": False, "repoKeys": []},
        },
        "handlers": [{"handler_type": "webhook", "url": "http://h.example/x"}],
    }


def test_secrets_only_go_in(platform: Bare) -> None:
    make(platform, hook("secret", "http://h.example/x", secret="tell no one"))
    shown = platform("GET", f"{API}/secret").json()["handlers"][0]["secret"]
    assert shown != "tell no one"
    again = hook("secret", "http://h.example/x", secret=shown)
    assert platform("PUT", f"{API}/secret", json=again).status_code == 204
    kept = platform.platform.webhooks.get("secret")
    assert kept["handlers"][0]["secret"] == "tell no one"


@pytest.mark.parametrize(
    "change",
    [
        {"key": "a"},
        {"key": "with space"},
        {"handlers": []},
        {"handlers": [{"url": "ftp://x"}]},
        {"handlers": [{"handler_type": "pigeon", "url": "http://x"}]},
        {"event_filter": {"domain": "weather", "event_types": ["rain"]}},
        {"event_filter": {"domain": "artifact", "event_types": ["rain"], "criteria": {"anyLocal": True}}},
        {"event_filter": {"domain": "artifact", "event_types": ["deployed"], "criteria": {}}},
        {"event_filter": {"domain": "artifact", "event_types": ["deployed"]}},
        {"event_filter": {"domain": "artifact", "event_types": ["deployed"], "criteria": {"repoKeys": "r"}}},
        {"enabled": "yes"},
    ],
)
def test_a_wrong_subscription_is_refused(platform: Bare, change: dict[str, Any]) -> None:
    answer = platform("POST", API, json={**hook("wrong", "http://h.example"), **change})
    assert answer.status_code == 400
    assert isinstance(answer.json()["errors"][0]["code"], str)


def test_an_unknown_proxy_is_refused_with_the_words_that_clients_wait_for(platform: Bare) -> None:
    answer = platform("POST", API, json=hook("proxied", "http://h.example", proxy="nowhere"))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "proxy with key 'nowhere' not found"


def test_existing_and_missing_keys(platform: Bare) -> None:
    make(platform, hook("once", "http://h.example"))
    assert platform("POST", API, json=hook("once", "http://h.example")).status_code == 409
    assert platform("PUT", f"{API}/none", json=hook("none", "http://h.example")).status_code == 404
    assert platform("GET", f"{API}/none").status_code == 404
    assert platform("DELETE", f"{API}/none").status_code == 404
    assert platform("GET", API, auth=None).status_code == 401


def test_deploy_copy_move_and_delete_are_told_in_order(platform: Bare, receiver: Receiver) -> None:
    platform.make("wh-local")
    platform.make("wh-other")
    events = ("deployed", "copied", "moved", "deleted")
    make(platform, hook("life", receiver.url, events=events, criteria={"repoKeys": ["wh-local"]}))
    platform.put("wh-local/a/b.txt", b"bytes")
    assert platform.api("POST", "copy/wh-local/a/b.txt?to=/wh-other/c.txt").status_code == 200
    assert platform.api("POST", "move/wh-local/a/b.txt?to=/wh-other/d.txt").status_code == 200
    platform.put("wh-local/e.txt", b"more")
    assert platform("DELETE", "/artifactory/wh-local/e.txt").status_code == 204
    got = receiver.events(5)
    assert [event["event_type"] for event in got] == ["deployed", "copied", "moved", "deployed", "deleted"]
    assert got[0] == {
        "domain": "artifact",
        "event_type": "deployed",
        "data": {
            "repo_key": "wh-local",
            "path": "a/b.txt",
            "name": "b.txt",
            "sha256": hashlib.sha256(b"bytes").hexdigest(),
            "size": 5,
        },
        "jpd_origin": platform.url,
        "source": "jfrog/admin",
        "subscription_key": "life",
    }
    assert got[2]["data"]["target_repo_path"] == "wh-other/d.txt"


def test_patterns_and_other_repositories_are_left_out(platform: Bare, receiver: Receiver) -> None:
    platform.make("pat-local")
    platform.make("pat-other")
    chosen = {"repoKeys": ["pat-local"], "includePatterns": ["in/**"], "excludePatterns": ["in/not/**"]}
    make(platform, hook("pattern", receiver.url, criteria=chosen))
    for path in ("pat-local/out/a", "pat-local/in/not/a", "pat-other/in/a", "pat-local/in/a"):
        platform.put(path)
    assert [event["data"]["path"] for event in receiver.events()] == ["in/a"]


def test_a_disabled_subscription_is_silent(platform: Bare, receiver: Receiver) -> None:
    platform.make("dis-local")
    make(platform, {**hook("silent", receiver.url), "enabled": False})
    platform.put("dis-local/a")
    assert platform.platform.webhooks.state.pending() == 0


def test_the_signature_is_an_hmac_of_the_body(platform: Bare, receiver: Receiver) -> None:
    platform.make("sig-local")
    headers = [{"name": "X-Mine", "value": "v"}]
    signed = {"secret": "s", "use_secret_for_signing": True, "custom_http_headers": headers}
    make(platform, hook("signed", receiver.url, **signed))
    platform.put("sig-local/a")
    receiver.events()
    _, sent, body = receiver.got[0]
    assert sent["x-jfrog-event-auth"] == hmac.new(b"s", body, hashlib.sha256).hexdigest()
    assert (sent["x-mine"], sent["content-type"]) == ("v", "application/json")


def test_a_custom_handler_renders_its_templates(platform: Bare, receiver: Receiver) -> None:
    platform.make("cus-local")
    body = hook("custom", receiver.url)
    body["handlers"][0] |= {
        "handler_type": "custom-webhook",
        "method": "PUT",
        "secrets": [{"name": "token", "value": "abc"}],
        "http_headers": [{"name": "Authorization", "value": "Bearer {{ .secrets.token }}"}],
        "payload": '{"tag": "{{ .data.name }}", "all": {{ json .data }}, "none": "{{ .data.absent }}"}',
    }
    make(platform, body)
    assert platform("GET", f"{API}/custom").json()["handlers"][0]["secrets"][0]["value"] != "abc"
    platform.put("cus-local/a.txt")
    (event,) = receiver.events()
    method, headers, _ = receiver.got[0]
    assert (method, headers["authorization"], event["tag"], event["all"]["repo_key"], event["none"]) == (
        *("PUT", "Bearer abc", "a.txt", "cus-local", "<no value>"),
    )


def test_a_handler_that_fails_gets_another_try_and_the_order_stays(platform: Bare, receiver: Receiver) -> None:
    platform.make("try-local")
    receiver.statuses = [503, 500]
    make(platform, hook("tries", receiver.url, criteria={"repoKeys": ["try-local"]}))
    platform.put("try-local/one")
    platform.put("try-local/two")
    got = receiver.events(4)
    assert [event["data"]["path"] for event in got] == ["one", "one", "one", "two"]


def test_a_refusal_is_not_repeated(platform: Bare, receiver: Receiver) -> None:
    platform.make("ref-local")
    receiver.statuses = [400]
    make(platform, hook("refused", receiver.url, criteria={"repoKeys": ["ref-local"]}))
    platform.put("ref-local/one")
    platform.put("ref-local/two")
    assert [event["data"]["path"] for event in receiver.events(2)] == ["one", "two"]


def test_properties_are_told_one_by_one(platform: Bare, receiver: Receiver) -> None:
    platform.make("prop-local")
    platform.put("prop-local/a")
    events = ("added", "deleted")
    make(platform, hook("props", receiver.url, "artifact_property", events, criteria={"repoKeys": ["prop-local"]}))
    assert platform.api("PUT", "storage/prop-local/a?properties=k=1,2").status_code == 204
    assert platform.api("DELETE", "storage/prop-local/a?properties=k").status_code == 204
    got = receiver.events(2)
    assert [(event["event_type"], event["data"]["property_key"]) for event in got] == [("added", "k"), ("deleted", "k")]
    assert got[0]["data"]["property_values"] == ["1", "2"]


def test_builds_are_told(platform: Bare, receiver: Receiver) -> None:
    events = ("uploaded", "promoted", "deleted")
    make(platform, hook("ci", receiver.url, "build", events, criteria={"selectedBuilds": ["told"]}))
    for name in ("untold", "told"):
        info = {"name": name, "number": "1", "started": "2026-01-31T12:00:00.000+0000"}
        assert platform.api("PUT", "build", json=info).status_code == 204
    assert platform.api("POST", "build/promote/told/1", json={"status": "good"}).status_code == 200
    assert platform.api("DELETE", "build/told?deleteAll=1").status_code == 200
    got = receiver.events(3)
    assert [event["event_type"] for event in got] == ["uploaded", "promoted", "deleted"]
    assert got[0]["data"] == {
        "build_name": "told",
        "build_number": "1",
        "build_started": "2026-01-31T12:00:00.000+0000",
        "build_repo": "artifactory-build-info",
    }


def test_an_image_is_told_of_by_its_manifest(platform: Bare, receiver: Receiver) -> None:
    platform.make("img-local", packageType="docker")
    make(platform, hook("img", receiver.url, "docker", ("pushed", "deleted"), criteria={"repoKeys": ["img-local"]}))
    platform.put("img-local/team/app/1.0/manifest.json", b"{}")
    assert platform("DELETE", "/artifactory/img-local/team/app/1.0").status_code == 204
    got = receiver.events(2)
    assert [(event["event_type"], event["data"]["image_name"], event["data"]["tag"]) for event in got] == [
        ("pushed", "team/app", "1.0"),
        ("deleted", "team/app", "1.0"),
    ]


def test_a_test_reaches_the_receiver_and_says_how_it_went(platform: Bare, receiver: Receiver) -> None:
    answer = platform("POST", f"{API}/test", json=hook("probe", receiver.url))
    assert answer.json() == {"result": "success", "message": "Test is successful"}
    assert receiver.events()[0]["data"]["repo_key"] == "sample_repo"
    receiver.statuses = [500]
    assert platform("POST", f"{API}/test", json=hook("probe", receiver.url)).json()["result"] == "failure"


def test_a_dead_receiver_delays_only_its_own_events(platform: Bare, receiver: Receiver) -> None:
    platform.make("dead-local")
    make(platform, hook("a-dead", "http://127.0.0.1:9/none"))
    make(platform, hook("b-alive", receiver.url))
    platform.put("dead-local/a")
    assert receiver.events()[0]["subscription_key"] == "b-alive"


def test_what_a_handler_says_besides_its_status_is_not_waited_for(platform: Bare) -> None:
    heard: list[bytes] = []

    class Talker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(1 << 40))
            self.end_headers()
            self.wfile.flush()
            self.rfile.read(1)  # until the caller has had enough

        def log_message(self, format: str, *args: Any) -> None:
            """Keeps still."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Talker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        platform.make("talk-local")
        criteria = {"repoKeys": ["talk-local"]}
        make(platform, hook("talker", f"http://127.0.0.1:{server.server_port}/", criteria=criteria))
        platform.put("talk-local/one")
        platform.put("talk-local/two")
        until(lambda: len(heard) == 2, "both events", 5)
    finally:
        platform("DELETE", f"{API}/talker")
        server.shutdown()
        server.server_close()


def test_two_nodes_of_a_cluster_deliver_each_event_once_and_in_order(receiver: Receiver, tmp_path: Path) -> None:
    made = [
        bare.make(tmp_path / "platform", "127.0.0.1", 0, Version(DEFAULT), True, f"node-0-{number}", number)
        for number in range(2)
    ]
    with serving(made) as (first, second):
        first.make("two-local")
        make(first, hook("both", receiver.url, criteria={"repoKeys": ["two-local"]}))
        for number in range(20):
            (first, second)[number % 2].put(f"two-local/{number:02d}")
        got = receiver.events(20)
        until(lambda: first.platform.webhooks.state.pending() == 0, "an empty queue")
        assert [event["data"]["path"] for event in got] == [f"{number:02d}" for number in range(20)]


def test_what_waits_survives_a_restart(receiver: Receiver, tmp_path: Path) -> None:
    with running(tmp_path) as (before,):
        before.make("wait-local")
        receiver.statuses = [503]
        make(before, hook("waits", receiver.url, criteria={"repoKeys": ["wait-local"]}))
        before.put("wait-local/a")
        receiver.events()
    with running(tmp_path) as (after,):
        assert receiver.events(2)[1]["data"]["path"] == "a"
        until(lambda: after.platform.webhooks.state.pending() == 0, "an empty queue")


def test_a_locked_user_is_told_of_once(platform: Bare, receiver: Receiver) -> None:
    body = hook("locks", receiver.url, "user", ("locked",))
    del body["event_filter"]["criteria"]
    make(platform, body)
    user = {"username": "locked-out", "password": "Password1!", "email": "l@acme.example"}
    assert platform("POST", "/access/api/v2/users", json=user).status_code == 201
    policy = {"enabled": True, "loginAttempts": 2}
    assert platform.api("PUT", "security/userLockPolicy", json=policy).status_code == 200
    for _ in range(3):
        assert platform.api("GET", "repositories", auth=("locked-out", "wrong")).status_code == 401
    assert (
        platform.api("PUT", "security/userLockPolicy", json={"enabled": False, "loginAttempts": 0}).status_code == 200
    )
    (event,) = receiver.events()
    assert (event["event_type"], event["data"]) == ("locked", {"username": "locked-out"})


def test_bundles_and_promotions_are_told(platform: Bare, receiver: Receiver) -> None:
    for key in ("rbh-local", "rbh-prod-local"):
        platform.make(key)
    platform.put("rbh-local/a")
    ends = ("started", "failed", "completed")
    for domain, criteria in (
        ("release_bundle_v2", {"selectedReleaseBundles": {"release-bundles-v2": ["told-bundle"]}}),
        ("release_bundle_v2_promotion", {"selectedEnvironments": ["PROD"]}),
    ):
        make(platform, hook(domain, receiver.url, domain, tuple(f"{domain}_{end}" for end in ends), criteria=criteria))
    for name in ("other-bundle", "told-bundle"):
        body = {
            "release_bundle_name": name,
            "release_bundle_version": "1",
            "source_type": "artifacts",
            "source": {"artifacts": [{"path": "rbh-local/a"}]},
        }
        assert platform("POST", "/lifecycle/api/v2/release_bundle?async=false", json=body).status_code == 201
    wanted = {"environment": "PROD", "included_repository_keys": ["rbh-prod-local"]}
    url = "/lifecycle/api/v2/promotion/records/told-bundle/1?async=false"
    assert platform("POST", url, json=wanted).status_code == 201
    got = receiver.events(4)
    assert sorted(event["event_type"] for event in got) == [
        "release_bundle_v2_completed",
        "release_bundle_v2_promotion_completed",
        "release_bundle_v2_promotion_started",
        "release_bundle_v2_started",
    ]
    assert {event["data"]["release_bundle_name"] for event in got} == {"told-bundle"}


def test_a_promoted_image_is_told_of(platform: Bare, receiver: Receiver) -> None:
    for key in ("pi-local", "pi-prod-local"):
        platform.make(key, packageType="docker")
    config = b'{"architecture": "amd64", "os": "linux"}'
    digest = hashlib.sha256(config).hexdigest()
    media = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = {
        "schemaVersion": 2,
        "mediaType": media,
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": len(config),
            "digest": f"sha256:{digest}",
        },
        "layers": [],
    }
    root = "/artifactory/api/docker/pi-local/v2/app"
    started = platform("POST", f"{root}/blobs/uploads/?digest=sha256:{digest}", data=config)
    if started.status_code == 202:
        place = started.headers["Location"].removeprefix(platform.url)
        joined = "&" if "?" in place else "?"
        assert platform("PUT", f"{place}{joined}digest=sha256:{digest}", data=config).status_code == 201
    events = ("pushed", "promoted")
    make(platform, hook("images", receiver.url, "docker", events, criteria={"anyLocal": True}))
    pushed = platform("PUT", f"{root}/manifests/1.0", data=json.dumps(manifest), headers={"Content-Type": media})
    assert pushed.status_code == 201, pushed.text
    wanted = {"targetRepo": "pi-prod-local", "dockerRepository": "app", "tag": "1.0", "copy": True}
    assert platform.api("POST", "docker/pi-local/v2/promote", json=wanted).status_code == 200
    got = receiver.events(2)
    assert [(event["event_type"], event["data"]["repo_key"], event["data"]["tag"]) for event in got] == [
        ("pushed", "pi-local", "1.0"),
        ("promoted", "pi-prod-local", "1.0"),
    ]


def test_a_project_hears_of_its_own_repositories_only(platform: Bare, receiver: Receiver) -> None:
    project = {"project_key": "hooked", "display_name": "Hooked"}
    assert platform("POST", "/access/api/v1/projects", json=project).status_code in {200, 201}
    platform.make("hooked-in-local", projectKey="hooked")
    platform.make("outside-local")
    make(platform, {**hook("of-project", receiver.url), "project_key": "hooked"})
    platform.put("outside-local/a")
    platform.put("hooked-in-local/a")
    assert [event["data"]["repo_key"] for event in receiver.events()] == ["hooked-in-local"]
    listed = platform("GET", API, params={"project_key": "hooked"}).json()
    assert [one["key"] for one in listed] == ["of-project"]
    assert platform("GET", API, params={"project_key": "other"}).json() == []
