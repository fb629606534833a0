"""Uploads in parts (12.10.2): parts are binaries of the filestore until they are put together, so any node takes any part."""

import secrets
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.artifacts import deploy
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer
from artifactory_sandbox.platform.web.body import Hashing

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_API = "/artifactory/api/v1/uploads"
_CHUNK = 256 * 1024
_MOST_PARTS = 10_000


def config(call: Call) -> Answer:
    """Whether uploads in parts are supported (since 7.82.2)."""
    return json_answer({"supported": call.platform.version.at_least("7.82.2")})


def create(call: Call) -> Answer:
    """Begins an upload; the token stands for it in the calls that follow."""
    repo, path = call.first("repoKey"), call.first("repoPath").strip("/")
    if not repo or not path or call.number("partSizeMB", 1) < 1:
        raise Refused(400, "repoKey, repoPath and partSizeMB are required")
    target = call.platform.artifacts.deploy_target(repo)
    deploy.check_path(path, target)
    deploy.check_policy(call.platform.repositories.find(target) or {}, path)
    call.platform.security.demand(call.caller, "write", target, path)
    token = secrets.token_urlsafe(24)
    now = call.platform.clock.now()
    call.platform.artifacts.archives.start_upload(token, target, path, call.caller.name, now)
    return json_answer({"token": token})


def part_address(call: Call) -> Answer:
    """Where a part is sent, without credentials."""
    found, number = _upload(call), call.number("partNumber", 0)
    if not 1 <= number <= _MOST_PARTS:
        raise Refused(400, f"partNumber must be between 1 and {_MOST_PARTS}")
    return json_answer({"url": f"{call.artifactory_url}/api/v1/uploads/part/{found['id']}/{number}"})


def part(call: Call) -> Answer:
    """Takes a part."""
    token, number = call.args["token"], call.args["number"]
    archives = call.platform.artifacts.archives
    found = archives.upload(token)
    if found is None or found["status"] != "CREATED" or call.upload is None:
        raise Refused(404, "No such upload")
    if not number.isdecimal() or not 1 <= int(number) <= _MOST_PARTS:
        raise Refused(400, f"partNumber must be between 1 and {_MOST_PARTS}")
    stored = call.platform.artifacts.store(call.upload)
    archives.put_part(token, int(number), stored.sha1, stored.size)
    return Answer(200, headers={"ETag": stored.md5})


def complete(call: Call) -> Answer:
    """Puts the parts together and compares their checksum."""
    found = _upload(call)
    _put_together(call.platform, found, call.first("sha1").lower())
    return empty(202)


def status(call: Call) -> Answer:
    """How far it is; `checksumToken` stands for the file when it is finished."""
    found = _upload(call)
    word = {"CREATED": "QUEUED"}.get(found["status"], found["status"])
    done = 100 if word == "FINISHED" else 0
    return json_answer({"status": word, "error": found["error"], "progress": done, "checksumToken": found["token"]})


def abort(call: Call) -> Answer:
    """Forgets the parts."""
    found = _upload(call)
    call.platform.artifacts.archives.set_upload(found["id"], "ABORTED", "aborted")
    call.platform.artifacts.archives.drop_parts(found["id"])
    return empty(204)


def _upload(call: Call) -> Row:
    """The upload that the bearer token stands for: no other credentials come with it."""
    kind, _, token = call.headers.get("authorization", "").partition(" ")
    found = call.platform.artifacts.archives.upload(token.strip()) if kind.lower() == "bearer" else None
    if found is None:
        raise Refused(401, "The upload token is not known")
    return found


def _put_together(platform: "Platform", found: Row, sha1: str) -> None:
    archives = platform.artifacts.archives
    parts = archives.parts(found["id"])
    if [one["number"] for one in parts] != list(range(1, len(parts) + 1)) or not parts:
        archives.set_upload(found["id"], "NON_RETRYABLE_ERROR", "parts are missing")
        return
    hashing = Hashing(platform.temporary)
    try:
        for one in parts:
            with platform.binaries.store.open(one["sha1"]) as file:
                while chunk := file.read(_CHUNK):
                    hashing.write(chunk)
    except MissingBinary:
        hashing.discard()
        archives.set_upload(found["id"], "NON_RETRYABLE_ERROR", "a part is lost")
        return
    upload = hashing.done()
    try:
        if sha1 and sha1 != upload.sha1:
            said = f"Checksum error: received '{sha1}' but actual is '{upload.sha1}'"
            archives.set_upload(found["id"], "NON_RETRYABLE_ERROR", said)
            return
        platform.artifacts.store(upload)
    finally:
        upload.path.unlink(missing_ok=True)
    archives.set_upload(found["id"], "FINISHED", token=secrets.token_urlsafe(24), sha1=upload.sha1)
    archives.drop_parts(found["id"])


ROUTES = (
    Route("GET", f"{_API}/config", "12.10.2", config, Needs.CALLER),
    Route("POST", f"{_API}/create", "12.10.2", create, Needs.CALLER),
    Route("POST", f"{_API}/urlPart", "12.10.2", part_address, Needs.PUBLIC),
    Route("PUT", f"{_API}/part/{{token}}/{{number}}", "12.10.2", part, Needs.PUBLIC, body="file"),
    Route("POST", f"{_API}/complete", "12.10.2", complete, Needs.PUBLIC),
    Route("POST", f"{_API}/status", "12.10.2", status, Needs.PUBLIC),
    Route("POST", f"{_API}/abort", "12.10.2", abort, Needs.PUBLIC),
)
