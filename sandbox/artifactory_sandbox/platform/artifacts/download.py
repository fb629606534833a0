"""Download: ranges, conditions, checksum headers; folders as a page, files inside archives (6.1)."""

import hashlib
import io
from typing import BinaryIO
from urllib.parse import quote

from artifactory_sandbox.platform.artifacts import (
    archives,
    byteranges,
    conditions,
    latest,
    listing,
    members,
    redirect,
    resolve,
)
from artifactory_sandbox.platform.artifacts.byteranges import Span
from artifactory_sandbox.platform.artifacts.mime import media_type
from artifactory_sandbox.platform.artifacts.remote import ORIGIN_HEADER
from artifactory_sandbox.platform.artifacts.trace import trace
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.clock import http_date
from artifactory_sandbox.platform.counters import PEER_HEADER
from artifactory_sandbox.platform.packages import hooks
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Refused, Stored

SMALL = 128 * 1024
"""Files up to this size are answered from memory."""
_SUMS = {".sha1": "sha1", ".md5": "md5", ".sha256": "sha256", ".sha512": "sha512"}
_INSIDE = "!/"


def download(call: Call) -> Answer:
    """Retrieve Artifact, also with HEAD."""
    repo, path = call.args["repo"], call.args["path"]
    if "trace" in call.query:
        return trace(call, repo, path)
    if "[" in path:
        path = latest.resolved(call, repo, path)
    if derived := hooks.computed(call, repo, path):
        return derived
    if found := _checksum_elsewhere(call, repo, path):
        return found
    try:
        row = resolve.find(call.platform, call.caller, repo, path, fetch=not call.folder, asked=asked(call))
    except Refused as refused:
        if refused.status == 404 and (found := _derived(call, repo, path)):
            return found
        raise
    if not row["folder"]:
        _demand_properties(call, row)
        return answer(call, row)
    return _folder(call, row, repo)


def asked(call: Call) -> resolve.Asked:
    """Who asks: a client, or another platform, and by which way."""
    headers = call.headers
    via = headers.get(ORIGIN_HEADER.lower(), "")
    query = "&".join(f"{quote(name)}={quote(value)}" for name, values in call.query.items() for value in values)
    return resolve.Asked(head=call.method == "HEAD", peer=PEER_HEADER in headers, via=via, query=query)


def answer(call: Call, row: Row, media: str = "") -> Answer:
    """A file as a download of this call: conditions, ranges, checksum headers; counted."""
    headers, media = headers_of(row), media or row["mime"]
    verdict = conditions.verdict(call, row)
    if verdict == 412:
        raise Refused(412, "Precondition Failed")
    if verdict == 304:
        return Answer(304, headers=headers)
    spans = conditions.byte_ranges(call, row)
    status, span = (206, spans[0]) if spans else (200, Span(0, row["size"]))
    if len(spans) == 1:
        headers["Content-Range"] = span.told(row["size"])
    several = byteranges.body(row, media, spans, call.platform.binaries.store) if len(spans) > 1 else None
    media = byteranges.media_type(row) if several else media
    if call.method == "HEAD":
        return Answer(status, several or Stored(io.BytesIO(), span.length), media, headers)
    if elsewhere := redirect.address(call, row):
        call.platform.artifacts.downloaded(row, call.caller.name)
        return Answer(302, headers={"Location": elsewhere})
    file = _opened(call, row, span.start)
    call.platform.artifacts.downloaded(row, call.caller.name)
    if several:
        file.close()  # it is there: the parts open it again, each where it starts
        return Answer(status, several, media, headers)
    if span.length <= SMALL:
        with file:
            return Answer(status, file.read(span.length), media, headers)
    return Answer(status, Stored(file, span.length), media, headers)


def _opened(call: Call, row: Row, start: int) -> BinaryIO:
    """The binary; of a federated repository it may still have to be brought."""
    store = call.platform.binaries.store
    try:
        return store.open(row["sha1"], start)
    except MissingBinary:
        if not call.platform.federation.binaries.bring(row["repo"], row["sha1"]):
            said = f"Could not find the binary of '{row['repo']}:{row['path']}' in the filestore."
            raise Refused(404, said) from None
        return store.open(row["sha1"], start)


def headers_of(row: Row) -> dict[str, str]:
    """What a client learns of a file besides its bytes."""
    plain = row["name"].encode("ascii", "replace").decode().replace('"', "_").replace("\\", "_")
    encoded = quote(row["name"])
    headers = {
        "X-Checksum-Sha1": row["sha1"],
        "X-Checksum-Sha256": row["sha256"],
        "X-Checksum-Md5": row["md5"],
        "ETag": row["sha1"],
        "Last-Modified": http_date(row["modified"]),
        "Accept-Ranges": "bytes",
        "X-Artifactory-Filename": encoded,
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}",
    }
    return {name: value for name, value in headers.items() if value}


def _checksum_elsewhere(call: Call, repo: str, path: str) -> Answer | None:
    """Where several repositories may answer, the checksum is that of the file which they answer with, and no file."""
    config = call.platform.repositories.find(repo) or {}
    if config.get("rclass") not in {"remote", "virtual"} or not path.endswith(tuple(_SUMS)):
        return None
    try:
        return _derived(call, repo, path)
    except Refused as refused:
        if refused.status != 404:
            raise
        return None


def _derived(call: Call, repo: str, path: str) -> Answer | None:
    """What stands for no item of its own: `a.jar.sha1`, and `a.jar!/a/file`."""
    if _INSIDE in path:
        return _entry(call, repo, *path.split(_INSIDE, 1))
    ending = next((ending for ending in _SUMS if path.endswith(ending)), None)
    if ending is None:
        return None
    row = resolve.find(call.platform, call.caller, repo, path.removesuffix(ending), fetch=True)
    if row["folder"]:
        return None
    return Answer(200, checksum(call, row, _SUMS[ending]).encode(), "application/x-checksum")


def checksum(call: Call, row: Row, kind: str) -> str:
    """A checksum of a file; SHA-512 is worked out."""
    if kind != "sha512":
        return str(row[kind])
    digest = hashlib.sha512()
    with call.platform.binaries.store.open(row["sha1"]) as file:
        while chunk := file.read(SMALL):
            digest.update(chunk)
    return digest.hexdigest()


def _entry(call: Call, repo: str, path: str, wanted: str) -> Answer:
    row = resolve.find(call.platform, call.caller, repo, path, fetch=True)
    if row["folder"] or not archives.is_archive(row["name"]):
        raise Refused(404, "File not found.")
    try:
        with archives.opened(call.platform, row["sha1"]) as file:
            found = archives.entry(call.platform, file, row["name"], wanted)
    except MissingBinary:
        found = None
    if found is None:
        raise Refused(404, f"Unable to find zip resource: '{repo}:{path}{_INSIDE}{wanted}'")
    headers = {"X-Checksum-Sha1": found.sha1, "X-Checksum-Md5": found.md5, "X-Checksum-Sha256": found.sha256}
    copy = found.path.open("rb")
    found.path.unlink()  # without a name it goes when the answer is sent
    return Answer(200, Stored(copy, found.size), media_type(wanted), headers)


def _demand_properties(call: Call, row: Row) -> None:
    """`;stage+=prod` in the address wants exactly that on the file; `;stage=prod` nothing else, if it has a stage."""
    if not call.matrix:
        return
    has = call.platform.artifacts.state.properties(row["id"])
    for name, values in call.matrix.items():
        found = has.get(name.removesuffix("+"), ())
        if (found or name.endswith("+")) and not set(values) & set(found):
            raise Refused(404, "File not found.")


def _folder(call: Call, row: Row, repo: str) -> Answer:
    platform, path = call.platform, row["path"]
    rows = resolve.children(platform, call.caller, repo, path, row)
    found = {
        child["name"]: members.Child(child["name"], bool(child["folder"]), child["modified"], child["size"])
        for child in rows
        if call.caller.admin or platform.security.may(call.caller, "read", child["repo"], child["path"])
    }
    for child in resolve.remote_children(platform, repo, path):
        found.setdefault(child.name, child)
    return listing.page(platform, repo, path, [found[name] for name in sorted(found)], call.folder)
