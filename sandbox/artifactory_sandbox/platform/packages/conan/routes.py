"""`api/conan/{repo}`: logging in, capabilities, searches, revisions, files (12.3.2)."""

import re
from typing import Any

from artifactory_sandbox.platform.artifacts import deploy, download
from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.packages import hooks
from artifactory_sandbox.platform.packages.conan import behaviour, reference
from artifactory_sandbox.platform.packages.conan.reference import MANIFEST, Package, Recipe
from artifactory_sandbox.platform.packages.sources import demand_type, prune
from artifactory_sandbox.platform.security.authentication import login_needed
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer, text

CAPABILITIES = {"X-Conan-Server-Capabilities": "complex_search,checksum_deploy,revisions,matrix_params"}
_TOKEN_S = 30 * 86_400
_V2 = re.compile(
    r"(?P<name>[^/]+)/(?P<version>[^/]+)/(?P<user>[^/]+)/(?P<channel>[^/]+)"
    r"(?:/revisions/(?P<rrev>[^/]+)(?:/packages/(?P<id>[^/]+)(?:/revisions/(?P<prev>[^/]+))?)?)?"
    r"(?:/(?P<verb>latest|revisions|search|packages|files)(?:/(?P<file>.+))?)?\Z"
)


def ping(call: Call) -> Answer:
    """Says what the server can do."""
    demand_type(call.platform, call.args["repo"], "conan")
    answer = text("")
    answer.headers.update(CAPABILITIES)
    return answer


def authenticate(call: Call) -> Answer:
    """A token for basic credentials, as plain text."""
    _demand_repository(call)
    if not call.caller.known:
        raise login_needed()
    kind, _, value = call.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return _text(value.strip())
    if call.caller.scope:
        made = call.platform.security.tokens.create(call.caller.name, call.caller.scope, _TOKEN_S)
    else:
        made = call.platform.security.tokens.create(call.caller.name, expires_in=_TOKEN_S)
    return _text(str(made["access_token"]))


def check_credentials(call: Call) -> Answer:
    """The name of whom the token belongs to."""
    _demand_repository(call)
    if not call.caller.known:
        raise login_needed()
    return _text(call.caller.name)


def get(call: Call) -> Answer:
    """Everything that is read about recipes and packages."""
    _demand_repository(call)
    rest = call.args["rest"]
    platform, repo = call.platform, call.args["repo"]
    if rest == "search":
        found = behaviour.readable(platform, call.caller, repo)
        ignore = call.first("ignorecase", "true").lower() not in {"false", "0"}
        return _json({"results": behaviour.search(platform, found, call.first("q"), ignore)})
    of, verb, name = _read(rest)
    found = behaviour.readable(platform, call.caller, repo, of.folder)
    if verb in {"latest", "revisions"}:
        listed = behaviour.revisions(platform, found, of)
        return _json(listed[0] if verb == "latest" else behaviour.index(of, listed))
    if verb == "search" and isinstance(of, Recipe):
        if not of.revision:
            of = Recipe(
                of.name, of.version, of.user, of.channel, behaviour.revisions(platform, found, of)[0]["revision"]
            )
        listed_only = call.first("list_only", "false").lower() in {"true", "1"}
        known = behaviour.packages(platform, found, of)
        return _json({name: {} for name in known} if listed_only else known)
    if verb != "files" or not of.revision:
        raise behaviour.missing(rest)
    if not name:
        return _json(behaviour.files(platform, found, of.files, _address(of)))
    return download.answer(call, behaviour.file(platform, found, f"{of.files}/{name}", f"{_address(of)}/files/{name}"))


def put(call: Call) -> Answer:
    """Takes one file of a revision; the manifest, which clients send last, makes the revision known."""
    _demand_repository(call)
    of, verb, name = _read(call.args["rest"])
    if verb != "files" or not name or not of.revision:
        raise Refused(400, "A file of a recipe or package revision is expected", "text")
    call.args = {"repo": call.args["repo"], "path": f"{of.files}/{name}"}
    answer = deploy.deploy(call)
    if name == MANIFEST:
        store = call.platform.artifacts.deploy_target(call.args["repo"])
        behaviour.write_indexes(call.platform, store, of)
    return answer


def delete(call: Call) -> Answer:
    """Removes a recipe, one of its revisions, their packages, or a package revision."""
    _demand_repository(call)
    of, verb, name = _read(call.args["rest"])
    platform, store = call.platform, call.platform.artifacts.deploy_target(call.args["repo"])
    if name or verb not in {"", "packages"}:
        raise Refused(400, "A recipe or package revision is expected", "text")
    path = of.files if of.revision else of.folder
    if isinstance(of, Recipe) and of.revision:
        path = f"{of.revision_folder}/package" if verb == "packages" else of.revision_folder
    platform.security.demand(call.caller, "delete", store, path)
    with platform.database.transaction():
        if not platform.artifacts.delete(store, path, Origin(call.caller.name)):
            raise behaviour.missing(str(of))
        if of.revision and verb != "packages":
            behaviour.write_indexes(platform, store, of)
        prune(platform, store, path.rpartition("/")[0])
    return empty(200)


def _demand_repository(call: Call) -> None:
    repo = call.args["repo"]
    demand_type(call.platform, repo, "conan")
    config = call.platform.repositories.find(repo) or {}
    if config.get("forceConanAuthentication") and not call.caller.known:
        raise login_needed()


def _read(rest: str) -> tuple[Recipe | Package, str, str]:
    """What an address below `v2/conans/` is about, what is asked of it, and the file's name."""
    parts = _V2.match(rest)
    if parts is None:
        raise Refused(404, f"Not found: {rest[:200]}", "text")
    of = reference.recipe(parts["name"], parts["version"], parts["user"], parts["channel"], parts["rrev"] or "")
    verb, name = parts["verb"] or "", parts["file"] or ""
    if parts["id"]:
        return reference.package(of, parts["id"], parts["prev"] or ""), verb, name
    return of, verb, name


def _address(of: Recipe | Package) -> str:
    return f"{behaviour.address(of)}/revisions/{of.revision}"


def _json(shown: Any) -> Answer:
    return json_answer(shown)


def _text(body: str) -> Answer:
    return Answer(200, body.encode(), "text/plain", dict(CAPABILITIES))


def _searched(call: Call) -> Answer:
    """The search of the first protocol, over all recipes."""
    call.args = {**call.args, "rest": "search"}
    return get(call)


hooks.DESCRIBED["conan"] = behaviour.properties

_CONAN = "/artifactory/api/conan/{repo}"
_SECTION = "12.3.2"
ROUTES = (
    *(Route("GET", f"{_CONAN}/{version}/ping", _SECTION, ping, Needs.NOTHING) for version in ("v1", "v2")),
    *(
        Route("GET", f"{_CONAN}/{version}/users/{name}", _SECTION, handler, Needs.NOTHING)
        for version in ("v1", "v2")
        for name, handler in (("authenticate", authenticate), ("check_credentials", check_credentials))
    ),
    Route("GET", f"{_CONAN}/v2/conans/{{rest:path}}", _SECTION, get, Needs.CALLER),
    Route("PUT", f"{_CONAN}/v2/conans/{{rest:path}}", _SECTION, put, Needs.CALLER, body="file"),
    Route("DELETE", f"{_CONAN}/v2/conans/{{rest:path}}", _SECTION, delete, Needs.CALLER),
    Route("GET", f"{_CONAN}/v1/conans/search", _SECTION, _searched, Needs.CALLER),
)
