"""Download: ranges, conditions, checksum headers; folders as a page (6.1)."""

import html
import io
import re

from artifactory_sandbox.platform.artifacts import resolve
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.clock import http_date
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Refused, Stored
from artifactory_sandbox.platform.web import html as page

_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")
_SUMS = re.compile(r"\.(sha1|md5|sha256)\Z")


def download(call: Call) -> Answer:
    """Retrieve Artifact, also with HEAD."""
    repo, path = call.args["repo"], call.args["path"]
    try:
        row = resolve.find(call.platform, call.caller, repo, path, fetch=True)
    except Refused as refused:
        if refused.status == 404 and (found := _checksum_file(call, repo, path)):
            return found
        raise
    if row["folder"]:
        return _folder(call, row, repo)
    headers = _headers(row)
    if _unchanged(call, row):
        return Answer(304, headers=headers)
    start, length, status = 0, row["size"], 200
    if wanted := _range(call, row["size"]):
        start, length = wanted
        status = 206
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{row['size']}"
    if call.method == "HEAD":
        return Answer(status, Stored(io.BytesIO(), length), row["mime"], headers)
    try:
        file = call.platform.binaries.store.open(row["sha1"], start)
    except MissingBinary:
        raise Refused(404, f"Could not find the binary of '{row['repo']}:{row['path']}' in the filestore.") from None
    call.platform.artifacts.state.downloaded(row["id"], call.caller.name, call.platform.clock.now())
    return Answer(status, Stored(file, length), row["mime"], headers)


def _headers(row: Row) -> dict[str, str]:
    return {
        "X-Checksum-Sha1": row["sha1"],
        "X-Checksum-Sha256": row["sha256"],
        "X-Checksum-Md5": row["md5"],
        "ETag": row["sha1"],
        "Last-Modified": http_date(row["modified"]),
        "Accept-Ranges": "bytes",
        "X-Artifactory-Filename": row["name"].encode("ascii", "backslashreplace").decode(),
    }


def _unchanged(call: Call, row: Row) -> bool:
    if tags := call.headers.get("if-none-match"):
        return row["sha1"] in {tag.strip().strip('"') for tag in tags.split(",")} or tags.strip() == "*"
    return call.headers.get("if-modified-since") == http_date(row["modified"])


def _range(call: Call, size: int) -> tuple[int, int] | None:
    """Start and length; None for the whole. Several ranges at once are answered with the whole, as HTTP allows."""
    found = _RANGE.match(call.headers.get("range", ""))
    if found is None or (not found[1] and not found[2]):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        start = size - length
    else:
        start = int(found[1])
        length = min(int(found[2] or size), size - 1) - start + 1
    if length <= 0 or start >= size:
        refused = Refused(416, "Requested Range Not Satisfiable")
        refused.headers["Content-Range"] = f"bytes */{size}"
        raise refused
    return start, length


def _checksum_file(call: Call, repo: str, path: str) -> Answer | None:
    """`a.jar.sha1` answers the checksum of `a.jar`."""
    kind = _SUMS.search(path)
    if kind is None:
        return None
    row = resolve.find(call.platform, call.caller, repo, path[: kind.start()], fetch=True)
    return None if row["folder"] else Answer(200, row[kind[1]].encode(), "application/x-checksum")


def _folder(call: Call, row: Row, repo: str) -> Answer:
    children = call.platform.artifacts.state.children(row["repo"], row["path"])
    names = [f"{child['name']}{'/' if child['folder'] else ''}" for child in children]
    links = "".join(f'<li><a href="{html.escape(name)}">{html.escape(name)}</a></li>' for name in names)
    return page(f"<h1>Index of {html.escape(repo)}/{html.escape(row['path'])}</h1><ul>{links}</ul>")
