"""Repository calls (2.1 to 2.6)."""

from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer, text

API = "/artifactory/api/repositories"
BATCH = "/artifactory/api/v2/repositories/batch"
_KIND = "repositories."
_JSON_TYPES = ("application/json", "application/vnd.org.jfrog.artifactory.repositories.")


def listed(call: Call) -> Answer:
    """Get Repositories: those that the caller may read."""
    rows = call.platform.repositories.listed(
        call.first("type"), call.first("packageType"), call.first("project"), call.artifactory_url
    )
    if not call.caller.admin:
        rows = [row for row in rows if call.platform.security.may(call.caller, "read", row["key"], "")]
    return json_answer(rows, kind=f"{_KIND}RepositoryDetailsList", headers={"Cache-Control": "no-store"})


def configurations(call: Call) -> Answer:
    """Get All Repository Configurations."""
    wanted = {name.strip().lower() for name in call.first("repoType").split(",") if name.strip()}
    body = call.platform.repositories.configurations(wanted, call.first("packageType").lower())
    return Answer(200, body, "application/json")


def existence(call: Call) -> Answer:
    """Whether there is any repository of a class."""
    found = call.platform.repositories.state.listed(call.first("type").lower(), "", call.first("projectKey"))
    return json_answer({"exists": bool(found)})


def get(call: Call) -> Answer:
    """Get Repository Configuration; a reader gets a short one."""
    return _get(call, whole=True)


def get_v2(call: Call) -> Answer:
    """The same with the package type's own fields only."""
    return _get(call, whole=False)


def _get(call: Call, whole: bool) -> Answer:
    key = call.args["key"]
    config = call.platform.repositories.get(key)
    shown = call.platform.repositories.shown(config, whole)
    if not call.caller.admin and not call.platform.security.may(call.caller, "manage", key, ""):
        call.platform.security.demand(call.caller, "read", key, "")
        shown = {name: shown[name] for name in ("key", "rclass", "packageType", "description")}
    return json_answer(shown, kind=f"{_KIND}{config['rclass'].capitalize()}RepositoryConfiguration")


def create(call: Call) -> Answer:
    """Create Repository."""
    _demand_json(call)
    call.platform.repositories.create(call.args["key"], call.json_object())
    return text(f"Successfully created repository '{call.args['key']}' \n")


def update(call: Call) -> Answer:
    """Update Repository."""
    key = call.args["key"]
    _demand_json(call)
    if ";" in call.headers.get("content-type", ""):
        raise Refused(404, f"No repository {key} was found.")  # what the observed server does with a charset (2.4)
    call.platform.repositories.update(key, call.json_object())
    return text(f"Repository {key} update successfully.\n")


def delete(call: Call) -> Answer:
    """Delete Repository; the answer has its own shape, also when there is none (2.5)."""
    key = call.args["key"]
    rclass = call.platform.repositories.state.class_of(key)
    count = call.platform.repositories.delete(key)
    if count < 0:
        said = f"Cannot delete repository: '{key}', repository config does not exist"
        return json_answer({"repoKey": key, "statusMsg": said, "deletedArtifactsCount": 0, "success": False}, 404)
    content = "" if rclass == "virtual" else " and all its content"
    said = f"Repository '{key}'{content} {'has' if rclass == 'virtual' else 'have'} been removed successfully."
    return json_answer({"repoKey": key, "statusMsg": said, "deletedArtifactsCount": count, "success": True})


def batch_get(call: Call) -> Answer:
    """Up to 100 configurations by name."""
    names = [name for name in call.first("names").split(",") if name]
    if not names or len(names) > 100:
        raise Refused(400, "Between 1 and 100 repository names are expected")
    repositories = call.platform.repositories
    found = [repositories.shown(config, whole=False) for name in names if (config := repositories.find(name))]
    return json_answer(found)


def batch_create(call: Call) -> Answer:
    """Create Multiple Repositories (since 7.84.3)."""
    _demand_version(call, "7.84.3")
    keys = call.platform.repositories.create_many(call.json())
    return text("".join(f"Successfully created repository '{key}'\n" for key in keys), 201)


def batch_update(call: Call) -> Answer:
    """Update Multiple Repositories (since 7.104.2)."""
    _demand_version(call, "7.104.2")
    wanted = call.json()
    if not call.platform.repositories.update_many(wanted):
        raise Refused(404, "No repositories were found.")
    return text("".join(f"Repository {sent['key']} update successfully.\n" for sent in wanted))


def attach(call: Call) -> Answer:
    """Puts a repository into a project (4.6)."""
    call.platform.repositories.update(call.args["key"], {"projectKey": call.args["project"]})
    return empty(204)


def detach(call: Call) -> Answer:
    """Takes a repository out of its project (4.6)."""
    call.platform.repositories.update(call.args["key"], {"projectKey": None})
    return empty(204)


def _demand_json(call: Call) -> None:
    if not call.headers.get("content-type", "").lower().startswith(_JSON_TYPES):
        raise Refused(415, "Unsupported Media Type")


def _demand_version(call: Call, since: str) -> None:
    if not call.platform.version.at_least(since):
        raise Refused(404, "Not Found")


_PROJECTS = "/access/api/v1/projects/_/attach/repositories/{key}"

ROUTES = (
    Route("GET", API, "2.1", listed, Needs.CALLER),
    Route("GET", f"{API}/configurations", "2.1", configurations),
    Route("GET", f"{API}/existence", "2.1", existence),
    Route("GET", f"{API}/{{key}}", "2.1", get, Needs.CALLER),
    Route("PUT", f"{API}/{{key}}", "2.3", create),
    Route("POST", f"{API}/{{key}}", "2.4", update),
    Route("DELETE", f"{API}/{{key}}", "2.5", delete),
    Route("GET", "/artifactory/api/v2/repositories/{key}", "2.1", get_v2, Needs.CALLER),
    Route("GET", BATCH, "2.1", batch_get),
    Route("PUT", BATCH, "2.6", batch_create),
    Route("POST", BATCH, "2.6", batch_update),
    Route("PUT", f"{_PROJECTS}/{{project}}", "4.6", attach, partly="the project need not exist"),
    Route("DELETE", _PROJECTS, "4.6", detach),
)
