"""Deployment: plain, by checksum, with properties in the path, of a checksum file, of an archive's content (6.1)."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from artifactory_sandbox.platform.artifacts import archives, info, members
from artifactory_sandbox.platform.artifacts.rows import LATEST_MS, Digests, Origin
from artifactory_sandbox.platform.clock import parse_iso
from artifactory_sandbox.platform.packages import hooks
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Refused, Upload, empty, json_answer

_DECLARED = {"x-checksum-sha1": "sha1", "x-checksum-sha256": "sha256", "x-checksum-md5": "md5", "x-checksum": "sha256"}
_LENGTHS = {32: "md5", 40: "sha1", 64: "sha256"}
_SIDES = {".sha1": "sha1", ".md5": "md5", ".sha256": "sha256", ".sha512": "sha512"}
_SIDE_LIMIT = 4096
_FORBIDDEN = '\\:|?*"<>'


def deploy(call: Call) -> Answer:
    """Deploy Artifact."""
    repo, path = call.args["repo"], call.args["path"]
    target = call.platform.artifacts.deploy_target(repo)
    config = call.platform.repositories.find(target) or {}
    check_path(path, target)
    if _asks(call, "x-explode-archive") or _asks(call, "x-explode-archive-atomic"):
        return _explode(call, target, config, path)
    check_policy(config, path)
    if call.folder or not path:
        _demand_permissions(call, target, path, None)
        row = call.platform.artifacts.put_folder(target, path, origin_of(call), call.matrix)
        return _created(call, row)
    path = hooks.kept_path(call.platform, target, path)
    if answer := _checksum_file(call, target, config, path):
        return answer
    if _asks(call, "x-checksum-deploy"):
        _demand_permissions(call, target, path, None)
        digests = _by_checksum(call, f"{target}:{path}")
    else:
        _demand_permissions(call, target, path, call.upload)
        hooks.checked(call, target, path)
        digests = _uploaded(call, config, f"{target}:{path}")
    row = call.platform.artifacts.put_file(target, path, digests, origin_of(call), call.matrix)
    hooks.described(call.platform, row)
    return _created(call, row)


def _created(call: Call, row: Row) -> Answer:
    shown = info.created(row, call.artifactory_url)
    return json_answer(shown, 201, "storage.ItemCreated", {"Location": shown["uri"]})


def _asks(call: Call, header: str) -> bool:
    return call.headers.get(header, "").strip().lower() == "true"


def origin_of(call: Call) -> Origin:
    """Who deploys. A replicating administrator hands on when and by whom it was first deployed."""
    if not call.caller.admin:
        return Origin(call.caller.name)
    created = _moment(call.headers.get("x-artifactory-created", ""))
    modified = _moment(call.headers.get("x-artifactory-last-modified", ""))
    created_by = call.headers.get("x-artifactory-created-by", "")
    return Origin(call.headers.get("x-artifactory-modified-by", "") or call.caller.name, created, created_by, modified)


def _moment(text: str) -> int | None:
    """Milliseconds of an ISO date, or as they are; None for a moment that cannot be written as a date."""
    found = int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else parse_iso(text)
    return found if found is not None and 0 <= found <= LATEST_MS else None


def declared(call: Call) -> dict[str, str]:
    """Checksums that the client declares; a bare `X-Checksum` tells its kind by its length."""
    found: dict[str, str] = {}
    for header, name in _DECLARED.items():
        value = call.headers.get(header, "").strip().lower()
        if value:
            kind = _LENGTHS.get(len(value), name) if header == "x-checksum" else name
            found.setdefault(kind, value)
    return found


def check(upload: Upload, wanted: Mapping[str, str], place: str) -> None:
    """Refuses a body that is not what was declared; nothing has been stored then."""
    for kind, value in wanted.items():
        actual = getattr(upload, kind)
        if value != actual:
            raise Refused(409, f"Checksum error for '{place}': received '{value}' but actual is '{actual}'")


def check_path(path: str, target: str) -> None:
    """Refuses names that no item may have."""
    if len(path) > 1024 or any(len(part) > 255 for part in path.split("/")):
        raise Refused(400, f"The path is too long: '{target}:{path[:100]}…'")
    plain = path.replace("/sha256:", "/")  # folders of images that have no tag, which replications send by their path
    bad = next((letter for letter in plain if letter in _FORBIDDEN), None)
    if bad is not None:
        raise Refused(400, f"Invalid path. '{bad}' is not a valid name character: {path[:200]}")


def check_policy(config: Mapping[str, Any], path: str) -> None:
    """Refuses what the repository's patterns leave out, and releases or snapshots that it does not handle."""
    place = f"{config.get('key')}:{path}"
    if not members.allowed(config, path):
        said = f"The repository '{config.get('key')}' rejected the deployment of the artifact '{place}'"
        raise Refused(403, f"{said} due to conflict with its include/exclude patterns.")
    if config.get("packageType") not in {"maven", "gradle", "ivy", "sbt"} or path.rpartition("/")[2].startswith(
        "maven-metadata"
    ):
        return
    snapshot = "-SNAPSHOT" in path
    if not config.get("handleSnapshots" if snapshot else "handleReleases", True):
        said = f"The repository '{config.get('key')}' rejected the deployment of an artifact '{place}'"
        raise Refused(409, f"{said} due to its snapshot/release handling policy.")


def _demand_permissions(call: Call, target: str, path: str, upload: Upload | None) -> None:
    security = call.platform.security
    security.demand(call.caller, "write", target, path)
    if call.matrix:
        security.demand(call.caller, "annotate", target, path)
    if call.caller.admin or call.folder:
        return
    older = call.platform.artifacts.state.item(target, path)
    if older is not None and not older["folder"] and not (upload and upload.sha256 == older["sha256"]):
        security.demand(call.caller, "delete", target, path)


def _uploaded(call: Call, config: Mapping[str, Any], place: str) -> Digests:
    upload = call.upload
    if upload is None:
        raise Refused(400, "No content")
    wanted = declared(call)
    if config.get("checksumPolicyType") != "server-generated-checksums":
        check(upload, wanted, place)
    return replace(call.platform.artifacts.store(upload), declared=wanted)


def _by_checksum(call: Call, place: str) -> Digests:
    wanted = declared(call)
    artifacts = call.platform.artifacts
    if token := call.headers.get("x-checksum-deploy-token"):
        finished = artifacts.archives.upload_of_token(token)
        if finished is None or f"{finished['repo']}:{finished['path']}" != place:
            raise Refused(404, "Checksum deploy failed. The checksum token is not known.")
        wanted.setdefault("sha1", finished["sha1"])
    for kind in ("sha256", "sha1", "md5"):
        if kind not in wanted:
            continue
        found = artifacts.known(kind, wanted[kind])
        if found is not None:
            artifacts.hold(found.sha1)
            found = artifacts.known(kind, wanted[kind])  # it may have been collected before it was held
        if found is None:
            raise Refused(404, f"Checksum deploy failed. No existing file with {kind}: {wanted[kind]}")
        for other, value in wanted.items():
            if getattr(found, other) != value:
                actual = getattr(found, other)
                raise Refused(409, f"Checksum error for '{place}': received '{value}' but actual is '{actual}'")
        return replace(found, declared=wanted)
    raise Refused(404, "Checksum deploy failed. no checksum header 'X-Checksum-Sha1/X-Checksum-Sha256' was found.")


def _checksum_file(call: Call, target: str, config: Mapping[str, Any], path: str) -> Answer | None:
    """`a.jar.sha1`: no item, but what the client holds the checksum of `a.jar` to be."""
    ending = next((ending for ending in _SIDES if path.endswith(ending)), None)
    upload, kind = call.upload, _SIDES.get(ending or "", "")
    if ending is None or upload is None or upload.size > _SIDE_LIMIT:
        return None
    owner = path.removesuffix(ending)
    row = call.platform.artifacts.state.item(target, owner)
    if row is None or row["folder"]:
        raise Refused(404, f"Target file to set checksum on doesn't exist: {target}:{owner}")
    call.platform.security.demand(call.caller, "write", target, path)
    value = (upload.path.read_bytes().split() or [b""])[0].decode("ascii", "replace").lower()
    if kind != "sha512":
        if value != row[kind] and config.get("checksumPolicyType") != "server-generated-checksums":
            raise Refused(409, f"Checksum error for '{target}:{path}': received '{value}' but actual is '{row[kind]}'")
        call.platform.artifacts.declare(row, kind, value)
    return Answer(201, headers={"Location": f"{call.artifactory_url}/{target}/{path}"})


def _explode(call: Call, target: str, config: Mapping[str, Any], path: str) -> Answer:
    """Deploys every file of an archive below the folder of its path, all or none."""
    upload = call.upload
    if upload is None or not upload.size:
        raise Refused(400, "No content")
    name = path.rpartition("/")[2]
    if not archives.is_archive(name):
        raise Refused(400, f"Unable to explode '{name}': it is not an archive that can be taken apart")
    check(upload, declared(call), f"{target}:{path}")
    top = path.rpartition("/")[0]
    security, artifacts = call.platform.security, call.platform.artifacts
    with upload.path.open("rb") as file:
        found = archives.entries(file, name)
    for entry in found:
        archives.check_path(entry.path)
        place = f"{top}/{entry.path}".strip("/")
        check_path(place, target)
        check_policy(config, place)
        security.demand(call.caller, "write", target, place)
        if call.matrix:
            security.demand(call.caller, "annotate", target, place)
        if not call.caller.admin and artifacts.state.item(target, place) is not None:
            security.demand(call.caller, "delete", target, place)
    made: list[tuple[str, Digests]] = []
    with upload.path.open("rb") as file, closing(archives.exploded(call.platform, file, name, upload.size)) as each:
        for entry, copy in each:
            try:
                made.append((f"{top}/{entry.path}".strip("/"), artifacts.store(copy)))
            finally:
                Path(copy.path).unlink(missing_ok=True)
    origin = origin_of(call)
    with call.platform.database.transaction():
        rows = [artifacts.put_file(target, place, digests, origin, call.matrix) for place, digests in made]
    for row in rows:
        hooks.described(call.platform, row)
    return empty(200)
