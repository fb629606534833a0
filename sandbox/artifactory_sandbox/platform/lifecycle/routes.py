"""The calls of the lifecycle service (12.8.1, 12.8.2), and the import of an exported bundle (12.8.3)."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from artifactory_sandbox.platform.builds import permissions
from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.lifecycle import signing, sources
from artifactory_sandbox.platform.lifecycle.behaviour import shown_file
from artifactory_sandbox.platform.lifecycle.distribution import DELETE, DISTRIBUTE, Order
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer

_API = "/lifecycle/api/v2"
_BUNDLE, _PROMOTION = f"{_API}/release_bundle", f"{_API}/promotion"
_DISTRIBUTION = f"{_API}/distribution"
_PAGE = 1000


def create(call: Call) -> Answer:
    """Create Release Bundle v2 Version."""
    sent, later = call.json_object(), call.flag("async", default=True)
    name = str(sent.get("release_bundle_name"))
    _demand(call, "write", name)
    row = call.platform.lifecycle.create(sent, (_repo(call), _project(call)), _key(call), call.caller, later)
    return json_answer(_created(row), 202 if later else 201)


def extend(call: Call) -> Answer:
    """Update a draft."""
    sent = call.json_object()
    _demand(call, "write", str(sent.get("release_bundle_name")))
    return json_answer(_created(call.platform.lifecycle.extend(sent, _repo(call))))


def finalize(call: Call) -> Answer:
    """Finalize a draft."""
    row = _row(call, "write")
    later = call.flag("async", default=True)
    return json_answer(_created(call.platform.lifecycle.finalize(row, _key(call), call.caller, later)))


def status(call: Call) -> Answer:
    """Status of a version."""
    row = _row(call)
    return json_answer({"status": row["status"], "messages": json.loads(row["messages"])})


def record(call: Call) -> Answer:
    """A version with its files."""
    row, service = _row(call), call.platform.lifecycle
    return json_answer(service.record(row, service.state.files(row["id"])))


def versions(call: Call) -> Answer:
    """Versions of a bundle."""
    service, repo, name = call.platform.lifecycle, _repo(call), call.args["name"]
    _demand(call, "read", name)
    rows = [_version(call, row) for row in service.state.versions(repo, name)]
    filters = {"release_bundle_version": "release_bundle_version", "created_by": "created_by", "status": "status"}
    return json_answer(_paged(call, rows, "release_bundles", filters))


def groups(call: Call) -> Answer:
    """Bundles with their last version; of all projects, or of the one that is named."""
    service = call.platform.lifecycle
    repo = _repo(call) if _project(call) or call.first("repository_key") else ""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in service.state.in_repo(repo):
        if permissions.may(call.platform, call.caller, "read", row["repo"], row["name"], "release_bundle"):
            found.setdefault((row["repo"], row["name"]), []).append(row)
    rows = [
        {
            "repository_key": key,
            "project_key": listed[0]["project"] or "default",
            "project_name": listed[0]["project"] or "default",
            "service_id": call.platform.service_id,
            "created": iso(listed[0]["created"]),
            "release_bundle_name": name,
            "release_bundle_version_latest": listed[0]["version"],
            "release_bundle_versions_count": len(listed),
        }
        for (key, name), listed in found.items()
    ]
    filters = {"release_bundle_name": "release_bundle_name"}
    return json_answer(_paged(call, rows, "release_bundles", filters, "release_bundle_name"))


def names(call: Call) -> Answer:
    """Every bundle by name, without its versions; what counts of them are made of."""
    found = {
        (row["repo"], row["name"]): row["project"] or "default"
        for row in call.platform.lifecycle.state.in_repo("")
        if permissions.may(call.platform, call.caller, "read", row["repo"], row["name"], "release_bundle")
    }
    rows = [
        {"repository_key": repo, "project_key": project, "release_bundle_name": name}
        for (repo, name), project in sorted(found.items())
    ]
    return json_answer({"release_bundles": rows})


def exists(call: Call) -> Answer:
    """Whether a version exists."""
    _demand(call, "read", call.args["name"])
    found = call.platform.lifecycle.state.bundle(_repo(call), call.args["name"], call.args["version"])
    return json_answer({"exists": found is not None})


def tag(call: Call) -> Answer:
    """Labels a version."""
    wanted = call.json_object().get("tag")
    if not isinstance(wanted, str) or len(wanted) > 128:
        raise Refused(400, "tag must be a text of at most 128 characters")
    call.platform.lifecycle.state.set_tag(_row(call, "annotate")["id"], wanted)
    return Answer(200)


def delete(call: Call) -> Answer:
    """Delete Release Bundle v2 Version."""
    later = call.flag("async", default=True)
    call.platform.lifecycle.delete(_row(call, "delete"), call.caller.name, later)
    return Answer(200) if later else empty(204)


def promote(call: Call) -> Answer:
    """Promote Release Bundle v2 Version."""
    bundle, later = _row(call), call.flag("async", default=True)
    operation = call.first("operation", "copy")
    promotions = call.platform.lifecycle.promotions
    row = promotions.create(bundle, call.json_object(), _key(call), operation, call.caller, later)
    shown = promotions.shown(bundle, row)
    names = ("repository_key", "release_bundle_name", "release_bundle_version", "environment", "created")
    request = json.loads(row["request"])
    lists = {name: request[name] for name in ("included_repository_keys", "excluded_repository_keys") if request[name]}
    answer = {**{name: shown[name] for name in names}, "created_millis": shown["created_millis"], **lists}
    return json_answer(answer, 202 if later else 201)


def promotion(call: Call) -> Answer:
    """One promotion with what it made."""
    bundle, promotions = _row(call), call.platform.lifecycle.promotions
    row = promotions.get(bundle, call.args["created"])
    return json_answer({**promotions.shown(bundle, row), "artifacts": json.loads(row["files"])})


def promotion_status(call: Call) -> Answer:
    """Status of a promotion."""
    row = call.platform.lifecycle.promotions.get(_row(call), call.args["created"])
    return json_answer({"status": row["status"], "messages": json.loads(row["messages"])})


def promotions(call: Call) -> Answer:
    """Promotions of a version, or of all versions of a bundle."""
    service, name = call.platform.lifecycle, call.args["name"]
    if "version" in call.args:
        _row(call)
    _demand(call, "read", name)
    rows = []
    for row in service.state.promotions(_repo(call), name, call.args.get("version", "")):
        shown = service.promotions.shown(row, row)
        rows.append({**shown, "messages": json.loads(row["messages"])} if call.first("include") else shown)
    filters = {
        "bundle_version": "release_bundle_version",
        "promotion_environment": "environment",
        "promotion_created_by": "created_by",
    }
    return json_answer(_paged(call, rows, "promotions", filters))


def delete_promotion(call: Call) -> Answer:
    """Removes the record of a promotion; what it copied stays."""
    row = call.platform.lifecycle.promotions.get(_row(call, "delete"), call.args["created"])
    call.platform.lifecycle.state.delete_promotion(row["id"])
    return Answer(200) if call.flag("async", default=True) else empty(204)


def distribute(call: Call) -> Answer:
    """Distribute Release Bundle v2 Version."""
    return _ordered(call, DISTRIBUTE)


def remote_delete(call: Call) -> Answer:
    """Remote deletion of a distributed version."""
    return _ordered(call, DELETE)


def _ordered(call: Call, kind: str) -> Answer:
    row, sent = _row(call, "write"), call.json_object()
    if row["status"] != "COMPLETED":
        raise Refused(400, f"Release Bundle {row['name']}/{row['version']} is {row['status']}")
    order = Order("v2", row["repo"], row["name"], row["version"])
    made = call.platform.lifecycle.distributions.ask(order, kind, sent, call.caller.name)
    return json_answer(made, 200 if sent.get("dry_run") else 202)


def trackers(call: Call) -> Answer:
    """Distributions of a version."""
    listed = call.platform.lifecycle.distributions.listed
    return json_answer([listed(row) for row in _distributions(call)])


def tracker(call: Call) -> Answer:
    """One distribution."""
    number = int(call.args["id"]) if call.args["id"].isdecimal() and len(call.args["id"]) < 16 else -1
    rows = _distributions(call, number)
    if not rows:
        raise Refused(404, f"Distribution tracker {call.args['id'][:30]} was not found")
    return json_answer(call.platform.lifecycle.distributions.shown(rows[0]))


def _distributions(call: Call, number: int = 0) -> list[Row]:
    """Those of the version in its repository: another project may have one of the same name."""
    bundle = _row(call)
    rows = call.platform.lifecycle.state.distributions("v2", bundle["name"], bundle["version"], number)
    return [row for row in rows if row["repo"] == bundle["repo"]]


def export(call: Call) -> Answer:
    """Asks for an archive of a version."""
    call.platform.lifecycle.exports.ask(_row(call), call.json_object())
    return json_answer({"status": "IN_PROGRESS"}, 202)


def export_status(call: Call) -> Answer:
    """How the archive stands."""
    return json_answer(call.platform.lifecycle.exports.status(_row(call), call.artifactory_url))


def take(call: Call) -> Answer:
    """Import Release Bundle: the archive as body."""
    if call.upload is None or call.upload.size == 0:
        raise Refused(400, "The archive is missing")
    row = call.platform.lifecycle.exports.take(call.upload.path, call.caller.name)
    return json_answer(_created(row), 202)


def _created(row: Row) -> dict[str, Any]:
    return {
        "repository_key": row["repo"],
        "release_bundle_name": row["name"],
        "release_bundle_version": row["version"],
        "created": iso(row["created"]),
    }


def _version(call: Call, row: Row) -> dict[str, Any]:
    shown = {
        "status": row["status"],
        "repository_key": row["repo"],
        "release_bundle_name": row["name"],
        "release_bundle_version": row["version"],
        "service_id": call.platform.service_id,
        "created_by": row["created_by"],
        "created": iso(row["created"]),
        "release_status": _release_status(call, row),
        "tag": row["tag"],
    }
    if "messages" in call.first("include"):
        shown["messages"] = json.loads(row["messages"])
    if "artifacts" in call.first("include"):
        shown["artifacts"] = [shown_file(file) for file in call.platform.lifecycle.state.files(row["id"])]
    return shown


def _release_status(call: Call, row: Row) -> str:
    done = call.platform.lifecycle.state.promotions(row["repo"], row["name"], row["version"])
    released = any(one["environment"] == "PROD" and one["status"] == "COMPLETED" for one in done)
    return "RELEASED" if released else "PRE_RELEASE"


def _paged(
    call: Call, rows: Sequence[dict[str, Any]], name: str, filters: dict[str, str], free: str = "release_bundle_version"
) -> dict[str, Any]:
    """One page of a list, filtered (`filter_by`) and sorted (`order_by`, `order_asc`)."""
    wanted = call.first("filter_by")
    field, _, value = wanted.rpartition("=")
    by = filters.get(field, free)
    found = [row for row in rows if not value or value.strip("*") in str(row[by])]
    order: Callable[[dict[str, Any]], Any] = lambda row: row.get(call.first("order_by", "created")) or 0  # noqa: E731
    if "order_by" in call.query or "order_asc" in call.query:
        found.sort(key=lambda row: str(order(row)), reverse=not call.flag("order_asc"))
    offset, limit = max(0, call.number("offset", 0)), max(0, min(call.number("limit", _PAGE), _PAGE))
    return {name: found[offset : offset + limit], "total": len(found), "limit": limit, "offset": offset}


def _project(call: Call) -> str:
    project = call.first("project")
    return "" if project == "default" else project


def _repo(call: Call) -> str:
    return sources.repository(_project(call), call.first("repository_key"))


def _key(call: Call) -> str:
    return call.headers.get(signing.HEADER, "")


def _demand(call: Call, action: str, name: str) -> None:
    permissions.demand(call.platform, call.caller, action, _repo(call), name, "release_bundle")


def _row(call: Call, action: str = "read") -> Row:
    _demand(call, action, call.args["name"])
    return call.platform.lifecycle.get(_repo(call), call.args["name"], call.args["version"])


_ONE, _TWO = "12.8.1", "12.8.2"
_NV = "{name}/{version}"
ROUTES = (
    Route("POST", _BUNDLE, _ONE, create, Needs.USER),
    Route("PATCH", _BUNDLE, _TWO, extend, Needs.USER),
    Route("POST", f"{_BUNDLE}/{_NV}/finalize", _TWO, finalize, Needs.USER),
    Route("GET", f"{_BUNDLE}/statuses/{_NV}", _TWO, status, Needs.USER),
    Route("GET", f"{_BUNDLE}/groups", _TWO, groups, Needs.USER),
    Route("GET", f"{_BUNDLE}/names", _TWO, names, Needs.USER),
    Route("GET", f"{_BUNDLE}/records/{{name}}", _TWO, versions, Needs.USER),
    Route("GET", f"{_BUNDLE}/records/{_NV}", _ONE, record, Needs.USER),
    Route("DELETE", f"{_BUNDLE}/records/{_NV}", _ONE, delete, Needs.USER),
    Route("PUT", f"{_BUNDLE}/records/{_NV}/tag", _TWO, tag, Needs.USER),
    Route("GET", f"{_BUNDLE}/existence/{_NV}", _TWO, exists, Needs.USER),
    Route("POST", f"{_PROMOTION}/records/{_NV}", _ONE, promote, Needs.USER),
    Route("GET", f"{_PROMOTION}/records/{{name}}", _TWO, promotions, Needs.USER),
    Route("GET", f"{_PROMOTION}/records/{_NV}", _TWO, promotions, Needs.USER),
    Route("GET", f"{_PROMOTION}/records/{_NV}/{{created}}", _ONE, promotion, Needs.USER),
    Route("DELETE", f"{_PROMOTION}/records/{_NV}/{{created}}", _ONE, delete_promotion, Needs.USER),
    Route("GET", f"{_PROMOTION}/statuses/{_NV}/{{created}}", _TWO, promotion_status, Needs.USER),
    Route("POST", f"{_DISTRIBUTION}/distribute/{_NV}", _TWO, distribute, Needs.USER),
    Route("POST", f"{_DISTRIBUTION}/remote_delete/{_NV}", _TWO, remote_delete, Needs.USER),
    Route("GET", f"{_DISTRIBUTION}/trackers/{_NV}", _TWO, trackers, Needs.USER),
    Route("GET", f"{_DISTRIBUTION}/trackers/{_NV}/{{id}}", _TWO, tracker, Needs.USER),
    Route("POST", f"{_DISTRIBUTION}/export/{_NV}", _TWO, export, Needs.USER),
    Route("GET", f"{_DISTRIBUTION}/export/status/{_NV}", _TWO, export_status, Needs.USER),
    Route("POST", "/artifactory/api/release/import", "12.8.3", take, body="file"),
)
