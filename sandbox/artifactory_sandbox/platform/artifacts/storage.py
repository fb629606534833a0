"""The storage API: information, lists, properties (6.2)."""

from typing import Any

from artifactory_sandbox.platform.artifacts import info, resolve
from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer

_STORAGE = "/artifactory/api/storage/{repo}/{path:path}"
_METADATA = "/artifactory/api/metadata/{repo}/{path:path}"


def get(call: Call) -> Answer:
    """One kind of information a call, by the query parameter."""
    repo = call.args["repo"]
    try:
        row = resolve.find(call.platform, call.caller, repo, call.args["path"], fetch=False)
    except Refused as refused:
        raise Refused(404, "Unable to find item") if refused.status == 404 else refused from None
    for name, answer in _KINDS.items():
        if name in call.query:
            return answer(call, row)
    base = call.artifactory_url
    if not row["folder"]:
        return json_answer(info.file_info(row, base, repo), kind="storage.FileInfo")
    children = call.platform.artifacts.state.children(row["repo"], row["path"])
    return json_answer(info.folder_info(row, children, base, repo), kind="storage.FolderInfo")


def _list(call: Call, row: Row) -> Answer:
    if not call.caller.known:
        raise Refused(403, "This resource is available to authenticated users only")
    if not row["folder"]:
        raise Refused(400, f"Expected a folder but found a file, at: {row['repo']}:{row['path']}")
    deepest = row["depth"] + (call.number("depth", 1_000_000) if call.flag("deep") else 1)
    rows = [
        found
        for found in call.platform.artifacts.state.tree(row["repo"], row["path"])
        if (found["path"] != row["path"] or call.flag("includeRootPath"))
        and found["depth"] <= deepest
        and (not found["folder"] or call.flag("listFolders"))
    ]
    times = call.flag("mdTimestamps")
    shown = {
        "uri": f"{call.artifactory_url}/api/storage/{call.args['repo']}/{row['path']}".rstrip("/"),
        "created": iso(call.platform.clock.now()),
        "files": [info.listed(found, row["path"], times) for found in rows],
    }
    return json_answer(shown, kind="storage.FileList")


def _last_modified(call: Call, row: Row) -> Answer:
    files = [found for found in call.platform.artifacts.state.tree(row["repo"], row["path"]) if not found["folder"]]
    newest = max(files, key=lambda found: int(found["modified"]), default=row)
    uri = f"{call.artifactory_url}/api/storage/{call.args['repo']}/{newest['path']}"
    return json_answer({"uri": uri, "lastModified": iso(newest["modified"])}, kind="storage.ItemLastModified")


def _stats(call: Call, row: Row) -> Answer:
    shown: dict[str, Any] = {
        "uri": f"{call.artifactory_url}/{call.args['repo']}/{row['path']}",
        "downloadCount": row["downloads"],
        "lastDownloaded": row["downloaded"] or 0,
        "remoteDownloadCount": 0,
        "remoteLastDownloaded": 0,
    }
    if row["downloaded_by"]:
        shown["lastDownloadedBy"] = row["downloaded_by"]
    return json_answer(shown, kind="storage.StatsInfo")


def _properties(call: Call, row: Row) -> Answer:
    wanted = [name for value in call.query["properties"] for name in value.split(",") if name]
    found = call.platform.artifacts.state.properties(row["id"])
    shown = {name: values for name, values in found.items() if not wanted or name in wanted}
    if not shown:
        raise Refused(404, "No properties could be found.")
    uri = f"{call.artifactory_url}/api/storage/{call.args['repo']}/{row['path']}".rstrip("/")
    return json_answer({"properties": shown, "uri": uri}, kind="storage.ItemProperties")


def _permissions(call: Call, row: Row) -> Answer:
    if not call.caller.admin:
        raise Refused(403, "Forbidden")
    users: dict[str, set[str]] = {}
    groups: dict[str, set[str]] = {}
    for _, resources in call.platform.security.state.permissions():
        artifact = resources.get("artifact") or {}
        if not {row["repo"], "ANY", "ANY LOCAL"} & set(artifact.get("targets") or {}):
            continue
        actions = artifact.get("actions") or {}
        for kind, found in (("users", users), ("groups", groups)):
            for name, granted in (actions.get(kind) or {}).items():
                found.setdefault(name, set()).update(granted)
    principals = {
        kind: {name: sorted(granted) for name, granted in found.items()}
        for kind, found in (("users", users), ("groups", groups))
    }
    uri = f"{call.artifactory_url}/api/storage/{call.args['repo']}/{row['path']}"
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
    wanted = parse_properties(call.first("properties"))
    if not wanted:
        raise Refused(400, "Properties are missing")
    return _set(call, wanted, call.flag("recursive", default=True))


def delete_properties(call: Call) -> Answer:
    """Delete Item Properties."""
    names = [name for name in call.first("properties").split(",") if name]
    if not names:
        raise Refused(400, "Properties are missing")
    return _set(call, dict.fromkeys(names), call.flag("recursive", default=True))


def patch_metadata(call: Call) -> Answer:
    """Update Item Properties: null removes, a comma in a text splits it (12.10.1)."""
    props = call.json_object().get("props")
    if not isinstance(props, dict):
        raise Refused(400, "props or stats fields required")
    wanted: dict[str, list[str] | None] = {}
    for name, value in props.items():
        if value is None:
            wanted[name] = None
        elif isinstance(value, list):
            wanted[name] = [str(one) for one in value]
        else:
            wanted[name] = _split(str(value), ",")
    return _set(call, wanted, call.flag("recursiveProperties", default=True))


def _set(call: Call, wanted: dict[str, list[str] | None], recursive: bool) -> Answer:
    repo, path = call.args["repo"], call.args["path"]
    store = call.platform.artifacts.store_of(repo)
    if store is None or call.platform.artifacts.state.item(store, path) is None:
        raise Refused(404, "Unable to find item")
    call.platform.security.demand(call.caller, "annotate", repo, path)
    call.platform.artifacts.set_properties(store, path, wanted, Origin(call.caller.name), recursive)
    return empty(204)


def parse_properties(text: str) -> dict[str, list[str] | None]:
    """Reads `a=1,2;b=3`; `|` separates as well, a backslash takes a separator's meaning away."""
    wanted: dict[str, list[str] | None] = {}
    for part in _split(text, ";|", keep_escapes=True):
        name, *rest = _split(part, "=", keep_escapes=True)
        if name:
            wanted[_plain(name)] = [_plain(value) for value in _split("=".join(rest), ",", keep_escapes=True)]
    return wanted


def _split(text: str, separators: str, keep_escapes: bool = False) -> list[str]:
    parts, current, position = [], "", 0
    while position < len(text):
        letter = text[position]
        if letter == "\\" and position + 1 < len(text):
            current += text[position : position + 2] if keep_escapes else text[position + 1]
            position += 2
            continue
        if letter in separators:
            parts.append(current)
            current = ""
        else:
            current += letter
        position += 1
    return [*parts, current]


def _plain(text: str) -> str:
    return _split(text, "")[0]


ROUTES = (
    Route("GET", _STORAGE, "6.2", get, Needs.CALLER),
    Route("PUT", _STORAGE, "6.2", put_properties, Needs.CALLER),
    Route("DELETE", _STORAGE, "6.2", delete_properties, Needs.CALLER),
    Route("PATCH", _METADATA, "6.2", patch_metadata, Needs.CALLER),
)
