"""Licences of a cluster and of a single server (reference 1.2)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from artifactory_sandbox import licence
from tests.platform.running import Bare, running


def key(**fields: object) -> str:
    return licence.make(**fields)[0].text  # type: ignore[arg-type]


@pytest.fixture
def single(tmp_path: Path) -> Iterator[Bare]:
    """A server that is no cluster."""
    with running(tmp_path) as (platform,):
        platform.platform.ha = False
        yield platform


def test_each_key_of_a_pool_has_its_message_and_one_good_one_is_enough(platform: Bare) -> None:
    good, pro, old = key(), key(type="Commercial"), key(days=-3)
    answer = platform.api("POST", "system/licenses", json=[{"licenseKey": text} for text in (good, pro, old, "x")])
    assert (answer.status_code, answer.json()["status"]) == (200, 200)
    assert list(answer.json()["messages"].values()) == [
        "OK",
        "Invalid Artifactory license for High Availability environment.",
        "Invalid Artifactory license.",
        "Invalid Artifactory license.",
    ]
    again = platform.api("POST", "system/licenses", json={"licenseKey": good})
    assert (again.status_code, again.json()["messages"]) == (400, {good: "The license already exists in the pool."})


def test_a_licence_in_use_is_swapped_for_a_free_one_or_stays(tmp_path: Path) -> None:
    with running(tmp_path) as (platform,):
        used, free = sorted(
            platform.api("GET", "system/licenses").json()["licenses"], key=lambda one: one["nodeId"] != "node-0"
        )
        first = platform.api("DELETE", f"system/licenses?licenseHash={used['licenseHash']},nonsense")
        assert (first.status_code, first.json()["messages"][used["licenseHash"]]) == (200, "OK")
        (left,) = platform.api("GET", "system/licenses").json()["licenses"]
        assert (left["licenseHash"], left["nodeId"]) == (free["licenseHash"], "node-0")
        last = platform.api("DELETE", f"system/licenses?licenseHash={left['licenseHash']}")
        said = last.json()["messages"][left["licenseHash"]]
        assert last.status_code == 400
        assert said.startswith("Artifactory could not find an available license to replace the selected license with")


def test_a_node_without_a_licence_serves_licences_and_ping_only_until_it_has_one(tmp_path: Path) -> None:
    with running(tmp_path) as (platform,):
        inside = platform.platform
        for row in inside.licences.state.all():
            inside.licences.state.remove(row["hash"])
        inside.licences._checked = 0.0
        assert platform.api("GET", "system/ping").status_code == 503
        assert platform.api("GET", "v1/system/readiness").status_code == 503
        assert platform.api("GET", "v1/system/liveness").status_code == 200
        assert platform("GET", "/router/api/v1/system/health").status_code == 503
        assert platform.api("GET", "repositories").status_code == 503
        assert platform.api("POST", "system/license", json={"licenseKey": key()}).json() == {
            "status": 200,
            "message": "The license has been successfully installed.",
        }
        assert platform.api("GET", "repositories").status_code == 200


def test_a_single_server_has_one_licence_and_no_pool(single: Bare) -> None:
    shown = single.api("GET", "system/licenses").json()
    assert (shown["type"], "licenses" in shown) == ("Enterprise Plus", False)
    refused = single.api("DELETE", "system/licenses?licenseHash=x")
    assert (refused.status_code, refused.json()["message"]) == (
        403,
        "This call is only available for Artifactory High Availability",
    )
    assert single.api("POST", "system/license", json={"licenseKey": "x"}).json() == {
        "status": 400,
        "message": "Invalid Artifactory license.",
    }
    assert single.api("POST", "system/license", json={"licenseKey": key(type="Commercial")}).status_code == 200
    assert single.api("GET", "system/license").json()["type"] == "Commercial"
    assert single.api("GET", "system/status").json()["isHa"] is False


def test_a_token_for_licences_reads_them_and_nothing_else(platform: Bare) -> None:
    sent = {"scope": "system:info/licenses:r", "username": "watcher"}
    token = platform("POST", "/access/api/v1/tokens", json=sent).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert platform.api("GET", "system/licenses", auth=None, headers=headers).status_code == 200
    assert platform.api("GET", "storageinfo", auth=None, headers=headers).status_code == 403
