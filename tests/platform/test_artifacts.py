"""Deploying, fetching, listing, properties, searching (reference 6)."""

import hashlib
import os
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.platform.running import Bare


@pytest.fixture(scope="module", autouse=True)
def _repositories(platform: Bare) -> None:
    platform.make("a-local")
    platform.make("b-local")
    platform.make("all", "virtual", repositories=["a-local", "b-local"], defaultDeploymentRepo="a-local")
    platform.make("none", "virtual", repositories=["a-local"])


def stored(platform: Bare) -> set[str]:
    return {sha1 for sha1, _ in platform.platform.binaries.store.all()}


def test_what_is_deployed_comes_back_with_its_checksums(platform: Bare) -> None:
    data = bytes(range(256)) * 50
    made = platform.put("a-local/x/y/data.bin", data)
    body = made.json()
    assert (made.status_code, body["size"], body["path"]) == (201, str(len(data)), "/x/y/data.bin")
    assert body["checksums"]["sha256"] == hashlib.sha256(data).hexdigest()
    got = platform.get("a-local/x/y/data.bin")
    assert got.content == data
    assert got.headers["X-Checksum-Sha1"] == got.headers["ETag"] == hashlib.sha1(data).hexdigest()
    head = platform("HEAD", "/artifactory/a-local/x/y/data.bin")
    assert (head.headers["Content-Length"], head.content) == (str(len(data)), b"")
    assert platform.get("a-local/x/y/data.bin.sha256").text == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("kind", ["Sha1", "Sha256", "Md5"])
def test_a_wrong_checksum_stores_nothing(platform: Bare, kind: str) -> None:
    before = stored(platform)
    answer = platform.put("a-local/wrong.bin", b"something new", headers={f"X-Checksum-{kind}": "00"})
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["message"].startswith("Checksum error for 'a-local:wrong.bin': received '00' but")
    assert platform.get("a-local/wrong.bin").status_code == 404
    assert stored(platform) == before
    assert not list(platform.platform.temporary.glob("upload-*"))


def test_a_body_cut_short_stores_nothing(platform: Bare) -> None:
    where = urlsplit(platform.url)
    before = stored(platform)
    with socket.create_connection((where.hostname, where.port), timeout=5) as connection:
        head = "PUT /artifactory/a-local/cut.bin HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
        connection.sendall(f"{head}Authorization: Basic YWRtaW46cGFzc3dvcmQ=\r\n\r\nonly this".encode())
    assert platform.get("a-local/cut.bin").status_code == 404
    assert stored(platform) == before


def test_deploy_by_checksum(platform: Bare) -> None:
    platform.put("a-local/known.bin", b"known")
    known = {"X-Checksum-Deploy": "true", "X-Checksum-Sha256": hashlib.sha256(b"known").hexdigest()}
    assert platform.put("b-local/copy.bin", b"", headers=known).status_code == 201
    assert platform.get("b-local/copy.bin").content == b"known"
    unknown = platform.put("b-local/u", b"", headers={"X-Checksum-Deploy": "true", "X-Checksum-Sha1": "0" * 40})
    assert (unknown.status_code, unknown.json()["errors"][0]["message"]) == (
        404,
        f"Checksum deploy failed. No existing file with sha1: {'0' * 40}",
    )
    bare = platform.put("b-local/u", b"", headers={"X-Checksum-Deploy": "true"})
    assert "no checksum header 'X-Checksum-Sha1/X-Checksum-Sha256' was found." in bare.text


@pytest.mark.parametrize(
    ("header", "status", "content"),
    [
        ("bytes=0-3", 206, b"0123"),
        ("bytes=4-", 206, b"456789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=8-100", 206, b"89"),
        ("bytes=10-", 416, None),
        ("lines=1", 200, b"0123456789"),
    ],
)
def test_ranges(platform: Bare, header: str, status: int, content: bytes | None) -> None:
    platform.put("a-local/range.txt", b"0123456789")
    answer = platform.get("a-local/range.txt", headers={"Range": header})
    assert answer.status_code == status
    if content is not None:
        assert answer.content == content


def test_long_ranges_are_streamed_part_by_part(platform: Bare) -> None:
    data = os.urandom(600_000)
    platform.put("a-local/long.bin", data)
    answer = platform.get("a-local/long.bin", headers={"Range": "bytes=0-199999,300000-599999"})
    boundary = answer.headers["Content-Type"].partition("boundary=")[2]
    before, first, second, end = answer.content.split(f"\r\n--{boundary}".encode())
    assert (answer.status_code, before, end) == (206, b"", b"--\r\n")
    assert [part.partition(b"\r\n\r\n")[2] for part in (first, second)] == [data[:200_000], data[300_000:]]
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_parts_of_a_lost_binary_are_not_begun(platform: Bare) -> None:
    sha1 = platform.put("a-local/lost.bin", b"0123456789 lost").json()["checksums"]["sha1"]
    platform.platform.binaries.store.remove(sha1)
    assert platform.get("a-local/lost.bin", headers={"Range": "bytes=0-1,4-5"}).status_code == 404


def test_unchanged_files_are_not_sent_again(platform: Bare) -> None:
    tag = platform.put("a-local/tag.txt", b"tag").json()["checksums"]["sha1"]
    assert platform.get("a-local/tag.txt", headers={"If-None-Match": tag}).status_code == 304
    assert platform.get("a-local/tag.txt", headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("nowhere/a.txt", 404, "Could not find a local repository named nowhere to deploy to."),
        ("none/a.txt", 405, "No default deployment repository"),
        ("a-local/x/y", 409, "over the folder"),
        ("a-local/x/y/data.bin/below", 400, "below the file"),
    ],
)
def test_what_cannot_be_deployed(platform: Bare, path: str, status: int, text: str) -> None:
    platform.put("a-local/x/y/data.bin")
    answer = platform.put(path)
    assert (answer.status_code, text in answer.text) == (status, True), answer.text


@pytest.mark.parametrize(
    "path", ["a-local/../../etc/passwd", "a-local/%2e%2e/x", "a-local/a%2f..%2fx", "a-local/%00", "a-local/%ff"]
)
def test_paths_that_climb_are_refused(platform: Bare, path: str) -> None:
    where = urlsplit(platform.url)
    with socket.create_connection((where.hostname, where.port), timeout=5) as connection:
        head = f"PUT /artifactory/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n"
        connection.sendall(f"{head}Authorization: Basic YWRtaW46cGFzc3dvcmQ=\r\n\r\nx".encode())
        answer = connection.recv(1000)
    assert answer.startswith(b"HTTP/1.1 400"), answer


def test_folder_and_file_information(platform: Bare) -> None:
    platform.put("a-local/info/deep/f.txt", b"four")
    folder = platform.api("GET", "storage/a-local/info").json()
    assert folder["children"] == [{"uri": "/deep", "folder": True}]
    found = platform.api("GET", "storage/a-local/info/deep/f.txt").json()
    assert (found["size"], found["mimeType"], found["createdBy"]) == ("4", "text/plain", "admin")
    listed = platform.api("GET", "storage/a-local/info?list&deep=1&listFolders=1").json()["files"]
    assert [(entry["uri"], entry["folder"], entry["size"]) for entry in listed] == [
        ("/deep", True, -1),
        ("/deep/f.txt", False, 4),
    ]
    assert platform.api("GET", "storage/a-local/info?list").json()["files"] == []
    missing = platform.api("GET", "storage/a-local/nothing")
    assert (missing.status_code, missing.json()["errors"][0]["message"]) == (404, "Unable to find item")


def test_properties_are_set_changed_and_removed(platform: Bare) -> None:
    platform.put("a-local/p/one.txt;build=7;os=linux,mac")
    where = "storage/a-local/p/one.txt"

    def properties() -> Any:
        answer = platform.api("GET", f"{where}?properties")
        return answer.json()["properties"] if answer.status_code == 200 else answer.json()["errors"][0]["message"]

    assert properties() == {"build": ["7"], "os": ["linux", "mac"]}
    assert platform.api("PUT", f"{where}?properties=build=8;q=a\\,b").status_code == 204
    assert properties() == {"build": ["8"], "os": ["linux", "mac"], "q": ["a,b"]}
    patch = {"props": {"os": None, "q": "x,y", "build": ["9"]}}
    assert platform.api("PATCH", "metadata/a-local/p/one.txt", json=patch).status_code == 204
    assert properties() == {"build": ["9"], "q": ["x", "y"]}
    assert platform.api("DELETE", f"{where}?properties=build,q").status_code == 204
    assert properties() == "No properties could be found."
    assert platform.api("PATCH", "metadata/a-local/p/one.txt", json={}).status_code == 400
    assert platform.api("PUT", "storage/a-local/nothing?properties=a=1").status_code == 404
    assert platform.api("PUT", "storage/a-local/p?properties=all=1&recursive=1").status_code == 204
    assert properties() == {"all": ["1"]}


def test_copy_and_move_take_properties_along(platform: Bare) -> None:
    platform.put("a-local/from/f.txt;k=v", b"moving")
    done = platform.api("POST", "copy/a-local/from?to=/b-local/to")
    assert (done.status_code, done.json()["messages"][0]["level"]) == (200, "INFO")
    assert platform.get("b-local/to/f.txt").content == b"moving"
    assert platform.api("GET", "storage/b-local/to/f.txt?properties").json()["properties"] == {"k": ["v"]}
    assert platform.api("POST", "move/a-local/from/f.txt?to=/b-local/moved.txt&dry=1").status_code == 200
    assert platform.get("a-local/from/f.txt").status_code == 200
    assert platform.api("POST", "move/a-local/from/f.txt?to=/b-local/moved.txt").status_code == 200
    assert (platform.get("a-local/from/f.txt").status_code, platform.get("b-local/moved.txt").content) == (
        404,
        b"moving",
    )
    assert platform.api("POST", "copy/a-local/nothing?to=/b-local/x").status_code == 404


def test_delete_answers(platform: Bare) -> None:
    platform.put("a-local/d/e.txt")
    assert platform("DELETE", "/artifactory/a-local/d").status_code == 204
    again = platform("DELETE", "/artifactory/a-local/d/e.txt")
    assert (again.status_code, again.json()["errors"][0]["message"]) == (
        404,
        "Could not locate artifact 'a-local:d/e.txt' (Nothing to delete).",
    )
    assert platform("DELETE", "/artifactory/all/x").status_code == 405


def test_a_virtual_repository_resolves_in_order_and_deploys_to_its_target(platform: Bare) -> None:
    platform.put("b-local/v/only-b.txt", b"b")
    platform.put("b-local/v/both.txt", b"b")
    platform.put("all/v/both.txt", b"a")
    assert platform.get("a-local/v/both.txt").content == b"a"
    assert platform.get("all/v/both.txt").content == b"a"
    assert platform.get("all/v/only-b.txt").content == b"b"
    assert platform.get("all/v/neither.txt").status_code == 404


def test_a_remote_repository_fetches_once_and_keeps(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    far.make("source")
    far.put("source/lib/a.jar", b"jar bytes")
    url = f"{far.url}/artifactory/source"
    near.make("mirror", "remote", url=url, username="admin", password="password")
    near.make("through", "virtual", repositories=["mirror"])
    assert near.get("through/lib/a.jar").content == b"jar bytes"
    far("DELETE", "/artifactory/source/lib/a.jar")
    assert near.get("mirror/lib/a.jar").content == b"jar bytes"
    assert near.api("GET", "storage/mirror-cache/lib/a.jar").json()["checksums"]["md5"]
    assert near.get("mirror/lib/missing.jar").status_code == 404
    assert near("DELETE", "/artifactory/mirror-cache/lib/a.jar").status_code == 204
    assert near.get("mirror/lib/a.jar").status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('items.find({"repo":"q-local"})', ["a.txt", "b.jar", "c.jar"]),
        ('items.find({"repo":"q-local","name":{"$match":"*.jar"}})', ["b.jar", "c.jar"]),
        ('items.find({"repo":"q-local","path":"one"})', ["a.txt"]),
        ('items.find({"repo":"q-local","@stage":"prod"})', ["c.jar"]),
        ('items.find({"repo":"q-local","@stage":{"$ne":"prod"}})', ["a.txt", "b.jar"]),
        ('items.find({"repo":"q-local","$or":[{"name":"a.txt"},{"size":{"$gt":5}}]})', ["a.txt", "c.jar"]),
        ('items.find({"$and":[{"repo":"q-local"},{"name":{"$nmatch":"a*"}}]})', ["b.jar", "c.jar"]),
        ('items.find({"repo":"q-local","type":"folder","name":{"$ne":"."}})', ["one", "two"]),
        ('items.find({"repo":"q-local"}).sort({"$desc":["size"]}).limit(1)', ["c.jar"]),
        ('items.find({"repo":"q-local"}).sort({"$asc":["name"]}).offset(1).limit(1)', ["b.jar"]),
        ('items.find({"repo":"q-local","created":{"$last":"1d"},"size":{"$lte":5}})', ["a.txt", "b.jar"]),
        ('items.find({"repo":"q-local","created":{"$before":"1d"}})', []),
    ],
)
def test_aql_finds(platform: Bare, query: str, names: list[str]) -> None:
    if platform.api("GET", "repositories/q-local").status_code == 400:
        platform.make("q-local")
        platform.put("q-local/one/a.txt", b"one")
        platform.put("q-local/two/b.jar", b"two")
        platform.put("q-local/two/c.jar;stage=prod", b"longer")
    answer = platform.api("POST", "search/aql", data=query, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert sorted(row["name"] for row in body["results"]) == sorted(names)
    assert body["range"]["total"] == len(names)


@pytest.mark.parametrize(
    "query", ["items.find(", "nonsense", 'items.find({"repo":"x"}).nonsense()', 'items.find({"no":1})']
)
def test_aql_that_cannot_be_read_is_a_400(platform: Bare, query: str) -> None:
    answer = platform.api("POST", "search/aql", data=query)
    assert (answer.status_code, "Failed to parse query" in answer.text) == (400, True)


def test_aql_includes_properties_and_searches_by_checksum_and_name(platform: Bare) -> None:
    sha1 = platform.put("a-local/s/found-me.jar;k=v", b"findable").json()["checksums"]["sha1"]
    query = 'items.find({"name":"found-me.jar"}).include("name","actual_sha1","property")'
    (row,) = platform.api("POST", "search/aql", data=query).json()["results"]
    assert row == {"name": "found-me.jar", "actual_sha1": sha1, "properties": [{"key": "k", "value": "v"}]}
    uri = f"{platform.url}/artifactory/api/storage/a-local/s/found-me.jar"
    assert platform.api("GET", f"search/checksum?sha1={sha1}").json()["results"] == [{"uri": uri}]
    assert platform.api("GET", "search/artifact?name=found-*").json()["results"] == [{"uri": uri}]
    assert platform.api("GET", "search/checksum").status_code == 400
