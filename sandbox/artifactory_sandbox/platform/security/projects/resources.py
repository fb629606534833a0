"""Environments, and the repositories of projects: attached, shared (4.6, 12.5.6)."""

from typing import Any

from artifactory_sandbox.platform.security.projects.behaviour import Projects
from artifactory_sandbox.platform.security.projects.state import EVERYBODY
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer

ENVIRONMENTS = "/access/api/v1/environments"
_OF_PROJECT = "/access/api/v1/projects/{key}/environments"
_REPOSITORIES = "/access/api/v1/projects/_"


def environments(call: Call) -> Answer:
    """The global environments, or those that a project sees."""
    project = _project(call)
    state = call.platform.security.projects.state
    if not project:
        return json_answer([{"name": row["name"]} for row in state.environments("")])
    rows = [*state.environments(""), *state.environments(project)]
    return json_answer([{"name": row["name"], "project_key": row["project"]} for row in rows])


def add_environment(call: Call) -> Answer:
    """Creates an environment."""
    project = _project(call)
    name = call.platform.security.projects.add_environment(call.json_object().get("name"), project)
    return json_answer({"name": name}, 201)


def rename_environment(call: Call) -> Answer:
    """Renames an environment, also where it is used."""
    new_name = call.json_object().get("new_name")
    name = call.platform.security.projects.rename_environment(call.args["name"], new_name, _project(call))
    return json_answer({"name": name})


def remove_environment(call: Call) -> Answer:
    """Deletes an environment."""
    call.platform.security.projects.remove_environment(call.args["name"], _project(call))
    return empty()


def status(call: Call) -> Answer:
    """Get Status of Project Repository."""
    repo, config = _repository(call)
    shared = _projects(call).sharing(repo)
    return json_answer(
        {
            "resource_name": repo,
            "environments": config.get("environments") or [],
            "shared_with_projects": sorted(shared.projects),
            "shared_with_all_projects": shared.everybody,
            "shared_read_only": shared.read_only,
            "assigned_to": config.get("projectKey") or None,
        }
    )


def share(call: Call) -> Answer:
    """Share Repository with a project, or with all of them."""
    repo, config = _repository(call)
    project = call.args.get("project", EVERYBODY)
    if project != EVERYBODY:
        _projects(call).demand(project)
        if config.get("projectKey") == project:
            raise Refused(400, f"Repository '{repo}' belongs to project '{project}'")
    _projects(call).state.share(repo, project, call.flag("readOnly"))
    return empty()


def unshare(call: Call) -> Answer:
    """Unshare Repository with a project, or with all of them."""
    repo, _ = _repository(call)
    if not _projects(call).state.unshare(repo, call.args.get("project", EVERYBODY)):
        raise Refused(404, f"Repository '{repo}' is not shared with that project")
    return empty()


def _projects(call: Call) -> Projects:
    return call.platform.security.projects


def _project(call: Call) -> str:
    key = call.args.get("key", "")
    if key:
        _projects(call).demand(key)
        if not _projects(call).administers(call.caller, key, "manage_resources"):
            raise Refused(403, "Forbidden")
    return key


def _repository(call: Call) -> tuple[str, dict[str, Any]]:
    repo = call.args["repo"]
    config = call.platform.repositories.find(repo)
    if config is None:
        raise Refused(404, f"Repository '{repo}' not found")
    return repo, config


ROUTES = (
    Route("GET", ENVIRONMENTS, "12.5.6", environments),
    Route("POST", ENVIRONMENTS, "12.5.6", add_environment),
    Route("POST", f"{ENVIRONMENTS}/{{name}}/rename", "12.5.6", rename_environment),
    Route("DELETE", f"{ENVIRONMENTS}/{{name}}", "12.5.6", remove_environment),
    Route("GET", _OF_PROJECT, "12.5.6", environments, Needs.USER),
    Route("POST", _OF_PROJECT, "12.5.6", add_environment, Needs.USER),
    Route("POST", f"{_OF_PROJECT}/{{name}}/rename", "12.5.6", rename_environment, Needs.USER),
    Route("DELETE", f"{_OF_PROJECT}/{{name}}", "12.5.6", remove_environment, Needs.USER),
    Route("GET", f"{_REPOSITORIES}/repositories/{{repo}}", "4.6", status),
    Route("PUT", f"{_REPOSITORIES}/share/repositories/{{repo}}/{{project}}", "4.6", share),
    Route("DELETE", f"{_REPOSITORIES}/share/repositories/{{repo}}/{{project}}", "4.6", unshare),
    Route("PUT", f"{_REPOSITORIES}/share/repositories/{{repo}}", "4.6", share),
    Route("DELETE", f"{_REPOSITORIES}/share/repositories/{{repo}}", "4.6", unshare),
)
