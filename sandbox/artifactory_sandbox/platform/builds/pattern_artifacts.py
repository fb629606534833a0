"""What runs made, chosen by patterns of the form `repo:path;property=value` (12.10.4)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.builds import contents, permissions
from artifactory_sandbox.platform.builds.state import info_of
from artifactory_sandbox.platform.clock import iso_offset
from artifactory_sandbox.platform.search.patterns import glob
from artifactory_sandbox.platform.security.patterns import matches
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

LATEST, LAST_RELEASE = "LATEST", "LAST_RELEASE"
_RELEASED = "released"


def answer(platform: "Platform", sent: Any, caller: Caller, address: str) -> list[dict[str, Any]]:
    """One entry for each request, in their order; the number is null where there is no such run."""
    if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent):
        raise Refused(400, "Error parsing json body: an array of requests is expected")
    return [_one(platform, request, caller, address) for request in sent]


def _one(platform: "Platform", request: Mapping[str, Any], caller: Caller, address: str) -> dict[str, Any]:
    name, number = str(request.get("buildName") or ""), str(request.get("buildNumber") or "")
    patterns = request.get("patterns") or []
    if not isinstance(patterns, list) or not all(isinstance(one, dict) for one in patterns):
        raise Refused(400, "Error parsing json body: patterns must be an array")
    repo = platform.builds.repository(str(request.get("project") or ""))
    run = _run(platform, repo, name, number) if permissions.may(platform, caller, "read", repo, name) else None
    if run is None:
        return {"buildName": name, "buildNumber": None, "started": None, "url": None, "patternResults": []}
    items = [one.item for one in contents.found(platform, run) if one.item is not None]
    seen = [item for item in items if platform.security.may(caller, "read", item["repo"], item["path"])]
    results = [
        {"patternArtifacts": [_shown(item, text, address) for item in seen if _meets(platform, item, text)]}
        for text in (str(one.get("pattern") or "") for one in patterns)
    ]
    return {
        "buildName": name,
        "buildNumber": run["number"],
        "started": iso_offset(run["started_ms"]),
        "url": f"{address}/api/build/{name}/{run['number']}",
        "patternResults": results,
    }


def _run(platform: "Platform", repo: str, name: str, number: str) -> Row | None:
    """A run by its number, the newest one, or the newest that was released."""
    if number not in {LATEST, LAST_RELEASE}:
        return platform.builds.state.run(repo, name, number)
    runs = platform.builds.state.runs(repo, name)
    return next((run for run in runs if number == LATEST or _released(run)), None)


def _released(run: Row) -> bool:
    statuses = info_of(run).get("statuses") or []
    return any(isinstance(one, dict) and str(one.get("status")).lower() == _RELEASED for one in statuses)


def _meets(platform: "Platform", item: Row, pattern: str) -> bool:
    place, *wanted = pattern.split(";")
    repo, colon, path = place.partition(":")
    if not colon:
        repo, path = "*", place
    if not glob(repo or "*").match(item["repo"]) or not matches(item["path"], [path or "**"]):
        return False
    properties = platform.artifacts.state.properties(item["id"]) if wanted else {}
    pairs = [text.partition("+=" if "+=" in text else "=") for text in wanted if text]
    return all(value in properties.get(name, ()) for name, _, value in pairs)


def _shown(item: Row, pattern: str, address: str) -> dict[str, Any]:
    return {
        "uri": f"{item['repo']}/{item['path']}",
        "artifactoryUrl": address,
        "size": item["size"],
        "lastModified": iso_offset(item["modified"]),
        "sha1": item["sha1"],
        "sourcePattern": pattern,
    }
