"""Helm chart repositories (12.3.2, 12.3.3): the index, charts, what a repository does not let in."""

import hashlib
from typing import Any

from tests.conformance.case import Call, Case, includes, matching
from tests.support.packages import chart

_SECTION = "12.3.2"
_API = "/artifactory/api/helm/$id"
_DATA = chart("acme-app", "1.9.0", appVersion="1.10")
_SHA256 = hashlib.sha256(_DATA).hexdigest()
_FILE = "acme-app-1.9.0.tgz"
_LOGIN = {"username": "admin", "password": "password"}


def _repo(key: str = "$id", rclass: str = "local", **fields: Any) -> Call:
    return Call("PUT", f"/artifactory/api/repositories/{key}", {"rclass": rclass, "packageType": "helm", **fields})


def _put(path: str = _FILE, data: bytes = _DATA, repo: str = "$id") -> Call:
    return Call("PUT", f"/artifactory/{repo}/{path}", data)


_VIRTUAL = _repo("$id-v", "virtual", repositories=["$id"], defaultDeploymentRepo="$id")
_REMOTE = _repo("$id-r", "remote", url="$url/artifactory/api/helm/$id", **_LOGIN)
_READY = (_repo(), _put())

CASES = (
    Case(
        _SECTION,
        "the index has each chart with digest and address here",
        Call("GET", f"{_API}/index.yaml"),
        200,
        includes("apiVersion: v1", f"digest: {_SHA256}", "appVersion: '1.10'", f"/artifactory/api/helm/$id/{_FILE}"),
        headers={"Content-Type": matching("yaml")},
        before=_READY,
    ),
    Case(
        _SECTION,
        "an override of the base URL is in the addresses of charts",
        Call("GET", f"{_API}/index.yaml", headers={"X-JFrog-Override-Base-Url": "https://repo.acme.example"}),
        200,
        includes(f"- https://repo.acme.example/artifactory/api/helm/$id/{_FILE}"),
        before=_READY,
    ),
    Case(
        _SECTION,
        "the index at the plain path has relative addresses",
        Call("GET", "/artifactory/$id/index.yaml"),
        200,
        includes(f"- {_FILE}", f"digest: {_SHA256}"),
        before=_READY,
    ),
    Case(
        _SECTION,
        "an empty repository has an empty index",
        Call("GET", f"{_API}/index.yaml"),
        200,
        includes("entries: {}"),
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "versions are listed from the newest",
        Call("GET", f"{_API}/index.yaml"),
        200,
        matching(r"(?s)version: 1\.10\.0.*version: 1\.9\.0"),
        before=(*_READY, _put("acme-app-1.10.0.tgz", chart("acme-app", "1.10.0"))),
    ),
    Case(
        _SECTION,
        "what is deleted is not in the index",
        Call("GET", f"{_API}/index.yaml"),
        200,
        includes("entries: {}"),
        before=(*_READY, Call("DELETE", f"/artifactory/$id/{_FILE}")),
    ),
    Case(_SECTION, "a chart is downloaded", Call("GET", f"{_API}/{_FILE}"), 200, _DATA, before=_READY),
    Case(_SECTION, "an unknown chart is 404", Call("GET", f"{_API}/nothing-1.tgz"), 404, before=_READY),
    Case(
        _SECTION,
        "a chart is deployed by the protocol's address",
        Call("PUT", f"{_API}/deep/{_FILE}", _DATA),
        201,
        {"repo": "$id", "path": f"/deep/{_FILE}", "checksums": {"sha256": _SHA256}},
        before=(_repo(),),
    ),
    Case(_SECTION, "what is no chart is refused there", Call("PUT", f"{_API}/{_FILE}", "junk"), 400, before=(_repo(),)),
    Case(
        _SECTION,
        "a chart that was cut short is refused there",
        Call("PUT", f"{_API}/{_FILE}", _DATA[:-20]),
        400,
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "a chart has its properties",
        Call("GET", f"/artifactory/api/storage/$id/{_FILE}?properties"),
        200,
        {"properties": {"chart.name": ["acme-app"], "chart.version": ["1.9.0"]}},
        before=_READY,
    ),
    Case(
        _SECTION,
        "the index needs the permission",
        Call("GET", f"{_API}/index.yaml", caller="somebody"),
        403,
        before=_READY,
    ),
    Case(
        _SECTION,
        "the index needs a login",
        Call("GET", f"{_API}/index.yaml", caller="anonymous"),
        401,
        headers={"WWW-Authenticate": matching("^Basic realm=")},
        before=_READY,
    ),
    Case(_SECTION, "the index is calculated when asked", Call("POST", f"{_API}/reindex"), 200, before=_READY),
    Case(
        _SECTION,
        "calculating needs the permission",
        Call("POST", f"{_API}/reindex", caller="somebody"),
        403,
        before=_READY,
    ),
    Case(
        _SECTION,
        "a virtual repository shows its own addresses",
        Call("GET", "/artifactory/api/helm/$id-v/index.yaml"),
        200,
        includes(f"/artifactory/api/helm/$id-v/{_FILE}"),
        before=(*_READY, _VIRTUAL),
    ),
    Case(
        "12.3.5",
        "namespaces tell the members of a virtual repository apart",
        Call("GET", "/artifactory/api/helm/$id-v/index.yaml"),
        200,
        includes("$id/acme-app:", f"/artifactory/api/helm/$id-v/$id/{_FILE}"),
        before=(*_READY, _repo("$id-v", "virtual", repositories=["$id"], useNamespaces=True)),
    ),
    Case(
        _SECTION,
        "a remote repository shows its own addresses",
        Call("GET", "/artifactory/api/helm/$id-r/index.yaml"),
        200,
        matching(f"/artifactory/api/helm/[^/]+-r/{_FILE}"),
        before=(*_READY, _REMOTE),
    ),
    Case(
        _SECTION,
        "a remote repository keeps the chart that it fetched",
        Call("GET", f"/artifactory/$id-r-cache/{_FILE}"),
        200,
        _DATA,
        before=(*_READY, _REMOTE, Call("GET", f"/artifactory/api/helm/$id-r/{_FILE}")),
    ),
    Case(
        "12.3.3",
        "a repository that forces names takes no chart under another",
        _put("other.tgz"),
        403,
        before=(_repo(forceMetadataNameVersion=True),),
    ),
    Case(
        "12.3.3",
        "a repository that forces single charts takes no second one",
        _put(f"second/{_FILE}"),
        403,
        before=(_repo(forceNonDuplicateChart=True), _put()),
    ),
)
