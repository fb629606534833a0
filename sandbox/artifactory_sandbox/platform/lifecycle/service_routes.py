"""The smaller services that clients touch: evidence, metadata, one model, AppTrust, JFConnect (12.11)."""

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from artifactory_sandbox.platform.cleanup import packages
from artifactory_sandbox.platform.cleanup.packages import Package
from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.lifecycle import graphql, sources
from artifactory_sandbox.platform.search.patterns import glob
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer, text

_KEY = re.compile(r"[a-z0-9][a-z0-9\-]{1,63}\Z")
_VERSION = "7.650.2"
_INTERNAL = frozenset({"buildinfo", "releasebundles"})


def evidence(call: Call) -> Answer:
    """Deploys evidence about a file."""
    service = call.platform.lifecycle.evidence
    made = service.add(call.args["path"], call.json_object(), call.first("providerId"), call.caller)
    return json_answer(made, 201)


def delete_evidence(call: Call) -> Answer:
    """Deletes evidence: its subject, then its own name."""
    call.platform.lifecycle.evidence.remove(call.args["path"], call.caller)
    return Answer(204)


def evidence_version(call: Call) -> Answer:
    """Version of the evidence service."""
    del call
    return text(_VERSION)


def metadata(call: Call) -> Answer:
    """GraphQL over packages and their versions."""
    return _graph(call, {"packages": partial(_packages, call), "versions": partial(_versions, call)})


def one_model(call: Call) -> Answer:
    """GraphQL over evidence, release bundles and packages."""
    return _graph(
        call,
        {
            "evidence": {"searchEvidence": partial(_evidence, call), "getEvidence": partial(_evidence_one, call)},
            "releaseBundleVersion": {"getVersion": partial(_bundle, call)},
            "storedPackages": {"searchPackages": partial(_packages, call)},
        },
    )


def _graph(call: Call, roots: Mapping[str, Any]) -> Answer:
    sent = call.json_object()
    query, variables = sent.get("query"), sent.get("variables") or {}
    if not isinstance(query, str) or not isinstance(variables, dict):
        raise Refused(400, "query must be a text, variables an object")
    return json_answer(graphql.run(query, variables, roots))


def _evidence(call: Call, arguments: Mapping[str, Any]) -> dict[str, Any]:
    where = _mapping(_mapping(arguments.get("where")).get("hasSubjectWith"))
    repo, name = str(where.get("repositoryKey") or ""), str(where.get("name") or "")
    path = str(where.get("path") or "").strip("/")
    place = f"{path}/{name}".strip("/")
    if not repo or not call.platform.security.may(call.caller, "read", repo, place):
        return graphql.connection([], arguments)
    service = call.platform.lifecycle.evidence
    return graphql.connection([service.node(row) for row in service.state.about(repo, place)], arguments)


def _evidence_one(call: Call, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    found = _evidence(call, {"where": {"hasSubjectWith": arguments}, "first": 1})["edges"]
    return found[0]["node"] if found else None


def _bundle(call: Call, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    state = call.platform.lifecycle.state
    repo = str(arguments.get("repositoryKey") or sources.BUNDLES)
    name, version = str(arguments.get("name") or ""), str(arguments.get("version") or "")
    row = state.bundle(repo, name, version)
    if row is None or not call.platform.security.may_resource(call.caller, "read", "release_bundle", name, repo):
        return None
    manifest = f"{name}/{version}/release-bundle.json.evd"
    service = call.platform.lifecycle.evidence
    proof = [service.node(one) for one in service.state.about(repo, manifest)]
    files = [
        {"path": file["path"], "sourceRepositoryPath": f"{file['repo']}/{file['path']}", "sha256": file["sha256"]}
        | {"packageType": file["package_type"], "size": file["size"], "name": file["path"].rpartition("/")[2]}
        for file in state.files(row["id"])
    ]
    return {
        "name": row["name"],
        "version": row["version"],
        "repositoryKey": row["repo"],
        "status": row["status"],
        "createdBy": row["created_by"],
        "createdAt": iso(row["created"]),
        "evidenceConnection": partial(graphql.connection, proof),
        "artifactsConnection": partial(graphql.connection, files),
    }


def _packages(call: Call, arguments: Mapping[str, Any]) -> dict[str, Any]:
    wanted = _mapping(arguments.get("filter") or arguments.get("where"))
    kinds = {str(one).lower() for one in wanted.get("packageTypeIn") or []}
    name = str(wanted.get("name") or "*")
    by_name: dict[tuple[str, str], list[Package]] = {}
    for one in _stored(call):
        if (not kinds or one.kind in kinds) and glob(name).match(one.name):
            by_name.setdefault((one.kind, one.name), []).append(one)
    nodes = [_package(kind, label, found) for (kind, label), found in sorted(by_name.items())]
    return graphql.connection(nodes, arguments)


def _versions(call: Call, arguments: Mapping[str, Any]) -> dict[str, Any]:
    wanted = _mapping(arguments.get("filter") or arguments.get("where"))
    owner, name = wanted.get("packageId"), str(wanted.get("name") or "*")
    nodes = [
        {
            **_version(one),
            "package": {"id": f"{one.kind}://{one.name}", "name": one.name, "packageType": one.kind.upper()},
        }
        for one in _stored(call)
        if (not owner or owner == f"{one.kind}://{one.name}") and glob(name).match(one.version)
    ]
    return graphql.connection(nodes, arguments)


def _stored(call: Call) -> list[Package]:
    """Every package version in a local or federated repository that the caller may read."""
    found, may = [], call.platform.security.may
    for row in call.platform.repositories.state.listed("", "", ""):
        key, kind = str(row["key"]), str(row["package_type"])
        if row["rclass"] in {"local", "federated"} and kind not in _INTERNAL:
            stored = packages.of(call.platform, key, kind)
            found += [one for one in stored if may(call.caller, "read", key, one.files[0]["path"])]
    return found


def _package(kind: str, name: str, found: list[Package]) -> dict[str, Any]:
    newest = max(found, key=lambda one: one.newness)
    return {
        "id": f"{kind}://{name}",
        "name": name,
        "packageType": kind.upper(),
        "description": "",
        "versionsCount": len(found),
        "latestVersion": newest.version,
        "created": iso(min(one.created for one in found)),
        "modified": iso(newest.created),
        "versions": [_version(one) for one in found],
    }


def _version(one: Package) -> dict[str, Any]:
    lead = one.files[0]
    files = [
        {"name": row["name"], **{kind: row[kind] for kind in ("md5", "sha1", "sha256", "size")}} for row in one.files
    ]
    return {
        "name": one.version,
        "created": iso(one.created),
        "modified": iso(one.created),
        "size": one.size,
        "repos": [{"name": one.repo, "type": "LOCAL", "leadFilePath": lead["path"]}],
        "files": files,
        "stats": {"downloadCount": sum(int(row["downloads"]) for row in one.files)},
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def create_application(call: Call) -> Answer:
    """Creates an AppTrust application."""
    sent, state = call.json_object(), call.platform.lifecycle.evidence.state
    key, name = sent.get("application_key"), sent.get("application_name")
    if not isinstance(key, str) or not _KEY.match(key) or not isinstance(name, str) or not name:
        raise Refused(400, "application_key and application_name are required")
    now = call.platform.clock.now()
    project = str(sent.get("project_key") or "default")
    config = {**sent, "project_key": project, "created_at": iso(now), "created_by": call.caller.name}
    with call.platform.database.transaction():
        if state.application(key) is not None:
            raise Refused(409, f"Application '{key}' already exists")
        state.put_application(config)
    return json_answer(config, 201)


def applications(call: Call) -> Answer:
    """All applications."""
    return json_answer(call.platform.lifecycle.evidence.state.applications())


def application(call: Call) -> Answer:
    """One application."""
    return json_answer(_application(call))


def delete_application(call: Call) -> Answer:
    """Removes an application."""
    _application(call)
    call.platform.lifecycle.evidence.state.delete_application(call.args["key"])
    return empty(204)


def version_promotions(call: Call) -> Answer:
    """Promotions of a version: those of the release bundle that carries its name."""
    config = _application(call)
    service = call.platform.lifecycle
    repo = sources.repository(str(config.get("project_key") or ""))
    if not call.platform.security.may_resource(call.caller, "read", "release_bundle", call.args["key"], repo):
        raise Refused(403, f"User '{call.caller.name}' is not permitted to read the versions of '{call.args['key']}'")
    rows = service.state.promotions(repo, call.args["key"], call.args["version"])
    shown = [
        {
            "status": row["status"],
            "application_key": call.args["key"],
            "application_version": call.args["version"],
            "target_stage": row["environment"],
            "created_by": row["created_by"],
            "created": iso(row["created"]),
            "messages": json.loads(row["messages"]),
        }
        for row in rows
    ]
    return json_answer({"promotions": shown, "total": len(shown), "limit": len(shown), "offset": 0})


def _application(call: Call) -> dict[str, Any]:
    found = call.platform.lifecycle.evidence.state.application(call.args["key"])
    if found is None:
        raise Refused(404, f"Application '{call.args['key'][:100]}' was not found")
    return found


def usage(call: Call) -> Answer:
    """Usage figures of clients, which go nowhere."""
    call.json_object()
    return json_answer({}, 201)


_SECTION = "12.11"
_APPLICATIONS = "/apptrust/api/v1/applications"
ROUTES = (
    Route("POST", "/evidence/api/v1/subject/{path:path}", _SECTION, evidence, Needs.USER),
    Route("DELETE", "/evidence/api/v1/evidence/{path:path}", _SECTION, delete_evidence, Needs.USER),
    Route("GET", "/evidence/api/v1/system/version", _SECTION, evidence_version, Needs.NOTHING),
    Route("POST", "/metadata/api/v1/query", _SECTION, metadata, Needs.USER),
    Route("POST", "/onemodel/api/v1/graphql", _SECTION, one_model, Needs.USER),
    Route("POST", _APPLICATIONS, _SECTION, create_application),
    Route("GET", _APPLICATIONS, _SECTION, applications, Needs.USER),
    Route("GET", f"{_APPLICATIONS}/{{key}}", _SECTION, application, Needs.USER),
    Route("DELETE", f"{_APPLICATIONS}/{{key}}", _SECTION, delete_application),
    Route("GET", f"{_APPLICATIONS}/{{key}}/versions/{{version}}/promotions", _SECTION, version_promotions, Needs.USER),
    Route("POST", "/jfconnect/api/v1/backoffice/metrics/log", _SECTION, usage, Needs.USER),
)
