"""Access federation: what one platform's users, groups, permissions and tokens become on another (reference 4.3, 4.4)."""

from pathlib import Path
from typing import Any

import pytest

from tests.platform.running import ADMIN, Bare, running, until

TARGETS = "/access/api/v1/system/federation"


def befriend(source: Bare, target: Bare) -> None:
    """Puts the source's root certificate into the target's trusted folder."""
    folder = target.platform.trust.circle.trusted_folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "source.crt").write_text(source("GET", "/access/api/v1/cert/root").text)


def body(target: Bare, **fields: Any) -> dict[str, Any]:
    return {"name": "b", "url": f"{target.url}/access", **fields}


def user(platform: Bare, name: str, password: str = "Password1!", groups: tuple[str, ...] = ()) -> None:
    sent = {"username": name, "password": password, "email": f"{name}@acme.example", "groups": list(groups)}
    assert platform("POST", "/access/api/v2/users", json=sent).status_code == 201


def test_a_circle_of_trust_carries_users_groups_permissions_and_tokens(tmp_path: Path) -> None:
    with running(tmp_path, count=2) as (first, second):
        other = second("POST", f"{TARGETS}/validate_server", json={"url": f"{first.url}/access"})
        assert (other.status_code, other.json()["errors"][0]["code"] != "") == (412, True)
        befriend(first, second)
        assert first("POST", f"{TARGETS}/validate_server", json={"url": f"{second.url}/access"}).status_code == 204
        first("POST", "/access/api/v2/groups", json={"name": "builders"})
        user(first, "ann", groups=("builders",))
        second.make("shared-local")
        resources = {
            "artifact": {
                "actions": {"groups": {"builders": ["READ", "WRITE"]}},
                "targets": {"shared-local": {"include_patterns": ["**"]}},
            }
        }
        first("POST", "/access/api/v2/permissions", json={"name": "builders-write", "resources": resources})
        token = first("POST", "/access/api/v1/tokens", json={"username": "ann"}).json()
        assert first("POST", TARGETS, json=body(second)).status_code == 201
        until(lambda: second("GET", "/access/api/v2/users/ann").status_code == 200, "ann")
        until(lambda: second.put("shared-local/a.txt", auth=("ann", "Password1!")).status_code == 201, "her rights")
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        assert second.get("shared-local/a.txt", auth=None, headers=bearer).status_code == 200
        first("DELETE", f"/access/api/v1/tokens/{token['token_id']}")
        assert first("PUT", f"{TARGETS}/b/full_broadcast").status_code == 204
        assert second.get("shared-local/a.txt", auth=None, headers=bearer).status_code == 401
        first("DELETE", "/access/api/v2/users/ann")
        until(lambda: second("GET", "/access/api/v2/users/ann").status_code == 404, "her departure")
        assert second("GET", "/artifactory/api/system/ping", auth=ADMIN).status_code == 200


def test_tokens_of_the_circle_are_believed(tmp_path: Path) -> None:
    with running(tmp_path, count=2) as (first, second):
        plain = first("POST", "/access/api/v1/tokens", json={"scope": "applied-permissions/admin"}).json()
        for one, other in ((first, second), (second, first)):
            befriend(one, other)
        sent = {"scope": "applied-permissions/admin", "audience": "*@*"}
        token = first("POST", "/access/api/v1/tokens", json=sent).json()["access_token"]

        def status(value: str) -> int:
            headers = {"Authorization": f"Bearer {value}"}
            return second.api("GET", "repositories/configurations", auth=None, headers=headers).status_code

        assert (status(token), status(plain["access_token"])) == (200, 401)
        head, payload, signature = token.split(".")
        assert status(f"{head}.{payload[:-6]}AAAA{payload[-2:]}.{signature}") == 401
        narrow = first("POST", "/access/api/v1/tokens", json={**sent, "audience": "jfrt@*"}).json()["access_token"]
        assert status(narrow) == 401
        for path in second.platform.trust.circle.trusted_folder.iterdir():
            path.unlink()
        assert status(token) == 401


def test_what_is_there_already_stays_unless_overridden(tmp_path: Path) -> None:
    with running(tmp_path, count=2) as (first, second):
        befriend(first, second)
        user(first, "bob")
        user(first, "eve")
        user(second, "bob", "Another1!")
        first("POST", TARGETS, json=body(second, entities=["users"], active=False))
        assert first("PUT", f"{TARGETS}/b/full_broadcast").status_code == 304
        assert first("PATCH", f"{TARGETS}/b", json={"active": True}).json()["active"] is True
        assert first("PUT", f"{TARGETS}/b/full_broadcast").status_code == 204
        assert second("GET", "/access/api/v2/users/eve").status_code == 200
        assert second("GET", "/artifactory/api/repositories", auth=("bob", "Another1!")).status_code == 200
        first("PATCH", f"{TARGETS}/b", json={"forceOverride": True})
        assert first("PUT", f"{TARGETS}/b/full_broadcast").status_code == 204
        assert second("GET", "/artifactory/api/repositories", auth=("bob", "Another1!")).status_code == 401


def test_who_is_not_trusted_sends_nothing(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    first("POST", TARGETS, json=body(second, name="untrusted"))
    answer = first("PUT", f"{TARGETS}/untrusted/full_broadcast")
    assert (answer.status_code, "not trusted" in answer.text) == (500, True)
    wire = "/access/api/internal/federation/entities"
    for auth in (ADMIN, None):
        assert second("PUT", wire, auth=auth, json={"entities": {"users": []}}).status_code == 401
    assert first("DELETE", f"{TARGETS}/untrusted").status_code == 204
    assert first("DELETE", f"{TARGETS}/untrusted").status_code == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": ""}, 400),
        ({"url": "nonsense"}, 400),
        ({"entities": ["nonsense"]}, 400),
        ({"permission_filters": []}, 400),
        ({"active": "yes"}, 400),
        ({}, 201),
        ({}, 409),
    ],
)
def test_targets_are_checked(pair: tuple[Bare, Bare], changes: dict[str, Any], status: int) -> None:
    first, second = pair
    sent = {**body(second, name="checked"), **changes}
    assert first("POST", TARGETS, json=sent).status_code == status
    if status == 409:
        assert first("PATCH", f"{TARGETS}/checked", json={"url": "http://other.example"}).status_code == 400
        shown = first("GET", f"{TARGETS}/checked").json()
        assert (shown["entities"], shown["force_override"]) == (["users", "groups", "permissions", "tokens"], False)
        assert [one["name"] for one in first("GET", TARGETS).json()] == ["checked"]
        first("DELETE", f"{TARGETS}/checked")


def test_mission_control_binds_a_mesh(tmp_path: Path) -> None:
    with running(tmp_path, count=2) as (first, second):
        made = second("POST", "/access/api/v1/service_trust/pairing/mission-control").json()
        jpd = {"name": "two", "url": second.url, "token": made["pairing_token"]}
        assert first("POST", "/mc/api/v1/jpds", json=jpd).status_code == 201
        names = [one["id"] for one in first("GET", "/mc/api/v1/federation/candidates").json()]
        assert names == ["JPD-1", "JPD-2"]
        sent = {"jpd_ids": names, "entities": ["USERS", "GROUPS"]}
        steps = first("POST", "/mc/api/v1/federation/create_mesh", json=sent).json()
        assert {step["status"] for step in steps} == {"OK"}, steps
        user(first, "una")
        user(second, "duo")
        until(lambda: second("GET", "/access/api/v2/users/una").status_code == 200, "una")
        until(lambda: first("GET", "/access/api/v2/users/duo").status_code == 200, "duo")
        one, other = first("GET", "/mc/api/v1/federation").json()
        assert [target["id"] for target in one["targets"]] == ["JPD-2"]
        assert (one["entities"], other["source"]) == (["USERS", "GROUPS"], "JPD-2")
        star = {"entities": ["USERS"], "targets": []}
        assert first("PUT", "/mc/api/v1/federation/JPD-1", json=star).json()[0]["status"] == "OK"
        assert first("GET", "/mc/api/v1/federation/JPD-1").json()["targets"] == []
        assert first("PUT", "/mc/api/v1/federation/JPD-9", json=star).status_code == 404
        assert first("PUT", "/mc/api/v1/federation/JPD-1", json={"targets": 1}).status_code == 422
