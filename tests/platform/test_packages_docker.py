"""Registries: uploads, what a tag keeps, members and upstreams of a repository (reference 2.7, 12.3.3, 12.10.3)."""

import hashlib
import json
from typing import Any

import pytest

from artifactory_sandbox.platform.packages.docker import manifest as manifests
from artifactory_sandbox.platform.web import Refused
from tests.platform.running import Bare

MEDIA = manifests.OCI_MANIFEST


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def upload(platform: Bare, where: str, data: bytes) -> None:
    made = platform("POST", f"/v2/{where}/blobs/uploads/?digest={digest(data)}", data=data)
    assert made.status_code == 201, made.text


def manifest(platform: Bare, where: str, layer: bytes = b"layer") -> bytes:
    """A manifest whose blobs are there."""
    blobs = [{"mediaType": "x/y", "digest": digest(data), "size": len(data)} for data in (b"{}", layer)]
    for data in (b"{}", layer):
        upload(platform, where, data)
    return json.dumps({"schemaVersion": 2, "config": blobs[0], "layers": blobs[1:]}).encode()


def push(platform: Bare, where: str, tag: str, layer: bytes = b"layer", **options: Any) -> bytes:
    data = manifest(platform, where, layer)
    made = platform("PUT", f"/v2/{where}/manifests/{tag}", data=data, headers={"Content-Type": MEDIA}, **options)
    assert made.status_code == 201, made.text
    return data


def pull(platform: Bare, where: str, tag: str, **options: Any) -> bytes | int:
    got = platform("GET", f"/v2/{where}/manifests/{tag}", **options)
    return got.content if got.status_code == 200 else got.status_code


def stored(platform: Bare) -> set[str]:
    return {sha1 for sha1, _ in platform.platform.binaries.store.all()}


def reader(platform: Bare, name: str, repository: str, *actions: str) -> tuple[str, str]:
    user = {"username": name, "password": "Passw0rd!", "email": f"{name}@acme.example", "groups": []}
    assert platform("POST", "/access/api/v2/users", json=user).status_code == 201
    artifact = {"actions": {"users": {name: list(actions)}}, "targets": {repository: {"include_patterns": ["**"]}}}
    made = platform("POST", "/access/api/v2/permissions", json={"name": name, "resources": {"artifact": artifact}})
    assert made.status_code == 201, made.text
    return name, "Passw0rd!"


@pytest.fixture(scope="module", autouse=True)
def _repositories(platform: Bare) -> None:
    for key in ("d-one", "d-two"):
        platform.make(key, packageType="docker")
    platform.make("d-all", "virtual", packageType="docker", repositories=["d-one", "d-two"])


@pytest.mark.parametrize("parts", [1, 3])
def test_a_wrong_digest_leaves_nothing_behind(platform: Bare, parts: int) -> None:
    before = stored(platform)
    place = platform("POST", "/v2/d-one/bad/blobs/uploads/").headers["Location"].removeprefix(platform.url)
    for n in range(parts - 1):
        assert platform("PATCH", place, data=b"chunk %d" % n).status_code == 202
    assert platform("PUT", f"{place}?digest={digest(b'else')}", data=b"the end").status_code == 400
    platform.platform.artifacts.collect_garbage()
    assert stored(platform) == before
    assert platform("GET", place).status_code == 404


def test_chunks_of_an_upload_that_goes_on_are_not_collected(platform: Bare) -> None:
    place = platform("POST", "/v2/d-one/slow/blobs/uploads/").headers["Location"].removeprefix(platform.url)
    assert platform("PATCH", place, data=b"first ").status_code == 202
    platform.platform.artifacts.collect_garbage()
    whole = b"first second"
    assert platform("PUT", f"{place}?digest={digest(whole)}", data=b"second").status_code == 201
    assert platform("GET", f"/v2/d-one/slow/blobs/{digest(whole)}").content == whole


@pytest.mark.parametrize("given", ["bytes 0-3/4", "0-3", "bytes=0-3"])
def test_a_chunk_says_where_it_belongs(platform: Bare, given: str) -> None:
    place = platform("POST", "/v2/d-one/ranges/blobs/uploads/").headers["Location"].removeprefix(platform.url)
    assert platform("PATCH", place, data=b"0123", headers={"Content-Range": given}).headers["Range"] == "0-3"
    assert platform("PATCH", place, data=b"0123", headers={"Content-Range": given}).status_code == 416
    assert platform("PATCH", place, data=b"0123", headers={"Content-Range": "x"}).status_code == 400


def test_an_upload_is_its_images_own(platform: Bare) -> None:
    place = platform("POST", "/v2/d-one/mine/blobs/uploads/").headers["Docker-Upload-UUID"]
    assert platform("GET", f"/v2/d-one/yours/blobs/uploads/{place}").status_code == 404
    assert platform("GET", f"/v2/d-two/mine/blobs/uploads/{place}").status_code == 404


def test_a_tag_holds_its_layers_and_no_upload_stays(platform: Bare) -> None:
    push(platform, "d-one/tidy", "1", b"old layer")
    push(platform, "d-one/tidy", "1", b"new layer")
    children = platform.api("GET", "storage/d-one/tidy/1").json()["children"]
    names = {child["uri"] for child in children}
    assert names == {"/manifest.json", *(f"/{digest(data).replace(':', '__')}" for data in (b"{}", b"new layer"))}
    assert {child["uri"] for child in platform.api("GET", "storage/d-one/tidy").json()["children"]} == {"/1"}


def test_overwriting_a_tag_needs_the_permission_to_delete(platform: Bare) -> None:
    writer = reader(platform, "writer", "d-one", "READ", "WRITE")
    data = push(platform, "d-one/mine", "1", auth=writer)
    assert pull(platform, "d-one/mine", "1", auth=writer) == data
    other = manifest(platform, "d-one/mine", b"changed")
    headers = {"Content-Type": MEDIA}
    again = platform("PUT", "/v2/d-one/mine/manifests/1", data=data, headers=headers, auth=writer)
    refused = platform("PUT", "/v2/d-one/mine/manifests/1", data=other, headers=headers, auth=writer)
    assert (again.status_code, refused.status_code) == (201, 403)
    assert refused.json()["errors"][0]["code"] == "DENIED"
    assert pull(platform, "d-one/mine", "1") == data
    assert platform("DELETE", "/v2/d-one/mine/manifests/1", auth=writer).status_code == 403


def test_a_mount_from_an_image_that_the_caller_may_not_read_is_an_upload(platform: Bare) -> None:
    writer = reader(platform, "mounter", "d-two", "READ", "WRITE")
    upload(platform, "d-one/secret", b"secret layer")
    address = f"/v2/d-two/mine/blobs/uploads/?mount={digest(b'secret layer')}&from=d-one/secret"
    assert platform("POST", address, auth=writer).status_code == 202
    assert platform("POST", address).status_code == 201


def test_overwritten_tags_are_kept_by_digest_as_the_repository_says(platform: Bare) -> None:
    platform.make("d-kept", packageType="docker", dockerTagRetention=2)
    pushed = [push(platform, "d-kept/app", "1", b"layer %d" % n) for n in range(3)]
    found = [pull(platform, "d-kept/app", digest(data)) for data in pushed]
    assert found == [404, pushed[1], pushed[2]]
    assert platform("GET", "/v2/d-kept/app/tags/list").json()["tags"] == ["1"]


def test_a_virtual_repository_takes_the_first_or_the_newest(platform: Bare) -> None:
    first = push(platform, "d-one/app", "same", b"first")
    second = push(platform, "d-two/app", "same", b"second")
    push(platform, "d-two/app", "other")
    assert pull(platform, "d-all/app", "same") == first
    assert platform("GET", "/v2/d-all/app/tags/list").json()["tags"] == ["other", "same"]
    assert platform.api("POST", "repositories/d-all", json={"resolveDockerTagsByTimestamp": True}).status_code == 200
    assert pull(platform, "d-all/app", "same") == second


def test_a_virtual_repository_without_a_target_takes_nothing(platform: Bare) -> None:
    assert platform("POST", "/v2/d-all/app/blobs/uploads/").status_code == 405


def test_tokens_end(platform: Bare) -> None:
    token = platform("GET", "/v2/token").json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert platform("GET", "/v2/", auth=None, headers=headers).status_code == 200
    assert platform("GET", "/artifactory/api/repositories", auth=None, headers=headers).status_code == 401
    platform.platform.clock.advance(3601)
    try:
        assert platform("GET", "/v2/", auth=None, headers=headers).status_code == 401
    finally:
        platform.platform.clock.advance(-3601)


def test_anonymous_callers_pull_where_they_may(platform: Bare) -> None:
    platform.make("d-open", packageType="docker")
    data = push(platform, "d-open/app", "1")
    artifact = {"actions": {"users": {"anonymous": ["READ"]}}, "targets": {"d-open": {"include_patterns": ["**"]}}}
    body = {"name": "open", "resources": {"artifact": artifact}}
    assert platform("POST", "/access/api/v2/permissions", json=body).status_code == 201

    def switch(on: str) -> None:
        yaml = {"data": f"security: {{anonAccessEnabled: {on}}}", "headers": {"Content-Type": "application/yaml"}}
        assert platform.api("PATCH", "system/configuration", **yaml).status_code == 200

    switch("true")
    try:
        token = platform("GET", "/v2/token?scope=repository:d-open/app:pull", auth=None).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert pull(platform, "d-open/app", "1", auth=None, headers=headers) == data
        assert platform("POST", "/v2/d-open/app/blobs/uploads/", auth=None, headers=headers).status_code == 401
        assert pull(platform, "d-one/tidy", "1", auth=None, headers=headers) == 401
    finally:
        switch("false")


def test_a_remote_repository_keeps_what_it_fetched(pair: tuple[Bare, Bare]) -> None:
    far, near = pair
    far.make("d-far", packageType="docker")
    data = push(far, "d-far/team/app", "1", b"first")
    fields = {"username": "admin", "password": "password", "retrievalCachePeriodSecs": 60}
    near.make("d-near", "remote", packageType="docker", url=f"{far.url}/artifactory/api/docker/d-far", **fields)
    assert near("GET", "/v2/d-near/team/app/tags/list").json()["tags"] == ["1"]
    assert pull(near, "d-near/team/app", "1") == data
    children = near.api("GET", "storage/d-near-cache/team/app/1").json()["children"]
    assert f"/{digest(b'first').replace(':', '__')}.marker" in {child["uri"] for child in children}
    head = near("HEAD", f"/v2/d-near/team/app/blobs/{digest(b'first')}")
    assert (head.status_code, head.headers["Content-Length"]) == (200, "5")
    assert near("GET", f"/v2/d-near/team/app/blobs/{digest(b'first')}").content == b"first"
    children = near.api("GET", "storage/d-near-cache/team/app/1").json()["children"]
    assert f"/{digest(b'first').replace(':', '__')}" in {child["uri"] for child in children}
    newer = push(far, "d-far/team/app", "1", b"second")
    assert pull(near, "d-near/team/app", "1") == data
    near.platform.clock.advance(61)
    assert pull(near, "d-near/team/app", "1") == newer
    assert pull(near, "d-near/team/app", "none") == 404
    assert near("POST", "/v2/d-near/team/app/blobs/uploads/").status_code in {403, 404, 405}
    near.api("POST", "repositories/d-near", json={"offline": True})
    near.platform.clock.advance(61)
    assert pull(near, "d-near/team/app", "1") == newer


def test_a_remote_repository_asks_for_referrers(pair: tuple[Bare, Bare]) -> None:
    far, near = pair
    far.make("r-far", packageType="oci")
    subject = push(far, "r-far/app", "1")
    descriptor = {"mediaType": MEDIA, "digest": digest(subject), "size": len(subject)}
    signature = json.dumps({**json.loads(subject), "artifactType": "a/b", "subject": descriptor}).encode()
    made = far("PUT", f"/v2/r-far/app/manifests/{digest(signature)}", data=signature, headers={"Content-Type": MEDIA})
    assert made.headers["OCI-Subject"] == digest(subject)
    near.make(
        "r-near", "remote", packageType="oci", url=f"{far.url}/artifactory/r-far", username="admin", password="password"
    )
    shown = near("GET", f"/v2/r-near/app/referrers/{digest(subject)}").json()["manifests"]
    assert [one["digest"] for one in shown] == [digest(signature)]


def test_referrers_listed_by_the_tag_of_older_registries_count(platform: Bare) -> None:
    subject = push(platform, "d-one/tagged", "1")
    signature = push(platform, "d-one/tagged", "sig", b"signature")
    listed = {"mediaType": MEDIA, "digest": digest(signature), "size": len(signature), "artifactType": "a/b"}
    index = json.dumps({"schemaVersion": 2, "mediaType": manifests.OCI_INDEX, "manifests": [listed]}).encode()
    tag = digest(subject).replace(":", "-")
    headers = {"Content-Type": manifests.OCI_INDEX}
    assert platform("PUT", f"/v2/d-one/tagged/manifests/{tag}", data=index, headers=headers).status_code == 201
    shown = platform("GET", f"/v2/d-one/tagged/referrers/{digest(subject)}").json()["manifests"]
    assert shown == [listed]


def test_addresses_that_a_proxy_rewrites_to(platform: Bare) -> None:
    base = "/artifactory/api/docker"
    for root in (f"{base}/d-one/v2/rewritten", f"{base}/v2/d-one/rewritten"):
        location = platform("POST", f"{root}/blobs/uploads/").headers["Location"]
        assert location.startswith(platform.url)
        path = location.removeprefix(platform.url)
        data = root.encode()
        assert platform("PUT", f"{path}?digest={digest(data)}", data=data).status_code == 201
        assert platform("GET", f"/v2/d-one/rewritten/blobs/{digest(data)}").content == data


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"null", b'{"schemaVersion":2}', b'{"schemaVersion":3,"config":{}}', b'{"config":1,"layers":[]}',
     b'{"config":{"digest":"sha256:0"}}', b'{"manifests":{}}', b'{"manifests":[1]}', b'{"mediaType":7}', b"\xff",
     b'{"config":{"digest":"sha256:' + b"0" * 64 + b'"},"annotations":[]}'],
)  # fmt: skip
def test_manifests_that_are_none(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        manifests.parse(data, "application/json")
    assert (refused.value.status, refused.value.data["errors"][0]["code"]) == (400, "MANIFEST_INVALID")


def test_the_first_schema_is_blocked_unless_the_repository_takes_it(platform: Bare) -> None:
    upload(platform, "d-one/old", b"layer")
    data = json.dumps({"schemaVersion": 1, "name": "old", "fsLayers": [{"blobSum": digest(b"layer")}]}).encode()
    headers = {"Content-Type": manifests.SCHEMA_1}
    assert platform("PUT", "/v2/d-one/old/manifests/1", data=data, headers=headers).status_code == 400
    assert platform.api("POST", "repositories/d-one", json={"blockPushingSchema1": False}).status_code == 200
    assert platform("PUT", "/v2/d-one/old/manifests/1", data=data, headers=headers).status_code == 201
    assert platform("GET", "/v2/d-one/old/manifests/1").headers["Content-Type"] == manifests.SCHEMA_1


def test_patterns_of_the_repository_hold_for_images_too(platform: Bare) -> None:
    platform.make("d-narrow", packageType="docker", includesPattern="team/**")
    push(platform, "d-narrow/team/app", "1")
    data = manifest(platform, "d-narrow/other")
    made = platform("PUT", "/v2/d-narrow/other/manifests/1", data=data, headers={"Content-Type": MEDIA})
    assert (made.status_code, made.json()["errors"][0]["code"]) == (403, "DENIED")


def test_folders_of_untagged_images_can_be_replicated_by_their_path(platform: Bare) -> None:
    name = digest(b"x")
    assert platform.put(f"d-one/sent/{name}/manifest.json", b"{}").status_code == 201
    assert platform.put(f"d-one/sent/md5:{'0' * 32}/manifest.json", b"{}").status_code == 400


@pytest.mark.parametrize(
    "wanted",
    [
        {"targetRepo": "d-two"},
        {"targetRepo": "d-two", "dockerRepository": "../app"},
        {"targetRepo": "d-two", "dockerRepository": "app", "tag": "1", "targetTag": "../../x"},
        {"targetRepo": "d-two", "dockerRepository": "app", "tag": "1", "targetDockerRepository": "A B"},
        {"targetRepo": "d\x00two", "dockerRepository": "app"},
    ],
)
def test_promotions_with_names_that_are_none(platform: Bare, wanted: dict[str, str]) -> None:
    assert platform.api("POST", "docker/d-one/v2/promote", json=wanted).status_code == 400


def test_a_list_is_promoted_with_its_images(platform: Bare) -> None:
    platform.make("d-final", packageType="docker")
    data = manifest(platform, "d-one/multi")
    where = f"/v2/d-one/multi/manifests/{digest(data)}"
    assert platform("PUT", where, data=data, headers={"Content-Type": MEDIA}).status_code == 201
    one = {"mediaType": MEDIA, "digest": digest(data), "size": len(data)}
    index = json.dumps({"schemaVersion": 2, "mediaType": manifests.OCI_INDEX, "manifests": [one]}).encode()
    headers = {"Content-Type": manifests.OCI_INDEX}
    assert platform("PUT", "/v2/d-one/multi/manifests/all", data=index, headers=headers).status_code == 201
    wanted = {"targetRepo": "d-final", "dockerRepository": "multi", "tag": "all", "copy": True}
    assert platform.api("POST", "docker/d-one/v2/promote", json=wanted).text == "Promotion ended successfully"
    assert pull(platform, "d-final/multi", "all") == index
    assert pull(platform, "d-final/multi", digest(data)) == data
    assert platform("GET", f"/v2/d-final/multi/blobs/{digest(b'layer')}").content == b"layer"


def test_labels_that_no_property_can_hold_are_left_out(platform: Bare) -> None:
    config = json.dumps({"config": {"Labels": {"good": "yes", "bad": "a\x00b", "worse": "\ud800", "n": 1}}}).encode()
    upload(platform, "d-one/labels", config)
    data = json.dumps({"config": {"digest": digest(config), "size": len(config)}, "layers": []}).encode()
    made = platform("PUT", "/v2/d-one/labels/manifests/1", data=data, headers={"Content-Type": MEDIA})
    assert made.status_code == 201, made.text
    shown = platform.api("GET", "storage/d-one/labels/1/manifest.json?properties").json()["properties"]
    assert {name: values for name, values in shown.items() if "label" in name} == {
        "docker.label.good": ["yes"],
        "docker.label.n": ["1"],
    }


@pytest.mark.parametrize("number", ["-1", "x", "²", "9" * 30, ""])
def test_pages_have_a_plain_number(platform: Bare, number: str) -> None:
    expected = 200 if number == "" else 400
    assert platform("GET", "/v2/_catalog", params={"n": number}).status_code == expected
