"""Faults of a node, set over its control route."""

import pytest
import requests

from tests.platform.running import Bare

PING = "/artifactory/api/system/ping"


def test_answers_busy_as_often_as_told(platform: Bare) -> None:
    platform.fault("answer", status=429, times=2, match="/system/ping")
    assert [platform("GET", PING).status_code for _ in range(3)] == [429, 429, 200]
    assert platform("GET", "/access/api/v1/system/ping").status_code == 200


def test_a_dropped_call_is_not_carried_out_unless_told(platform: Bare) -> None:
    platform.make("drop-local")
    platform.fault("drop", after_writes=1, times=1, method="PUT")
    assert platform.put("drop-local/first").status_code == 201
    with pytest.raises(requests.RequestException):
        platform.put("drop-local/second")
    assert platform.get("drop-local/second").status_code == 404
    platform.fault("drop", carried_out=True, method="PUT")
    with pytest.raises(requests.RequestException):
        platform.put("drop-local/third")
    assert platform.get("drop-local/third").status_code == 200


def test_a_full_disk_takes_no_upload_and_fails_the_ping(platform: Bare) -> None:
    platform.make("full-local")
    platform.fault("fill-disk")
    assert platform.put("full-local/a").status_code == 507
    assert platform("GET", PING).status_code == 500
    platform.fault("free-disk")
    assert platform.put("full-local/a").status_code == 201


def test_a_node_without_a_licence_serves_nothing_but_licences(platform: Bare) -> None:
    platform.fault("expire-licence")
    assert platform("GET", PING).status_code == 503
    assert platform("GET", "/router/api/v1/system/health").status_code == 503
    assert platform.api("GET", "repositories").status_code == 503
    expired = [one for one in platform.api("GET", "system/licenses").json()["licenses"] if one["expired"]]
    assert [one["nodeId"] for one in expired] == ["node-0"]
    gone = platform.api("DELETE", f"system/licenses?licenseHash={expired[0]['licenseHash']}")
    assert gone.json()["messages"] == {expired[0]["licenseHash"]: "OK"}
    assert platform("GET", PING).status_code == 200


def test_unknown_faults_are_refused(platform: Bare) -> None:
    assert platform("POST", "/__sandbox__/faults", json={"kind": "nonsense"}).status_code == 400
    assert platform("POST", "/__sandbox__/faults", json={"kind": "delay", "nonsense": 1}).status_code == 400
