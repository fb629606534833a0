"""Where Maven meets the plain paths of items: computed metadata, newest snapshots, checks; and the calculation calls."""

import hashlib
import re

from artifactory_sandbox.platform.artifacts import download, resolve
from artifactory_sandbox.platform.clock import http_date
from artifactory_sandbox.platform.packages import hooks, sources
from artifactory_sandbox.platform.packages.maven import behaviour, layout, metadata
from artifactory_sandbox.platform.packages.maven.layout import METADATA, SNAPSHOT
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, Upload, text

_SIDES = re.compile(r"\.(sha1|md5|sha256|sha512)\Z")
_POM_LIMIT = 16 * 1024 * 1024


def answered(call: Call, repo: str, path: str) -> Answer | None:
    """What is not simply a kept file: metadata, its checksums, the newest snapshot, cleaned project files."""
    side = _SIDES.search(path)
    plain = path[: side.start()] if side else path
    if plain.rpartition("/")[2] == METADATA and "/" in plain:
        data = _metadata(call, repo, plain.rpartition("/")[0])
        return _document(call, plain, data, side[1] if side else "") if data is not None else None
    if plain.endswith(".pom") and (data := _cleaned(call, repo, plain)) is not None:
        return _document(call, plain, data, side[1] if side else "")
    if SNAPSHOT in plain.rpartition("/")[2] and side is None:
        return _newest(call, repo, plain)
    return None


def checked(call: Call, store: str, path: str, upload: Upload) -> None:
    """Refuses a project file that does not belong where it goes."""
    config = call.platform.repositories.find(store) or {}
    if not path.endswith(".pom") or config.get("suppressPomConsistencyChecks", True) or upload.size > _POM_LIMIT:
        return
    why = behaviour.inconsistency(metadata.pom(upload.path.read_bytes()), path)
    if why is not None:
        raise Refused(409, why)


def calculate(call: Call) -> Answer:
    """Calculates the stored metadata of a folder, and of those below it unless told otherwise."""
    platform, repo, path = call.platform, call.args["repo"], call.args.get("path", "")
    sources.demand_type(platform, repo, *behaviour.TYPES)
    store = platform.artifacts.deploy_target(repo)
    platform.security.demand(call.caller, "write", store, path)
    if path and platform.artifacts.state.item(store, path) is None:
        raise Refused(404, f"Unable to find item '{store}:{path}'")
    folders = {path} if path else set()
    if not call.flag("nonRecursive"):
        for row in platform.artifacts.state.files(store, path):
            file = layout.read(row["path"])
            if file is not None and file.extension == "pom":
                folders.add(file.folder.rpartition("/")[0])
                if file.snapshot:
                    folders.add(file.folder)
    for folder in sorted(folders):
        behaviour.calculate(platform, store, folder)
    return text(f"Maven metadata calculation for path: {store}/{path} is finished successfully.")


def index(call: Call) -> Answer:
    """Accepts the request for a Maven index; the index itself is for other tools and is not made."""
    for repo in [name for name in call.first("repos").split(",") if name.isprintable() and name]:
        sources.demand_type(call.platform, repo, *behaviour.TYPES)
    return text("Maven index refresh was requested for all repositories.", 202)


def _metadata(call: Call, repo: str, folder: str) -> bytes | None:
    found = sources.sources(call.platform, call.caller, repo, f"{folder}/{METADATA}")
    shown = behaviour.document(call.platform, found, folder)
    if shown is None:
        return None
    return metadata.written(shown)


def _document(call: Call, path: str, data: bytes, side: str) -> Answer:
    sums = {kind: hashlib.new(kind, data, usedforsecurity=False).hexdigest() for kind in ("sha1", "sha256", "md5")}
    if side:
        known = sums.get(side) or hashlib.sha512(data).hexdigest()
        return Answer(200, known.encode(), "application/x-checksum")
    headers = {
        "X-Checksum-Sha1": sums["sha1"],
        "X-Checksum-Sha256": sums["sha256"],
        "X-Checksum-Md5": sums["md5"],
        "ETag": sums["sha1"],
        "Last-Modified": http_date(call.platform.clock.now()),
        "X-Artifactory-Filename": path.rpartition("/")[2],
    }
    if sums["sha1"] in call.headers.get("if-none-match", ""):
        return Answer(304, headers=headers)
    kind = "application/x-maven-pom+xml" if path.endswith(".pom") else "application/xml"
    return Answer(200, data, kind, headers)


def _cleaned(call: Call, repo: str, path: str) -> bytes | None:
    """A project file as a virtual repository gives it, where that differs from the kept one."""
    config = call.platform.repositories.find(repo) or {}
    policy = config.get("pomRepositoryReferencesCleanupPolicy", "nothing")
    if config.get("rclass") != "virtual" or policy == "nothing":
        return None
    try:
        row = resolve.find(call.platform, call.caller, repo, path, fetch=True)
    except Refused:
        return None
    if row["folder"] or row["size"] > _POM_LIMIT:
        return None
    data = sources.content(call.platform, row)
    cleaned = metadata.without_repositories(data, policy == "discard_any_reference")
    return cleaned if cleaned != data else None


def _newest(call: Call, repo: str, path: str) -> Answer | None:
    try:
        resolve.find(call.platform, call.caller, repo, path, fetch=False)
    except Refused as refused:
        if refused.status != 404:
            raise
    else:
        return None
    found = sources.sources(call.platform, call.caller, repo, path)
    target = behaviour.newest_file(call.platform, found, path)
    if target is None:
        return None
    return download.answer(call, resolve.find(call.platform, call.caller, repo, target, fetch=True))


for _kind in behaviour.TYPES:
    hooks.COMPUTED[_kind] = answered
    hooks.CHECKED[_kind] = checked
    hooks.KEPT[_kind] = behaviour.kept_path
    hooks.ARRIVED[_kind] = behaviour.arrived

_CALCULATE = tuple(f"/artifactory/api/maven/{name}/{{repo}}" for name in ("calculateMetaData", "calculateMetadata"))
ROUTES = (
    *(Route("POST", one, "2.7", calculate, Needs.USER) for one in _CALCULATE),
    *(Route("POST", f"{one}/{{path:path}}", "2.7", calculate, Needs.USER) for one in _CALCULATE),
    Route("POST", "/artifactory/api/maven", "2.7", index, Needs.ADMIN, partly="no Nexus index is written"),
)
