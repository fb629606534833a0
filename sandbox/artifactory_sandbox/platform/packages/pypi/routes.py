"""`api/pypi/{repo}`: what pip, twine, uv and poetry call (12.3.2; PyPI's own protocols)."""

from email.message import Message
from typing import Any
from urllib.parse import quote

from artifactory_sandbox.platform.artifacts import download
from artifactory_sandbox.platform.packages import hooks, sources
from artifactory_sandbox.platform.packages.pypi import entries, metadata, pages
from artifactory_sandbox.platform.packages.pypi.entries import Entry
from artifactory_sandbox.platform.packages.pypi.names import is_project, normalised, parts
from artifactory_sandbox.platform.packages.pypi.search import search
from artifactory_sandbox.platform.packages.pypi.upload import upload
from artifactory_sandbox.platform.packages.reindex import reindex
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer

_REPO = "/artifactory/api/pypi/{repo}"
_CORE = ".metadata"


def post(call: Call) -> Answer:
    """An upload, or a search when the body is XML."""
    sources.demand_type(call.platform, call.args["repo"], "pypi")
    if call.headers.get("content-type", "").startswith(("text/xml", "application/xml")) and call.upload:
        return search(call, call.upload.path.read_bytes())
    return upload(call)


def simple(call: Call) -> Answer:
    """All projects."""
    found = _sources(call)
    if moved := _slash(call, "simple"):
        return moved
    return pages.projects_page(pages.wanted(call), entries.projects(call.platform, found))


def project(call: Call) -> Answer:
    """All files of a project; another spelling of its name, or a missing slash, is sent to the right address."""
    found, name = _sources(call), call.args["name"]
    if not is_project(name):
        raise Refused(404, "Not Found")
    if moved := _slash(call, f"simple/{normalised(name)}", name != normalised(name)):
        return moved
    listed = entries.of_project(call.platform, found, normalised(name))
    if not listed:
        raise Refused(404, f"Could not find any files of the project '{name}' in '{call.args['repo']}'.")
    return pages.project_page(pages.wanted(call), normalised(name), listed)


def _slash(call: Call, path: str, always: bool = False) -> Answer | None:
    if call.folder and not always:
        return None
    query = f"?format={quote(call.first('format').replace(' ', '+'))}" if call.first("format") else ""
    address = f"{call.artifactory_url}/api/pypi/{call.args['repo']}/{path}/{query}"
    return Answer(301, headers={"Location": address})


def package(call: Call) -> Answer:
    """A file, or with `.metadata` behind its name the metadata in it (PEP 658)."""
    path = call.args["path"]
    for source in _sources(call, path):
        row = _file(call, source, path)
        if row is not None and not row["folder"]:
            return download.answer(call, row)
        if row is None and path.endswith(_CORE) and (made := _core(call, source, path.removesuffix(_CORE))):
            return made
    raise Refused(404, "File not found.")


def _file(call: Call, source: Source, path: str) -> Row | None:
    if not sources.allowed(source, path):
        return None
    row = call.platform.artifacts.state.item(source.store, path)
    if row is not None or source.rclass != "remote":
        return row
    entry = _listed(call, source, path)
    if entry is None:
        address = f"{str(source.config['url']).rstrip('/')}/packages/{path}"
        return None if path.endswith(_CORE) else sources.fetched(call.platform, source, address, path, {})
    declared = {kind: value for kind, value in entry.hashes.items() if kind in {"md5", "sha1", "sha256"}}
    return sources.fetched(call.platform, source, entry.address, path, declared)


def _core(call: Call, source: Source, path: str) -> Answer | None:
    row = _file(call, source, path)
    found = metadata.of(call.platform, row) if row is not None and not row["folder"] else None
    return None if found is None or not found.wheel else Answer(200, found.raw, "application/octet-stream")


def _listed(call: Call, source: Source, path: str) -> Entry | None:
    """What the upstream's page says about a file that the cache has under this path."""
    named = parts(path.rpartition("/")[2])
    if named is None:
        return None
    listed = entries.upstream(call.platform, source, normalised(named[0])) or []
    return next((entry for entry in listed if entry.path == path), None)


def project_json(call: Call) -> Answer:
    """The JSON that describes a project, its newest release first."""
    return _json(call, "")


def release_json(call: Call) -> Answer:
    """The JSON that describes one release."""
    return _json(call, call.args["version"])


def _json(call: Call, version: str) -> Answer:
    found, name = _sources(call), normalised(call.args["name"])
    listed = entries.of_project(call.platform, found, name)
    releases: dict[str, list[Entry]] = {}
    for entry in listed:
        releases.setdefault(entry.version, []).append(entry)
    wanted = version or max(releases, key=_order, default="")
    if wanted not in releases:
        raise Refused(404, "Not Found")
    urls = {release: [_url(call, entry) for entry in files] for release, files in releases.items()}
    first = releases[wanted][0]
    shown: dict[str, Any] = {
        "info": _info(call, found, first, wanted),
        "last_serial": 0,
        "releases": urls,
        "urls": urls[wanted],
        "vulnerabilities": [],
    }
    if version:
        del shown["releases"]
    return json_answer(shown)


def _order(version: str) -> tuple[bool, tuple[tuple[int, str], ...]]:
    """Releases before candidates, numbers as numbers."""
    steps = tuple((int(step), "") if step.isdigit() else (-1, step) for step in version.replace("-", ".").split("."))
    return version.replace(".", "").isdigit(), steps


def _info(call: Call, found: list[Source], entry: Entry, version: str) -> dict[str, Any]:
    rows = (call.platform.artifacts.state.item(source.store, entry.path) for source in found)
    row = next((one for one in rows if one is not None), None)
    read = metadata.of(call.platform, row) if row is not None else None
    message = read.message if read else Message()
    fields = {
        "author": "Author",
        "author_email": "Author-email",
        "description_content_type": "Description-Content-Type",
        "home_page": "Home-page",
        "keywords": "Keywords",
        "license": "License",
        "maintainer": "Maintainer",
        "summary": "Summary",
    }
    body = message.get_payload() if read else ""
    return {
        **{name: metadata.value(message, field) for name, field in fields.items()},
        "name": metadata.value(message, "Name") or entry.name or entry.project,
        "version": version,
        "description": body if isinstance(body, str) else "",
        "classifiers": metadata.values(message, "Classifier"),
        "requires_dist": metadata.values(message, "Requires-Dist") or None,
        "requires_python": entry.requires_python or None,
        "yanked": entry.yanked is not None,
        "yanked_reason": entry.yanked or None,
    }


def _url(call: Call, entry: Entry) -> dict[str, Any]:
    return {
        "filename": entry.file,
        "url": f"{call.artifactory_url}/api/pypi/{call.args['repo']}/{pages.link(entry).removeprefix('../../')}",
        "digests": entry.hashes,
        "packagetype": "bdist_wheel" if entry.file.endswith(".whl") else "sdist",
        "requires_python": entry.requires_python or None,
        "size": entry.size or 0,
        "yanked": entry.yanked is not None,
        "yanked_reason": entry.yanked or None,
    }


def _sources(call: Call, path: str = "") -> list[Source]:
    sources.demand_type(call.platform, call.args["repo"], "pypi")
    return sources.sources(call.platform, call.caller, call.args["repo"], path, sources.origin(call))


def calculate(call: Call) -> Answer:
    """Calculate PyPI Repository Metadata."""
    return reindex(call, "pypi", f"Recalculating PyPI index for repository {call.args['repo']} scheduled to run", 202)


hooks.DESCRIBED["pypi"] = metadata.described

ROUTES = (
    Route("POST", f"{_REPO}/reindex", "12.3.2", calculate, Needs.USER),
    Route("POST", _REPO, "12.3.2", post, Needs.CALLER, body="file"),
    Route("POST", f"{_REPO}/pypi", "12.3.2", post, Needs.CALLER, body="file"),
    Route("GET", f"{_REPO}/simple", "12.3.2", simple, Needs.CALLER),
    Route("GET", f"{_REPO}/simple/{{name}}", "12.3.2", project, Needs.CALLER),
    Route("GET", f"{_REPO}/pypi/{{name}}/json", "12.3.2", project_json, Needs.CALLER),
    Route("GET", f"{_REPO}/pypi/{{name}}/{{version}}/json", "12.3.2", release_json, Needs.CALLER),
    Route("GET", f"{_REPO}/packages/{{path:path}}", "12.3.2", package, Needs.CALLER),
    Route("GET", f"{_REPO}/{{path:path}}", "12.3.2", package, Needs.CALLER),
)
