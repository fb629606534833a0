"""Search calls (6.3)."""

from typing import Any

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.search.aql import Query, parse
from artifactory_sandbox.platform.search.state import DATES, SearchState, like
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer

_DEFAULT = ("repo", "path", "name", "type", "size", "created", "created_by", "modified", "modified_by", "updated")
_FIELDS = (*_DEFAULT, "depth", "actual_md5", "actual_sha1", "sha256", "original_md5", "original_sha1", "id")


def aql(call: Call) -> Answer:
    """Artifactory Query Language, the item domain."""
    query = parse(call.text())
    if query.domain != "items":
        raise Refused(400, f"Failed to parse query: the domain '{query.domain}' is not simulated")
    state = SearchState(call.platform.database)
    rows = state.find(query, call.platform.clock.now())
    security = call.platform.security
    if not call.caller.admin:
        if query.include and not {"repo", "path", "name"} <= {name.removeprefix("item.") for name in query.include}:
            raise Refused(
                403, "The result must include the fields repo, path and name for a caller that is no administrator"
            )
        rows = [row for row in rows if security.may(call.caller, "read", _repo(row), row["path"])]
    properties = state.properties([row["id"] for row in rows]) if _wants_properties(query) else None
    names = _names(query)
    results = [_shown(row, names, properties) for row in rows]
    span = {"start_pos": query.offset, "end_pos": query.offset + len(results), "total": len(results)}
    if query.limit is not None:
        span["limit"] = query.limit
    return json_answer({"results": results, "range": span})


def by_checksum(call: Call) -> Answer:
    """Checksum Search."""
    for kind in ("sha256", "sha1", "md5"):
        if wanted := call.first(kind):
            return _uris(call, call.platform.artifacts.state.with_checksum(kind, wanted.lower()))
    raise Refused(400, "The 'md5', 'sha1' or 'sha256' parameter is required")


def by_name(call: Call) -> Answer:
    """Artifact Search (Quick Search)."""
    name = call.first("name")
    if not name.strip("*"):
        raise Refused(400, "The 'name' parameter is required")
    return _uris(call, call.platform.artifacts.state.named(like(name)))


def _uris(call: Call, rows: list[Row]) -> Answer:
    repos = {name for name in call.first("repos").split(",") if name}
    base = call.artifactory_url
    found = [
        {"uri": f"{base}/api/storage/{row['repo']}/{row['path']}"}
        for row in rows
        if (not repos or _repo(row) in repos)
        and call.platform.security.may(call.caller, "read", _repo(row), row["path"])
    ]
    return json_answer({"results": found}, kind="search.ArtifactSearchResult")


def _repo(row: Row) -> str:
    return str(row["repo"])


def _names(query: Query) -> tuple[str, ...]:
    asked = [name.removeprefix("item.") for name in query.include if not name.startswith(("property", "@", "stat"))]
    if not asked:
        return _DEFAULT
    if "*" in asked:
        return _FIELDS
    if unknown := [name for name in asked if name not in _FIELDS]:
        raise Refused(400, f"Failed to parse query: unknown field '{unknown[0]}'")
    return tuple(asked)


def _wants_properties(query: Query) -> bool:
    return any(name.startswith(("property", "@")) for name in query.include)


def _shown(row: Row, names: tuple[str, ...], properties: dict[int, list[dict[str, str]]] | None) -> dict[str, Any]:
    shown = {name: _field(row, name) for name in names}
    shown = {name: value for name, value in shown.items() if value is not None}
    if properties and row["id"] in properties:
        shown["properties"] = properties[row["id"]]
    return shown


def _field(row: Row, name: str) -> Any:
    if name == "path":
        return row["parent"] or "."
    if name == "name":
        return row["name"] or "."
    if name == "type":
        return "folder" if row["folder"] else "file"
    if name in DATES:
        return iso(row[name])
    stored = {"actual_md5": "md5", "actual_sha1": "sha1", "original_md5": "md5", "original_sha1": "sha1"}.get(
        name, name
    )
    return row[stored]


ROUTES = (
    Route("POST", "/artifactory/api/search/aql", "6.3", aql, Needs.USER, partly="the item domain"),
    Route("GET", "/artifactory/api/search/checksum", "6.3", by_checksum, Needs.CALLER),
    Route("GET", "/artifactory/api/search/artifact", "6.3", by_name, Needs.CALLER),
)
