"""Manifests: pulled by tag and digest, pushed, removed; a tag is a folder with its layers, copied by checksum."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.artifacts.deploy import check_policy
from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.docker import digests, upstream
from artifactory_sandbox.platform.packages.docker import manifest as manifests
from artifactory_sandbox.platform.packages.docker.manifest import Manifest
from artifactory_sandbox.platform.packages.docker.place import Place, folder_of, is_digest, is_tag, layer_name
from artifactory_sandbox.platform.packages.docker.refusal import refused
from artifactory_sandbox.platform.packages.docker.state import DockerState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_CONFIG_LIMIT = 4 * 1024 * 1024


def unknown(reference: str) -> Refused:
    """MANIFEST_UNKNOWN."""
    return refused(404, "MANIFEST_UNKNOWN", "manifest unknown", {"reference": reference[:200]})


def get(call: Call, place: Place) -> Answer:
    """A manifest as it was pushed, also with HEAD."""
    row = find(call, place.repo, place.image, place.reference)
    if row is None:
        raise unknown(place.reference)
    data = sources.content(call.platform, row, manifests.LIMIT)
    digest = place.reference if digests.is_other(place.reference) else f"sha256:{row['sha256']}"
    headers = {
        "Docker-Content-Digest": digest,
        "X-Artifactory-Docker-Registry": place.repo,
        "ETag": f'"{digest}"',
        "X-Checksum-Sha1": row["sha1"],
        "X-Checksum-Sha256": row["sha256"],
        "X-Checksum-Md5": row["md5"],
    }
    if digest in call.headers.get("if-none-match", ""):
        return Answer(304, headers=headers)
    if call.method == "GET":
        call.platform.artifacts.downloaded(row, call.caller.name)
    return Answer(200, data, _media(call.platform, row, data), headers)


def find(call: Call, repo: str, image: str, reference: str) -> Row | None:
    """The item of a manifest: the first member's that has it, or the newest one's where the virtual repository says so."""
    if not (is_tag(reference) or is_digest(reference)):
        return None
    reference = digests.settled(call.platform, reference)
    config = call.platform.repositories.find(repo) or {}
    found = []
    for source in sources.sources(call.platform, call.caller, repo, folder_of(image, reference)):
        if source.rclass == "remote":
            row = upstream.manifest(call.platform, source, image, reference)
        else:
            row = kept(call.platform, source.store, image, reference)
        if row is not None:
            found.append(row)
            if not config.get("resolveDockerTagsByTimestamp"):
                break
    return max(found, key=lambda row: int(row["modified"]), default=None)


def kept(platform: Platform, store: str, image: str, reference: str) -> Row | None:
    """A manifest among the items of a repository."""
    state = DockerState(platform.database)
    if is_digest(reference):
        rows = state.with_digest(store, image, reference.removeprefix("sha256:"))
        return next((row for row in rows if row["name"].endswith("manifest.json")), None)
    folder = folder_of(image, reference)
    return next((row for row in state.manifests(store, image) if row["parent"] == folder), None)


def _media(platform: Platform, row: Row, data: bytes) -> str:
    known = platform.artifacts.state.properties(row["id"]).get("docker.manifest.type")
    return known[0] if known else manifests.media_of(json.loads(data), "")


def put(call: Call, place: Place) -> Answer:
    """Takes a manifest whose blobs are all there, under its tag, or under its digest and the tags that are named beside it."""
    reference, platform = place.reference, call.platform
    store = platform.artifacts.deploy_target(place.repo)
    tags = call.query.get("tag", []) if is_digest(reference) else [reference]
    if wrong := [one for one in tags if not is_tag(one)]:
        raise refused(400, "TAG_INVALID", "manifest tag did not match URI", {"tag": wrong[0][:200]})
    platform.security.demand(call.caller, "write", store, f"{folder_of(place.image, reference)}/manifest.json")
    read = digests.known(platform, manifests.parse(_body(call), call.headers.get("content-type", "")))
    if is_digest(reference) and not digests.fits(reference, read.sha256, lambda: io.BytesIO(read.data)):
        raise refused(400, "DIGEST_INVALID", "provided digest did not match uploaded content", {"digest": reference})
    layers = _layers(platform, store, place.image, read)
    targets = [read.digest, *tags] if is_digest(reference) else tags
    for one in targets:
        _check(call, store, place.image, one, read)
    with platform.database.transaction():
        digests.note(platform, reference, read.sha256)
        for one in targets:
            _take(call, store, place.image, one, read, layers)
    shown = reference if digests.is_other(reference) else read.digest
    headers = {"Location": place.address(call, f"manifests/{shown}"), "Docker-Content-Digest": shown}
    if read.subject:
        headers["OCI-Subject"] = read.subject
    if is_digest(reference) and tags:
        headers["OCI-Tag"] = ", ".join(tags)
    return Answer(201, headers=headers)


def _check(call: Call, store: str, image: str, reference: str, read: Manifest) -> None:
    """Refuses what the repository or the caller's permissions do not let in under a reference."""
    platform, folder = call.platform, folder_of(image, reference)
    config = platform.repositories.find(store) or {}
    platform.security.demand(call.caller, "write", store, f"{folder}/manifest.json")
    check_policy(config, f"{folder}/{read.file}")
    if config.get("blockPushingSchema1") and read.media in {manifests.SCHEMA_1, manifests.SIGNED_SCHEMA_1}:
        raise manifests.invalid("manifests of schema version 1 are not accepted by this repository")
    older = kept(platform, store, image, reference)
    if older is not None and older["sha256"] != read.sha256 and not call.caller.admin:
        platform.security.demand(call.caller, "delete", store, older["path"])


def _take(call: Call, store: str, image: str, reference: str, read: Manifest, layers: dict[str, Row]) -> None:
    """Keeps a manifest under a reference, inside a transaction."""
    platform, by = call.platform, call.caller.name
    config = platform.repositories.find(store) or {}
    older = kept(platform, store, image, reference)
    if older is not None and older["sha256"] != read.sha256:
        _retain(platform, store, image, older, int(config.get("dockerTagRetention") or 1), by)
    _store(platform, store, image, reference, read, layers, by)
    _limit_tags(platform, store, image, int(config.get("maxUniqueTags") or 0), by)


def _body(call: Call) -> bytes:
    upload = call.upload
    if upload is None or not upload.size:
        raise manifests.invalid("the manifest is empty")
    if upload.size > manifests.LIMIT:
        raise refused(413, "MANIFEST_INVALID", "manifest invalid", f"more than {manifests.LIMIT} bytes")
    return upload.path.read_bytes()


def _layers(platform: Platform, store: str, image: str, read: Manifest) -> dict[str, Row]:
    """Where the blobs of a manifest are; raises MANIFEST_BLOB_UNKNOWN for those that are not."""
    state = DockerState(platform.database)
    found = {sha256: next(iter(state.with_digest(store, image, sha256)), None) for sha256 in read.blobs}
    missing = [sha256 for sha256, row in found.items() if row is None]
    missing += [one for one in read.manifests if kept(platform, store, image, f"sha256:{one}") is None]
    if missing:
        raise refused(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", {"digest": f"sha256:{missing[0]}"})
    return {sha256: row for sha256, row in found.items() if row is not None}


def _store(
    platform: Platform, store: str, image: str, reference: str, read: Manifest, layers: dict[str, Row], by: str
) -> None:
    """Makes the folder hold the manifest and its layers and nothing else; uploads that it refers to end."""
    artifacts, folder, origin = platform.artifacts, folder_of(image, reference), Origin(by)
    wanted = {layer_name(sha256) for sha256 in layers} | {read.file}
    for sha256, row in layers.items():
        path = f"{folder}/{layer_name(sha256)}"
        if artifacts.state.item(store, path) is None:
            artifacts.put_file(store, path, Digests(row["sha1"], row["sha256"], row["md5"], row["size"]), origin)
    for child in artifacts.state.children(store, folder):
        if child["name"] not in wanted:
            artifacts.delete(store, child["path"], origin, permanently=True)
    properties = read.properties(image, reference, _labels(platform, layers.get(read.config)))
    sources.put_bytes(platform, store, f"{folder}/{read.file}", read.data, origin, properties)
    for sha256 in layers:
        artifacts.delete(store, f"{image}/_uploads/{layer_name(sha256)}", origin, permanently=True)
    sources.prune(platform, store, f"{image}/_uploads")


def _labels(platform: Platform, row: Row | None) -> dict[str, str]:
    """Labels of the image's configuration."""
    if row is None or row["size"] > _CONFIG_LIMIT:
        return {}
    try:
        config = json.loads(sources.content(platform, row)).get("config") or {}
        labels = config.get("Labels") or {}
        shown = {str(name): str(value) for name, value in labels.items()}
        return {name: value for name, value in shown.items() if sources.storable(name) and sources.storable(value)}
    except (ValueError, AttributeError, RecursionError, Refused):
        return {}


def _retain(platform: Platform, store: str, image: str, older: Row, most: int, by: str) -> None:
    """Keeps an overwritten manifest under its digest, while the repository keeps more than one a tag."""
    if most <= 1:
        return
    tag = older["parent"].rpartition("/")[2]
    state, artifacts, origin = DockerState(platform.database), platform.artifacts, Origin(by)
    target = folder_of(image, f"sha256:{older['sha256']}")
    if artifacts.state.item(store, target) is None:
        artifacts.copy((store, older["parent"]), (store, target), origin, move=False)
    overwritten = [
        row
        for row in state.manifests(store, image)
        if row["parent"].rpartition("/")[2].startswith("sha256:")
        and artifacts.state.properties(row["id"]).get("docker.manifest") == [tag]
    ]
    overwritten.sort(key=lambda row: int(row["modified"]), reverse=True)
    for row in overwritten[most - 1 :]:
        artifacts.delete(store, row["parent"], origin)


def _limit_tags(platform: Platform, store: str, image: str, most: int, by: str) -> None:
    """Removes the oldest tags beyond the repository's limit."""
    if most < 1:
        return
    rows = [row for row in DockerState(platform.database).manifests(store, image) if "/sha256:" not in row["path"]]
    rows.sort(key=lambda row: (int(row["modified"]), int(row["id"])), reverse=True)
    for row in rows[most:]:
        platform.artifacts.delete(store, row["parent"], Origin(by))


def delete(call: Call, place: Place) -> Answer:
    """Removes a tag, or by digest the manifest with every tag that points to it."""
    platform, image = call.platform, place.image
    reference = digests.settled(platform, place.reference)
    store = platform.artifacts.deploy_target(place.repo)
    state = DockerState(platform.database)
    if is_digest(reference):
        rows = state.with_digest(store, image, reference.removeprefix("sha256:"))
        folders = {row["parent"] for row in rows if row["name"].endswith("manifest.json")}
    else:
        wanted = folder_of(image, reference)
        folders = {row["parent"] for row in state.manifests(store, image) if row["parent"] == wanted}
    for folder in folders or {folder_of(image, reference)}:
        platform.security.demand(call.caller, "delete", store, folder)
    if not folders:
        raise unknown(reference)
    with platform.database.transaction():
        for folder in folders:
            platform.artifacts.delete(store, folder, Origin(call.caller.name))
        sources.prune(platform, store, image)
    return Answer(202)
