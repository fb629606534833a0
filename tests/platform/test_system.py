"""Health, version, configuration, storage (reference 1)."""

from pathlib import Path

import pytest

from tests.platform.running import Bare, running

API = "/artifactory/api"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{API}/system/ping", "OK"),
        ("/access/api/v1/system/ping", "OK"),
        ("/mc/api/v1/system/ping", "OK"),
    ],
)
def test_pings_answer_anybody(platform: Bare, path: str, body: str) -> None:
    answer = platform("GET", path, auth=None)
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (200, body, "text/plain")


def test_every_answer_says_what_it_is_and_which_node_gave_it(platform: Bare) -> None:
    for answer in (platform("GET", f"{API}/system/ping"), platform("GET", f"{API}/no/such/call")):
        assert answer.headers["X-Sandbox"] == "simulated, not JFrog Artifactory"
        assert answer.headers["X-JFrog-Version"] == "Artifactory/7.111.4 81104900"
        assert answer.headers["X-Artifactory-Node-Id"] == "node-0"
        assert len(answer.headers["X-Artifactory-Id"]) == 40
    assert "simulated, not JFrog Artifactory" in platform("GET", "/ui/", auth=None).text


def test_an_unknown_call_is_a_404_in_artifactorys_shape_and_counted(platform: Bare) -> None:
    answer = platform("GET", f"{API}/no/such/call")
    assert answer.json() == {"errors": [{"status": 404, "message": "Not Found"}]}
    assert answer.status_code == 404
    unknown = platform("GET", "/__sandbox__/unimplemented").json()
    assert [one["count"] for one in unknown if (one["method"], one["path"]) == ("GET", f"{API}/no/such/call")] >= [1]
    assert platform("PATCH", f"{API}/system/ping").status_code == 405


def test_control_routes_answer_only_at_the_nodes_own_address(platform: Bare) -> None:
    assert platform("GET", "/__sandbox__/counters").status_code == 200
    assert platform("GET", "/__sandbox__/counters", headers={"Host": "repo.acme.example"}).status_code == 404


def test_reads_and_writes_are_counted_but_not_those_of_other_nodes(platform: Bare) -> None:
    platform("POST", "/__sandbox__/counters/reset")
    platform("GET", f"{API}/system/version")
    platform("POST", f"{API}/system/encrypt")
    platform("POST", f"{API}/system/encrypt", headers={"X-Sandbox-Peer": "node-9"})
    counted = platform("GET", "/__sandbox__/counters").json()
    assert (counted["reads"], counted["writes"]) == (1, 1)
    assert counted["by_call"]["POST /artifactory/api/system/encrypt"] == 1


@pytest.mark.parametrize(
    ("call", "query", "said", "blocked"),
    [
        ("block", "", "Successfully blocked all replications, no replication will be triggered.", (True, True)),
        ("unblock", "?pull=false", "Successfully unblocked all push replications.", (False, True)),
        ("block", "?push=false&pull=false", "No action taken.", (False, True)),
        ("unblock", "", "Successfully unblocked all replications.", (False, False)),
        (
            "block",
            "?pull=maybe",
            "Successfully blocked all push replications, no push replication will be triggered.",
            (True, False),
        ),
        ("unblock", "", "Successfully unblocked all replications.", (False, False)),
    ],
)
def test_replication_is_blocked_by_direction(
    platform: Bare, call: str, query: str, said: str, blocked: tuple[bool, bool]
) -> None:
    answer = platform("POST", f"{API}/system/replications/{call}{query}")
    assert (answer.status_code, answer.text) == (200, said)
    shown = platform("GET", f"{API}/system/replications").json()
    assert (shown["blockPushReplications"], shown["blockPullReplications"]) == blocked


def test_decrypting_twice_is_a_409_in_plain_text(platform: Bare) -> None:
    assert platform("POST", f"{API}/system/encrypt").text == "DONE"
    assert platform("POST", f"{API}/system/decrypt").text == "DONE"
    again = platform("POST", f"{API}/system/decrypt")
    assert (again.status_code, again.text) == (409, "Cannot decrypt without artifactory key file")


def test_generated_addresses_follow_the_override_header_then_the_base_url(platform: Bare) -> None:
    platform.make("urls-local")
    body = platform.put("urls-local/a.txt").json()
    assert body["uri"] == f"{platform.url}/artifactory/urls-local/a.txt"
    body = platform.put("urls-local/a.txt", headers={"X-JFrog-Override-Base-Url": "http://repo.acme.example"}).json()
    assert body["downloadUri"] == "http://repo.acme.example/artifactory/urls-local/a.txt"
    answer = platform("PUT", f"{API}/system/configuration/baseUrl", data="http://site.example")
    assert answer.text == 'URL base has been successfully updated to "http://site.example".\n'
    assert platform.get("api/storage/urls-local/a.txt").json()["uri"].startswith("http://site.example/artifactory/api/")
    assert platform("PUT", f"{API}/system/configuration/baseUrl", data="no url").status_code == 400
    platform("PUT", f"{API}/system/configuration/baseUrl", data=platform.url)


def test_descriptor_patch_merges_removes_and_counts(platform: Bare) -> None:
    def patch(text: str) -> tuple[int, str]:
        answer = platform(
            "PATCH", f"{API}/system/configuration", data=text, headers={"Content-Type": "application/yaml"}
        )
        return answer.status_code, answer.text

    nightly = "backups: {nightly: {enabled: true, cronExp: '0 0 2 ? * MON-SAT', excludedRepositories: [a, b]}}"
    assert patch(nightly) == (200, "1 changes to config merged successfully")
    assert patch(nightly) == (200, "0 changes to config merged successfully")
    xml = platform("GET", f"{API}/system/configuration")
    assert xml.headers["Content-Type"] == "application/xml"
    assert "<key>nightly</key>" in xml.text
    assert "<repositoryRef>b</repositoryRef>" in xml.text
    assert patch("backups: {nightly: ~}") == (200, "1 changes to config merged successfully")
    assert "nightly" not in platform("GET", f"{API}/system/configuration").text
    assert patch("backups: {bad: {cronExp: '0 0 2 * * *'}}")[0] == 400
    assert patch("nonsense: 1")[0] == 400
    assert patch("[1, 2")[0] == 400


def test_descriptor_post_replaces_and_refuses_an_older_revision(platform: Bare) -> None:
    xml = platform("GET", f"{API}/system/configuration").content
    changed = xml.replace(b"<offlineMode>false</offlineMode>", b"<offlineMode>true</offlineMode>")
    headers = {"Content-Type": "application/xml"}
    answer = platform("POST", f"{API}/system/configuration", data=changed, headers=headers)
    assert answer.status_code == 200
    assert answer.text.startswith("Reload of new configuration (")
    assert "<offlineMode>true</offlineMode>" in platform("GET", f"{API}/system/configuration").text
    stale = platform("POST", f"{API}/system/configuration", data=xml, headers=headers)
    assert (stale.status_code, "Could not merge and save new descriptor" in stale.text) == (400, True)
    fresh = platform("GET", f"{API}/system/configuration").content
    fresh = fresh.replace(b"<offlineMode>true</offlineMode>", b"<offlineMode>false</offlineMode>")
    assert platform("POST", f"{API}/system/configuration", data=fresh, headers=headers).status_code == 200
    assert platform("POST", f"{API}/system/configuration", data="<config", headers=headers).status_code == 400


def test_storage_summary_is_cached_until_it_is_calculated(platform: Bare) -> None:
    platform.make("stored-local")
    platform.api("POST", "storageinfo/calculate")
    platform.put("stored-local/a/b.bin", b"x" * 2048)

    def row() -> dict[str, object]:
        rows = platform.api("GET", "storageinfo").json()["repositoriesSummaryList"]
        assert rows[-1]["repoKey"] == "TOTAL"
        return dict(next(row for row in rows if row["repoKey"] == "stored-local"))

    assert row()["filesCount"] == 0
    assert platform.api("POST", "storageinfo/calculate").status_code == 202
    assert (row()["filesCount"], row()["foldersCount"], row()["usedSpace"]) == (1, 1, "2.00 KB")


def test_garbage_goes_and_what_is_used_stays(platform: Bare) -> None:
    platform.make("gc-local")
    kept = platform.put("gc-local/kept", b"kept bytes").json()["checksums"]["sha1"]
    gone = platform.put("gc-local/gone", b"gone bytes").json()["checksums"]["sha1"]
    platform("DELETE", "/artifactory/gc-local/gone")
    store = platform.platform.binaries.store
    assert platform.api("POST", "system/storage/gc").status_code == 200
    assert store.has(gone)  # the trash can still has it
    assert platform.api("POST", "trash/empty").status_code == 202
    assert platform.api("POST", "system/storage/gc").status_code == 200
    assert (store.has(kept), store.has(gone)) == (True, False)


def test_status_lists_the_node_and_licences_its_licence(platform: Bare) -> None:
    status = platform.api("GET", "system/status").json()
    assert [(node["id"], node["state"]) for node in status["nodes"]] == [("node-0", "RUNNING")]
    licences = platform.api("GET", "system/licenses").json()["licenses"]
    assert sorted(one["nodeId"] for one in licences) == ["Not in use", "node-0"]
    assert platform.api("GET", "system/license").json()["type"] == "Enterprise Plus"
    key = platform.platform.licences.state.all()[0]["text"]
    again = platform.api("POST", "system/licenses", json=[{"licenseKey": key}])
    assert (again.status_code, list(again.json()["messages"].values())) == (
        400,
        ["The license already exists in the pool."],
    )
    wrong = platform.api("POST", "system/licenses", json=[{"licenseKey": "nonsense"}])
    assert list(wrong.json()["messages"].values()) == ["Invalid Artifactory license."]
    assert platform.api("POST", "system/licenses", json=[]).status_code == 400
    assert platform.api("DELETE", "system/licenses").status_code == 400


def test_what_was_stored_survives_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as (before,):
        before.make("kept-local", description="kept")
        before.put("kept-local/a.txt;k=v", b"kept")
        token = before("POST", "/access/api/v1/tokens", json={}).json()["access_token"]
        before.api("POST", "system/replications/block")
        port = int(before.url.rpartition(":")[2])
    with running(tmp_path, port=port) as (after,):
        headers = {"Authorization": f"Bearer {token}"}
        assert after.get("kept-local/a.txt", auth=None, headers=headers).content == b"kept"
        assert after.api("GET", "storage/kept-local/a.txt?properties").json()["properties"] == {"k": ["v"]}
        assert after.api("GET", "repositories/kept-local").json()["description"] == "kept"
        assert after.api("GET", "system/replications").json()["blockPushReplications"] is True
