"""Remote repositories: the cache, and how it asks the upstream (2.8)."""

import hashlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.platform.running import Bare, until
from tests.platform.upstream import Upstream, serving


@pytest.fixture
def far() -> Iterator[Upstream]:
    with serving() as upstream:
        yield upstream


@pytest.fixture
def key(platform: Bare, far: Upstream, request: pytest.FixtureRequest) -> Iterator[str]:
    """A remote repository; its fields are the test's parameter."""
    name = f"r{abs(hash(request.node.name)) % 10**8}"
    platform.make(name, "remote", url=far.url, **getattr(request, "param", {}))
    yield name
    platform.platform.clock.skew(0)
    platform.api("DELETE", f"repositories/{name}")


def later(platform: Bare, seconds: float) -> None:
    platform.platform.clock.advance(seconds)


def test_many_who_want_the_same_file_fetch_it_once(platform: Bare, far: Upstream, key: str) -> None:
    far.files["/big.bin"] = (b"x" * 100_000, {})
    far.slow_s = 0.3
    got: list[bytes] = []
    threads = [threading.Thread(target=lambda: got.append(platform.get(f"{key}/big.bin").content)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ({hashlib.sha1(one).hexdigest() for one in got}, len(got)) == ({hashlib.sha1(b"x" * 100_000).hexdigest()}, 6)
    assert far.gets("/big.bin") == 1


def test_a_checksum_is_that_of_the_file_and_is_not_cached(platform: Bare, far: Upstream, key: str) -> None:
    far.files["/a.jar"] = (b"theirs", {})
    far.files["/a.jar.sha1"] = (b"0" * 40, {})
    far.files["/alone.sha256"] = (b"a file like others", {})
    theirs, ours = (hashlib.sha1(data, usedforsecurity=False).hexdigest() for data in (b"theirs", b"ours"))
    assert platform.get(f"{key}/a.jar.sha1").text == theirs
    assert platform.get(f"{key}/alone.sha256").text == "a file like others"
    assert platform.get(f"{key}/none.sha1").status_code == 404
    cached = platform.api("GET", f"storage/{key}-cache?list&deep=1").json()["files"]
    assert [entry["uri"] for entry in cached] == ["/a.jar", "/alone.sha256"]
    platform.make(f"{key}-local")
    platform.make(f"{key}-all", "virtual", repositories=[f"{key}-local", key])
    assert platform.get(f"{key}-all/a.jar.sha1").text == theirs
    platform.put(f"{key}-local/a.jar", b"ours")
    assert platform.get(f"{key}-all/a.jar.sha1").text == ours
    platform.api("DELETE", f"repositories/{key}-all")


def test_a_cached_file_is_compared_when_its_time_is_over(platform: Bare, far: Upstream, key: str) -> None:
    far.files["/a.txt"] = (b"old", {"ETag": '"1"'})
    assert platform.get(f"{key}/a.txt").content == b"old"
    far.files["/a.txt"] = (b"new", {"ETag": '"2"'})
    assert platform.get(f"{key}/a.txt").content == b"old"
    later(platform, 7201)
    assert platform.get(f"{key}/a.txt").content == b"new"
    far.asked.clear()
    later(platform, 7201)
    assert platform.get(f"{key}/a.txt").content == b"new"
    assert far.headers[-1]["If-None-Match"] == '"2"'
    assert platform.get(f"{key}/a.txt").content == b"new"
    assert far.gets("/a.txt") == 1


def test_a_stale_file_is_served_when_the_upstream_has_none_or_is_away(platform: Bare, far: Upstream, key: str) -> None:
    far.files["/a.txt"] = (b"kept", {})
    platform.get(f"{key}/a.txt")
    del far.files["/a.txt"]
    later(platform, 7201)
    assert platform.get(f"{key}/a.txt").content == b"kept"
    far.statuses["/a.txt"] = 503
    later(platform, 7201)
    assert platform.get(f"{key}/a.txt").content == b"kept"


def test_what_is_missing_is_not_asked_for_again_for_a_while(platform: Bare, far: Upstream, key: str) -> None:
    assert platform.get(f"{key}/late.txt").status_code == 404
    far.files["/late.txt"] = (b"late", {})
    assert platform.get(f"{key}/late.txt").status_code == 404
    assert len(far.asked) == 1
    later(platform, 1801)
    assert platform.get(f"{key}/late.txt").content == b"late"


def test_zapping_a_cache_asks_the_upstream_again(platform: Bare, far: Upstream, key: str) -> None:
    far.files["/a.txt"] = (b"old", {})
    assert platform.get(f"{key}/a.txt").content == b"old"
    assert platform.get(f"{key}/b.txt").status_code == 404
    far.files.update({"/a.txt": (b"new", {}), "/b.txt": (b"b", {})})
    assert platform.api("POST", f"zap/{key}").status_code == 200
    assert (platform.get(f"{key}/a.txt").content, platform.get(f"{key}/b.txt").content) == (b"new", b"b")
    assert platform.api("POST", "zap/artifactory-build-info").status_code == 404


def test_an_upstream_that_is_away_is_left_alone_for_a_while(platform: Bare, key: str) -> None:
    state = platform.platform.artifacts.caches
    platform.api("POST", f"repositories/{key}", json={"url": "http://127.0.0.1:9"})
    assert platform.get(f"{key}/a.txt").status_code == 404
    assert state.away(key, platform.platform.clock.now())
    later(platform, 301)
    assert not state.away(key, platform.platform.clock.now())


@pytest.mark.parametrize("key", [{"hardFail": True}], indirect=True)
def test_a_hard_failure_is_told_and_so_is_assumed_absence(platform: Bare, key: str) -> None:
    platform.api("POST", f"repositories/{key}", json={"url": "http://127.0.0.1:9"})
    assert [platform.get(f"{key}/a.txt").status_code for _ in range(2)] == [502, 502]


@pytest.mark.parametrize(
    ("key", "headers", "status"),
    [
        ({}, {"X-Checksum-Sha1": "0" * 40}, 409),
        (
            {"packageType": "maven", "remoteRepoChecksumPolicyType": "ignore-and-generate"},
            {"X-Checksum-Sha1": "0" * 40},
            200,
        ),
        ({"packageType": "maven", "remoteRepoChecksumPolicyType": "fail"}, {}, 409),
        ({}, {"X-Checksum-Sha1": hashlib.sha1(b"text").hexdigest()}, 200),
    ],
    indirect=["key"],
)
def test_the_checksum_policy_decides(
    platform: Bare, far: Upstream, key: str, headers: dict[str, str], status: int
) -> None:
    far.files["/g/m/1/m-1.jar"] = (b"text", headers)
    before = {sha1 for sha1, _ in platform.platform.binaries.store.all()}
    assert platform.get(f"{key}/g/m/1/m-1.jar").status_code == status
    if status == 409:
        assert {sha1 for sha1, _ in platform.platform.binaries.store.all()} == before


@pytest.mark.parametrize("key", [{"storeArtifactsLocally": False}], indirect=True)
def test_what_is_not_kept_is_fetched_each_time(platform: Bare, far: Upstream, key: str) -> None:
    far.files["/a.txt"] = (b"one", {})
    assert platform.get(f"{key}/a.txt").content == b"one"
    far.files["/a.txt"] = (b"two", {})
    assert platform.get(f"{key}/a.txt").content == b"two"
    assert platform.api("GET", f"storage/{key}-cache/a.txt").status_code == 404


@pytest.mark.parametrize("bypass", [False, True])
def test_a_head_is_passed_on_unless_the_repository_avoids_them(
    platform: Bare, far: Upstream, key: str, bypass: bool
) -> None:
    platform.api("POST", f"repositories/{key}", json={"bypassHeadRequests": bypass})
    far.files["/a.txt"] = (b"one", {})
    assert platform("HEAD", f"/artifactory/{key}/a.txt").status_code == 200
    assert [one.split()[0] for one in far.asked] == (["GET"] if bypass else ["HEAD"])


def test_bytes_that_are_here_already_are_not_fetched(platform: Bare, far: Upstream, key: str) -> None:
    platform.make(f"{key}-l")
    sums = platform.put(f"{key}-l/x", b"the same bytes").json()["checksums"]
    far.files["/copy"] = (b"the same bytes", {"X-Checksum-Sha1": sums["sha1"]})
    assert platform.get(f"{key}/copy").content == b"the same bytes"
    assert far.gets("/copy") == 0


def test_redirects_are_followed_and_parameters_sent(platform: Bare, far: Upstream, key: str) -> None:
    platform.api("POST", f"repositories/{key}", json={"queryParams": "token=t&a=b", "username": "u", "password": "p"})
    far.statuses["/moved.bin"] = 302
    far.files["/real.bin"] = (b"real", {})
    assert platform.get(f"{key}/moved.bin").content == b"real"
    assert "GET /moved.bin?token=t&a=b" in far.asked
    assert far.headers[0]["Authorization"].startswith("Basic ")


def test_a_page_in_place_of_a_file_is_no_file(platform: Bare, far: Upstream, key: str) -> None:
    far.files["/a.jar"] = (b"<html>log in</html>", {"Content-Type": "text/html"})
    assert platform.get(f"{key}/a.jar").status_code == 404
    far.files["/a.html"] = (b"<html>page</html>", {"Content-Type": "text/html"})
    assert platform.get(f"{key}/a.html").status_code == 200


def test_unused_files_of_a_cache_go(platform: Bare, far: Upstream, key: str) -> None:
    platform.api("POST", f"repositories/{key}", json={"unusedArtifactsCleanupPeriodHours": 1})
    far.files.update({"/used.txt": (b"u", {}), "/unused.txt": (b"n", {})})
    platform.get(f"{key}/used.txt")
    platform.get(f"{key}/unused.txt")
    later(platform, 3000)
    platform.get(f"{key}/used.txt")
    later(platform, 3000)
    until(lambda: platform.platform.artifacts.state.item(f"{key}-cache", "unused.txt") is None, "the unused file to go")
    assert platform.platform.artifacts.state.item(f"{key}-cache", "used.txt") is not None


def test_platforms_that_point_at_each_other_do_not_go_round(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    login = {"username": "admin", "password": "password"}
    near.make("circle", "remote", url=f"{far.url}/artifactory/circle", **login)
    far.make("circle", "remote", url=f"{near.url}/artifactory/circle", **login)
    assert near.get("circle/nowhere.txt").status_code == 404


@pytest.mark.parametrize("willing", [False, True])
def test_a_virtual_repository_fetches_for_another_platform_only_when_told(
    pair: tuple[Bare, Bare], willing: bool
) -> None:
    near, far = pair
    login = {"username": "admin", "password": "password"}
    with serving() as upstream:
        upstream.files["/a.txt"] = (b"deep", {})
        name = f"deep-{willing}".lower()
        far.make(name, "remote", url=upstream.url)
        options = {"repositories": [name], "artifactoryRequestsCanRetrieveRemoteArtifacts": willing}
        far.make(f"{name}-v", "virtual", **options)
        near.make(name, "remote", url=f"{far.url}/artifactory/{name}-v", **login)
        assert near.get(f"{name}/a.txt").status_code == (200 if willing else 404)


def test_a_smart_repository_tells_properties_listings_and_downloads(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    far.make("smart-far")
    far.put("smart-far/d/a.txt;stage=prod", b"smart")
    smart: dict[str, Any] = {"enabled": True, "statistics": {"enabled": True}, "properties": {"enabled": True}}
    fields = {"username": "admin", "password": "password", "contentSynchronisation": {**smart, "source": {}}}
    near.make("smart", "remote", url=f"{far.url}/artifactory/smart-far", listRemoteFolderItems=True, **fields)
    assert near.api("GET", "storage/smart").json()["children"] == [{"uri": "/d", "folder": True}]
    assert '<a href="d/">d/</a>' in near.get("smart/").text
    assert near.get("smart/d/a.txt").content == b"smart"
    assert near.api("GET", "storage/smart/d/a.txt?properties").json()["properties"] == {"stage": ["prod"]}

    def told() -> bool:
        shown = far.api("GET", "storage/smart-far/d/a.txt?stats").json()
        return bool((shown["remoteDownloadCount"], shown["downloadCount"]) == (1, 1))

    until(told, "the upstream to hear of the download")
