"""`api/npm/{repo}`: what npm, pnpm and yarn call (12.3.2; the registry's own protocol)."""

from artifactory_sandbox.platform.artifacts import download
from artifactory_sandbox.platform.packages import hooks, sources
from artifactory_sandbox.platform.packages.npm import accounts, documents, packages, publish
from artifactory_sandbox.platform.packages.npm.names import is_name, split
from artifactory_sandbox.platform.packages.npm.packages import Package
from artifactory_sandbox.platform.packages.npm.search import search
from artifactory_sandbox.platform.packages.reindex import reindex
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer

_REPO = "/artifactory/api/npm/{repo}"
_REST = f"{_REPO}/{{path:path}}"
_TAGS = f"{_REPO}/-/package/{{path:path}}"
_AUDITS = f"{_REPO}/-/npm/v1/security"


def ping(call: Call) -> Answer:
    """The registry is there."""
    sources.demand_type(call.platform, call.args["repo"], "npm")
    return json_answer({})


def get(call: Call) -> Answer:
    """A packument, one version, or a tarball."""
    path = call.args["path"]
    if path.endswith(".tgz"):
        return _tarball(call, path)
    name, wanted = split(path)
    package = _package(call, name)
    if not wanted:
        return documents.packument(call, package)
    version = package.version(wanted)
    if version is None:
        raise not_found(f"version not found: {wanted[:200]}")
    base = f"{call.artifactory_url}/api/npm/{call.args['repo']}"
    return json_answer(documents.manifest(version, base))


def not_found(reason: str = "document not found") -> Refused:
    """The 404 of the registry, which npm prints."""
    return Refused(404, reason, "json", {"error": "not_found", "reason": reason})


def _package(call: Call, name: str) -> Package:
    found = _sources(call)
    package = packages.merged(call.platform, found, name) if is_name(name) else Package(name)
    if not package.versions:
        raise not_found()
    return package


def _sources(call: Call, path: str = "") -> list[Source]:
    sources.demand_type(call.platform, call.args["repo"], "npm")
    return sources.sources(call.platform, call.caller, call.args["repo"], path, sources.origin(call))


def _tarball(call: Call, path: str) -> Answer:
    for source in _sources(call, path):
        row = _file(call, source, path)
        if row is not None and not row["folder"]:
            return download.answer(call, row)
    raise not_found("Document is missing attachment")


def _file(call: Call, source: Source, path: str) -> Row | None:
    if not sources.allowed(source, path):
        return None
    state = call.platform.artifacts.state
    name, file = split(path)[0], path.rpartition("/")[2]
    row = state.item(source.store, path)
    if row is not None:
        return row
    package = packages.upstream(call.platform, source, name) if source.rclass == "remote" else None
    package = package or packages.stored(call.platform, source).get(name)
    for version in package.versions.values() if package else ():
        if version.path == path or version.path.rpartition("/")[2] == file:
            if not version.address:
                return state.item(source.store, version.path)
            declared = {"sha1": version.shasum} if version.shasum else {}
            return sources.fetched(call.platform, source, version.address, version.path, declared)
    return None


def put(call: Call) -> Answer:
    """Publishes a version, or changes what is said of those that are there (`npm deprecate`, `npm unpublish`)."""
    sources.demand_type(call.platform, call.args["repo"], "npm")
    name, rest = split(call.args["path"])
    source, document = publish.target(call), call.json_object()
    if not is_name(name):
        raise Refused(400, f"Illegal package name: '{name[:214]}'")
    if rest and not rest.startswith("-rev/"):
        raise Refused(400, "A package is published at its own address")
    if document.get("_attachments"):
        publish.publish(call, source, name, document)
        return json_answer({"ok": "created new package", "success": True}, 201)
    if not isinstance(document.get("versions"), dict):
        raise Refused(400, "A packument has versions")
    publish.change(call, source, name, document, exactly=bool(rest))
    return json_answer({"ok": "updated package", "success": True})


def delete(call: Call) -> Answer:
    """Removes a package (`{name}/-rev/{rev}`), or one tarball (`{tarball}/-rev/{rev}`)."""
    repo = call.args["repo"]
    sources.demand_type(call.platform, repo, "npm")
    path, _, _ = call.args["path"].partition("/-rev/")
    path = path.removeprefix(f"artifactory/api/npm/{repo}/")  # npm repeats the path of the tarball's address
    source = publish.target(call)
    if not path.endswith(".tgz"):
        publish.unpublish(call, source, path)
        return json_answer({"ok": True})
    row = _file(call, source, path)
    call.platform.security.demand(call.caller, "delete", source.repo, row["path"] if row is not None else path)
    if row is None or not publish.remove(call, source, row["path"]):
        raise not_found("Document is missing attachment")
    return json_answer({"ok": True})


def tags(call: Call) -> Answer:
    """The tags of a package."""
    name, _ = _tag_path(call)
    return json_answer(_package(call, name).tags)


def put_tag(call: Call) -> Answer:
    """Tags a version; the body is its number as a JSON text."""
    name, tag = _tag_path(call)
    number = call.json()
    if not isinstance(number, str) or not tag:
        raise Refused(400, "A tag needs a name, and the number of a version as its body")
    publish.tag_version(call, publish.target(call), name, tag, number)
    return json_answer({"ok": "dist-tags updated"}, 201)


def delete_tag(call: Call) -> Answer:
    """Takes a tag away."""
    name, tag = _tag_path(call)
    if tag == "latest":
        raise Refused(400, "The tag 'latest' cannot be removed")
    publish.untag(call, publish.target(call), name, tag)
    return json_answer({"ok": "dist-tag removed"})


def _tag_path(call: Call) -> tuple[str, str]:
    sources.demand_type(call.platform, call.args["repo"], "npm")
    name, rest = split(call.args["path"])
    word, _, tag = rest.partition("/")
    if word != "dist-tags" or not is_name(name):
        raise not_found()
    return name, tag


def find(call: Call) -> Answer:
    """Search."""
    return json_answer(search(call, _sources(call)))


def everything(call: Call) -> Answer:
    """All packages, as old clients searched."""
    shown: dict[str, object] = {"_updated": call.platform.clock.now()}
    for source in _sources(call):
        for name, package in packages.stored(call.platform, source).items():
            version = package.version("latest")
            if version is not None:
                described = {
                    key: version.manifest[key] for key in ("description", "keywords") if key in version.manifest
                }
                shown.setdefault(name, {"name": name, "dist-tags": package.tags, **described})
    return json_answer(shown)


def audit(call: Call) -> Answer:
    """Audits are Xray's, which is not here: an answer that clients take as "no audit", never as "nothing found"."""
    sources.demand_type(call.platform, call.args["repo"], "npm")
    raise Refused(404, "Audits need JFrog Xray, which this platform does not have.")


def calculate(call: Call) -> Answer:
    """Calculate Npm Repository Metadata."""
    return reindex(call, "npm", f"Recalculating Npm index for repository {call.args['repo']} scheduled to run", 202)


hooks.DESCRIBED["npm"] = packages.described

ROUTES = (
    Route("POST", f"{_REPO}/reindex", "12.3.2", calculate, Needs.USER),
    Route("GET", "/artifactory/api/npm/auth", "12.3.2", accounts.lines, Needs.USER),
    Route("GET", f"{_REPO}/auth/{{scope}}", "12.3.2", accounts.scoped_lines, Needs.USER),
    Route("GET", f"{_REPO}/-/ping", "12.3.2", ping, Needs.CALLER),
    Route("GET", f"{_REPO}/-/whoami", "12.3.2", accounts.whoami, Needs.USER),
    Route("GET", f"{_REPO}/-/npm/v1/user", "12.3.2", accounts.profile, Needs.USER),
    Route("POST", f"{_REPO}/-/npm/v1/user", "12.3.2", accounts.change_profile, Needs.USER),
    Route("PUT", f"{_REPO}/-/user/{{user}}", "12.3.2", accounts.login, Needs.NOTHING),
    Route("POST", f"{_REPO}/-/v1/login", "12.3.2", accounts.web_login, Needs.NOTHING),
    Route("DELETE", f"{_REPO}/-/user/token/{{token}}", "12.3.2", accounts.logout, Needs.USER),
    Route("GET", f"{_REPO}/-/v1/search", "12.3.2", find, Needs.CALLER),
    Route("GET", f"{_REPO}/-/all", "12.3.2", everything, Needs.CALLER),
    Route("GET", f"{_REPO}/-/all/since", "12.3.2", everything, Needs.CALLER),
    Route("POST", f"{_AUDITS}/audits", "12.3.2", audit, Needs.CALLER),
    Route("POST", f"{_AUDITS}/audits/quick", "12.3.2", audit, Needs.CALLER),
    Route("POST", f"{_AUDITS}/advisories/bulk", "12.3.2", audit, Needs.CALLER),
    Route("GET", _TAGS, "12.3.2", tags, Needs.CALLER),
    Route("PUT", _TAGS, "12.3.2", put_tag, Needs.USER),
    Route("POST", _TAGS, "12.3.2", put_tag, Needs.USER),
    Route("DELETE", _TAGS, "12.3.2", delete_tag, Needs.USER),
    Route("GET", _REST, "12.3.2", get, Needs.CALLER),
    Route("PUT", _REST, "12.3.2", put, Needs.CALLER),
    Route("DELETE", _REST, "12.3.2", delete, Needs.CALLER),
)
