"""PyPI repositories (12.3.2): uploads, the simple index, downloads, metadata."""

import hashlib

from tests.conformance.case import ABSENT, Call, Case, includes, matching
from tests.support.packages import sdist, tgz, wheel

_SECTION = "12.3.2"
_API = "/artifactory/api/pypi/$id"
_JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
_FORM = {"Content-Type": "multipart/form-data; boundary=edge"}
_WHEEL, _DATA = wheel("Acme.Tool", "1.2.0", requires_python=">=3.8", summary="made here")
_SHA256 = hashlib.sha256(_DATA).hexdigest()
_PATH = f"Acme.Tool/1.2.0/{_WHEEL}"
_LOGIN = {"username": "admin", "password": "password"}


def _form(file: str, data: bytes, name: str = "Acme.Tool", version: str = "1.2.0", **fields: str) -> bytes:
    said = {":action": "file_upload", "protocol_version": "1", "name": name, "version": version, **fields}
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in said.items()
    ]
    head = f'--edge\r\nContent-Disposition: form-data; name="content"; filename="{file}"\r\n\r\n'.encode()
    return b"".join([*parts, head, data, b"\r\n--edge--\r\n"])


def _upload(repo: str = "$id", caller: str = "admin", body: bytes | None = None) -> Call:
    sent = body if body is not None else _form(_WHEEL, _DATA, sha256_digest=_SHA256, requires_python=">=3.8")
    return Call("POST", f"/artifactory/api/pypi/{repo}", sent, caller=caller, headers=_FORM)


def _repo(key: str = "$id", rclass: str = "local", **fields: object) -> Call:
    return Call("PUT", f"/artifactory/api/repositories/{key}", {"rclass": rclass, "packageType": "pypi", **fields})


_VIRTUAL = _repo("$id-v", "virtual", repositories=["$id"], defaultDeploymentRepo="$id")
_REMOTE = _repo("$id-r", "remote", url="$url/artifactory/api/pypi/$id", **_LOGIN)
_READY = (_repo(), _upload())

CASES = (
    Case(
        _SECTION,
        "calculating notes what the properties of packages lack",
        Call("GET", f"/artifactory/api/storage/$id/{_PATH}?properties=pypi.name"),
        200,
        {"properties": {"pypi.name": ["Acme.Tool"]}},
        before=(
            *_READY,
            Call("DELETE", f"/artifactory/api/storage/$id/{_PATH}?properties=pypi.name"),
            Call("POST", f"{_API}/reindex"),
        ),
    ),
    Case(
        _SECTION,
        "calculating needs the permission",
        Call("POST", f"{_API}/reindex", caller="somebody"),
        403,
        before=_READY,
    ),
    Case(_SECTION, "an upload is answered 200", _upload(), 200, "", before=(_repo(),)),
    Case(
        _SECTION,
        "an uploaded file lies under its name and version",
        Call("GET", f"/artifactory/$id/{_PATH}"),
        200,
        headers={"X-Checksum-Sha256": _SHA256},
        before=_READY,
    ),
    Case(
        _SECTION,
        "an upload notes what the package says as properties",
        Call("GET", f"/artifactory/api/storage/$id/{_PATH}?properties"),
        200,
        {
            "properties": {
                "pypi.name": ["Acme.Tool"],
                "pypi.normalized.name": ["acme-tool"],
                "pypi.version": ["1.2.0"],
                "pypi.requires.python": [">=3.8"],
            }
        },
        before=_READY,
    ),
    Case(
        _SECTION,
        "the simple index lists projects by their normalised names",
        Call("GET", f"{_API}/simple/"),
        200,
        includes('<a href="acme-tool/">Acme.Tool</a>'),
        headers={"Content-Type": matching("^text/html")},
        before=_READY,
    ),
    Case(
        _SECTION,
        "a project's page has digest, Python versions and metadata of each file",
        Call("GET", f"{_API}/simple/acme-tool/"),
        200,
        includes(
            f'href="../../packages/{_PATH}#sha256={_SHA256}"',
            'data-requires-python="&gt;=3.8"',
            'data-core-metadata="sha256=',
        ),
        before=_READY,
    ),
    Case(
        _SECTION,
        "the index is JSON for who accepts it",
        Call("GET", f"{_API}/simple/acme-tool/", headers=_JSON),
        200,
        {
            "meta": {"api-version": matching("^1[.]")},
            "name": "acme-tool",
            "files": [{"filename": _WHEEL, "hashes": {"sha256": _SHA256}, "requires-python": ">=3.8", "yanked": False}],
        },
        headers={"Content-Type": "application/vnd.pypi.simple.v1+json"},
        before=_READY,
    ),
    *(
        Case(
            _SECTION,
            f"the address may ask for JSON: {asked}",
            Call("GET", f"{_API}/simple/acme-tool/?format=application/vnd.pypi.simple.v1{asked}"),
            200,
            {"name": "acme-tool"},
            headers={"Content-Type": "application/vnd.pypi.simple.v1+json"},
            before=_READY,
        )
        for asked in ("+json", "%2Bjson")
    ),
    Case(
        _SECTION,
        "the list of projects is JSON for who accepts it",
        Call("GET", f"{_API}/simple/", headers=_JSON),
        200,
        {"projects": [{"name": "Acme.Tool"}]},
        before=_READY,
    ),
    Case(
        _SECTION,
        "who accepts neither form is answered 406",
        Call("GET", f"{_API}/simple/acme-tool/", headers={"Accept": "image/png"}),
        406,
        before=_READY,
    ),
    Case(
        _SECTION,
        "another spelling of a project is sent to the normalised one",
        Call("GET", f"{_API}/simple/Acme_Tool/"),
        301,
        headers={"Location": matching("/artifactory/api/pypi/$id/simple/acme-tool/$")},
        before=_READY,
    ),
    Case(
        _SECTION,
        "an override of the base URL is in generated addresses",
        Call("GET", f"{_API}/simple/acme-tool", headers={"X-JFrog-Override-Base-Url": "https://repo.acme.example"}),
        301,
        headers={"Location": "https://repo.acme.example/artifactory/api/pypi/$id/simple/acme-tool/"},
        before=_READY,
    ),
    Case(
        _SECTION,
        "a file is downloaded from where the index says",
        Call("GET", f"{_API}/packages/{_PATH}"),
        200,
        _DATA,
        headers={"ETag": hashlib.sha1(_DATA, usedforsecurity=False).hexdigest()},
        before=_READY,
    ),
    Case(
        _SECTION,
        "the metadata of a wheel is beside it",
        Call("GET", f"{_API}/packages/{_PATH}.metadata"),
        200,
        includes("Name: Acme.Tool", "Version: 1.2.0"),
        before=_READY,
    ),
    Case(_SECTION, "an unknown project is 404", Call("GET", f"{_API}/simple/nothing/"), 404, before=_READY),
    Case(
        _SECTION,
        "an unknown repository is 404",
        Call("GET", f"{_API}-none/simple/acme-tool/"),
        404,
        {"errors": [{"status": 404}]},
    ),
    Case(
        _SECTION,
        "a repository of another kind has no index",
        Call("GET", f"{_API}/simple/acme-tool/"),
        400,
        before=(_repo(packageType="generic"),),
    ),
    Case(
        _SECTION,
        "a package that was deployed by its path is in the index",
        Call("GET", f"{_API}/simple/acme-tool/"),
        200,
        includes(f"../../packages/any/where/{_WHEEL}#sha256={_SHA256}"),
        before=(_repo(), Call("PUT", f"/artifactory/$id/any/where/{_WHEEL}", _DATA)),
    ),
    Case(
        _SECTION,
        "a package that was deployed by its path has its properties",
        Call("GET", f"/artifactory/api/storage/$id/{sdist('acme', '0.1')[0]}?properties=pypi.name,pypi.version"),
        200,
        {"properties": {"pypi.name": ["acme"], "pypi.version": ["0.1"]}},
        before=(_repo(), Call("PUT", f"/artifactory/$id/{sdist('acme', '0.1')[0]}", sdist("acme", "0.1")[1])),
    ),
    Case(
        _SECTION,
        "what is deleted is not in the index",
        Call("GET", f"{_API}/simple/acme-tool/"),
        404,
        before=(*_READY, Call("DELETE", f"/artifactory/$id/{_PATH}")),
    ),
    Case(
        _SECTION,
        "a wrong checksum is refused",
        _upload(body=_form(_WHEEL, _DATA, sha256_digest="0" * 64)),
        409,
        {"errors": [{"status": 409, "message": matching("^Checksum error for ")}]},
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "a wheel that was cut short is refused",
        _upload(body=_form(_WHEEL, _DATA[:-40])),
        400,
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "a wheel of another project is refused",
        _upload(body=_form(*wheel("other", "1.2.0"))),
        400,
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "a source distribution that unpacks without end is refused",
        _upload(body=_form("acme.tool-1.2.0.tar.gz", tgz({"a/PKG-INFO": b"\0" * 9_000_000}))),
        400,
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "a form without a file is refused",
        _upload(body=b'--edge\r\nContent-Disposition: form-data; name=":action"\r\n\r\nfile_upload\r\n--edge--\r\n'),
        400,
        before=(_repo(),),
    ),
    Case(_SECTION, "a body that is no form is refused", _upload(body=b"junk"), 400, before=(_repo(),)),
    Case(
        _SECTION,
        "a project's name cannot climb",
        _upload(body=_form(_WHEEL, _DATA, name="../../x")),
        400,
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "an upload needs a login",
        _upload(caller="anonymous"),
        401,
        headers={"WWW-Authenticate": 'Basic realm="Artifactory Realm"'},
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "an upload needs the permission",
        _upload(caller="somebody"),
        403,
        {"errors": [{"status": 403}]},
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "the index needs the permission",
        Call("GET", f"{_API}/simple/", caller="somebody"),
        403,
        before=(_repo(),),
    ),
    Case(
        _SECTION,
        "an upload to a virtual repository goes to its default deployment repository",
        Call("GET", f"/artifactory/$id/{_PATH}"),
        200,
        before=(_repo(), _VIRTUAL, _upload("$id-v")),
    ),
    Case(
        _SECTION,
        "a virtual repository without one takes no upload",
        _upload("$id-v"),
        405,
        before=(_repo(), _repo("$id-v", "virtual", repositories=["$id"])),
    ),
    Case(
        _SECTION,
        "a virtual repository lists what its members have",
        Call("GET", "/artifactory/api/pypi/$id-v/simple/acme-tool/"),
        200,
        includes(f"#sha256={_SHA256}"),
        before=(*_READY, _VIRTUAL),
    ),
    Case(
        _SECTION,
        "a remote repository lists what its upstream has",
        Call("GET", "/artifactory/api/pypi/$id-r/simple/acme-tool/", headers=_JSON),
        200,
        {"files": [{"filename": _WHEEL, "hashes": {"sha256": _SHA256}, "requires-python": ">=3.8"}]},
        before=(*_READY, _REMOTE),
    ),
    Case(
        _SECTION,
        "a remote repository fetches a file and keeps it",
        Call("GET", f"/artifactory/$id-r-cache/{_PATH}"),
        200,
        _DATA,
        before=(*_READY, _REMOTE, Call("GET", f"/artifactory/api/pypi/$id-r/packages/{_PATH}")),
    ),
    Case(
        _SECTION,
        "a project is described in JSON",
        Call("GET", f"{_API}/pypi/Acme.Tool/json"),
        200,
        {
            "info": {"name": "Acme.Tool", "version": "1.2.0", "summary": "made here", "requires_python": ">=3.8"},
            "releases": {"1.2.0": [{"filename": _WHEEL, "digests": {"sha256": _SHA256}}]},
            "urls": [
                {
                    "url": matching(f"^http://.*/artifactory/api/pypi/$id/packages/{_PATH}$"),
                    "packagetype": "bdist_wheel",
                }
            ],
        },
        before=_READY,
    ),
    Case(
        _SECTION,
        "a release is described in JSON, without the others",
        Call("GET", f"{_API}/pypi/acme-tool/1.2.0/json"),
        200,
        {"info": {"version": "1.2.0"}, "releases": ABSENT},
        before=_READY,
    ),
    Case(_SECTION, "an unknown release is 404", Call("GET", f"{_API}/pypi/acme-tool/9/json"), 404, before=_READY),
    Case(
        _SECTION,
        "a search by XML-RPC finds by name",
        Call(
            "POST",
            f"{_API}/pypi",
            "<?xml version='1.0'?><methodCall><methodName>search</methodName><params><param><value><struct><member>"
            "<name>name</name><value><array><data><value><string>tool</string></value></data></array></value></member>"
            "</struct></value></param><param><value><string>or</string></value></param></params></methodCall>",
            headers={"Content-Type": "text/xml"},
        ),
        200,
        includes("Acme.Tool", "1.2.0", "_pypi_ordering"),
        headers={"Content-Type": "text/xml"},
        before=_READY,
    ),
    Case(
        _SECTION,
        "a withdrawn file says so",
        Call("GET", f"{_API}/simple/acme-tool/"),
        200,
        includes('data-yanked="broken"'),
        before=(*_READY, Call("PUT", f"/artifactory/api/storage/$id/{_PATH}?properties=pypi.yanked=broken")),
    ),
)
