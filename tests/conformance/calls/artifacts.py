"""What the cases of artifacts have in common: calls that prepare, bodies of refusals."""

import hashlib
import io
import zipfile
from typing import Any

from tests.conformance.case import Call, includes, matching

API = "/artifactory/api"
ITEM = "application/vnd.org.jfrog.artifactory.storage.ItemCreated+json"
HELLO = "hello"
SHA1 = hashlib.sha1(HELLO.encode(), usedforsecurity=False).hexdigest()
SHA256 = hashlib.sha256(HELLO.encode()).hexdigest()
MD5 = hashlib.md5(HELLO.encode(), usedforsecurity=False).hexdigest()
SHA512 = hashlib.sha512(HELLO.encode()).hexdigest()
WRONG = "0" * 40
ISO = matching(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$")
VIRTUAL = {"rclass": "virtual", "packageType": "generic"}


def made(key: str = "$id", rclass: str = "local", **fields: Any) -> Call:
    """A repository."""
    return Call("PUT", f"{API}/repositories/{key}", {"rclass": rclass, "packageType": "generic", **fields})


def put(path: str, send: Any = HELLO, **options: Any) -> Call:
    """A deployment."""
    return Call("PUT", f"/artifactory/{path}", send, **options)


def got(path: str, method: str = "GET", **options: Any) -> Call:
    """A download."""
    return Call(method, f"/artifactory/{path}", **options)


def api(method: str, path: str, send: Any = None, **options: Any) -> Call:
    """A call below the API."""
    return Call(method, f"{API}/{path}", send, **options)


def refused(status: int, message: Any) -> dict[str, Any]:
    """The error envelope (0.4)."""
    return {"errors": [{"status": status, "message": message}]}


def messages(level: str, text: Any) -> dict[str, Any]:
    """The answer of a copy or move."""
    return {"messages": includes({"level": level, "message": text})}


def packed(*entries: tuple[str, str]) -> bytes:
    """A zip."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in entries:
            archive.writestr(name, text)
    return file.getvalue()


LOCAL = made()
ONE = (LOCAL, put("$id/a/b.txt"))
TREE = (LOCAL, put("$id/a/b.txt"), put("$id/a/c/d.txt", "four"), put("$id/e.bin", "e"))
PAIR = (*ONE, made("$id-2"))
CHECKSUMS = {"sha1": SHA1, "md5": MD5, "sha256": SHA256}
EXPLODE = {"X-Explode-Archive": "true"}
CHECKSUM_DEPLOY = {"X-Checksum-Deploy": "true"}
REMOTE = {"rclass": "remote", "packageType": "generic", "username": "admin", "password": "password"}
FAR = (*ONE, made("$id-r", **{**REMOTE, "url": "$url/artifactory/$id"}))
STARTED = (LOCAL, api("POST", "v1/uploads/create?repoKey=$id&repoPath=big.bin&partSizeMB=5", keep={"token": "token"}))
PART = Call("POST", f"{API}/v1/uploads/urlPart?partNumber=1", caller="bearer:$token", keep={"part": "url"})
