"""npm registries (12.3.2): publishing, packuments, tags, who calls."""

import hashlib
from typing import Any

from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching
from tests.support.packages import npm_document, npm_tarball

_SECTION = "12.3.2"
_API = "/artifactory/api/npm/$id"
_SHORT = {"Accept": "application/vnd.npm.install-v1+json"}
_DOCUMENT = npm_document("acme-lib", "1.0.0", dependencies={"other": "^2"}, scripts={"install": "true"})
_DATA = npm_tarball("acme-lib", "1.0.0", dependencies={"other": "^2"}, scripts={"install": "true"})
_SHA1 = hashlib.sha1(_DATA, usedforsecurity=False).hexdigest()
_TARBALL = "acme-lib/-/acme-lib-1.0.0.tgz"
_LOGIN = {"username": "admin", "password": "password"}
_USER = "org.couchdb.user:admin"


def _repo(key: str = "$id", rclass: str = "local", **fields: Any) -> Call:
    return Call("PUT", f"/artifactory/api/repositories/{key}", {"rclass": rclass, "packageType": "npm", **fields})


def _publish(document: dict[str, Any] | None = None, repo: str = "$id", caller: str = "admin") -> Call:
    sent = document or _DOCUMENT
    return Call("PUT", f"/artifactory/api/npm/{repo}/{sent['name'].replace('/', '%2f')}", sent, caller=caller)


def _changed(**fields: Any) -> dict[str, Any]:
    version = {**_DOCUMENT["versions"]["1.0.0"], **fields}
    return {**_DOCUMENT, "versions": {"1.0.0": version}}


_VIRTUAL = _repo("$id-v", "virtual", repositories=["$id"], defaultDeploymentRepo="$id")
_REMOTE = _repo("$id-r", "remote", url="$url/artifactory/api/npm/$id", **_LOGIN)
_READY = (_repo(), _publish())
_TWO = (*_READY, _publish(npm_document("acme-lib", "1.1.0-rc.1", "next")))
_SCOPED = (_repo(), _publish(npm_document("@acme/app", "2.0.0")))

CASES = (
    Case(
        _SECTION,
        "metadata is calculated when asked",
        Call("POST", f"{_API}/reindex"),
        202,
        includes("$id"),
        headers={"Content-Type": matching("^text/plain")},
        before=_READY,
    ),
    Case(
        _SECTION,
        "calculating needs the permission",
        Call("POST", f"{_API}/reindex", caller="somebody"),
        403,
        before=_READY,
    ),
    Case(_SECTION, "a version is published", _publish(), 201, {"ok": ANY}, before=(_repo(),)),
    Case(
        _SECTION,
        "a tarball lies where the registry's addresses say",
        Call("GET", f"/artifactory/$id/{_TARBALL}"),
        200,
        _DATA,
        before=_READY,
    ),
    Case(
        _SECTION,
        "a tarball has the package's properties and its tag",
        Call("GET", f"/artifactory/api/storage/$id/{_TARBALL}?properties"),
        200,
        {"properties": {"npm.name": ["acme-lib"], "npm.version": ["1.0.0"], "npm.disttag": ["latest"]}},
        before=_READY,
    ),
    Case(
        _SECTION,
        "a packument has every version with its digests and its address here",
        Call("GET", f"{_API}/acme-lib"),
        200,
        {
            "name": "acme-lib",
            "_rev": ANY,
            "dist-tags": exactly({"latest": "1.0.0", "next": "1.1.0-rc.1"}),
            "versions": {
                "1.0.0": {
                    "dependencies": {"other": "^2"},
                    "dist": {
                        "tarball": matching(f"^http://.*/artifactory/api/npm/$id/{_TARBALL}$"),
                        "shasum": _SHA1,
                        "integrity": _DOCUMENT["versions"]["1.0.0"]["dist"]["integrity"],
                    },
                },
                "1.1.0-rc.1": {"version": "1.1.0-rc.1"},
            },
            "time": {"1.0.0": matching(r"^\d{4}-"), "created": ANY, "modified": ANY},
        },
        headers={"Content-Type": "application/json"},
        before=_TWO,
    ),
    Case(
        _SECTION,
        "an abbreviated packument has what an installation needs",
        Call("GET", f"{_API}/acme-lib", headers=_SHORT),
        200,
        exactly(
            {
                "name": "acme-lib",
                "modified": ANY,
                "dist-tags": {"latest": "1.0.0"},
                "versions": {"1.0.0": {"hasInstallScript": True, "scripts": ABSENT, "description": ABSENT}},
            }
        ),
        headers={"Content-Type": "application/vnd.npm.install-v1+json"},
        before=_READY,
    ),
    Case(
        _SECTION,
        "a packument that the client has is not sent again",
        Call("GET", f"{_API}/acme-lib", headers={"If-None-Match": "$tag"}),
        304,
        before=(*_READY, Call("GET", f"{_API}/acme-lib", keep={"tag": "header:ETag"})),
    ),
    Case(
        _SECTION,
        "an override of the base URL is in the addresses of tarballs",
        Call("GET", f"{_API}/acme-lib/1.0.0", headers={"X-JFrog-Override-Base-Url": "https://repo.acme.example"}),
        200,
        {"dist": {"tarball": f"https://repo.acme.example/artifactory/api/npm/$id/{_TARBALL}"}},
        before=_READY,
    ),
    Case(
        _SECTION,
        "one version is read by its tag",
        Call("GET", f"{_API}/acme-lib/next"),
        200,
        {"version": "1.1.0-rc.1", "_id": "acme-lib@1.1.0-rc.1"},
        before=_TWO,
    ),
    Case(
        _SECTION,
        "an unknown package is answered in the registry's words",
        Call("GET", f"{_API}/nothing"),
        404,
        exactly({"error": "not_found", "reason": "document not found"}),
        before=(_repo(),),
    ),
    Case(_SECTION, "an unknown version is 404", Call("GET", f"{_API}/acme-lib/9.9.9"), 404, before=_READY),
    Case(_SECTION, "an unknown tarball is 404", Call("GET", f"{_API}/acme-lib/-/acme-lib-9.tgz"), 404, before=_READY),
    Case(
        _SECTION,
        "a tarball is downloaded",
        Call("GET", f"{_API}/{_TARBALL}"),
        200,
        _DATA,
        headers={"X-Checksum-Sha1": _SHA1},
        before=_READY,
    ),
    Case(
        _SECTION,
        "a scoped package is read with an encoded slash",
        Call("GET", f"{_API}/@acme%2fapp"),
        200,
        {"name": "@acme/app", "versions": {"2.0.0": {"dist": {"tarball": matching("/@acme/app/-/")}}}},
        before=_SCOPED,
    ),
    Case(
        _SECTION,
        "a scoped package is read with a plain slash",
        Call("GET", f"{_API}/@acme/app/latest"),
        200,
        {"version": "2.0.0"},
        before=_SCOPED,
    ),
    Case(
        _SECTION,
        "a scoped tarball is found by the short name too",
        Call("GET", f"{_API}/@acme/app/-/app-2.0.0.tgz"),
        200,
        before=(
            _repo(),
            Call("PUT", "/artifactory/$id/@acme/app/-/app-2.0.0.tgz", npm_tarball("@acme/app", "2.0.0")),
        ),
    ),
    Case(
        _SECTION,
        "a tarball that was deployed by its path is a version",
        Call("GET", f"{_API}/acme-lib"),
        200,
        {
            "dist-tags": {"latest": "1.0.0"},
            "versions": {"1.0.0": {"dist": {"tarball": matching("/artifactory/api/npm/$id/some/where.tgz$")}}},
        },
        before=(_repo(), Call("PUT", "/artifactory/$id/some/where.tgz", _DATA)),
    ),
    Case(
        _SECTION,
        "a tarball with another digest than the document says is refused",
        _publish(_changed(dist={"shasum": "0" * 40})),
        409,
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "a tarball of another version is refused",
        _publish({**npm_document("acme-lib", "2.0.0"), "_attachments": {"acme-lib-2.0.0.tgz": {"data": "AAAA"}}}),
        409,
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "a tarball that is not base64 is refused",
        _publish({**_DOCUMENT, "_attachments": {"acme-lib-1.0.0.tgz": {"data": "%%%"}}}),
        400,
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "junk instead of a document is refused",
        Call("PUT", f"{_API}/acme-lib", "{junk"),
        400,
        {"errors": [{"status": 400, "message": matching("^Error parsing json body")}]},
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "a document of another package is refused",
        Call("PUT", f"{_API}/acme-other", _DOCUMENT),
        400,
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "publishing needs a login",
        _publish(caller="anonymous"),
        401,
        headers={"WWW-Authenticate": 'Basic realm="Artifactory Realm"'},
        before=(_repo(),),
    ),
    Case(_SECTION, "publishing needs the permission", _publish(caller="somebody"), 403, before=(_repo(),)),
    Case(
        _SECTION,
        "reading needs the permission",
        Call("GET", f"{_API}/acme-lib", caller="somebody"),
        403,
        before=_READY,
    ),
    Case(
        _SECTION,
        "tags are listed",
        Call("GET", f"{_API}/-/package/acme-lib/dist-tags"),
        200,
        exactly({"latest": "1.0.0", "next": "1.1.0-rc.1"}),
        before=_TWO,
    ),
    Case(
        _SECTION,
        "a tag is moved to another version",
        Call("GET", f"{_API}/-/package/acme-lib/dist-tags"),
        200,
        exactly({"latest": "1.0.0", "next": "1.0.0"}),
        before=(*_TWO, Call("PUT", f"{_API}/-/package/acme-lib/dist-tags/next", '"1.0.0"')),
    ),
    Case(
        _SECTION,
        "a tag of a scoped package is set",
        Call("GET", f"{_API}/@acme%2fapp/lts"),
        200,
        {"version": "2.0.0"},
        before=(*_SCOPED, Call("PUT", f"{_API}/-/package/@acme%2fapp/dist-tags/lts", '"2.0.0"')),
    ),
    Case(
        _SECTION,
        "a tag of an unknown version is refused",
        Call("PUT", f"{_API}/-/package/acme-lib/dist-tags/next", '"9.0.0"'),
        404,
        before=_READY,
    ),
    Case(
        _SECTION,
        "a tag is taken away",
        Call("GET", f"{_API}/-/package/acme-lib/dist-tags"),
        200,
        exactly({"latest": "1.0.0"}),
        before=(*_TWO, Call("DELETE", f"{_API}/-/package/acme-lib/dist-tags/next")),
    ),
    Case(
        _SECTION,
        "tagging needs the permission",
        Call("PUT", f"{_API}/-/package/acme-lib/dist-tags/next", '"1.0.0"', caller="somebody"),
        403,
        before=_READY,
    ),
    Case(
        _SECTION,
        "a deprecation is shown",
        Call("GET", f"{_API}/acme-lib", headers=_SHORT),
        200,
        {"versions": {"1.0.0": {"deprecated": "use 2"}}},
        before=(
            *_READY,
            Call("PUT", f"{_API}/acme-lib", {"name": "acme-lib", "versions": {"1.0.0": {"deprecated": "use 2"}}}),
        ),
    ),
    Case(
        _SECTION,
        "a package is unpublished whole",
        Call("GET", f"{_API}/acme-lib"),
        404,
        before=(*_TWO, Call("DELETE", f"{_API}/acme-lib/-rev/1-x")),
    ),
    Case(
        _SECTION,
        "one version is unpublished by its tarball",
        Call("GET", f"{_API}/acme-lib"),
        200,
        {"versions": exactly({"1.1.0-rc.1": ANY})},
        before=(*_TWO, Call("DELETE", f"{_API}/{_TARBALL}/-rev/1-x")),
    ),
    Case(
        _SECTION,
        "unpublishing needs the permission",
        Call("DELETE", f"{_API}/acme-lib/-rev/1-x", caller="somebody"),
        403,
        before=_READY,
    ),
    Case(
        _SECTION,
        "a search finds by a word of the description",
        Call("GET", f"{_API}/-/v1/search?text=here&size=5"),
        200,
        {"total": 1, "objects": [{"package": {"name": "acme-lib", "version": "1.0.0"}, "score": ANY}]},
        before=_READY,
    ),
    Case(_SECTION, "ping is answered", Call("GET", f"{_API}/-/ping"), 200, exactly({}), before=(_repo(),)),
    Case(_SECTION, "whoami names the caller", Call("GET", f"{_API}/-/whoami"), 200, exactly({"username": "admin"})),
    Case(_SECTION, "whoami needs a login", Call("GET", f"{_API}/-/whoami", caller="anonymous"), 401),
    Case(
        _SECTION,
        "a login with name and password gets a token",
        Call(
            "PUT",
            f"{_API}/-/user/{_USER}",
            {"_id": _USER, "name": "admin", "password": "password", "type": "user"},
            caller="anonymous",
        ),
        201,
        {"ok": ANY, "token": matching(r"^\S{20,}$")},
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "the token of a login is the user",
        Call("GET", f"{_API}/-/whoami", caller="bearer:$token"),
        200,
        {"username": "admin"},
        before=(
            Call(
                "PUT",
                f"{_API}/-/user/{_USER}",
                {"name": "admin", "password": "password"},
                caller="anonymous",
                keep={"token": "token"},
            ),
        ),
    ),
    Case(
        _SECTION,
        "a login with a wrong password is refused",
        Call("PUT", f"{_API}/-/user/{_USER}", {"name": "admin", "password": "wrong"}, caller="anonymous"),
        401,
    ),
    Case(_SECTION, "there is no login by browser", Call("POST", f"{_API}/-/v1/login", {}, caller="anonymous"), 404),
    Case(
        _SECTION,
        "an audit is never answered with nothing found",
        Call("POST", f"{_API}/-/npm/v1/security/advisories/bulk", {"acme-lib": ["1.0.0"]}),
        404,
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "lines for a configuration file",
        Call("GET", "/artifactory/api/npm/auth"),
        200,
        includes("_auth = YWRtaW46cGFzc3dvcmQ=", "always-auth = true"),
        headers={"Content-Type": matching("^text/plain")},
    ),
    Case(
        _SECTION,
        "lines for a scope",
        Call("GET", f"{_API}/auth/acme"),
        200,
        matching("@acme:registry=http://.*/artifactory/api/npm/$id/"),
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "a virtual registry shows its own addresses",
        Call("GET", "/artifactory/api/npm/$id-v/acme-lib"),
        200,
        {"versions": {"1.0.0": {"dist": {"tarball": matching(f"/artifactory/api/npm/$id-v/{_TARBALL}$")}}}},
        before=(*_READY, _VIRTUAL),
    ),
    Case(
        _SECTION,
        "a virtual registry merges the versions of its members",
        Call("GET", "/artifactory/api/npm/$id-v/acme-lib"),
        200,
        {"versions": exactly({"1.0.0": ANY, "3.0.0": ANY}), "dist-tags": {"latest": "1.0.0"}},
        before=(
            *_READY,
            _repo("$id-b"),
            _publish(npm_document("acme-lib", "3.0.0"), "$id-b"),
            _repo("$id-v", "virtual", repositories=["$id", "$id-b"]),
        ),
    ),
    Case(
        _SECTION,
        "publishing to a virtual registry goes to its default deployment repository",
        Call("GET", f"/artifactory/$id/{_TARBALL}"),
        200,
        before=(_repo(), _VIRTUAL, _publish(repo="$id-v")),
    ),
    Case(
        _SECTION,
        "a remote registry shows its own addresses",
        Call("GET", "/artifactory/api/npm/$id-r/acme-lib"),
        200,
        {
            "dist-tags": {"latest": "1.0.0"},
            "versions": {"1.0.0": {"dist": {"tarball": matching(f"/api/npm/[^/]+-r/{_TARBALL}$"), "shasum": _SHA1}}},
        },
        before=(*_READY, _REMOTE),
    ),
    Case(
        _SECTION,
        "a remote registry keeps the tarball that it fetched",
        Call("GET", f"/artifactory/$id-r-cache/{_TARBALL}"),
        200,
        _DATA,
        before=(*_READY, _REMOTE, Call("GET", f"/artifactory/api/npm/$id-r/{_TARBALL}")),
    ),
    Case(_SECTION, "a remote registry takes no publication", _publish(repo="$id-r"), 404, before=(_repo(), _REMOTE)),
)
