"""Debian: reading packages, indexes and their digests, coordinates, flat and remote repositories, signatures."""

import bz2
import gzip
import hashlib
import io
import lzma
import re

import pytest

from artifactory_sandbox.platform.packages.archives import BadArchive
from artifactory_sandbox.platform.packages.debian import control
from tests.platform.running import ADMIN, Bare
from tests.support.packages import deb, tgz

LOGIN = {"username": ADMIN[0], "password": ADMIN[1]}


@pytest.fixture(scope="module", autouse=True)
def _repositories(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    near.make("d-local", packageType="debian", optionalIndexCompressionFormats=["bz2", "xz", "lzma"])
    near.make("d-other", packageType="debian")
    near.make("d", "virtual", packageType="debian", repositories=["d-local", "d-other"])
    far.make("d-remote", "remote", packageType="debian", url=f"{near.url}/artifactory/d-local", **LOGIN)
    far.make("d", "virtual", packageType="debian", repositories=["d-remote"])


def put(platform: Bare, repo: str, name: str, data: bytes, dist: str = "stable", architecture: str = "amd64") -> None:
    place = f";deb.distribution={dist};deb.component=main;deb.architecture={architecture}"
    assert platform.put(f"{repo}/pool/{name}.deb{place}", data).status_code == 201


def packages(platform: Bare, repo: str, dist: str = "stable", architecture: str = "amd64") -> list[str]:
    answer = platform.get(f"{repo}/dists/{dist}/main/binary-{architecture}/Packages")
    return re.findall(r"^Package: (.+)$", answer.text, re.MULTILINE) if answer.status_code == 200 else []


@pytest.mark.parametrize("compression", ["xz", "gz"])
def test_a_package_is_read(compression: str) -> None:
    found = control.read(io.BytesIO(deb("acme", "1.0", compression=compression, depends="libc6")))
    assert found is not None
    assert (found.fields["package"], found.fields["depends"]) == ("acme", "libc6")
    assert found.text.endswith("Description: made here\n and for this")


@pytest.mark.parametrize(
    "data",
    [
        b"junk",
        deb("acme", "1.0")[:-20],
        deb("acme", "1.0")[:40],
        deb("acme", "1.0").replace(b"`\n", b"xx", 1),
        deb("acme", "1.0", compression="gz").replace(b"\x1f\x8b", b"zz", 1),
        tgz({"control": "Package: acme\n"}),
    ],
)
def test_what_is_no_package_says_so(data: bytes) -> None:
    with pytest.raises(BadArchive):
        control.read(io.BytesIO(data))


@pytest.mark.parametrize(
    "text", ["Package: a\nVersion: 1\n", "Package a\n", "", "Package: a\n\nVersion: 1\nArchitecture: all\n"]
)
def test_a_paragraph_that_lacks_something_is_none(text: str) -> None:
    assert control.paragraph(text) is None


def test_what_an_index_adds_cannot_be_said_by_the_package() -> None:
    said = "Package: a\nVersion: 1\nArchitecture: all\nFilename: ../../etc/passwd\n more\nSHA256: 0\nX-Own: kept\n"
    found = control.paragraph(said)
    assert found is not None
    assert found.text == "Package: a\nVersion: 1\nArchitecture: all\nX-Own: kept"


def test_every_index_is_what_the_release_says(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    put(near, "d-local", "acme", deb("acme", "1.0"))
    put(near, "d-local", "data", deb("data", "1.0", "all"), architecture="all")
    release = near.get("d-local/dists/stable/Release").text
    lines = re.findall(r"^ ([0-9a-f]{64}) +(\d+) (\S+)$", release, re.MULTILINE)
    assert {path.rpartition("Packages")[2] for _, _, path in lines if "Packages" in path} == {
        "",
        ".gz",
        ".bz2",
        ".xz",
        ".lzma",
    }
    for sha256, size, path in lines:
        data = near.get(f"d-local/dists/stable/{path}").content
        assert (hashlib.sha256(data).hexdigest(), str(len(data))) == (sha256, size)
        folder = path.rpartition("/")[0]
        assert near.get(f"d-local/dists/stable/{folder}/by-hash/SHA256/{sha256}").content == data
    plain = near.get("d-local/dists/stable/main/binary-amd64/Packages").content
    for ending, unpack in ((".gz", gzip.decompress), (".bz2", bz2.decompress), (".xz", lzma.decompress)):
        assert unpack(near.get(f"d-local/dists/stable/main/binary-amd64/Packages{ending}").content) == plain


def test_the_release_stays_until_something_changes_and_its_date_never_goes_back(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    put(near, "d-other", "one", deb("one", "1.0"), "dated")
    put(near, "d-other", "two", deb("two", "1.0"), "dated")
    first = near.get("d-other/dists/dated/Release")
    near.platform.clock.advance(100)
    assert near.get("d-other/dists/dated/Release").content == first.content
    near("DELETE", "/artifactory/d-other/pool/two.deb")
    near.platform.clock.advance(-300)
    later = near.get("d-other/dists/dated/Release")
    near.platform.clock.advance(200)
    dates = [re.search(r"^Date: .*?(\d\d:\d\d:\d\d)", one.text, re.MULTILINE) for one in (first, later)]
    assert later.content != first.content
    assert all(dates)
    assert packages(near, "d-other", "dated") == ["one"]


def test_coordinates_decide_and_are_seen_at_once(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    put(near, "d-local", "moved", deb("moved", "1.0"), "old")
    assert (packages(near, "d-local", "old"), packages(near, "d-local", "new")) == (["moved"], [])
    near.api("PUT", "storage/d-local/pool/moved.deb?properties=deb.distribution=new,newer")
    assert [packages(near, "d-local", dist) for dist in ("old", "new", "newer")] == [[], ["moved"], ["moved"]]
    near.put("d-local/nowhere.deb", deb("nowhere", "1.0"))
    assert "nowhere" not in near.get("d-local/dists/new/main/binary-amd64/Packages").text


def test_a_package_for_all_is_listed_for_each_and_for_the_usual_ones_when_there_is_no_other(
    pair: tuple[Bare, Bare],
) -> None:
    near, _ = pair
    put(near, "d-local", "every", deb("every", "1.0", "all"), "all-only", "all")
    assert [packages(near, "d-local", "all-only", one) for one in ("amd64", "i386", "all")] == [["every"]] * 3
    put(near, "d-local", "arm", deb("arm", "1.0", "arm64"), "all-only", "arm64")
    assert sorted(packages(near, "d-local", "all-only", "arm64")) == ["arm", "every"]
    assert packages(near, "d-local", "all-only", "i386") == []


def test_a_virtual_repository_merges_and_the_first_wins(pair: tuple[Bare, Bare]) -> None:
    near, _ = pair
    put(near, "d-local", "both-first", deb("both", "1.0"), "merged")
    put(near, "d-other", "both-second", deb("both", "1.0", section="net"), "merged")
    put(near, "d-other", "both-new", deb("both", "2.0"), "merged")
    text = near.get("d/dists/merged/main/binary-amd64/Packages").text
    assert re.findall(r"^Filename: (.+)$", text, re.MULTILINE) == ["pool/both-first.deb", "pool/both-new.deb"]
    assert near.get("d/pool/both-new.deb").content == deb("both", "2.0")


def test_a_flat_repository_lists_what_is_below_a_folder(platform: Bare) -> None:
    platform.make("flat", packageType="debian", debianTrivialLayout=True)
    platform.put("flat/a/one.deb", deb("one", "1.0"))
    platform.put("flat/b/two.deb", deb("two", "1.0"))
    assert re.findall(r"^Filename: (.+)$", platform.get("flat/Packages").text, re.MULTILINE) == [
        "a/one.deb",
        "b/two.deb",
    ]
    assert "Package: two" not in gzip.decompress(platform.get("flat/a/Packages.gz").content).decode()
    assert "Components" not in platform.get("flat/Release").text
    platform.make("tree", packageType="debian")
    platform.put("tree/a/one.deb", deb("one", "1.0"))
    assert platform.get("tree/Packages").status_code == 404


def test_a_remote_passes_its_upstreams_indexes_and_renews_them_together(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    put(near, "d-local", "first", deb("first", "1.0"), "far")
    assert packages(far, "d-remote", "far") == packages(far, "d", "far") == ["first"]
    put(near, "d-local", "second", deb("second", "1.0"), "far")
    assert packages(far, "d-remote", "far") == ["first"]
    far.platform.clock.advance(7201)
    release = far.get("d-remote/dists/far/Release").text
    data = far.get("d-remote/dists/far/main/binary-amd64/Packages").content
    assert hashlib.sha256(data).hexdigest() in release
    assert sorted(packages(far, "d", "far")) == ["first", "second"]
    assert far.get("d/pool/second.deb").content == deb("second", "1.0")
    far.platform.clock.advance(7201)
    far.api("POST", "repositories/d-remote", json={"url": "http://127.0.0.1:9/x"})
    assert sorted(packages(far, "d-remote", "far")) == ["first", "second"]
    far.api("POST", "repositories/d-remote", json={"url": f"{near.url}/artifactory/d-local"})


def test_coordinates_of_cached_packages_are_noted_when_asked(pair: tuple[Bare, Bare]) -> None:
    near, far = pair
    put(near, "d-local", "cached", deb("cached", "1.0"), "kept")
    assert far.get("d-remote/dists/kept/main/binary-amd64/Packages.gz").status_code == 200
    assert far.get("d-remote/pool/cached.deb").status_code == 200
    assert far.api("POST", "deb/indexCached/d-remote").status_code == 202
    found = far.api("GET", "storage/d-remote-cache/pool/cached.deb?properties").json()["properties"]
    assert found["deb.distribution"] == ["kept"]
    assert far.api("POST", "deb/indexCached/nothing").status_code == 404
