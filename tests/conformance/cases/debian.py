"""Debian repositories (12.3.2, 12.3.3): coordinates, indexes, digests."""

import hashlib
from typing import Any

from tests.conformance.case import Call, Case, includes, matching
from tests.support.packages import deb

_SECTION = "12.3.2"
_DATA = deb("acme-lib", "1.0-1")
_SHA256 = hashlib.sha256(_DATA).hexdigest()
_POOL = "pool/acme-lib_1.0-1_amd64.deb"
_DISTS = "/artifactory/$id/dists/stable"
_PACKAGES = "main/binary-amd64/Packages"
_LOGIN = {"username": "admin", "password": "password"}


def _repo(key: str = "$id", rclass: str = "local", **fields: Any) -> Call:
    return Call("PUT", f"/artifactory/api/repositories/{key}", {"rclass": rclass, "packageType": "debian", **fields})


def _put(path: str = _POOL, data: bytes = _DATA, architecture: str = "amd64", repo: str = "$id") -> Call:
    place = f";deb.distribution=stable;deb.component=main;deb.architecture={architecture}"
    return Call("PUT", f"/artifactory/{repo}/{path}{place}", data)


_VIRTUAL = _repo("$id-v", "virtual", repositories=["$id"])
_REMOTE = _repo("$id-r", "remote", url="$url/artifactory/$id", **_LOGIN)
_READY = (_repo(), _put())
_ALL = deb("acme-data", "2.0", "all")

CASES = (
    Case(
        _SECTION,
        "a package lists what it says, where it lies and its digests",
        Call("GET", f"{_DISTS}/{_PACKAGES}"),
        200,
        includes("Package: acme-lib\nVersion: 1.0-1\n", f"\nFilename: {_POOL}\nSize: {len(_DATA)}\n", _SHA256),
        before=_READY,
    ),
    Case(
        _SECTION,
        "the release names components, architectures and the digest of each index",
        Call("GET", f"{_DISTS}/Release"),
        200,
        includes(
            "Suite: stable\n",
            "Codename: stable\n",
            "Components: main\n",
            "Architectures: amd64\n",
            f" {_PACKAGES}.gz\n",
        ),
        before=_READY,
    ),
    Case(
        _SECTION,
        "indexes can be fetched by their digest",
        Call("GET", f"{_DISTS}/Release"),
        200,
        includes("Acquire-By-Hash: yes\n"),
        before=_READY,
    ),
    Case(
        _SECTION,
        "an index is found by the digest that the release names",
        Call("GET", f"{_DISTS}/main/binary-amd64/by-hash/SHA256/$sha"),
        200,
        before=(*_READY, Call("GET", f"{_DISTS}/{_PACKAGES}", keep={"sha": "header:X-Checksum-Sha256"})),
    ),
    Case(
        _SECTION,
        "no index has an unknown digest",
        Call("GET", f"{_DISTS}/main/binary-amd64/by-hash/SHA256/{'0' * 64}"),
        404,
        before=_READY,
    ),
    Case(
        _SECTION,
        "an index is compressed by gzip",
        Call("GET", f"{_DISTS}/{_PACKAGES}.gz"),
        200,
        headers={"Content-Type": matching("gzip")},
        before=_READY,
    ),
    Case("12.3.3", "and by bzip2 unless told otherwise", Call("GET", f"{_DISTS}/{_PACKAGES}.bz2"), 200, before=_READY),
    Case(
        "12.3.3",
        "and as the repository says",
        Call("GET", f"{_DISTS}/{_PACKAGES}.xz"),
        200,
        before=(_repo(optionalIndexCompressionFormats=["xz"]), _put()),
    ),
    Case("12.3.3", "and in no other way", Call("GET", f"{_DISTS}/{_PACKAGES}.xz"), 404, before=_READY),
    Case(
        _SECTION,
        "a package for all architectures is in the index of each",
        Call("GET", f"{_DISTS}/{_PACKAGES}"),
        200,
        includes("Package: acme-lib\n", "Package: acme-data\n", "Architecture: all\n"),
        before=(*_READY, _put("pool/acme-data.deb", _ALL, "all")),
    ),
    Case(
        _SECTION,
        "several coordinates list a package several times",
        Call("GET", "/artifactory/$id/dists/testing/main/binary-amd64/Packages"),
        200,
        includes("Package: acme-lib\n"),
        before=(
            _repo(),
            Call(
                "PUT",
                "/artifactory/$id/x.deb;deb.distribution=stable,testing;deb.component=main;deb.architecture=amd64",
                _DATA,
            ),
        ),
    ),
    Case(
        _SECTION,
        "coordinates can be given afterwards",
        Call("GET", f"{_DISTS}/{_PACKAGES}"),
        200,
        includes("Package: acme-lib\n"),
        before=(
            _repo(),
            Call("PUT", f"/artifactory/$id/{_POOL}", _DATA),
            Call(
                "PUT",
                f"/artifactory/api/storage/$id/{_POOL}?properties=deb.distribution=stable;deb.component=main;deb.architecture=amd64",
            ),
        ),
    ),
    Case(
        _SECTION,
        "a package has properties of its own",
        Call("GET", f"/artifactory/api/storage/$id/{_POOL}?properties"),
        200,
        {
            "properties": {
                "deb.name": ["acme-lib"],
                "deb.version": ["1.0-1"],
                "deb.distribution": ["stable"],
                "deb.component": ["main"],
                "deb.architecture": ["amd64"],
            }
        },
        before=_READY,
    ),
    Case(
        _SECTION,
        "what is no package is not listed",
        Call("GET", f"{_DISTS}/Release"),
        404,
        before=(_repo(), _put(data=b"junk")),
    ),
    Case(
        _SECTION,
        "what is deleted is not listed",
        Call("GET", f"{_DISTS}/{_PACKAGES}"),
        404,
        before=(*_READY, Call("DELETE", f"/artifactory/$id/{_POOL}")),
    ),
    Case(
        _SECTION,
        "an unknown distribution is 404",
        Call("GET", "/artifactory/$id/dists/none/Release"),
        404,
        before=_READY,
    ),
    Case(_SECTION, "without a key pair nothing is signed", Call("GET", f"{_DISTS}/InRelease"), 404, before=_READY),
    Case(
        _SECTION, "indexes need the permission", Call("GET", f"{_DISTS}/Release", caller="somebody"), 403, before=_READY
    ),
    Case(_SECTION, "indexes need a login", Call("GET", f"{_DISTS}/Release", caller="anonymous"), 401, before=_READY),
    Case(_SECTION, "a package is downloaded", Call("GET", f"/artifactory/$id/{_POOL}"), 200, _DATA, before=_READY),
    Case(
        "12.3.3",
        "the trivial layout lists every package",
        Call("GET", "/artifactory/$id/./Packages"),
        200,
        includes("Package: acme-lib\n", "\nFilename: any/where.deb\n"),
        before=(_repo(debianTrivialLayout=True), Call("PUT", "/artifactory/$id/any/where.deb", _DATA)),
    ),
    Case(
        _SECTION,
        "a virtual repository lists what its members have",
        Call("GET", f"/artifactory/$id-v/dists/stable/{_PACKAGES}"),
        200,
        includes("Package: acme-lib\n", _SHA256),
        before=(*_READY, _VIRTUAL),
    ),
    Case(
        _SECTION,
        "a remote repository has its upstream's indexes",
        Call("GET", f"/artifactory/$id-r/dists/stable/{_PACKAGES}"),
        200,
        includes("Package: acme-lib\n", _SHA256),
        before=(*_READY, _REMOTE),
    ),
    Case(
        _SECTION,
        "a virtual repository lists what a remote's upstream has",
        Call("GET", f"/artifactory/$id-v/dists/stable/{_PACKAGES}"),
        200,
        includes("Package: acme-lib\n"),
        before=(*_READY, _REMOTE, _repo("$id-v", "virtual", repositories=["$id-r"])),
    ),
    Case(
        _SECTION,
        "indexes are calculated when asked",
        Call("POST", "/artifactory/api/deb/reindex/$id?async=0"),
        200,
        includes("$id"),
        headers={"Content-Type": matching("^text/plain")},
        before=_READY,
    ),
    Case(
        _SECTION,
        "calculating needs the permission",
        Call("POST", "/artifactory/api/deb/reindex/$id", caller="somebody"),
        403,
        before=_READY,
    ),
)
