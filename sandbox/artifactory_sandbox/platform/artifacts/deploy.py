"""Deployment: plain, by checksum, with properties in the path (6.1)."""

from artifactory_sandbox.platform.artifacts import info
from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.clock import parse_iso
from artifactory_sandbox.platform.web import Answer, Call, Refused, Upload, json_answer

_DECLARED = {"x-checksum-sha1": "sha1", "x-checksum-sha256": "sha256", "x-checksum-md5": "md5", "x-checksum": "sha256"}


def deploy(call: Call) -> Answer:
    """Deploy Artifact."""
    repo, path = call.args["repo"], call.args["path"]
    target = call.platform.artifacts.deploy_target(repo)
    _demand_permissions(call, target, path)
    origin = origin_of(call)
    if call.folder or not path:
        row = call.platform.artifacts.put_folder(target, path, origin, call.matrix)
    else:
        digests = (
            _by_checksum(call) if call.headers.get("x-checksum-deploy") == "true" else _uploaded(call, target, path)
        )
        row = call.platform.artifacts.put_file(target, path, digests, origin, call.matrix)
    shown = info.created(row, call.artifactory_url)
    return json_answer(shown, 201, "storage.ItemCreated", {"Location": shown["uri"]})


def origin_of(call: Call) -> Origin:
    """Who deploys. A replicating administrator hands on when and by whom it was first deployed."""
    if not call.caller.admin:
        return Origin(call.caller.name)
    created = parse_iso(call.headers.get("x-artifactory-created", ""))
    modified = parse_iso(call.headers.get("x-artifactory-last-modified", ""))
    created_by = call.headers.get("x-artifactory-created-by", "")
    return Origin(call.headers.get("x-artifactory-modified-by", "") or call.caller.name, created, created_by, modified)


def declared(call: Call) -> dict[str, str]:
    """Checksums that the client declares."""
    return {name: call.headers[header].lower() for header, name in _DECLARED.items() if header in call.headers}


def check(upload: Upload, wanted: dict[str, str], place: str) -> None:
    """Refuses a body that is not what was declared; nothing has been stored then."""
    for kind, value in wanted.items():
        actual = getattr(upload, kind)
        if value != actual:
            raise Refused(409, f"Checksum error for '{place}': received '{value}' but actual is '{actual}'")


def _demand_permissions(call: Call, target: str, path: str) -> None:
    security = call.platform.security
    security.demand(call.caller, "write", target, path)
    if call.matrix:
        security.demand(call.caller, "annotate", target, path)
    if call.caller.admin:
        return
    older = call.platform.artifacts.state.item(target, path)
    if older is not None and not older["folder"] and not call.folder and not _same(call, older["sha256"]):
        security.demand(call.caller, "delete", target, path)


def _same(call: Call, sha256: str) -> bool:
    return bool(call.upload and call.upload.sha256 == sha256)


def _uploaded(call: Call, target: str, path: str) -> Digests:
    upload = call.upload
    if upload is None:
        raise Refused(400, "No content")
    wanted = declared(call)
    check(upload, wanted, f"{target}:{path}")
    stored = call.platform.artifacts.store(upload)
    return Digests(stored.sha1, stored.sha256, stored.md5, stored.size, wanted)


def _by_checksum(call: Call) -> Digests:
    wanted = declared(call)
    for kind in ("sha256", "sha1"):
        if kind in wanted:
            found = call.platform.artifacts.known(kind, wanted[kind])
            if found is None:
                said = f"Checksum deploy failed. No existing file with {kind}: {wanted[kind]}"
                raise Refused(404, said)
            return Digests(found.sha1, found.sha256, found.md5, found.size, wanted)
    raise Refused(404, "Checksum deploy failed. no checksum header 'X-Checksum-Sha1/X-Checksum-Sha256' was found.")
