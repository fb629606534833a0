"""Repository calls (2.1 to 2.6)."""

from collections.abc import Iterable, Mapping
from typing import Any

from artifactory_sandbox.platform.repositories.package_types import class_wanted
from artifactory_sandbox.platform.repositories.reading import as_bytes
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer, text
from artifactory_sandbox.platform.web.answer import VENDOR_JSON

API = "/artifactory/api/repositories"
BATCH = "/artifactory/api/v2/repositories/batch"
_KIND = "repositories."
_JSON_TYPES = ("application/json", "application/vnd.org.jfrog.artifactory.repositories.")
_OLD = "artifactory.sandbox.repositories.old.answers"
"""System property of the sandbox: 1 answers missing repositories as servers before the observed one do (10.2, 2 and 4)."""


def listed(call: Call) -> Answer:
    """Get Repositories: those that the caller may read."""
    rows = call.platform.repositories.listed(
        call.first("type"), call.first("packageType"), call.first("project"), call.artifactory_url
    )
    if not call.caller.admin:
        may = call.platform.security.checker(call.caller)
        rows = [row for row in rows if may("read", row["key"], "")]
    media = f"{VENDOR_JSON}{_KIND}RepositoryDetailsList+json"
    return Answer(200, as_bytes(rows), media, {"Cache-Control": "no-store"})


def configurations(call: Call) -> Answer:
    """Get All Repository Configurations."""
    body = call.platform.repositories.reading.configurations(
        _names(call, "repoType"), _names(call, "packageType"), [*_names(call, "project"), *_names(call, "projectKey")]
    )
    return Answer(200, body, "application/json")


def existence(call: Call) -> Answer:
    """Whether there is any repository of a class."""
    found = call.platform.repositories.state.any(class_wanted(call.first("type")), call.first("projectKey"))
    return json_answer({"exists": found})


def get(call: Call) -> Answer:
    """Get Repository Configuration; a reader gets a short one."""
    return _get(call, whole=True)


def get_v2(call: Call) -> Answer:
    """The same with the package type's own fields only."""
    return _get(call, whole=False)


def _get(call: Call, whole: bool) -> Answer:
    key = call.args["key"]
    config = call.platform.repositories.find(key)
    if config is None:
        raise Refused(404, f"No repository '{key}' was found.") if _old(call) else Refused(400, "Bad Request")
    shown = call.platform.repositories.shown(config, whole)
    if not call.caller.admin and not call.platform.security.may(call.caller, "manage", key, ""):
        call.platform.security.demand(call.caller, "read", key, "")
        shown = {name: shown[name] for name in ("key", "rclass", "packageType", "description")}
    kind = config["rclass"][0].upper() + config["rclass"][1:]
    return json_answer(shown, kind=f"{_KIND}{kind}RepositoryConfiguration")


def shared(call: Call) -> Answer:
    """The configuration of a remote repository that shares it: where the list's `configuration` points."""
    config = call.platform.repositories.get(call.args["key"])
    if not config.get("shareConfiguration"):
        raise Refused(404, f"The configuration of '{config['key']}' is not shared")
    call.platform.security.demand(call.caller, "read", config["key"], "")
    hidden = {"username", "password", "proxy", "clientTlsCertificate", "localAddress"}
    shown = call.platform.repositories.shown(config, whole=False)
    return json_answer({name: value for name, value in shown.items() if name not in hidden})


def create(call: Call) -> Answer:
    """Create Repository."""
    _demand_json(call)
    sent = call.json_object()
    demand_manager(call, call.args["key"], str(sent.get("projectKey") or ""))
    call.platform.repositories.create(call.args["key"], sent)
    return text(f"Successfully created repository '{call.args['key']}' \n")


def update(call: Call) -> Answer:
    """Update Repository."""
    key = call.args["key"]
    _demand_json(call)
    if ";" in call.headers.get("content-type", ""):
        demand_manager(call, key)
        raise Refused(404, f"No repository {key} was found.")  # what the observed server does with a charset (2.4)
    sent = call.json_object()
    demand_manager(call, key, str(sent.get("projectKey") or ""))
    call.platform.repositories.update(key, sent)
    return text(f"Repository {key} update successfully.\n")


def delete(call: Call) -> Answer:
    """Delete Repository; the answer has its own shape, also when there is none (2.5)."""
    key = call.args["key"]
    demand_manager(call, key)
    rclass = call.platform.repositories.state.class_of(key)
    count = call.platform.repositories.delete(key)
    if count < 0:
        said = f"Cannot delete repository: '{key}', repository config does not exist"
        if _old(call):
            raise Refused(404, said)
        return json_answer({"repoKey": key, "statusMsg": said, "deletedArtifactsCount": 0, "success": False}, 404)
    content = "" if rclass == "virtual" else " and all its content"
    said = f"Repository '{key}'{content} {'has' if rclass == 'virtual' else 'have'} been removed successfully."
    if _old(call):
        return text(said)
    return json_answer({"repoKey": key, "statusMsg": said, "deletedArtifactsCount": count, "success": True})


def batch_get(call: Call) -> Answer:
    """Up to 100 configurations by name."""
    names = _names(call, "names")
    if not names or len(names) > 100:
        raise Refused(400, "Between 1 and 100 repository names are expected")
    repositories = call.platform.repositories
    found = [repositories.shown(config, whole=False) for name in names if (config := repositories.find(name))]
    return json_answer(found)


def batch_create(call: Call) -> Answer:
    """Create Multiple Repositories (since 7.84.3)."""
    _demand_version(call, "7.84.3")
    _demand_json(call)
    wanted = call.json()
    _demand_manager_of_all(call, wanted)
    keys = call.platform.repositories.create_many(wanted)
    return text("".join(f"Successfully created repository '{key}'\n" for key in keys), 201)


def batch_update(call: Call) -> Answer:
    """Update Multiple Repositories (since 7.104.2)."""
    _demand_version(call, "7.104.2")
    _demand_json(call)
    wanted = call.json()
    _demand_manager_of_all(call, wanted)
    if not call.platform.repositories.update_many(wanted):
        raise Refused(404, "No repositories were found.")
    known = [sent["key"] for sent in wanted if call.platform.repositories.state.class_of(str(sent.get("key", "")))]
    return text("".join(f"Repository {key} update successfully.\n" for key in known))


def attach(call: Call) -> Answer:
    """Puts a repository into a project (4.6); out of another one only with `force`."""
    key, project = call.args["key"], call.args["project"]
    config = _to_move(call)
    if config["projectKey"] not in {"", project} and not call.flag("force"):
        raise Refused(409, f"Repository '{key}' is already assigned to the project '{config['projectKey']}'")
    call.platform.repositories.update(key, {"projectKey": project})
    return empty(204)


def detach(call: Call) -> Answer:
    """Takes a repository out of its project (4.6)."""
    _to_move(call)
    call.platform.repositories.update(call.args["key"], {"projectKey": None})
    return empty(204)


def _to_move(call: Call) -> Mapping[str, Any]:
    config = call.platform.repositories.find(call.args["key"])
    if config is None:
        raise Refused(404, f"Repository '{call.args['key']}' was not found")
    return config


def demand_manager(call: Call, key: str, project: str = "") -> None:
    """Administrators, and those who manage the resources of a project: they name repositories after it (2.2)."""
    if call.caller.admin:
        return
    manages = call.platform.security.projects.manages_resources
    config = call.platform.repositories.find(key)
    current = str(config["projectKey"]) if config else project
    wanted = project or current
    if not current or not all(manages(call.caller, one) for one in {current, wanted}):
        raise Refused(403, "Forbidden")
    if not key.startswith(f"{wanted}-"):
        raise Refused(400, f"The repository key '{key}' must start with the project key '{wanted}-'")


def _demand_manager_of_all(call: Call, wanted: Any) -> None:
    if call.caller.admin or not isinstance(wanted, list):
        if not call.caller.admin:
            raise Refused(403, "Forbidden")
        return
    for sent in wanted:
        if isinstance(sent, dict):
            demand_manager(call, str(sent.get("key") or ""), str(sent.get("projectKey") or ""))


def _names(call: Call, parameter: str) -> list[str]:
    """Values of a parameter, given several times or with commas."""
    return [name.strip() for name in _split(call.query.get(parameter, ())) if name.strip()]


def _split(values: Iterable[str]) -> Iterable[str]:
    for value in values:
        yield from value.split(",")


def _old(call: Call) -> bool:
    return call.platform.system_property(_OLD, 0) > 0


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
    Route("GET", f"{API}/{{key}}/configuration", "2.1", shared, Needs.CALLER),
    Route("PUT", f"{API}/{{key}}", "2.3", create, Needs.USER),
    Route("POST", f"{API}/{{key}}", "2.4", update, Needs.USER),
    Route("DELETE", f"{API}/{{key}}", "2.5", delete, Needs.USER),
    Route("GET", "/artifactory/api/v2/repositories/{key}", "2.1", get_v2, Needs.CALLER),
    Route("GET", BATCH, "2.1", batch_get),
    Route("PUT", BATCH, "2.6", batch_create, Needs.USER),
    Route("POST", BATCH, "2.6", batch_update, Needs.USER),
    Route("PUT", f"{_PROJECTS}/{{project}}", "4.6", attach),
    Route("DELETE", _PROJECTS, "4.6", detach),
)
