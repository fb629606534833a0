"""Blobs: found, answered, mounted, removed."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.artifacts import download
from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.docker import digests, upstream
from artifactory_sandbox.platform.packages.docker.place import Place, demand_registry, is_image, layer_name
from artifactory_sandbox.platform.packages.docker.refusal import refused
from artifactory_sandbox.platform.packages.docker.state import DockerState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Refused, Stored

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_KEY = re.compile(r"[\w.-]+\Z")
OCTETS = "application/octet-stream"


def unknown(digest: str) -> Refused:
    """BLOB_UNKNOWN."""
    return refused(404, "BLOB_UNKNOWN", "blob unknown to registry", {"digest": digest})


def get(call: Call, place: Place) -> Answer:
    """A blob, also with HEAD and ranges."""
    sha256 = digests.sha256_of(call.platform, place.reference)
    for source in sources.sources(call.platform, call.caller, place.repo, f"{place.image}/{place.reference}"):
        row = kept(call.platform, source.store, place.image, sha256)
        if row is None and source.remote and sha256:
            if call.method == "HEAD" and (size := upstream.blob_size(call.platform, source, place.image, sha256)) >= 0:
                return _dressed(Answer(200, Stored(io.BytesIO(), size), OCTETS), place)
            row = upstream.blob(call.platform, source, place.image, sha256)
        if row is not None:
            return _dressed(download.answer(call, row, OCTETS), place)
    raise unknown(place.reference)


def _dressed(answer: Answer, place: Place) -> Answer:
    answer.headers["Docker-Content-Digest"] = place.reference
    return answer


def kept(platform: Platform, store: str, image: str, sha256: str) -> Row | None:
    """A blob of an image: uploaded, or in one of its folders, a manifest among them."""
    return next(iter(DockerState(platform.database).with_digest(store, image, sha256)), None)


def put(platform: Platform, store: str, image: str, sums: Digests, by: str) -> Row:
    """Keeps a blob until a manifest refers to it."""
    path = f"{image}/_uploads/{layer_name(sums.sha256)}"
    return platform.artifacts.put_file(store, path, sums, Origin(by))


def made(call: Call, place: Place, digest: str) -> Answer:
    """The answer about a blob that is there now."""
    headers = {"Location": place.address(call, f"blobs/{digest}"), "Docker-Content-Digest": digest}
    return Answer(201, headers=headers)


def mount(call: Call, place: Place, store: str) -> Answer | None:
    """A blob of another image that the caller may read, taken over without a transfer; None when there is none.

    Without `from` it may be any image of the repository.
    """
    digest = call.first("mount")
    sha256 = digests.sha256_of(call.platform, digest)
    source = call.first("from").strip("/")
    repo, image = place.repo, source
    if place.whole and source:
        repo, _, image = source.partition("/")
    found = None
    if not source:
        found = _anywhere(call, repo, sha256)
    elif is_image(image) and _KEY.match(repo):
        found = _readable(call, repo, image, sha256)
    if found is None:
        return None
    if kept(call.platform, store, place.image, sha256) is None:
        sums = Digests(found["sha1"], found["sha256"], found["md5"], found["size"])
        put(call.platform, store, place.image, sums, call.caller.name)
    return made(call, place, digest)


def _anywhere(call: Call, repo: str, sha256: str) -> Row | None:
    """A blob of any image of a repository that the caller may read."""
    state, security = DockerState(call.platform.database), call.platform.security
    for source in sources.sources(call.platform, call.caller, repo):
        for row in state.readable(source.store, sha256):
            if security.may(call.caller, "read", source.repo, row["path"]):
                return row
    return None


def _readable(call: Call, repo: str, image: str, sha256: str) -> Row | None:
    try:
        demand_registry(call, repo)
        found = sources.sources(call.platform, call.caller, repo, f"{image}/{layer_name(sha256)}")
    except Refused:
        return None
    rows = (kept(call.platform, source.store, image, sha256) for source in found)
    return next((row for row in rows if row is not None), None)


def delete(call: Call, place: Place) -> Answer:
    """Removes a blob from the folders of an image."""
    sha256 = digests.sha256_of(call.platform, place.reference)
    store = call.platform.artifacts.deploy_target(place.repo)
    rows = DockerState(call.platform.database).of_image(store, place.image, layer_name(sha256))
    for row in rows:
        call.platform.security.demand(call.caller, "delete", store, row["path"])
    if not rows:
        call.platform.security.demand(call.caller, "delete", store, f"{place.image}/{layer_name(sha256)}")
        raise unknown(place.reference)
    with call.platform.database.transaction():
        for row in rows:
            call.platform.artifacts.delete(store, row["path"], Origin(call.caller.name))
    return Answer(202)
