"""Older calls about one item: Artifact Sync Download, noting its SHA-256, its compliance (6.1, 6.2)."""

from artifactory_sandbox.platform.artifacts import download, resolve
from artifactory_sandbox.platform.artifacts.rows import Origin
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer, text

_MARK = 512 * 1024
"""Bytes that one mark of the progress stands for unless the call says otherwise."""
_MOST_MARKS = 10_000


def sync_download(call: Call) -> Answer:
    """Artifact Sync Download: brings a file into the repository; its content, nothing, or a line of marks."""
    kind = call.first("content")
    row = resolve.find(call.platform, call.caller, call.args["repo"], call.args["path"], fetch=True)
    if row["folder"]:
        raise Refused(400, f"Expected a file but found a folder, at: {row['repo']}:{row['path']}")
    if not kind:
        return download.answer(call, row)
    if kind not in {"none", "progress"}:
        raise Refused(400, f"Unsupported content: {kind[:20]}")
    if kind == "none":
        return text("")
    marks = row["size"] // max(call.number("mark", _MARK), 1) + 1
    return text(f"{'#' * min(marks, _MOST_MARKS)}\nCompleted {row['size']}/{row['size']} bytes\n")


def note_sha256(call: Call) -> Answer:
    """Set Item SHA256 Checksum: as a property, on a file or on every file of a folder."""
    sent, platform = call.json_object(), call.platform
    repo, path = (str(sent.get(name) or "").strip("/") for name in ("repoKey", "path"))
    store = platform.artifacts.store_of(repo)
    row = platform.artifacts.state.item(store, path) if store else None
    if row is None or store is None:
        raise Refused(404, f"Unable to find item '{repo}:{path}'")
    platform.security.demand(call.caller, "annotate", repo, path)
    rows = platform.artifacts.state.files(store, path) if row["folder"] else [row]
    for one in rows:
        values = {"sha256": [one["sha256"]]}
        platform.artifacts.set_properties(store, one["path"], values, Origin(call.caller.name), recursive=False)
    return text(f"SHA-256 was set on {len(rows)} files\n")


def compliance(call: Call) -> Answer:
    """File Compliance Info: the licences that the file's properties name; vulnerabilities are another service's."""
    row = resolve.find(call.platform, call.caller, call.args["repo"], call.args["path"], fetch=False)
    named = call.platform.artifacts.state.properties(row["id"]).get("artifactory.licenses", [])
    return json_answer({"licenses": [{"name": name} for name in named], "vulnerabilities": []})


ROUTES = (
    Route("GET", "/artifactory/api/compliance/{repo}/{path:path}", "6.2", compliance, Needs.USER),
    Route("GET", "/artifactory/api/download/{repo}/{path:path}", "6.1", sync_download, Needs.CALLER),
    Route("POST", "/artifactory/api/checksum/sha256", "6.2", note_sha256, Needs.USER),
)
