"""`api/go/{repo}`: the addresses of a module proxy, and publishing by PUT (12.10.3)."""

import json
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.artifacts import deploy, download
from artifactory_sandbox.platform.packages import hooks
from artifactory_sandbox.platform.packages.go import archive, behaviour
from artifactory_sandbox.platform.packages.go.versions import escaped, is_version, plain
from artifactory_sandbox.platform.packages.sources import demand_type
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, Upload, text

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_INFO_LIMIT = 1024 * 1024


def get(call: Call) -> Answer:
    """`@v/list`, `@latest`, the files of a version, and what a checksum database is asked for."""
    answer = _protocol(call, call.args["repo"], call.args["rest"])
    if answer is None:
        raise behaviour.missing(call.args["rest"][:200])
    return answer


def put(call: Call) -> Answer:
    """Publishes one of the three files of a version."""
    repo = call.args["repo"]
    demand_type(call.platform, repo, "go")
    parts = behaviour.file_parts(call.args["rest"])
    if parts is None:
        raise Refused(400, "A Go module is published as <module>/@v/<version>.zip, .mod or .info")
    module, version, kind = parts
    if not is_version(version):
        raise Refused(400, f"'{version[:100]}' is no version of a Go module")
    call.args = {"repo": repo, "path": behaviour.path_of(module, version, kind)}
    return deploy.deploy(call)


def _checked(call: Call, store: str, path: str, upload: Upload) -> None:
    """Refuses a module's file that the go command would refuse, by whichever address it came."""
    parts = behaviour.file_parts(path)
    if parts is None or not is_version(parts[1]):
        return
    module, version, kind = parts
    if kind == "zip":
        archive.check(upload.path, module, version)
    elif kind == "info":
        behaviour.check_info(upload.path.read_bytes() if upload.size <= _INFO_LIMIT else b"", version)


def _kept_path(platform: "Platform", store: str, path: str) -> str:
    """Upper-case letters are kept escaped, as the go command asks for them."""
    parts = behaviour.file_parts(path)
    return behaviour.path_of(*parts) if parts else path


def _protocol(call: Call, repo: str, path: str) -> Answer | None:
    """The answer to an address of the protocol; None when it is none."""
    platform = call.platform
    found = behaviour.readable(platform, call.caller, repo, path)
    if path.startswith("sumdb/"):
        passed = behaviour.passed_on(platform, found, path)
        return Answer(200, passed, "text/plain; charset=utf-8") if passed is not None else None
    if path.endswith("/@v/list"):
        names = behaviour.listed(platform, found, plain(path.removesuffix("/@v/list")))
        return text("".join(f"{name}\n" for name in names))
    if path.endswith("/@latest"):
        info = behaviour.newest(platform, found, plain(path.removesuffix("/@latest")))
        return Answer(200, json.dumps(info).encode(), "application/json")
    parts = behaviour.file_parts(path)
    if parts is None:
        return None
    result = behaviour.file(platform, found, *parts)
    if not isinstance(result, bytes):
        return download.answer(call, result)
    kind = "application/json" if parts[2] == "info" else "text/plain; charset=utf-8"
    return Answer(200, result, kind)


def _at_plain_path(call: Call, repo: str, path: str) -> Answer | None:
    """The derived documents at an item's own address; a file that is kept is a plain download."""
    derived = path.endswith(("/@v/list", "/@latest"))
    return _protocol(call, repo, escaped(path)) if derived else None


hooks.COMPUTED["go"] = _at_plain_path
hooks.CHECKED["go"] = _checked
hooks.KEPT["go"] = _kept_path
hooks.DESCRIBED["go"] = behaviour.properties

_GO = "/artifactory/api/go/{repo}/{rest:path}"
ROUTES = (
    Route("GET", _GO, "12.10.3", get, Needs.CALLER),
    Route("PUT", _GO, "12.10.3", put, Needs.CALLER, body="file"),
)
