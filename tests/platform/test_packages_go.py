"""Go modules: archives, versions, members and upstreams (reference 12.10.3)."""

import io
import zipfile

import pytest

from artifactory_sandbox.platform.packages.go import versions
from tests.platform.running import Bare

MODULE, NAME = "example.test/!acme/lib", "example.test/Acme/lib"


def packed(version: str, top: str = "", extra: dict[str, bytes] | None = None) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in {"go.mod": f"module {NAME}\n".encode(), **(extra or {})}.items():
            archive.writestr((top or f"{NAME}@{version}/") + name, content)
    return data.getvalue()


def publish(platform: Bare, repository: str, version: str) -> bytes:
    data = packed(version)
    made = platform.api("PUT", f"go/{repository}/{MODULE}/@v/{version}.zip", data=data)
    assert made.status_code == 201, made.text
    return data


def versions_of(platform: Bare, repository: str) -> list[str] | int:
    got = platform.api("GET", f"go/{repository}/{MODULE}/@v/list")
    return got.text.split() if got.status_code == 200 else got.status_code


def test_versions_are_sorted_as_go_does() -> None:
    wanted = [
        "v0.9.0",
        "v1.0.0-alpha",
        "v1.0.0-alpha.1",
        "v1.0.0-beta.2",
        "v1.0.0-beta.11",
        "v1.0.0",
        "v1.2.0",
        "v1.10.0",
    ]
    assert sorted(wanted[3:] + wanted[:3], key=versions.order) == wanted
    assert versions.latest(["v1.0.0", "v2.0.0-rc.1", "v1.0.1-0.20260131120000-0123456789ab"]) == "v1.0.0"
    assert versions.latest(["main"]) is None


def test_upper_case_is_escaped_and_back() -> None:
    assert versions.escaped("github.com/BurntSushi/toml") == "github.com/!burnt!sushi/toml"
    assert versions.plain("github.com/!burnt!sushi/toml") == "github.com/BurntSushi/toml"
    assert versions.is_pseudo("v0.0.0-20260131120000-0123456789ab")
    assert not versions.is_pseudo("v1.0.0-rc.1")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a zip",
        packed("v1.0.0", top="else@v1.0.0/"),
        packed("v1.0.0", extra={"../../etc/passwd": b"x"}),
        packed("v1.0.0", extra={"A.go": b"x", "a.go": b"x"}),
        packed("v1.0.0", extra={"go.mod": b"module other.test/x\n"}),
        packed("v1.0.0", extra={"go.mod": b"\xff\xfe"}),
    ],
)
def test_an_archive_that_go_would_refuse_is_not_stored(platform: Bare, data: bytes) -> None:
    platform.api("PUT", "repositories/g-bad", json={"rclass": "local", "packageType": "go"})
    assert platform.api("PUT", f"go/g-bad/{MODULE}/@v/v1.0.0.zip", data=data).status_code == 400
    assert versions_of(platform, "g-bad") == 404


def test_a_version_goes_when_its_files_do(platform: Bare) -> None:
    platform.make("g-local", packageType="go")
    for version in ("v1.0.0", "v1.1.0"):
        publish(platform, "g-local", version)
    assert versions_of(platform, "g-local") == ["v1.0.0", "v1.1.0"]
    assert platform("DELETE", f"/artifactory/g-local/{MODULE}/@v/v1.1.0.zip").status_code == 204
    assert versions_of(platform, "g-local") == ["v1.0.0"]
    assert platform.api("GET", f"go/g-local/{MODULE}/@latest").json()["Version"] == "v1.0.0"


def test_what_is_deployed_by_the_plain_path_is_a_module_too(platform: Bare) -> None:
    platform.make("g-plain", packageType="go")
    assert platform.put(f"g-plain/{MODULE}/@v/v1.0.0.zip", b"no zip").status_code == 400
    assert platform.put(f"g-plain/{NAME}/@v/v1.0.0.zip", packed("v1.0.0")).json()["path"] == f"/{MODULE}/@v/v1.0.0.zip"
    assert versions_of(platform, "g-plain") == ["v1.0.0"]
    assert platform.get(f"g-plain/{MODULE}/@v/list").text == "v1.0.0\n"
    shown = platform.api("GET", f"storage/g-plain/{MODULE}/@v/v1.0.0.zip?properties").json()
    assert shown["properties"] == {"go.name": [NAME], "go.version": ["v1.0.0"]}


def test_a_remote_repository_keeps_files_and_asks_for_lists_anew(pair: tuple[Bare, Bare]) -> None:
    far, near = pair
    far.make("g-far", packageType="go")
    data = publish(far, "g-far", "v1.0.0")
    for key, url in (("g-near", "api/go/g-far"), ("g-plain", "g-far")):
        fields = {"username": "admin", "password": "password", "retrievalCachePeriodSecs": 60}
        near.make(key, "remote", packageType="go", url=f"{far.url}/artifactory/{url}", **fields)
        assert versions_of(near, key) == ["v1.0.0"]
        assert near.api("GET", f"go/{key}/{MODULE}/@v/v1.0.0.zip").content == data
        assert near.api("GET", f"go/{key}/{MODULE}/@v/v1.0.0.mod").text == f"module {NAME}\n"
        assert near.api("GET", f"go/{key}/{MODULE}/@latest").json()["Version"] == "v1.0.0"
    assert near.get(f"g-near-cache/{MODULE}/@v/v1.0.0.zip").content == data
    publish(far, "g-far", "v1.1.0")
    assert versions_of(near, "g-near") == ["v1.0.0"]
    near.platform.clock.advance(61)
    assert versions_of(near, "g-near") == ["v1.0.0", "v1.1.0"]
    assert near.api("GET", f"go/g-near/{MODULE}/@v/v9.0.0.zip").status_code == 404
    assert near.api("GET", "go/g-near/sumdb/sum.golang.org/supported").status_code == 404
    assert near.api("PUT", f"go/g-near/{MODULE}/@v/v2.0.0.zip", data=packed("v2.0.0")).status_code in {404, 405}


def test_a_virtual_repository_merges_local_and_remote_members(pair: tuple[Bare, Bare]) -> None:
    far, near = pair
    far.make("v-far", packageType="go")
    publish(far, "v-far", "v1.0.0")
    near.make("v-local", packageType="go")
    mine = publish(near, "v-local", "v1.1.0")
    url = f"{far.url}/artifactory/api/go/v-far"
    near.make("v-near", "remote", packageType="go", url=url, username="admin", password="password")
    near.make("v-all", "virtual", packageType="go", repositories=["v-near", "v-local"])
    assert versions_of(near, "v-all") == ["v1.0.0", "v1.1.0"]
    assert near.api("GET", f"go/v-all/{MODULE}/@v/v1.1.0.zip").content == mine
    assert near.api("GET", f"go/v-all/{MODULE}/@latest").json()["Version"] == "v1.1.0"
