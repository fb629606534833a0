"""Mission Control: platforms that are really looked at, licences that really arrive (7)."""

from pathlib import Path
from typing import Any

import pytest

from artifactory_sandbox import licence
from artifactory_sandbox.platform.mission_control import bucket_file
from tests.platform.running import Bare, running, until

API = "/mc/api/v1"
PAIRING = "/access/api/v1/service_trust/pairing/mission-control"
PLACE = {"city_name": "Paris", "country_code": "FR", "latitude": 48.8, "longitude": 2.3}


def registered(first: Bare, second: Bare, name: str, **more: Any) -> dict[str, Any]:
    """The second platform as a JPD of the first, paired."""
    token = second("POST", PAIRING).json()["pairing_token"]
    body = {"name": name, "url": second.url, "token": token, "location": PLACE, "tags": ["eu"], **more}
    answer = first("POST", f"{API}/jpds", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def bucket(platform: Bare, name: str, count: int = 3) -> dict[str, Any]:
    data = bucket_file.sealed(bucket_file.make(count), "the key")
    answer = platform(
        "POST", f"{API}/buckets", data={"name": name, "key": "the key"}, files={"file": ("b.bucket", data)}
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture(autouse=True)
def _nothing_left(pair: tuple[Bare, Bare]) -> Any:
    yield
    for jpd in pair[0]("GET", f"{API}/jpds").json()[1:]:
        assert pair[0]("DELETE", f"{API}/jpds/{jpd['id']}").status_code == 204
    for one in pair[0]("GET", f"{API}/buckets").json():
        assert pair[0]("DELETE", f"{API}/buckets/{one['name']}").status_code == 204


def test_the_home_platform_is_the_first_and_stays(pair: tuple[Bare, Bare]) -> None:
    first, _ = pair
    (home,) = first("GET", f"{API}/jpds").json()
    assert (home["id"], home["name"], home["local"], home["status"]["code"]) == ("JPD-1", "HOME", True, "ONLINE")
    assert home["licenses"][0]["type"] == "Enterprise Plus"
    assert first("DELETE", f"{API}/jpds/JPD-1").status_code == 400
    assert first("PUT", f"{API}/jpds/JPD-1", json={"name": "main", "url": first.url}).status_code == 204
    assert first("GET", f"{API}/jpds/JPD-1").json()["name"] == "main"


def test_a_paired_platform_shows_its_own_licences(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    made = registered(first, second, "eu")
    hashes = {one["licenseHash"] for one in second.platform.licences.pool()}
    assert (made["url"], made["status"]["code"], made["location"]) == (f"{second.url}/", "ONLINE", PLACE)
    assert {one["license_hash"] for one in made["licenses"]} == hashes
    listed = first("GET", f"{API}/jpds", params={"url": second.url, "status": "ONLINE", "tag": "eu"}).json()
    assert [one["id"] for one in listed] == [made["id"]]
    again = first("POST", f"{API}/jpds", json={"name": "other", "url": second.url + "/"})
    assert again.status_code == 409
    assert isinstance(again.json()["errors"][0]["type"], str)


def test_a_pairing_token_is_good_once_and_for_this_use_alone(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    token = second("POST", PAIRING).json()["pairing_token"]
    body = {"name": "eu", "url": second.url, "token": token}
    made = first("POST", f"{API}/jpds", json=body)
    assert made.status_code == 201
    assert first("DELETE", f"{API}/jpds/{made.json()['id']}").status_code == 204
    assert first("POST", f"{API}/jpds", json=body).status_code == 400
    wrong = second("POST", "/artifactory/api/v1/service_trust/pairing/federated-repo/*").json()["pairing_token"]
    assert first("POST", f"{API}/jpds", json={**body, "token": wrong}).status_code == 400
    assert first("POST", f"{API}/jpds", json={**body, "token": "nonsense"}).status_code == 400


def test_without_a_token_a_platform_is_unauthorized(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    made = first("POST", f"{API}/jpds", json={"name": "bare", "url": second.url}).json()
    assert (made["status"]["code"], made["licenses"]) == ("UNAUTHORIZED", [])


@pytest.mark.parametrize(
    "bad",
    [
        {"url": "http://127.0.0.1:9"},
        {"name": "x"},
        {"name": "x", "url": "ftp://h"},
        {"name": "x", "url": "http://127.0.0.1:9"},
        {"name": 5, "url": "http://h"},
        {"name": "x", "url": "http://h", "tags": "t"},
        {"name": "x", "url": "http://h", "location": {"latitude": "north"}},
    ],
)
def test_what_cannot_be_registered_is_refused(pair: tuple[Bare, Bare], bad: dict[str, Any]) -> None:
    assert pair[0]("POST", f"{API}/jpds", json=bad).status_code == 400


def test_changing_replaces_everything(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    made = registered(first, second, "eu")
    changed = {"name": "europe", "url": second.url, "location": {"city_name": "Berlin"}, "tags": []}
    assert first("PUT", f"{API}/jpds/{made['id']}", json=changed).status_code == 204
    now = first("GET", f"{API}/jpds/{made['id']}").json()
    assert (now["name"], now["location"], now["tags"]) == ("europe", {"city_name": "Berlin"}, [])
    assert now["status"]["code"] == "ONLINE"  # the pairing stays
    assert first("PUT", f"{API}/jpds/JPD-99", json=changed).status_code == 404
    assert first("GET", f"{API}/jpds/JPD-99").status_code == 404


def test_a_platform_that_goes_is_offline(pair: tuple[Bare, Bare], tmp_path: Path) -> None:
    first, _ = pair
    with running(tmp_path) as (third,):
        name = registered(first, third, "short")["id"]
    until(lambda: first("GET", f"{API}/jpds/{name}").json()["status"]["code"] == "OFFLINE", "OFFLINE")
    assert [one["id"] for one in first("GET", f"{API}/jpds?status=OFFLINE").json()] == [name]


def test_a_bucket_is_listed_and_opened_with_its_key_only(pair: tuple[Bare, Bare]) -> None:
    first, _ = pair
    made = bucket(first, "main")
    assert (made["quantity"], made["license_type"], made["used"]) == (3, "Enterprise Plus", 0)
    (listed,) = first("GET", f"{API}/buckets").json()
    assert (listed["identifier"], listed["name"], listed["size"]) == (made["identifier"], "main", 3)
    data = bucket_file.sealed(bucket_file.make(1), "the key")
    for fields, status in (({"name": "main", "key": "the key"}, 409), ({"name": "b", "key": "other"}, 400)):
        answer = first("POST", f"{API}/buckets", data=fields, files={"file": ("b", data)})
        assert answer.status_code == status, answer.text
    junk = first("POST", f"{API}/buckets", data={"name": "c", "key": "k"}, files={"file": ("b", b"junk")})
    assert junk.status_code == 400


def test_a_bucket_comes_from_an_address_too(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    second.make("buckets-local")
    second.platform.configuration.patch({"security": {"anonAccessEnabled": True}})
    target = {"buckets-local": {"include_patterns": ["**"], "exclude_patterns": []}}
    artifact = {"actions": {"users": {"anonymous": ["READ"]}, "groups": {}}, "targets": target}
    body = {"name": "open-buckets", "resources": {"artifact": artifact}}
    assert second("POST", "/access/api/v2/permissions", json=body).status_code == 201
    second.put("buckets-local/b", bucket_file.sealed(bucket_file.make(2), "k"))
    sent = {"name": "remote", "key": "k", "url": f"{second.url}/artifactory/buckets-local/b"}
    assert first("POST", f"{API}/buckets", json=sent).status_code == 201
    again = first("POST", f"{API}/buckets", json={**sent, "name": "twice"})
    assert (again.status_code, again.json()["errors"][0]["message"]) == (409, f"Url '{sent['url']}' already exists")
    assert first("POST", f"{API}/buckets", json={**sent, "name": "x", "url": sent["url"] + "-none"}).status_code == 400


def test_attached_licences_arrive_at_the_other_platform(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    name = registered(first, second, "eu")["id"]
    bucket(first, "attach")
    before = len(second.platform.licences.pool())
    answer = first("POST", f"{API}/buckets/attach/deploy", json={"jpd_id": name, "license_count": 2})
    assert (answer.status_code, answer.json()) == (
        *(200, {"success": True, "message": f"Assigned 2 licenses from bucket attach to {name}."}),
    )
    assert len(second.platform.licences.pool()) == before + 2
    report = first("GET", f"{API}/buckets/attach/report").json()
    assert (report["used"], report["available"]) == (2, 1)
    assert {one["used_by"] for one in report["licenses"]} == {name, ""}
    shown = {one["license_hash"] for one in first("GET", f"{API}/jpds/{name}").json()["licenses"]}
    assert shown == {one["licenseHash"] for one in second.platform.licences.pool()}
    table = first("GET", f"{API}/buckets/attach/report?format=csv")
    assert (table.headers["Content-Type"], len(table.text.splitlines())) == ("text/csv", 4)


def test_what_cannot_be_attached_stays_in_the_bucket(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    bucket(first, "few", 1)
    name = registered(first, second, "eu")["id"]

    def said(jpd: str, count: int, where: str = "few") -> tuple[int, str]:
        answer = first("POST", f"{API}/buckets/{where}/deploy", json={"jpd_id": jpd, "license_count": count})
        return answer.status_code, answer.json()["errors"][0]["message"]

    assert said("JPD-77", 1) == (400, "JPD with id JPD-77 was not found.")
    assert said(name, 2) == (500, f"Cannot deploy licenses from bucket few to {name}")
    assert said(name, 0)[0] == 400
    assert said(name, 1, "none") == (404, "The entity 'LicenseBucket' with identifier 'none' was not found")
    assert first("GET", f"{API}/buckets/few/report").json()["available"] == 1


def test_licences_of_a_live_platform_are_not_detached(pair: tuple[Bare, Bare], tmp_path: Path) -> None:
    first, _ = pair
    bucket(first, "detach")
    with running(tmp_path) as (third,):
        name = registered(first, third, "short")["id"]
        sent = {"jpd_id": name, "license_count": 1}
        assert first("POST", f"{API}/buckets/detach/deploy", json=sent).status_code == 200
        live = first("POST", f"{API}/buckets/detach/release", json={"name": name})
        assert live.status_code == 409
        assert live.json()["errors"][0]["message"] == "The Jpd must be offline before you can detach its license"
    until(lambda: first("GET", f"{API}/jpds/{name}").json()["status"]["code"] == "OFFLINE", "OFFLINE")
    assert first("POST", f"{API}/buckets/detach/release", json={"name": name}).status_code == 204
    assert first("POST", f"{API}/buckets/detach/release", json={"name": name}).status_code == 409
    assert first("GET", f"{API}/buckets/detach/report").json()["available"] == 3


def test_keys_are_handed_out_under_a_label(pair: tuple[Bare, Bare]) -> None:
    first, _ = pair
    bucket(first, "labels", 2)
    sent = {"name": "jenkins", "license_count": 1}
    (key,) = first("POST", f"{API}/buckets/labels/acquire?remove_new_line=true", json=sent).json()["license_keys"]
    assert ("\n" in key, licence.parse(key).type) == (False, "Enterprise Plus")
    assert first("POST", f"{API}/buckets/labels/acquire", json={**sent, "license_count": 2}).status_code == 400
    assert first("POST", f"{API}/buckets/labels/acquire", json={"license_count": 1}).status_code == 400
    assert first("POST", f"{API}/buckets/labels/release", json={"name": "jenkins"}).status_code == 204
    assert first("GET", f"{API}/buckets/labels/report").json()["available"] == 2


def test_its_own_backup_brings_everything_back(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    name = registered(first, second, "kept")["id"]
    bucket(first, "kept")
    assert first("PUT", f"{API}/system/backup/export").status_code == 200
    folder = first.platform.folders.var / "data/mc"
    assert b"kept" not in (folder / "export.json").read_bytes()
    assert first("PUT", f"{API}/system/backup/import").status_code == 400  # it must be renamed first
    (folder / "export.json").rename(folder / "import.json")
    assert first("DELETE", f"{API}/jpds/{name}").status_code == 204
    assert first("DELETE", f"{API}/buckets/kept").status_code == 204
    assert first("PUT", f"{API}/system/backup/import").status_code == 204
    assert first("GET", f"{API}/jpds/{name}").json()["status"]["code"] == "ONLINE"
    assert first("GET", f"{API}/buckets/kept/report").json()["size"] == 3
    (folder / "import.json").write_bytes(b'{"data": "bm9uc2Vuc2U="}')
    assert first("PUT", f"{API}/system/backup/import").status_code == 400
    (folder / "import.json").unlink()


def test_only_administrators_may(pair: tuple[Bare, Bare]) -> None:
    first, _ = pair
    for method, path in (("GET", "jpds"), ("GET", "buckets"), ("PUT", "system/backup/export")):
        assert first(method, f"{API}/{path}", auth=None).status_code == 401
    assert first("GET", f"{API}/system/ping", auth=None).status_code == 200
    assert first("POST", f"{API}/internal/pairing", auth=None, json={"token": "x"}).status_code == 401
