"""The storage API: information, lists, properties (6.2)."""

from typing import Any

from artifactory_sandbox.platform.artifacts import info, properties, resolve
from artifactory_sandbox.platform.artifacts.rows import LATEST_MS, Origin
from artifactory_sandbox.platform.artifacts.trash import TRASH
from artifactory_sandbox.platform.clock import iso, parse_iso
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.security.authentication import login_needed
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer

_STORAGE = "/artifactory/api/storage/{repo}/{path:path}"
_METADATA = "/artifactory/api/metadata/{repo}/{path:path}"
MISSING = "Unable to find item"


def get(call: Call) -> Answer:
    """One kind of information a call, by the query parameter."""
    row = _found(call)
    for name, answer in _KINDS.items():
        if name in call.query:
            return answer(call, row)
    base, repo = call.artifactory_url, call.args["repo"]
    if not row["folder"]:
        shown = info.file_info(row, base, repo)
        if remote := _remote_url(call, row):
            shown["remoteUrl"] = remote
        return json_answer(shown, kind="storage.FileInfo")
    rows = resolve.children(call.platform, call.caller, repo, row["path"], row)
    listed = {child["name"]: bool(child["folder"]) for child in rows if _readable(call, child)}
    for child in resolve.remote_children(call.platform, repo, row["path"]):
        listed.setdefault(child.name, child.folder)
    return json_answer(info.folder_info(row, sorted(listed.items()), base, repo), kind="storage.FolderInfo")


def _found(call: Call) -> Row:
    try:
        return resolve.find(call.platform, call.caller, call.args["repo"], call.args["path"], fetch=False)
    except Refused as refused:
        raise Refused(404, MISSING) if refused.status == 404 else refused from None


def _readable(call: Call, row: Row) -> bool:
    return call.caller.admin or call.platform.security.may(call.caller, "read", row["repo"], row["path"])


def _remote_url(call: Call, row: Row) -> str | None:
    if not row["repo"].endswith(CACHE_SUFFIX):
        return None
    config = call.platform.repositories.find(row["repo"].removesuffix(CACHE_SUFFIX)) or {}
    return f"{config['url'].rstrip('/')}/{row['path']}" if config.get("rclass") == "remote" else None


def _list(call: Call, row: Row) -> Answer:
    if not call.caller.known:
        raise Refused(403, "This resource is available to authenticated users only")
    if not row["folder"]:
        raise Refused(400, f"Expected a folder but found a file, at: {row['repo']}:{row['path']}")
    depth = call.number("depth", 0)
    if depth < 0:
        raise Refused(400, "Parameter 'depth' may not be negative")
    deepest = row["depth"] + ((depth or 1_000_000) if call.flag("deep") else 1)
    rows = [
        found
        for found in call.platform.artifacts.state.tree(row["repo"], row["path"])
        if (found["path"] != row["path"] or call.flag("includeRootPath"))
        and found["depth"] <= deepest
        and (not found["folder"] or call.flag("listFolders") or found["path"] == row["path"])
        and _readable(call, found)
    ]
    times = call.flag("mdTimestamps")
    shown = {
        "uri": f"{call.artifactory_url}/api/storage/{call.args['repo']}/{row['path']}".rstrip("/"),
        "created": iso(call.platform.clock.now()),
        "files": [info.listed(found, row["path"], times) for found in rows],
    }
    return json_answer(shown, kind="storage.FileList")


def _last_modified(call: Call, row: Row) -> Answer:
    newest = call.platform.artifacts.state.newest(row["repo"], row["path"]) or row
    uri = f"{call.artifactory_url}/api/storage/{call.args['repo']}/{newest['path']}".rstrip("/")
    return json_answer({"uri": uri, "lastModified": iso(newest["modified"])}, kind="storage.ItemLastModified")


def _stats(call: Call, row: Row) -> Answer:
    artifacts = call.platform.artifacts
    artifacts.statistics.flush()
    row = artifacts.state.item(row["repo"], row["path"]) or row
    elsewhere = artifacts.state.elsewhere(row["id"])
    shown: dict[str, Any] = {
        "uri": f"{call.artifactory_url}/{call.args['repo']}/{row['path']}",
        "downloadCount": row["downloads"],
        "lastDownloaded": row["downloaded"] or 0,
        "remoteDownloadCount": elsewhere["downloads"] if elsewhere else 0,
        "remoteLastDownloaded": (elsewhere["downloaded"] if elsewhere else 0) or 0,
    }
    if row["downloaded_by"]:
        shown["lastDownloadedBy"] = row["downloaded_by"]
    return json_answer(shown, kind="storage.StatsInfo")


def _properties(call: Call, row: Row) -> Answer:
    wanted = [name for value in call.query["properties"] for name in properties.names(value)]
    found = call.platform.artifacts.state.properties(row["id"])
    shown = {name: values for name, values in found.items() if not wanted or name in wanted}
    if not shown:
        raise Refused(404, "No properties could be found.")
    uri = f"{call.artifactory_url}/api/storage/{call.args['repo']}/{row['path']}".rstrip("/")
    return json_answer({"properties": shown, "uri": uri}, kind="storage.ItemProperties")


def _permissions(call: Call, row: Row) -> Answer:
    call.platform.security.demand(call.caller, "manage", call.args["repo"], row["path"])
    principals = call.platform.security.item_permissions(call.args["repo"], row["path"])
    uri = f"{call.artifactory_url}/api/storage/{call.args['repo']}/{row['path']}".rstrip("/")
    return json_answer({"uri": uri, "principals": principals}, kind="storage.ItemPermissions")


_KINDS = {
    "list": _list,
    "properties": _properties,
    "lastModified": _last_modified,
    "stats": _stats,
    "permissions": _permissions,
}


def put_properties(call: Call) -> Answer:
    """Set Item Properties: `a=1,2;b=3`."""
    wanted = properties.of_query(call.raw_query)
    if not wanted:
        raise Refused(400, "Properties are missing")
    return _set(call, wanted, call.flag("recursive", default=True))


def delete_properties(call: Call) -> Answer:
    """Delete Item Properties."""
    names = [name for value in call.query.get("properties", []) for name in properties.names(value)]
    if not names:
        raise Refused(400, "Properties are missing")
    return _set(call, dict.fromkeys(names), call.flag("recursive", default=True))


def patch_metadata(call: Call) -> Answer:
    """Update Item Properties, and the download statistics that an administrator brings from elsewhere."""
    body = call.json_object()
    if "props" not in body and "stats" not in body:
        raise Refused(400, "props or stats fields required")
    wanted = properties.patched(body["props"]) if "props" in body else {}
    stats = _statistics(body["stats"]) if "stats" in body else None
    recursive = call.flag("recursiveProperties", default=True)
    repo, path, row = _target(call)
    call.platform.security.demand(call.caller, "annotate", repo, path)
    with call.platform.database.transaction():
        if wanted:
            call.platform.artifacts.set_properties(row["repo"], path, wanted, Origin(call.caller.name), recursive)
        if stats is not None:
            if not call.caller.admin:
                raise Refused(403, "Forbidden")
            call.platform.artifacts.state.set_statistics(row["id"], *stats)
    return empty(204)


def _statistics(stats: Any) -> tuple[int, int | None, str | None]:
    if not isinstance(stats, dict):
        raise Refused(400, "props or stats fields required")
    count, last = stats.get("downloadCount", 0), stats.get("lastDownloaded")
    at = last if isinstance(last, int) else parse_iso(str(last)) if last else None
    wrong = isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < 2**53 or (last and at is None)
    if wrong or (at is not None and not 0 <= at <= LATEST_MS):
        raise Refused(400, "The stats field is not valid")
    by = stats.get("lastDownloadedBy")
    return count, at or None, str(by) if by else None


def _target(call: Call) -> tuple[str, str, Row]:
    """The item that properties are set on: of a local repository, of a cache, or of the trash can for administrators."""
    repo, path = call.args["repo"], call.args["path"]
    if repo == TRASH and not call.caller.admin:
        raise Refused(403, "Forbidden") if call.caller.known else login_needed()
    store = call.platform.artifacts.store_of(repo)
    row = call.platform.artifacts.state.item(store, path) if store else None
    if row is None:
        raise Refused(404, MISSING)
    return repo, path, row


def _set(call: Call, wanted: dict[str, list[str] | None], recursive: bool) -> Answer:
    repo, path, row = _target(call)
    call.platform.security.demand(call.caller, "annotate", repo, path)
    call.platform.artifacts.set_properties(row["repo"], path, wanted, Origin(call.caller.name), recursive)
    return empty(204)


ROUTES = (
    Route("GET", _STORAGE, "6.2", get, Needs.CALLER),
    Route("PUT", _STORAGE, "6.2", put_properties, Needs.CALLER),
    Route("DELETE", _STORAGE, "6.2", delete_properties, Needs.CALLER),
    Route("PATCH", _METADATA, "6.2", patch_metadata, Needs.CALLER),
)
