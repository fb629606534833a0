"""npm registries: names, versions, publishing that leaves nothing behind, tags, merging, remotes."""

import base64
import json
from typing import Any

import pytest

from artifactory_sandbox.platform.packages.npm.names import is_name, newest, rank, split
from tests.platform.running import ADMIN, Bare
from tests.support.packages import npm_document, npm_tarball, tgz

SHORT = {"Accept": "application/vnd.npm.install-v1+json"}


@pytest.fixture(scope="module", autouse=True)
def _repositories(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    near.make("n-local", packageType="npm")
    near.make("n-other", packageType="npm")
    near.make("n", "virtual", packageType="npm", repositories=["n-local", "n-other"], defaultDeploymentRepo="n-local")
    login = {"username": ADMIN[0], "password": ADMIN[1]}
    far.make("n-remote", "remote", packageType="npm", url=f"{near.url}/artifactory/api/npm/n-local", **login)


def publish(platform: Bare, repo: str, name: str, version: str, tag: str = "latest", **manifest: Any) -> None:
    path = f"npm/{repo}/{name.replace('/', '%2f')}"
    answer = platform.api("PUT", path, json=npm_document(name, version, tag, **manifest))
    assert answer.status_code == 201, answer.text


def packument(platform: Bare, repo: str, name: str) -> dict[str, Any]:
    answer = platform.api("GET", f"npm/{repo}/{name}")
    return dict(answer.json()) if answer.status_code == 200 else {}


def stored(platform: Bare) -> set[str]:
    return {sha1 for sha1, _ in platform.platform.binaries.store.all()}


def test_versions_are_ordered_as_semantic_versions_are() -> None:
    ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0", "1.10.0"]
    assert sorted({*ordered}, key=rank) == ordered
    assert newest(["1.0.0", "2.0.0-rc.1"]) == "1.0.0"
    assert newest(["2.0.0-rc.1"]) == "2.0.0-rc.1"
    assert newest([]) == ""


def test_names_and_paths_are_taken_apart() -> None:
    assert split("@acme/app/-/app-1.0.0.tgz") == ("@acme/app", "-/app-1.0.0.tgz")
    assert split("acme/1.0.0") == ("acme", "1.0.0")
    good, bad = ("acme", "@acme/app", "JSONStream", "a.b_c-d"), ("", ".x", "@acme", "a b", "../x", "@a/b/c", "a" * 215)
    assert all(is_name(name) for name in good)
    assert not any(is_name(name) for name in bad)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"_attachments": {"acme-bad-1.0.0.tgz": {"data": "AAAA"}}}, 409),
        ({"_attachments": {"../../x.tgz": {"data": "AAAA"}}}, 400),
        ({"_attachments": {"acme-bad-1.0.0.tgz": "text"}}, 400),
        ({"versions": {}}, 400),
        ({"versions": {"1.0.0": "text"}}, 400),
        ({"versions": {"1": {}}}, 400),
        ({"dist-tags": {"1.0.0": "1.0.0"}}, 400),
        ({"dist-tags": {"latest": "7.0.0"}}, 400),
        ({"name": "other"}, 400),
    ],
)
def test_a_bad_document_is_refused_and_leaves_nothing(
    pair: tuple[Bare, Bare], change: dict[str, Any], status: int
) -> None:
    near, _ = pair
    before = stored(near)
    answer = near.api("PUT", "npm/n-local/acme-bad", json={**npm_document("acme-bad", "1.0.0"), **change})
    assert answer.status_code == status, answer.text
    assert stored(near) == before
    assert packument(near, "n-local", "acme-bad") == {}


@pytest.mark.parametrize(
    "tarball",
    [
        npm_tarball("acme-bad", "1.0.0")[:-12],
        npm_tarball("acme-bad", "2.0.0"),
        npm_tarball("acme-other", "1.0.0"),
        tgz({"package/package.json": "{junk"}),
        tgz({"package/package.json": b" " * 9_000_000}),
        tgz({"package/index.js": ""}),
        b"junk",
    ],
)
def test_a_bad_tarball_is_refused_and_leaves_nothing(pair: tuple[Bare, Bare], tarball: bytes) -> None:
    near, _ = pair
    before = stored(near)
    document = npm_document("acme-bad", "1.0.0")
    document["versions"]["1.0.0"]["dist"] = {}
    document["_attachments"] = {"acme-bad-1.0.0.tgz": {"data": base64.b64encode(tarball).decode()}}
    assert near.api("PUT", "npm/n-local/acme-bad", json=document).status_code == 400
    assert stored(near) == before
    assert packument(near, "n-local", "acme-bad") == {}


def test_a_tag_moves_with_a_publication(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    publish(near, "n-local", "tagged", "1.0.0")
    publish(near, "n-local", "tagged", "2.0.0-rc.1", "next")
    assert packument(near, "n-local", "tagged")["dist-tags"] == {"latest": "1.0.0", "next": "2.0.0-rc.1"}
    publish(near, "n", "tagged", "2.0.0")
    assert packument(near, "n-local", "tagged")["dist-tags"] == {"latest": "2.0.0", "next": "2.0.0-rc.1"}
    near("DELETE", "/artifactory/n-local/tagged/-/tagged-2.0.0.tgz")
    assert packument(near, "n-local", "tagged")["dist-tags"]["latest"] == "1.0.0"


def test_tags_and_deprecations_are_properties_that_a_copy_takes_along(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    publish(near, "n-local", "copied", "1.0.0", "stable")
    said = {"name": "copied", "versions": {"1.0.0": {"deprecated": "old"}}}
    assert near.api("PUT", "npm/n-local/copied", json=said).status_code == 200
    near.api("POST", "copy/n-local/copied?to=/n-other/copied")
    found = packument(near, "n-other", "copied")
    assert (found["dist-tags"], found["versions"]["1.0.0"]["deprecated"]) == (
        {"stable": "1.0.0", "latest": "1.0.0"},
        "old",
    )


def test_the_revision_changes_and_a_packument_is_not_sent_twice(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    publish(near, "n-local", "revised", "1.0.0")
    first = near.api("GET", "npm/n-local/revised")
    again = near.api("GET", "npm/n-local/revised", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    publish(near, "n-local", "revised", "1.0.1")
    later = near.api("GET", "npm/n-local/revised", headers={"If-None-Match": first.headers["ETag"]})
    assert (later.status_code, later.json()["_rev"] != first.json()["_rev"]) == (200, True)


def test_an_abbreviated_packument_keeps_what_an_installation_needs(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    publish(near, "n-local", "short", "1.0.0", bin="cli.js", engines={"node": ">=18"}, scripts={"postinstall": "x"})
    version = near.api("GET", "npm/n-local/short", headers=SHORT).json()["versions"]["1.0.0"]
    assert version["bin"] == {"short": "cli.js"}
    assert (version["engines"], version["hasInstallScript"]) == ({"node": ">=18"}, True)
    assert not {"scripts", "description", "readme", "_id"} & version.keys()


def test_who_may_not_delete_does_not_overwrite(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    user = {"username": "writer", "password": "Writer-1", "email": "writer@acme.example", "groups": []}
    assert near("POST", "/access/api/v2/users", json=user).status_code == 201
    actions = {"users": {"writer": ["READ", "WRITE"]}}
    target = {"actions": actions, "targets": {"n-local": {"include_patterns": ["**"]}}}
    near("POST", "/access/api/v2/permissions", json={"name": "writers", "resources": {"artifact": target}})
    writer = ("writer", "Writer-1")
    document = npm_document("owned", "1.0.0")
    assert near.api("PUT", "npm/n-local/owned", json=document, auth=writer).status_code == 201
    assert near.api("PUT", "npm/n-local/owned", json=document, auth=writer).status_code == 201
    another = npm_document("owned", "1.0.0", keywords=["other"])
    refused = near.api("PUT", "npm/n-local/owned", json=another, auth=writer)
    assert (refused.status_code, "overwrite artifact" in refused.text) == (403, True)
    tag = near.api("PUT", "npm/n-local/-/package/owned/dist-tags/x", data='"1.0.0"', auth=writer)
    assert tag.status_code == 403
    assert near.api("DELETE", "npm/n-local/owned/-rev/1", auth=writer).status_code == 403
    assert near.api("PUT", "npm/n-local/owned", json=another).status_code == 201


def test_a_remote_renews_its_packument_and_checks_the_tarball(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    publish(near, "n-local", "@acme/far", "1.0.0")
    assert set(packument(far, "n-remote", "@acme%2ffar")["versions"]) == {"1.0.0"}
    publish(near, "n-local", "@acme/far", "1.1.0")
    assert set(packument(far, "n-remote", "@acme/far")["versions"]) == {"1.0.0"}
    far.platform.clock.advance(7201)
    assert set(packument(far, "n-remote", "@acme/far")["versions"]) == {"1.0.0", "1.1.0"}
    near.put("n-local/@acme/far/-/@acme/far-1.1.0.tgz", b"not what the packument says")
    wrong = far.api("GET", "npm/n-remote/@acme/far/-/@acme/far-1.1.0.tgz")
    assert wrong.status_code == 409
    assert far.get("n-remote-cache/@acme/far/-/@acme/far-1.1.0.tgz").status_code == 404
    good = far.api("GET", "npm/n-remote/@acme/far/-/@acme/far-1.0.0.tgz")
    assert good.content == npm_tarball("@acme/far", "1.0.0")


def test_a_login_gives_a_token_that_ends_with_a_logout(platform: Bare) -> None:
    name = "org.couchdb.user:admin"
    body = {"name": "admin", "password": "password"}
    token = platform.api("PUT", f"npm/any/-/user/{name}", json=body, auth=None).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert platform.api("GET", "npm/any/-/whoami", auth=None, headers=bearer).json() == {"username": "admin"}
    assert platform.api("DELETE", f"npm/any/-/user/token/{token}").status_code == 404
    assert platform.api("DELETE", f"npm/any/-/user/token/{token}", auth=None, headers=bearer).status_code == 200
    assert platform.api("GET", "npm/any/-/whoami", auth=None, headers=bearer).status_code == 401
    other = platform.api("PUT", "npm/any/-/user/org.couchdb.user:else", json=body, auth=None)
    assert other.status_code == 400


def test_lines_for_a_configuration_file_hold_what_was_sent(platform: Bare) -> None:
    platform.make("n-lines", packageType="npm")
    scoped = platform.api("GET", "npm/n-lines/auth/acme").text
    assert f"@acme:registry={platform.url}/artifactory/api/npm/n-lines/" in scoped
    assert f":_password={base64.b64encode(b'password').decode()}" in scoped
    assert platform.api("GET", "npm/n-lines/auth/a%20b").status_code == 400
    assert platform.api("GET", "npm/auth", auth=None).status_code == 401


def test_a_search_takes_words_keywords_and_scopes(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    publish(near, "n-other", "@found/app", "1.0.0", keywords=["needle"], author="Somebody")

    def names(text: str) -> list[str]:
        answer = near.api("GET", "npm/n/-/v1/search", params={"text": text, "size": "50"})
        return [hit["package"]["name"] for hit in json.loads(answer.text)["objects"]]

    assert names("keywords:needle") == names("scope:found") == names("author:somebody") == ["@found/app"]
    assert names("keywords:hay") == []


def test_remotes_that_point_at_each_other_do_not_go_round_in_circles(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    login = {"username": ADMIN[0], "password": ADMIN[1]}
    for platform, other, key in ((near, near, "self"), (near, far, "ring"), (far, near, "ring")):
        url = f"{other.url}/artifactory/api/npm/{key}"
        platform.make(key, "remote", packageType="npm", url=url, **login)
    assert near.api("GET", "npm/self/acme").status_code == 404
    assert near.api("GET", "npm/ring/acme").status_code == 404
    assert near.api("GET", "npm/ring/-/v1/search?text=x").json()["objects"] == []


@pytest.mark.parametrize(
    "said",
    [
        '{"version": "1.0.0"}',
        '{"name": 7, "version": "1.0.0"}',
        '{"name": "odd", "version": 1}',
        '["odd"]',
    ],
)
def test_a_tarball_without_name_or_version_is_no_version(platform: Bare, said: str) -> None:
    platform.api("PUT", "repositories/n-odd", json={"rclass": "local", "packageType": "npm"})
    assert platform.put("n-odd/odd.tgz", tgz({"package/package.json": said})).status_code == 201
    assert platform.api("GET", "npm/n-odd/odd").status_code == 404
    assert platform.api("GET", "npm/n-odd/None").status_code == 404


def test_texts_that_no_text_may_hold_are_mended(platform: Bare) -> None:
    platform.make("n-text", packageType="npm")
    said = (
        '{"name": "texts", "version": "1.0.0", "description": "half \\ud800 of a pair", "keywords": ["a\\u0000b", "c"]}'
    )
    assert platform.put("n-text/texts.tgz", tgz({"package/package.json": said})).status_code == 201
    assert platform.api("GET", "npm/n-text/texts").json()["description"] == "half ? of a pair"
    found = platform.api("GET", "storage/n-text/texts.tgz?properties").json()["properties"]
    assert found["npm.keywords"] == ["c"]
    change = {"name": "texts", "versions": {"1.0.0": {"deprecated": "two\nlines"}}}
    assert platform.api("PUT", "npm/n-text/texts", json=change).status_code == 200
    assert platform.api("GET", "npm/n-text/texts/1.0.0").json()["deprecated"] == "two lines"
    change["versions"] = {"1.0.0": {"deprecated": "a\u0000b"}}
    assert platform.api("PUT", "npm/n-text/texts", json=change).status_code == 400


def test_an_upstream_that_names_itself_otherwise_is_asked_where_it_is_known(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    publish(near, "n-local", "renamed", "1.0.0")
    platform, known = near.platform, near.platform.configuration.base_url
    platform.configuration.base_url = "http://no-such-host.acme.example"
    try:
        far.platform.clock.advance(7201)
        assert far.api("GET", "npm/n-remote/renamed/-/renamed-1.0.0.tgz").content == npm_tarball("renamed", "1.0.0")
    finally:
        platform.configuration.base_url = known


@pytest.mark.parametrize("tarball", ["http://[::1/x.tgz", "ftp://127.0.0.1/x.tgz", "", 7, None, "http://:0/x"])
def test_a_version_whose_tarball_is_nowhere_is_left_out(pair: tuple[Bare, Bare], tarball: Any) -> None:
    near, far = pair
    good = {
        "name": "odd",
        "version": "1.0.0",
        "dist": {"tarball": f"{near.url}/artifactory/odd-site/odd/-/odd-1.0.0.tgz"},
    }
    bad = {"name": "odd", "version": "2.0.0", "dist": {"tarball": tarball}}
    said = {"name": "odd", "versions": {"1.0.0": good, "2.0.0": bad, "3.0.0": []}, "dist-tags": {"a": [], "b": "2.0.0"}}
    near.api("PUT", "repositories/odd-site", json={"rclass": "local", "packageType": "generic"})
    near.put("odd-site/odd", json.dumps({**said, "time": "never"}).encode())
    login = {"username": ADMIN[0], "password": ADMIN[1]}
    remote = {"rclass": "remote", "packageType": "npm", "url": f"{near.url}/artifactory/odd-site", **login}
    far.api("PUT", "repositories/odd-remote", json=remote)
    far.platform.clock.advance(7201)
    found = packument(far, "odd-remote", "odd")
    assert (set(found["versions"]), found["dist-tags"]) == ({"1.0.0"}, {})
