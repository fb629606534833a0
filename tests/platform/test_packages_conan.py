"""Conan: revisions, files, upstreams (reference 12.3.2)."""

import pytest

from tests.platform.running import Bare

REF, RREV, ID, PREV = "zlib/1.3/_/_", "1" * 32, "3" * 40, "2" * 32
INFO = "[settings]\nos=Linux\n[options]\n"


def publish(platform: Bare, repository: str, revision: str = RREV, reference: str = REF) -> None:
    base = f"conan/{repository}/v2/conans/{reference}/revisions/{revision}"
    package = f"packages/{ID}/revisions/{PREV}/files"
    for name, text in (
        ("files/conanfile.py", f"# {revision}"),
        ("files/conanmanifest.txt", "manifest"),
        (f"{package}/conan_package.tgz", "binary"),
        (f"{package}/conaninfo.txt", INFO),
        (f"{package}/conanmanifest.txt", "manifest"),
    ):
        assert platform.api("PUT", f"{base}/{name}", data=text).status_code == 201


def revisions(platform: Bare, repository: str) -> list[str] | int:
    got = platform.api("GET", f"conan/{repository}/v2/conans/{REF}/revisions")
    return [one["revision"] for one in got.json()["revisions"]] if got.status_code == 200 else got.status_code


@pytest.mark.parametrize(
    "path",
    ["zlib", "zlib/1.3", "zlib/1.3/_/_/unknown", "z%20lib/1.3/_/_/latest", "zlib/1.3/_/_/revisions/a%3Cb/files", "/"],
)
def test_what_is_no_reference_is_refused(platform: Bare, path: str) -> None:
    platform.api("PUT", "repositories/c-any", json={"rclass": "local", "packageType": "conan"})
    got = platform.api("GET", f"conan/c-any/v2/conans/{path}")
    assert got.status_code in {400, 404}
    assert platform.api("PUT", f"conan/c-any/v2/conans/{path}", data="x").status_code in {400, 404}
    assert platform.api("DELETE", f"conan/c-any/v2/conans/{path}").status_code in {400, 404}


def test_other_types_of_repositories_speak_no_conan(platform: Bare) -> None:
    platform.make("c-generic")
    assert platform.api("GET", "conan/c-generic/v1/ping").status_code == 400


def test_a_token_of_authenticate_opens_everything(platform: Bare) -> None:
    platform.make("c-token", packageType="conan")
    token = platform.api("GET", "conan/c-token/v2/users/authenticate").text
    headers = {"Authorization": f"Bearer {token}"}
    named = platform.api("GET", "conan/c-token/v2/users/check_credentials", auth=None, headers=headers)
    assert (named.status_code, named.text) == (200, "admin")
    assert platform.api("GET", "conan/c-token/v2/users/authenticate", auth=None, headers=headers).text == token


def test_the_indexes_of_the_layout_follow(platform: Bare) -> None:
    platform.make("c-local", packageType="conan")
    publish(platform, "c-local")
    publish(platform, "c-local", "4" * 32)
    index = platform.get("c-local/_/zlib/1.3/_/index.json").json()
    assert [one["revision"] for one in index["revisions"]] == revisions(platform, "c-local") == ["4" * 32, RREV]
    package = platform.get(f"c-local/_/zlib/1.3/_/{RREV}/package/{ID}/index.json").json()
    assert [one["revision"] for one in package["revisions"]] == [PREV]
    assert platform.api("DELETE", f"conan/c-local/v2/conans/{REF}/revisions/{'4' * 32}").status_code == 200
    index = platform.get("c-local/_/zlib/1.3/_/index.json").json()
    assert [one["revision"] for one in index["revisions"]] == revisions(platform, "c-local") == [RREV]
    assert platform.api("DELETE", f"conan/c-local/v2/conans/{REF}").status_code == 200
    assert revisions(platform, "c-local") == 404
    assert platform.get("c-local/_/zlib/1.3/_/index.json").status_code == 404
    assert platform.api("GET", "storage/c-local").json()["children"] == []


def test_a_copied_revision_is_a_revision(platform: Bare) -> None:
    platform.make("c-from", packageType="conan")
    platform.make("c-to", packageType="conan")
    publish(platform, "c-from")
    assert platform.api("POST", "copy/c-from/_?to=/c-to/_").status_code == 200
    assert revisions(platform, "c-to") == [RREV]


def test_users_and_channels_are_part_of_the_reference(platform: Bare) -> None:
    platform.make("c-user", packageType="conan")
    publish(platform, "c-user", reference="zlib/1.3/acme/stable")
    publish(platform, "c-user")
    found = platform.api("GET", "conan/c-user/v2/conans/search?q=ZLIB*").json()["results"]
    assert found == ["zlib/1.3", "zlib/1.3@acme/stable"]
    assert platform.api("GET", "conan/c-user/v2/conans/search?q=ZLIB*&ignorecase=False").json()["results"] == []
    assert platform.api("GET", "conan/c-user/v2/conans/search?q=*@acme/*").json()["results"] == found[1:]
    assert platform.get(f"c-user/acme/zlib/1.3/stable/{RREV}/export/conanfile.py").text == f"# {RREV}"


def test_a_remote_repository_keeps_what_it_fetched(pair: tuple[Bare, Bare]) -> None:
    far, near = pair
    far.make("c-far", packageType="conan")
    publish(far, "c-far")
    fields = {"username": "admin", "password": "password", "retrievalCachePeriodSecs": 60}
    url = f"{far.url}/artifactory/api/conan/c-far"
    near.make("c-near", "remote", packageType="conan", url=url, **fields)
    near.make("c-mine", packageType="conan")
    near.make(
        "c-all", "virtual", packageType="conan", repositories=["c-mine", "c-near"], defaultDeploymentRepo="c-mine"
    )
    for key in ("c-near", "c-all"):
        base = f"conan/{key}/v2/conans/{REF}"
        assert revisions(near, key) == [RREV]
        assert near.api("GET", f"{base}/latest").json()["revision"] == RREV
        assert near.api("GET", f"{base}/revisions/{RREV}/files").json()["files"].keys() == {
            "conanfile.py",
            "conanmanifest.txt",
        }
        assert near.api("GET", f"{base}/revisions/{RREV}/files/conanfile.py").text == f"# {RREV}"
        package = f"{base}/revisions/{RREV}/packages/{ID}"
        assert near.api("GET", f"{package}/latest").json()["revision"] == PREV
        assert near.api("GET", f"{package}/revisions/{PREV}/files/conan_package.tgz").text == "binary"
        assert near.api("GET", f"{base}/revisions/{RREV}/search").json()[ID]["settings"] == {"os": "Linux"}
        assert near.api("GET", f"conan/{key}/v2/conans/search?q=zlib*").json()["results"] == ["zlib/1.3"]
    publish(far, "c-far", "5" * 32)
    assert revisions(near, "c-near") == [RREV]
    near.platform.clock.advance(61)
    assert revisions(near, "c-near") == ["5" * 32, RREV]
    publish(near, "c-all", "6" * 32)
    assert set(revisions(near, "c-all")) == {RREV, "5" * 32, "6" * 32}  # type: ignore[arg-type]
    assert revisions(near, "c-mine") == ["6" * 32]
