"""The registry behind a remote repository: manifests and blobs kept in the cache, tags asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.docker import manifest as manifests
from artifactory_sandbox.platform.packages.docker.place import folder_of, is_digest, layer_name
from artifactory_sandbox.platform.packages.docker.state import DockerState
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

MARKER = ".marker"
"""Ends the name of an empty file that stands for a layer which nobody has asked for yet."""
_CHUNK = 256 * 1024
_MOVED = {301, 302, 303, 307, 308}
_PAGES = 100
_SYSTEM = Origin("_system_")
_PLAIN_REPOSITORY = re.compile(r"(.*/artifactory)/(?!api/)([^/]+)\Z")


def manifest(platform: Platform, source: Source, image: str, reference: str) -> Row | None:
    """A manifest, from the cache while it is fresh; a stale one when the upstream is away."""
    kept = _kept(platform, source, image, reference)
    if kept is not None and (is_digest(reference) or not _stale(platform, source, kept)):
        return kept
    answer = _get(platform, source, image, f"manifests/{reference}", {"Accept": manifests.ACCEPTED})
    if answer is None:
        return kept
    with answer:
        if answer.status_code != 200:
            return None if answer.status_code in {404, 410} else kept
        data, media = answer.content, answer.headers.get("Content-Type", "")
    try:
        read = manifests.parse(data, media)
    except Refused:
        return kept
    wrong = is_digest(reference) and read.digest != reference
    return None if wrong else _keep(platform, source, image, reference, read)


def _kept(platform: Platform, source: Source, image: str, reference: str) -> Row | None:
    state = DockerState(platform.database)
    if is_digest(reference):
        rows = state.with_digest(source.store, image, reference.removeprefix("sha256:"))
        return next((row for row in rows if row["name"].endswith("manifest.json")), None)
    folder = folder_of(image, reference)
    return next((row for row in state.manifests(source.store, image) if row["parent"] == folder), None)


def blob(platform: Platform, source: Source, image: str, sha256: str) -> Row | None:
    """A blob from the upstream, kept beside the manifest that named it."""
    answer = _get(platform, source, image, f"blobs/sha256:{sha256}", {})
    if answer is None:
        return None
    with answer:
        if answer.status_code != 200:
            return None
        upload = sources.received(platform, answer.iter_content(_CHUNK), limit=None)
    if upload is None:
        return None
    try:
        if upload.sha256 != sha256:
            return None
        markers = DockerState(platform.database).of_image(source.store, image, layer_name(sha256) + MARKER)
        folder = markers[0]["parent"] if markers else f"{image}/_uploads"
        row = sources.put_upload(platform, source.store, f"{folder}/{layer_name(sha256)}", upload, _SYSTEM)
        for marker in markers:
            platform.artifacts.delete(source.store, marker["path"], _SYSTEM)
        return row
    finally:
        upload.path.unlink(missing_ok=True)


def blob_size(platform: Platform, source: Source, image: str, sha256: str) -> int:
    """Size of a blob that the upstream has; -1 when it has none or does not say."""
    answer = _get(platform, source, image, f"blobs/sha256:{sha256}", {}, "HEAD")
    if answer is None:
        return -1
    with answer:
        known = answer.status_code == 200 and answer.headers.get("Content-Length", "").isdigit()
        return int(answer.headers["Content-Length"]) if known else -1


def tags(platform: Platform, source: Source, image: str) -> list[str] | None:
    """All tags of an image; None when the upstream has no such image or is away."""
    return _listed(platform, source, image, "tags/list", "tags")


def images(platform: Platform, source: Source) -> list[str] | None:
    """The upstream's catalog, None when it offers none."""
    return _listed(platform, source, "", "_catalog", "repositories")


def referrers(platform: Platform, source: Source, image: str, digest: str) -> list[dict[str, Any]]:
    """Descriptors that refer to a digest: by the referrers call, else by the tag that older registries use."""
    answer = _get(platform, source, image, f"referrers/{digest}", {"Accept": manifests.OCI_INDEX})
    if answer is not None and answer.status_code == 404:
        answer.close()
        answer = _get(platform, source, image, f"manifests/{digest.replace(':', '-')}", {"Accept": manifests.OCI_INDEX})
    if answer is None:
        return []
    with answer:
        shown = _json(answer) if answer.status_code == 200 else {}
    found = shown.get("manifests")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _keep(platform: Platform, source: Source, image: str, reference: str, read: manifests.Manifest) -> Row:
    folder = folder_of(image, reference)
    artifacts, state = platform.artifacts, DockerState(platform.database)
    for child in artifacts.state.children(source.store, folder):
        if child["name"].endswith("manifest.json") and child["name"] != read.file:
            artifacts.delete(source.store, child["path"], _SYSTEM)
    for sha256 in read.blobs:
        name = layer_name(sha256)
        if not (state.with_digest(source.store, image, sha256) or state.of_image(source.store, image, name + MARKER)):
            sources.put_bytes(platform, source.store, f"{folder}/{name}{MARKER}", b"", _SYSTEM)
    properties = read.properties(image, reference, {})
    return sources.put_bytes(platform, source.store, f"{folder}/{read.file}", read.data, _SYSTEM, properties)


def _stale(platform: Platform, source: Source, kept: Row) -> bool:
    period = int(source.config.get("retrievalCachePeriodSecs") or 0)
    return bool(platform.clock.now() - kept["updated"] >= period * 1000)


def _listed(platform: Platform, source: Source, image: str, path: str, member: str) -> list[str] | None:
    found: list[str] = []
    for _ in range(_PAGES):
        answer = _get(platform, source, image, path, {})
        if answer is None:
            return None
        with answer:
            shown = _json(answer) if answer.status_code == 200 else None
        if shown is None:
            return None
        found.extend(str(one) for one in shown.get(member) or [])
        link = re.match(r"<([^>]+)>", answer.headers.get("Link", ""))
        if link is None:
            break
        path = f"{path.partition('?')[0]}?{urlsplit(link[1]).query}"
    return found


def _base(url: str) -> str:
    """Where the upstream's registry is: an Artifactory's plain address of a repository names the protocol's one as well."""
    url = url.rstrip("/").removesuffix("/v2")
    found = _PLAIN_REPOSITORY.match(url)
    return f"{found[1]}/api/docker/{found[2]}" if found else url


def _get(
    platform: Platform, source: Source, image: str, end: str, headers: Mapping[str, str], method: str = "GET"
) -> requests.Response | None:
    """The upstream's answer, whatever its status; None when there is none. Tokens are fetched when it asks for them."""
    if not source.remote or platform.configuration.offline:
        return None
    url, auth = platform.repositories.upstream(source.repo)
    address = "/".join(part for part in (_base(url), "v2", image, end) if part)
    try:
        answer = _call(platform, method, address, auth, headers)
        if answer.status_code == 401 and answer.headers.get("WWW-Authenticate", "").lower().startswith("bearer"):
            challenge = answer.headers["WWW-Authenticate"]
            answer.close()
            if token := _token(platform, challenge, address, auth):
                answer = _call(platform, method, address, token, headers)
    except PeerFailed as error:
        if error.unreachable and source.config.get("hardFail"):
            raise Refused(502, f"The upstream of '{source.repo}' cannot be reached") from error
        return None
    return answer


def _call(
    platform: Platform, method: str, url: str, auth: tuple[str, str] | str | None, headers: Mapping[str, str]
) -> requests.Response:
    allowed = (*_MOVED, 401, 403, 404, 410)
    for _ in range(5):
        answer = platform.peers.call(method, url, auth=auth, headers=headers, stream=True, allowed=allowed)
        if answer.status_code not in _MOVED:
            return answer
        answer.close()
        target = urljoin(url, answer.headers.get("Location", ""))
        auth = auth if sources.same_host(target, url) else None
        url = target
    raise PeerFailed(0, f"{method} {url}: too many redirects")


def _token(platform: Platform, challenge: str, address: str, auth: tuple[str, str] | None) -> str:
    parameters = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    realm = parameters.pop("realm", "")
    if not realm.startswith(("http://", "https://")):
        return ""
    wanted = {name: parameters[name] for name in ("service", "scope") if name in parameters}
    try:
        answer = platform.peers.call("GET", realm, auth=auth, params=wanted)
    except PeerFailed:
        return ""
    with answer:
        shown = _json(answer)
    return str(shown.get("token") or shown.get("access_token") or "")


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        shown = answer.json()
    except ValueError:
        return {}
    return shown if isinstance(shown, dict) else {}
