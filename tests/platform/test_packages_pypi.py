"""PyPI repositories: what is indexed, merged, fetched, and refused without a trace."""

import hashlib
from typing import Any

import pytest
import requests

from artifactory_sandbox.platform.packages.pypi.names import is_project, normalised, parts
from tests.platform.running import ADMIN, Bare
from tests.support.packages import sdist, tgz, wheel

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
NAME, DATA = wheel("Acme.Tool", "1.2.0", requires_python=">=3.8", summary="made here")


@pytest.fixture(scope="module", autouse=True)
def _repositories(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    near.make("py-local", packageType="pypi")
    near.make("py-other", packageType="pypi")
    near.make("py", "virtual", packageType="pypi", repositories=["py-local", "py-other"])
    login = {"username": ADMIN[0], "password": ADMIN[1]}
    upstream = f"{near.url}/artifactory/api/pypi/py-local"
    far.make("py-remote", "remote", packageType="pypi", url=upstream, **login)


def upload(platform: Bare, repo: str, file: str, data: bytes, **fields: str) -> requests.Response:
    said = {":action": "file_upload", "protocol_version": "1", **fields}
    return platform.api("POST", f"pypi/{repo}/", data=said, files={"content": (file, data)})


def listed(platform: Bare, repo: str, project: str) -> dict[str, dict[str, Any]]:
    answer = platform.api("GET", f"pypi/{repo}/simple/{project}/", headers=JSON)
    return {one["filename"]: one for one in answer.json()["files"]} if answer.status_code == 200 else {}


def stored(platform: Bare) -> set[str]:
    return {sha1 for sha1, _ in platform.platform.binaries.store.all()}


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("acme_tool-1.2.0-py3-none-any.whl", ("acme_tool", "1.2.0")),
        ("acme-tool-1.2.tar.gz", ("acme-tool", "1.2")),
        ("acme-1.0-beta.zip", ("acme", "1.0-beta")),
        ("acme.tar.gz", None),
        ("readme.txt", None),
    ],
)
def test_a_file_name_tells_project_and_version(file: str, expected: tuple[str, str] | None) -> None:
    assert parts(file) == expected


def test_names_are_normalised_and_checked() -> None:
    assert normalised("Acme__Tool.-x") == "acme-tool-x"
    assert [is_project(name) for name in ("a", "Acme.Tool", "../x", "-a", "", "a/b")] == [True, True, *[False] * 4]


def test_what_is_uploaded_is_listed_and_comes_back(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    sha256 = hashlib.sha256(DATA).hexdigest()
    fields = {
        "name": "Acme.Tool",
        "version": "1.2.0",
        "sha256_digest": sha256,
        "md5_digest": hashlib.md5(DATA).hexdigest(),
    }
    assert upload(near, "py-local", NAME, DATA, **fields).status_code == 200
    entry = listed(near, "py-local", "acme-tool")[NAME]
    assert (entry["hashes"], entry["size"], entry["requires-python"]) == ({"sha256": sha256}, len(DATA), ">=3.8")
    core = near.api("GET", f"pypi/py-local/packages/Acme.Tool/1.2.0/{NAME}.metadata")
    assert hashlib.sha256(core.content).hexdigest() == entry["core-metadata"]["sha256"]
    got = near.api("GET", f"pypi/py-local/simple/acme-tool/{entry['url']}")
    assert got.content == DATA


@pytest.mark.parametrize(
    ("file", "data", "fields", "status"),
    [
        ("acme_bad-1.0-py3-none-any.whl", wheel("acme-bad", "1.0")[1][:-30], {}, 400),
        ("acme_bad-1.0-py3-none-any.whl", b"junk", {}, 400),
        ("acme_bad-1.0.tar.gz", tgz({"acme_bad-1.0/PKG-INFO": b"Name: acme-bad\n" + b"\n" * 9_000_000}), {}, 400),
        ("acme_bad-1.0.tar.gz", sdist("acme-bad", "1.0")[1][:-9], {}, 400),
        ("acme_bad-1.0.tar.gz", sdist("acme-bad", "2.0")[1], {}, 400),
        ("acme_bad-1.0.tar.gz", sdist("acme-bad", "1.0")[1], {"sha256_digest": "0" * 64}, 409),
        ("../acme_bad-1.0.tar.gz", sdist("acme-bad", "1.0")[1], {}, 400),
        ("acme_bad-1.0.tar.gz", sdist("acme-bad", "1.0")[1], {"version": "1.0/../.."}, 400),
        ("acme_bad-1.0.exe", b"MZ", {}, 400),
    ],
)
def test_a_bad_package_is_refused_and_leaves_nothing(
    pair: tuple[Bare, Bare], file: str, data: bytes, fields: dict[str, str], status: int
) -> None:
    near, _ = pair
    before = stored(near)
    answer = upload(near, "py-local", file, data, **{"name": "acme-bad", "version": "1.0", **fields})
    assert (answer.status_code, answer.json()["errors"][0]["status"]) == (status, status)
    assert stored(near) == before
    assert not list(near.platform.temporary.glob("upload-*"))
    assert near.api("GET", "pypi/py-local/simple/acme-bad/").status_code == 404


def test_a_junk_wheel_at_a_plain_path_is_stored_and_not_listed(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    assert near.put("py-local/junk-1.0-py3-none-any.whl", b"junk").status_code == 201
    assert listed(near, "py-local", "junk") == {}
    assert near.put("py-local/deep/down/plain-1.0.tar.gz", sdist("plain", "1.0")[1]).status_code == 201
    assert set(listed(near, "py-local", "plain")) == {"plain-1.0.tar.gz"}


def test_the_first_member_with_a_file_wins(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    name, first = wheel("twice", "1.0", summary="first")
    near.put(f"py-other/{name}", wheel("twice", "1.0", summary="second")[1])
    assert listed(near, "py", "twice")[name]["hashes"]["sha256"] != hashlib.sha256(first).hexdigest()
    near.put(f"py-local/{name}", first)
    near.put("py-other/twice-0.9.tar.gz", sdist("twice", "0.9")[1])
    found = listed(near, "py", "twice")
    assert set(found) == {name, "twice-0.9.tar.gz"}
    assert found[name]["hashes"]["sha256"] == hashlib.sha256(first).hexdigest()


def test_a_change_of_properties_is_seen_at_once(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    name, data = wheel("changing", "1.0")
    near.put(f"py-local/{name}", data)
    assert listed(near, "py-local", "changing")[name]["yanked"] is False
    near.api("PUT", f"storage/py-local/{name}?properties=pypi.yanked=too%20old")
    assert listed(near, "py-local", "changing")[name]["yanked"] == "too old"
    near.api("DELETE", f"storage/py-local/{name}?properties=pypi.yanked")
    assert listed(near, "py-local", "changing")[name]["yanked"] is False


def test_a_remote_asks_again_after_its_period_and_serves_what_it_has_when_the_upstream_is_away(
    pair: tuple[Bare, Bare],
) -> None:
    near, far = pair
    old, new = wheel("moving", "1.0"), wheel("moving", "2.0")
    near.put(f"py-local/{old[0]}", old[1])
    assert set(listed(far, "py-remote", "moving")) == {old[0]}
    near.put(f"py-local/{new[0]}", new[1])
    assert set(listed(far, "py-remote", "moving")) == {old[0]}
    far.platform.clock.advance(7201)
    assert set(listed(far, "py-remote", "moving")) == {old[0], new[0]}
    entry = listed(far, "py-remote", "moving")[new[0]]
    assert far.api("GET", f"pypi/py-remote/simple/moving/{entry['url']}").content == new[1]
    far.platform.clock.advance(7201)
    far.api("POST", "repositories/py-remote", json={"url": "http://127.0.0.1:9/artifactory/api/pypi/py-local"})
    assert set(listed(far, "py-remote", "moving")) == {old[0], new[0]}
    assert far.api("GET", f"pypi/py-remote/simple/moving/{entry['url']}").content == new[1]
    far.api("POST", "repositories/py-remote", json={"url": f"{near.url}/artifactory/api/pypi/py-local"})


def test_members_that_a_user_may_not_read_are_left_out(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    user = {"username": "reader", "password": "Reader-1", "email": "reader@acme.example", "groups": []}
    assert near("POST", "/access/api/v2/users", json=user).status_code == 201
    target = {"actions": {"users": {"reader": ["READ"]}}, "targets": {"py-other": {"include_patterns": ["**"]}}}
    permission = {"name": "readers-of-other", "resources": {"artifact": target}}
    assert near("POST", "/access/api/v2/permissions", json=permission).status_code == 201
    near.put("py-local/hidden-1.0.tar.gz", sdist("hidden", "1.0")[1])
    near.put("py-other/shown-1.0.tar.gz", sdist("shown", "1.0")[1])
    reader = ("reader", "Reader-1")
    assert near.api("GET", "pypi/py/simple/shown/", auth=reader).status_code == 200
    assert near.api("GET", "pypi/py/simple/hidden/", auth=reader).status_code == 404
    assert near.api("GET", "pypi/py/packages/hidden-1.0.tar.gz", auth=reader).status_code == 404
    assert near.api("GET", "pypi/py-local/simple/hidden/", auth=reader).status_code == 403
    assert upload(near, "py-other", *sdist("own", "1"), name="own", version="1").status_code == 200
    said = {":action": "file_upload", "name": "own", "version": "2"}
    files = {"content": sdist("own", "2")}
    assert near.api("POST", "pypi/py-other", data=said, files=files, auth=reader).status_code == 403


def test_a_search_that_is_no_xml_is_refused_and_entities_are_not_read(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    headers = {"Content-Type": "text/xml"}
    entity = '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><methodCall>&y;</methodCall>'
    for body in ("<", entity, entity.encode("utf-16")):
        assert near.api("POST", "pypi/py/pypi", data=body, headers=headers).status_code == 400
    other = near.api("POST", "pypi/py", data="<methodCall><methodName>list</methodName></methodCall>", headers=headers)
    assert (other.status_code, "<fault>" in other.text) == (200, True)


def test_metadata_is_utf_8(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    name, data = wheel("written", "1.0", summary="größer als vorher", author="Zoë")
    assert near.put(f"py-local/{name}", data).status_code == 201
    found = near.api("GET", "pypi/py-local/pypi/written/json").json()["info"]
    assert (found["summary"], found["author"]) == ("größer als vorher", "Zoë")
    noted = near.api("GET", f"storage/py-local/{name}?properties=pypi.summary").json()["properties"]
    assert noted == {"pypi.summary": ["größer als vorher"]}
