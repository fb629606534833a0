"""What the nodes of a cluster ask each other for: each other's own filestore (1.8). Not part of the documented API."""

import errno
import hmac
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.binaries.chain import CannotStore, MissingBinary, Store
from artifactory_sandbox.platform.binaries.remote import PATH, SECRET_HEADER, secret
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, Stored, empty, text

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform


def take(call: Call) -> Answer:
    """Keeps a copy."""
    store, upload = _local(call), call.upload
    if upload is None or upload.sha1 != call.args["sha1"]:
        raise Refused(409, "The checksum is not that of the binary")
    try:
        store.put(upload.sha1, upload.path)
    except CannotStore as error:
        raise Refused(507 if error.full else 500, str(error)) from error
    except OSError as error:
        raise Refused(507 if error.errno == errno.ENOSPC else 500, str(error.strerror)) from error
    return empty(201)


def give(call: Call) -> Answer:
    """The bytes, from `start` on."""
    store, sha1, start = _local(call), call.args["sha1"], call.number("start", 0)
    if call.method == "HEAD":
        if not store.has(sha1):
            raise Refused(404, "Not Found")
        return empty(200)
    try:
        file = store.open(sha1)
    except MissingBinary:
        raise Refused(404, "Not Found") from None
    size = file.seek(0, 2)
    file.seek(start)
    return Answer(200, Stored(file, size - start), "application/octet-stream")


def forget(call: Call) -> Answer:
    """Removes it."""
    _local(call).remove(call.args["sha1"])
    return empty()


def listed(call: Call) -> Answer:
    """SHA-1 and size of everything, a line each."""
    return text("".join(f"{sha1} {size}\n" for sha1, size in _local(call).all()))


def _local(call: Call) -> Store:
    """This node's own member; a 403 for who is no node of this cluster."""
    if not hmac.compare_digest(call.headers.get(SECRET_HEADER.lower(), "").encode(), _own(call.platform)):
        raise Refused(403, "Forbidden")
    if call.platform.binaries.local is None:
        raise Refused(404, "Not Found")
    return call.platform.binaries.local


def _own(platform: "Platform") -> bytes:
    return secret(platform).encode()


ROUTES = (
    Route("GET", PATH, "internal", listed, Needs.PEER),
    Route("GET", f"{PATH}/{{sha1}}", "internal", give, Needs.PEER),
    Route("PUT", f"{PATH}/{{sha1}}", "internal", take, Needs.PEER, body="file"),
    Route("DELETE", f"{PATH}/{{sha1}}", "internal", forget, Needs.PEER),
)
