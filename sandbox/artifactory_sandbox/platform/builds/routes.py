"""The calls about builds (12.10.4)."""

from typing import Any

from artifactory_sandbox.platform.builds import contents, diff, pattern_artifacts, permissions, promotion
from artifactory_sandbox.platform.builds.state import info_of
from artifactory_sandbox.platform.clock import iso_offset
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer, text

_API = "/artifactory/api/build"
_BUILD_JSON = "application/vnd.org.jfrog.build."


def publish(call: Call) -> Answer:
    """Build Upload; the checksum is that of the stored build-info."""
    info = call.json()
    item = call.platform.builds.publish(info, _repository(call), call.caller)
    return Answer(204, headers={"X-Checksum-Sha256": item["sha256"]})


def append(call: Call) -> Answer:
    """Build Append: more modules of the same run."""
    modules = call.json()
    if not isinstance(modules, list):
        raise Refused(400, "Error parsing json body: an array of modules is expected")
    call.platform.builds.append(_run(call), modules, call.caller)
    return empty(204)


def listed(call: Call) -> Answer:
    """All Builds."""
    repo = _repository(call)
    rows = [
        {"uri": f"/{row['name']}", "lastStarted": iso_offset(row["started_ms"])}
        for row in call.platform.builds.state.latest(repo)
        if permissions.may(call.platform, call.caller, "read", repo, row["name"])
    ]
    if not rows:
        raise Refused(404, "No builds were found")
    return _build_json({"uri": f"{call.artifactory_url}/api/build", "builds": rows}, "Builds")


def runs(call: Call) -> Answer:
    """Build Runs."""
    name, repo = call.args["name"], _repository(call)
    permissions.demand(call.platform, call.caller, "read", repo, name)
    rows = [
        {"uri": f"/{run['number']}", "started": iso_offset(run["started_ms"])}
        for run in call.platform.builds.runs(repo, name)
    ]
    return _build_json({"uri": f"{call.artifactory_url}/api/build/{name}", "buildsNumbers": rows}, "BuildsByName")


def get(call: Call) -> Answer:
    """Build Info, or with `diff` what is different from another run."""
    run = _run(call, "read")
    if other := call.first("diff"):
        older = call.platform.builds.run(run["repo"], run["name"], other)
        return _build_json(diff.between(info_of(run), info_of(older)), "BuildsDiff")
    uri = f"{call.artifactory_url}/api/build/{run['name']}/{run['number']}"
    return _build_json({"uri": uri, "buildInfo": info_of(run)}, "BuildInfo")


def delete(call: Call) -> Answer:
    """Delete Builds, by query parameters."""
    numbers = [number for value in call.query.get("buildNumbers", []) for number in value.split(",") if number]
    return _deleted(call, call.args["name"], numbers, call.flag("deleteAll"), call.flag("artifacts"))


def delete_listed(call: Call) -> Answer:
    """Delete Builds, by a body."""
    sent = call.json_object()
    name, numbers = sent.get("buildName"), sent.get("buildNumbers") or []
    if not isinstance(name, str) or not name:
        raise Refused(400, "Build name is missing.")
    if not isinstance(numbers, list):
        raise Refused(400, "Error parsing json body: buildNumbers must be an array")
    wanted = [str(number).removeprefix("/") for number in numbers]  # as the list of runs names them
    project = str(sent.get("project") or "")
    return _deleted(call, name, wanted, bool(sent.get("deleteAll")), bool(sent.get("deleteArtifacts")), project)


def _deleted(call: Call, name: str, numbers: list[str], whole: bool, with_artifacts: bool, project: str = "") -> Answer:
    builds = call.platform.builds
    repo = builds.repository(project) if project else _repository(call)
    if not whole and not numbers:
        raise Refused(400, "Please provide at least one build number to delete.")
    rows = builds.runs(repo, name)
    chosen = rows if whole else [run for run in rows if run["number"] in numbers]
    if not chosen:
        raise Refused(404, f"No build was found for build name: {name}, build number: {','.join(numbers)}")
    removed = builds.delete(chosen, call.caller, with_artifacts)
    if whole:
        return text(f"All '{name}' builds have been deleted successfully.\n")
    names = ", ".join(f"'{one}'" for one in sorted(removed))
    return text(f"The following builds has been deleted successfully: {names}.\n")


def rename(call: Call) -> Answer:
    """Build Rename."""
    name, wanted = call.args["name"], call.first("to").strip()
    if not wanted:
        raise Refused(400, "Build name to rename to is missing.")
    call.platform.builds.rename(_repository(call), name, wanted, call.caller)
    return text(f"Build renaming of '{name}' to '{wanted}' was successfully started.\n")


def promote(call: Call) -> Answer:
    """Build Promotion; 400 when something could not be promoted."""
    run = _run(call, "read")
    done = promotion.promote(call.platform, run, promotion.read(call.json_object()), call.caller)
    failed = any(message["level"] == "ERROR" for message in done.messages)
    return json_answer({"messages": done.messages}, 400 if failed else 200, "build.PromotionResult")


def retention(call: Call) -> Answer:
    """Control Build Retention; here the work is done when the answer comes, also with `async`."""
    builds, repo, name = call.platform.builds, _repository(call), call.args["name"]
    builds.runs(repo, name)
    builds.discard(repo, name, call.json_object(), call.caller)
    return empty(204)


def distribute(call: Call) -> Answer:
    """Build Distribution: copies what a run made to the target repository."""
    run, sent = _run(call, "read"), call.json_object()
    if not sent.get("targetRepo"):
        raise Refused(400, "Target repository is missing.")
    repos = sent.get("sourceRepos") or []
    if not isinstance(repos, list):
        raise Refused(400, "Error parsing json body: sourceRepos must be an array")
    wanted = promotion.read({"targetRepo": sent["targetRepo"], "copy": True, "dryRun": bool(sent.get("dryRun"))})
    wanted.sources = [str(repo) for repo in repos]
    done = promotion.promote(call.platform, run, wanted, call.caller)
    failed = any(message["level"] == "ERROR" for message in done.messages)
    return json_answer({"messages": done.messages}, 400 if failed else 200)


def artifacts(call: Call) -> Answer:
    """The stored files of a run."""
    builds, args = call.platform.builds, call.args
    permissions.demand(call.platform, call.caller, "read", args["repo"], args["name"])
    run = builds.run(args["repo"], args["name"], args["number"])
    return json_answer(
        [
            {"repo": item["repo"], "path": item["parent"], "name": item["name"]}
            for one in contents.found(call.platform, run)
            if (item := one.item) is not None
            and call.platform.security.may(call.caller, "read", item["repo"], item["path"])
        ]
    )


def by_patterns(call: Call) -> Answer:
    """Artifacts of runs, chosen by patterns."""
    return json_answer(pattern_artifacts.answer(call.platform, call.json(), call.caller, call.artifactory_url))


def scan(call: Call) -> Answer:
    """Scan Build: a platform without violations; the build must be there. White space comes before the result."""
    sent = call.json_object()
    builds = call.platform.builds
    repo = builds.repository(str(sent.get("project") or ""))
    name, number = str(sent.get("buildName") or ""), str(sent.get("buildNumber") or "")
    permissions.demand(call.platform, call.caller, "read", repo, name)
    builds.run(repo, name, number)
    said = f"Build {name} number {number} was scanned by Xray and passed with no Alerts"
    summary = {"message": said, "total_alerts": 0, "fail_build": False, "more_details_url": ""}
    answer = json_answer({"summary": summary, "alerts": [], "licenses": []})
    answer.body = b"\n" + answer.body if isinstance(answer.body, bytes) else answer.body
    return answer


def _repository(call: Call) -> str:
    project = call.first("project") or call.first("projectKey")
    return call.platform.builds.repository(project, call.first("buildRepo"))


def _run(call: Call, action: str = "") -> Row:
    repo, name = _repository(call), call.args["name"]
    if action:
        permissions.demand(call.platform, call.caller, action, repo, name)
    return call.platform.builds.run(repo, name, call.args["number"], call.first("started"))


def _build_json(data: Any, kind: str) -> Answer:
    answer = json_answer(data)
    answer.content_type = f"{_BUILD_JSON}{kind}+json"
    return answer


_SECTION = "12.10.4"
ROUTES = (
    Route("PUT", _API, _SECTION, publish, Needs.USER),
    Route("GET", _API, _SECTION, listed, Needs.CALLER),
    Route("GET", f"{_API}/{{name}}", _SECTION, runs, Needs.CALLER),
    Route("DELETE", f"{_API}/{{name}}", _SECTION, delete, Needs.USER),
    Route("GET", f"{_API}/{{name}}/{{number}}", _SECTION, get, Needs.CALLER),
    Route("POST", f"{_API}/append/{{name}}/{{number}}", _SECTION, append, Needs.USER),
    Route("POST", f"{_API}/delete", _SECTION, delete_listed, Needs.USER),
    Route("POST", f"{_API}/rename/{{name}}", _SECTION, rename, Needs.USER),
    Route("POST", f"{_API}/promote/{{name}}/{{number}}", _SECTION, promote, Needs.USER),
    Route("POST", f"{_API}/retention/{{name}}", _SECTION, retention, Needs.USER),
    Route("POST", f"{_API}/distribute/{{name}}/{{number}}", _SECTION, distribute, Needs.USER),
    Route("GET", "/artifactory/api/builds/buildArtifacts/{name}/{number}/{repo}", _SECTION, artifacts, Needs.CALLER),
    Route("POST", f"{_API}/patternArtifacts", _SECTION, by_patterns, Needs.USER),
    Route("POST", "/artifactory/api/xray/scanBuild", _SECTION, scan, Needs.USER),
)
