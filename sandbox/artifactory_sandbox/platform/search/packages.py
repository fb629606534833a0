"""Searches by builds, licences and packages (6.3, 12.10.3)."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from artifactory_sandbox.platform.search import aql
from artifactory_sandbox.platform.search.answers import stores_of, uri
from artifactory_sandbox.platform.search.state import SearchState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer

LICENCE_FLAGS: Mapping[str, bool] = {
    "unapproved": True,
    "unknown": True,
    "notfound": False,
    "neutral": False,
    "approved": False,
}
_LICENCES = "artifactory.licenses"
_VERSION_KEYS = {
    "npm": ("npm.name", "npm.version"),
    "pypi": ("pypi.name", "pypi.version"),
    "go": ("go.name", "go.version"),
    "helm": ("chart.name", "chart.version"),
    "nuget": ("nuget.id", "nuget.version"),
    "docker": ("docker.repoName", "docker.manifest"),
    "oci": ("docker.repoName", "docker.manifest"),
    "helmoci": ("docker.repoName", "docker.manifest"),
    "conan": ("conan.package.name", "conan.package.version"),
    "debian": ("deb.name", "deb.version"),
    "cargo": ("crate.name", "crate.version"),
}
"""Properties that name a package and its version, by package type."""


def builds(call: Call, criteria: Mapping[str, str]) -> Answer:
    """Runs of builds that meet criteria on what they used, as addresses."""
    name, value = next(iter(criteria.items()))
    query = f'builds.find({json.dumps({f"module.{name}": value})}).include("name","number","started")'
    rows = aql.find(call.platform, query)
    if not rows:
        raise Refused(404, "No results found.")
    base = f"{call.artifactory_url}/api/build"
    uris = [f"{base}/{quote(row['build.name'], safe='')}/{quote(row['build.number'], safe='')}" for row in rows]
    return json_answer({"results": [{"uri": one} for one in uris]}, kind="search.DependencyBuilds")


def licences(call: Call, rows: Iterable[Row], flags: Mapping[str, bool]) -> Answer:
    """Files by what their licence property says: a licence is unapproved, none is `Not Found`."""
    rows = list(rows)
    has = SearchState(call.platform.database).properties([row["id"] for row in rows])
    results: list[dict[str, Any]] = []
    for row in rows:
        named = has.get(row["id"], {}).get(_LICENCES) or []
        for one in named or ["Not Found"]:
            status = "notfound" if not named else "unknown" if one.lower() == "unknown" else "unapproved"
            if flags[status]:
                results.append({"uri": uri(call, row), "license": one, "found": "", "status": status.capitalize()})
    return json_answer({"results": results}, kind="search.LicensesSearchResult")


def build_artifacts(call: Call) -> Answer:
    """Build Artifacts Search: the files that a run of a build made, where they are now."""
    sent = call.json_object()
    name, number, status = (str(sent.get(key) or "") for key in ("buildName", "buildNumber", "buildStatus"))
    if not name:
        raise Refused(400, "Cannot search without build name.")
    if bool(number) == bool(status):
        raise Refused(400, "Cannot search without build number or build status, and not with both.")
    number = _number(call, name, number, status)
    criteria: dict[str, Any] = {"artifact.module.build.name": name, "artifact.module.build.number": number}
    if isinstance(sent.get("repos"), list) and sent["repos"]:
        wanted = stores_of(call, [str(one) for one in sent["repos"]]) or []
        criteria["$or"] = [{"repo": one} for one in wanted]
    query = f'items.find({json.dumps(criteria)}).include("repo","path","name").sort({{"$asc":["repo","path","name"]}})'
    rows = aql.query(call.platform, query, call.caller).rows
    mappings = sent.get("mappings")
    paths = [f"{row['path']}/{row['name']}".removeprefix("./") for row in rows]
    base = call.artifactory_url
    results = [
        {"downloadUri": f"{base}/{row['repo']}/{path}"}
        for row, path in zip(rows, paths, strict=True)
        if not isinstance(mappings, list) or not mappings or _mapped(mappings, path)
    ]
    if not results:
        raise Refused(404, f"Could not find any build artifacts for build '{name}' number '{number}'.")
    return json_answer({"results": results}, kind="search.BuildArtifactsSearchResult")


def _number(call: Call, name: str, number: str, status: str) -> str:
    """The number that is meant: the last run for `LATEST`, the last one promoted to a status."""
    if number and number.upper() != "LATEST":
        return number
    criteria = {"name": name, **({"promotion.status": status} if status else {})}
    query = f'builds.find({json.dumps(criteria)}).include("number","started").sort({{"$desc":["started"]}}).limit(1)'
    rows = aql.find(call.platform, query)
    if not rows:
        raise Refused(404, f"Could not find any build artifacts for build '{name}' number '{number or status}'.")
    return str(rows[0]["build.number"])


def _mapped(mappings: list[Any], path: str) -> bool:
    patterns = [str(one.get("input", "")) for one in mappings if isinstance(one, dict)]
    try:
        return any(re.fullmatch(pattern, path) for pattern in patterns)
    except re.error as error:
        raise Refused(400, f"Invalid mapping: {error}") from None


def lead_file(call: Call) -> Answer:
    """The file that stands for a version of a package (12.10.3)."""
    sent = call.json_object()
    fields = ("package_name", "package_version", "package_type", "package_repo_name")
    name, version, kind, repo = (str(sent.get(field) or "") for field in fields)
    if not (name and version and kind and repo):
        raise Refused(400, f"The fields {', '.join(fields)} are required")
    if call.platform.repositories.class_of(repo) is None:
        raise Refused(404, f"Repository '{repo}' was not found")
    criteria: dict[str, Any] = {"repo": repo, **_criteria(kind.lower(), name, version)}
    query = (
        f'items.find({json.dumps(criteria)}).include("repo","path","name").sort({{"$asc":["path","name"]}}).limit(1)'
    )
    rows = aql.query(call.platform, query, call.caller).rows
    if not rows:
        raise Refused(404, f"Lead file of the package '{name}' version '{version}' was not found")
    path = f"{rows[0]['path']}/{rows[0]['name']}".removeprefix("./")
    return json_answer({"repo": rows[0]["repo"], "path": path, "name": rows[0]["name"]})


def _criteria(kind: str, name: str, version: str) -> dict[str, Any]:
    if kind in _VERSION_KEYS:
        first, second = _VERSION_KEYS[kind]
        manifest = {"name": {"$match": "*manifest.json"}} if first.startswith("docker") else {}
        return {f"@{first}": name, f"@{second}": version, **manifest}
    if kind in {"maven", "gradle", "ivy", "sbt"}:
        group, _, module = name.rpartition(":")
        return {"path": f"{group.replace('.', '/')}/{module}/{version}", "name": {"$match": f"{module}-{version}*.pom"}}
    return {"path": {"$match": f"*{name}*"}, "name": {"$match": f"*{version}*"}}


ROUTES = (
    Route("POST", "/artifactory/api/search/buildArtifacts", "6.3", build_artifacts, Needs.USER),
    Route("POST", "/artifactory/api/packagesSearch/leadFile", "12.10.3", lead_file, Needs.USER),
)
