"""Uploads of blobs: begun, continued on any node, ended with a digest that must be right."""

import re
import uuid

from artifactory_sandbox.platform.artifacts.behaviour import Digests
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.packages.docker import blobs, digests
from artifactory_sandbox.platform.packages.docker.place import Place, digest_of, layer_name
from artifactory_sandbox.platform.packages.docker.refusal import refused
from artifactory_sandbox.platform.packages.docker.state import DockerState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Refused, Upload
from artifactory_sandbox.platform.web.body import Hashing

_RANGE = re.compile(r"(?:bytes[ =])?(\d{1,18})-(\d{1,18})(?:/(?:\d{1,18}|\*))?\Z")
_DAY_MS = 86_400_000
_CHUNK = 256 * 1024


def begin(call: Call, place: Place) -> Answer:
    """POST: a mount, a whole blob at once, or an upload that goes on."""
    store = _target(call, place)
    if call.first("mount") and (mounted := blobs.mount(call, place, store)):
        return mounted
    if call.first("digest"):
        return _whole(call, place, store)
    platform = call.platform
    state, upload = DockerState(platform.database), str(uuid.uuid4())
    now = platform.clock.now()
    with platform.database.transaction():
        for stale in state.stale(now - _DAY_MS):
            state.end(stale)
        state.begin(upload, store, place.image, call.caller.name, now)
    return _progress(call, place, upload, 0, 202)


def status(call: Call, place: Place) -> Answer:
    """GET: how much is there."""
    row = _found(call, place)
    return _progress(call, place, row["id"], row["size"], 204)


def add(call: Call, place: Place) -> Answer:
    """PATCH: one more chunk; out of order is a 416 and changes nothing."""
    row = _found(call, place)
    size = _append(call, row)
    return _progress(call, place, row["id"], size, 202)


def end(call: Call, place: Place) -> Answer:
    """PUT: the last chunk, if any, and the digest of the whole; another digest ends the upload and stores nothing."""
    row = _found(call, place)
    digest = call.first("digest")
    digest_of(digest)
    sums = _ended(call, row, digest)
    with call.platform.database.transaction():
        DockerState(call.platform.database).end(row["id"])
        if sums is not None:
            digests.note(call.platform, digest, sums.sha256)
            blobs.put(call.platform, row["repo"], place.image, sums, call.caller.name)
    if sums is None:
        raise _wrong_digest(digest)
    return blobs.made(call, place, digest)


def _ended(call: Call, row: Row, digest: str) -> Digests | None:
    """The whole of an upload in the filestore; None when it is not what the digest says."""
    state, upload = DockerState(call.platform.database), call.upload
    if upload is not None and upload.size:
        if not state.chunks(row["id"]):
            return call.platform.artifacts.store(upload) if _fits(digest, upload) else None
        _append(call, row)
    sums = _joined(call, state.chunks(row["id"]))
    store = call.platform.binaries.store
    if sums is None or digests.fits(digest, sums.sha256, lambda: store.open(sums.sha1, 0)):
        return sums
    call.platform.artifacts.let_go(sums.sha1)
    return None


def _fits(digest: str, upload: Upload) -> bool:
    return digests.fits(digest, upload.sha256, lambda: upload.path.open("rb"))


def cancel(call: Call, place: Place) -> Answer:
    """DELETE: forgets an upload."""
    row = _found(call, place)
    with call.platform.database.transaction():
        DockerState(call.platform.database).end(row["id"])
    return Answer(204)


def _target(call: Call, place: Place) -> str:
    store = call.platform.artifacts.deploy_target(place.repo)
    call.platform.security.demand(call.caller, "write", store, f"{place.image}/_uploads/{layer_name('')}")
    return store


def _found(call: Call, place: Place) -> Row:
    store = _target(call, place)
    row = DockerState(call.platform.database).upload(place.reference)
    if row is None or row["repo"] != store or row["image"] != place.image:
        raise refused(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", {"upload": place.reference})
    return row


def _append(call: Call, row: Row) -> int:
    """Adds the body as a chunk; the size of the upload then."""
    upload = call.upload
    if upload is None:
        raise refused(400, "BLOB_UPLOAD_INVALID", "blob upload invalid")
    if wanted := call.headers.get("content-range"):
        _check_range(call, wanted, row["size"], upload.size)
    platform = call.platform
    state = DockerState(platform.database)
    stored = platform.artifacts.store(upload)
    with platform.database.transaction():
        now = state.upload(row["id"])
        if now is None or now["size"] != row["size"]:
            raise _out_of_order(int(now["size"]) if now else 0)
        state.add(row["id"], stored.sha1, stored.size)
        platform.artifacts.let_go(stored.sha1)  # the upload keeps its chunks
    return int(row["size"]) + stored.size


def _check_range(call: Call, wanted: str, size: int, length: int) -> None:
    found = _RANGE.match(wanted.strip())
    if found is None:
        raise refused(400, "BLOB_UPLOAD_INVALID", "blob upload invalid", f"Content-Range: {wanted[:100]}")
    start, last = int(found[1]), int(found[2])
    if start != size:
        raise _out_of_order(size)
    if length and last - start + 1 != length:
        raise refused(400, "SIZE_INVALID", "provided length did not match content length", wanted[:100])


def _out_of_order(size: int) -> Refused:
    made = refused(416, "BLOB_UPLOAD_INVALID", "blob upload invalid", "the chunk is out of order")
    made.headers["Range"] = _range(size)
    return made


def _wrong_digest(digest: str) -> Refused:
    return refused(400, "DIGEST_INVALID", "provided digest did not match uploaded content", {"digest": digest[:100]})


def _whole(call: Call, place: Place, store: str) -> Answer:
    digest = call.first("digest")
    upload = call.upload
    digest_of(digest)
    if upload is None or not _fits(digest, upload):
        raise _wrong_digest(digest)
    sums = call.platform.artifacts.store(upload)
    with call.platform.database.transaction():
        digests.note(call.platform, digest, sums.sha256)
        blobs.put(call.platform, store, place.image, sums, call.caller.name)
    return blobs.made(call, place, digest)


def _joined(call: Call, chunks: list[str]) -> Digests | None:
    """All chunks as one binary of the filestore; None when one of them has been lost."""
    platform = call.platform
    if len(chunks) == 1 and (known := platform.artifacts.known("sha1", chunks[0])):
        return known
    hashing = Hashing(platform.temporary)
    upload: Upload | None = None
    try:
        for sha1 in chunks:
            with platform.binaries.store.open(sha1, 0) as file:
                while data := file.read(_CHUNK):
                    hashing.write(data)
        upload = hashing.done()
        return platform.artifacts.store(upload)
    except MissingBinary:
        return None
    finally:
        if upload is None:
            hashing.discard()
        else:
            upload.path.unlink(missing_ok=True)


def _range(size: int) -> str:
    return f"0-{max(size - 1, 0)}"


def _progress(call: Call, place: Place, upload: str, size: int, code: int) -> Answer:
    headers = {
        "Location": place.address(call, f"blobs/uploads/{upload}"),
        "Docker-Upload-UUID": upload,
        "Range": _range(size),
    }
    return Answer(code, headers=headers)
