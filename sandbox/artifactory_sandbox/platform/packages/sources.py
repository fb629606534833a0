"""What every package protocol builds on: the repositories behind an address, their files, documents of an upstream.

A package type derives its indexes from items and their properties, so what copies, deletes or replicates items keeps
them right. Only a document that an upstream wrote is stored, as an item of the remote's cache.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import requests

from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.artifacts.changes import How
from artifactory_sandbox.platform.artifacts.remote import ORIGIN_HEADER
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.packages.memory import Derived as Derived  # noqa: PLC0414  package types take it from here
from artifactory_sandbox.platform.packages.memory import Remembered as Remembered  # noqa: PLC0414
from artifactory_sandbox.platform.packages.said import address
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.security import patterns
from artifactory_sandbox.platform.security.authentication import login_needed
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Call, Caller, Refused, Upload
from artifactory_sandbox.platform.web.body import Hashing

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

Rclass = Literal["local", "federated", "remote"]

CONTENT_LIMIT = 64 * 1024 * 1024
"""Bytes of a metadata document; more is refused."""
_CHUNK = 256 * 1024
_PROPERTY_LIMIT = 2400
_REDIRECTS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Source:
    """One repository that holds or fetches files. `store` is the key under which its items are kept."""

    repo: str
    rclass: Rclass
    store: str
    config: Mapping[str, Any]
    via: str = ""
    """The platforms that the request came through, so that it does not go round in circles."""

    @property
    def remote(self) -> bool:
        """Whether it may ask an upstream."""
        return self.rclass == "remote" and not self.config.get("offline")


def sources(platform: "Platform", caller: Caller, repo: str, path: str = "", via: str = "") -> list[Source]:
    """The repository itself, or a virtual one's members in the order of resolution that the caller may read.

    `path` narrows the permission to one item, `via` is what `origin` says of the call. Raises 401, 403, or 404 for an unknown
    repository.
    """
    rclass = platform.repositories.class_of(repo)
    if rclass is None:
        raise Refused(404, f"Repository '{repo}' was not found.")
    if rclass != "virtual":
        platform.security.demand(caller, "read", repo, path)
        return list(_opened(platform, [repo], via))
    members = platform.repositories.members_of(repo)
    readable = [member for member in members if platform.security.may(caller, "read", member, path)]
    if members and not readable:
        if not caller.known:
            raise login_needed()
        raise Refused(403, f"Not enough permissions to read the item '{repo}:{path}'")
    return list(_opened(platform, readable, via))


def origin(call: Call) -> str:
    """The platforms that a call came through."""
    return call.headers.get(ORIGIN_HEADER.lower(), "")


def _opened(platform: "Platform", repos: Iterable[str], via: str) -> Iterator[Source]:
    for repo in repos:
        config = platform.repositories.find(repo)
        if config is None:  # the cache of a remote one by its own key: what it holds, and no more
            config = platform.repositories.find(repo.removesuffix(CACHE_SUFFIX)) or {}
            yield Source(repo, "local", repo, config)
            continue
        if not config.get("blackedOut"):
            yield Source(repo, config["rclass"], platform.artifacts.store_of(repo) or repo, config, via)


def package_type(platform: "Platform", repo: str) -> str:
    """Package type of a repository, also of a remote's cache; empty for an unknown one."""
    config = platform.repositories.find(repo) or platform.repositories.find(repo.removesuffix(CACHE_SUFFIX)) or {}
    return str(config.get("packageType", ""))


def demand_type(platform: "Platform", repo: str, *types: str) -> None:
    """Refuses a call of a package protocol to a repository of another kind; unknown repositories are a 404."""
    found = package_type(platform, repo)
    if not found:
        raise Refused(404, f"Repository '{repo}' was not found.")
    if found not in types:
        raise Refused(400, f"Repository '{repo}' is of type {found}, not {types[0]}.")


def allowed(source: Source, path: str) -> bool:
    """Whether the repository's include and exclude patterns let a path through."""
    includes, excludes = source.config.get("includesPattern", ""), source.config.get("excludesPattern", "")
    return patterns.matches(path, includes.split(","), excludes.split(","))


def files(platform: "Platform", source: Source, below: str = "") -> list[Row]:
    """Files of one source below a path, by path, those left out that its patterns exclude."""
    return [row for row in platform.artifacts.state.files(source.store, below) if allowed(source, row["path"])]


def content(platform: "Platform", row: Row, limit: int = CONTENT_LIMIT) -> bytes:
    """The bytes of a small file; a 404 when the filestore has lost them."""
    if row["size"] > limit:
        raise Refused(413, f"'{row['repo']}:{row['path']}' is too large to be read as metadata.")
    try:
        with platform.binaries.store.open(row["sha1"], 0) as file:
            return file.read()
    except MissingBinary:
        raise Refused(404, f"Could not find the binary of '{row['repo']}:{row['path']}' in the filestore.") from None


def put_bytes(
    platform: "Platform",
    repo: str,
    path: str,
    data: bytes,
    origin: Origin,
    properties: Mapping[str, list[str]] | None = None,
) -> Row:
    """Stores bytes that were made here as a file; permissions are the caller's matter."""
    return platform.artifacts.put_file(repo, path, platform.artifacts.store_bytes(data), origin, properties)


def put_upload(
    platform: "Platform",
    repo: str,
    path: str,
    upload: Upload,
    origin: Origin,
    properties: Mapping[str, list[str]] | None = None,
    declared: Mapping[str, str] | None = None,
    how: How = "",
) -> Row:
    """Stores a streamed file under a path; `declared` are the checksums that the client named, `how` is `cache` for a remote's."""
    stored = platform.artifacts.store(upload)
    digests = Digests(stored.sha1, stored.sha256, stored.md5, stored.size, dict(declared or {}))
    return platform.artifacts.put_file(repo, path, digests, origin, properties, how=how)


def upstream(
    platform: "Platform",
    source: Source,
    path: str,
    cache_path: str,
    *,
    headers: Mapping[str, str] | None = None,
    force: bool = False,
) -> Row | None:
    """A metadata document of a remote's upstream, kept as the item `cache_path` of its cache.

    Asked for anew when older than `retrievalCachePeriodSecs` by the platform's clock, or with `force`. When the upstream is
    away the stale one is served, or None. None as well when the upstream says 404; then an older copy is dropped.
    """
    kept = platform.artifacts.state.item(source.store, cache_path)
    if kept is not None and kept["folder"]:
        kept = None
    if kept is not None and not force and not _stale(platform, source, kept):
        return kept
    if not reachable(platform, source):
        return kept
    url = path if path.startswith(("http://", "https://")) else f"{source.config['url'].rstrip('/')}/{path.lstrip('/')}"
    try:
        answer = asked(platform, source, url, headers)
    except PeerFailed as error:
        return _kept_after(platform, source, cache_path, kept, error)
    with answer:
        upload = received(platform, answer.iter_content(_CHUNK))
    if upload is None:
        return kept
    try:
        return put_upload(platform, source.store, cache_path, upload, Origin("_system_"), how="cache")
    finally:
        upload.path.unlink(missing_ok=True)


def reachable(platform: "Platform", source: Source) -> bool:
    """Whether the upstream may be asked at all."""
    circle = platform.service_id in source.via.split(",")
    return source.remote and not circle and not platform.configuration.offline


def asked(
    platform: "Platform",
    source: Source,
    url: str,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
) -> requests.Response:
    """An upstream's answer, redirects followed; its credentials go to its own host only, unless `allowAnyHostAuth`."""
    base, auth = platform.repositories.upstream(source.repo)
    url = rebased(source, url)
    sent = {ORIGIN_HEADER: ",".join(one for one in (source.via, platform.service_id) if one), **(headers or {})}
    for _ in range(_REDIRECTS):
        ours = same_host(url, base) or source.config.get("allowAnyHostAuth")
        answer = platform.peers.call(
            "GET", url, auth=auth if ours else None, headers=sent, params=params, stream=True, allowed=_MOVED
        )
        if answer.status_code not in _MOVED:
            return answer
        answer.close()
        moved, url = url, address(url, answer.headers.get("Location", ""))
        if not url:
            raise PeerFailed(508, f"GET {moved}: it is moved to no address")
    raise PeerFailed(508, f"GET {url}: too many redirects")


def rebased(source: Source, address: str) -> str:
    """An address of an upstream's document, at the host under which the remote knows that upstream.

    A platform writes its base URL into what it generates; another one may reach it by another name, and has credentials for
    that one only.
    """
    base = str(source.config["url"]).rstrip("/")
    path = urlsplit(base).path
    there = urlsplit(address)
    if not path or same_host(address, base) or not there.path.startswith(f"{path}/"):
        return address
    query = f"?{there.query}" if there.query else ""
    return f"{base}{there.path[len(path) :]}{query}"


def same_host(one: str, other: str) -> bool:
    """Whether two addresses have one scheme, host and port, so that credentials of one may go to the other."""
    return one.split("/", 3)[:3] == other.split("/", 3)[:3]


def received(platform: "Platform", chunks: Iterable[bytes], limit: int | None = CONTENT_LIMIT) -> Upload | None:
    """Streams an answer's body to a file; None when it broke off or was larger than the limit."""
    hashing, size = Hashing(platform.temporary), 0
    try:
        for chunk in chunks:
            size += len(chunk)
            if limit is not None and size > limit:
                hashing.discard()
                return None
            hashing.write(chunk)
    except OSError:
        hashing.discard()
        return None
    return hashing.done()


def _stale(platform: "Platform", source: Source, kept: Row) -> bool:
    period = int(source.config.get("retrievalCachePeriodSecs") or 0)
    return bool(platform.clock.now() - kept["updated"] >= period * 1000)


def _kept_after(
    platform: "Platform", source: Source, cache_path: str, kept: Row | None, error: PeerFailed
) -> Row | None:
    if error.status in {404, 410}:
        if kept is not None:
            platform.artifacts.delete(source.store, cache_path, Origin("_system_"))
        return None
    if kept is None and error.unreachable and source.config.get("hardFail"):
        raise Refused(502, f"The upstream of '{source.repo}' cannot be reached") from error
    return kept


def fetched(platform: "Platform", source: Source, address: str, path: str, declared: Mapping[str, str]) -> Row | None:
    """A file of a remote repository: from its cache, else from the upstream's `address`, kept under `path`.

    `declared` are checksums by kind that the upstream's index names; a file that differs is not stored. None when the upstream
    has none.
    """
    kept = platform.artifacts.state.item(source.store, path)
    if kept is not None and not kept["folder"]:
        return kept
    if not reachable(platform, source) or not allowed(source, path) or not _keepable(path):
        return None
    try:
        answer = asked(platform, source, address)
    except PeerFailed as error:
        return _kept_after(platform, source, path, None, error)
    with answer:
        upload = received(platform, answer.iter_content(_CHUNK), limit=None)
    if upload is None:
        return None
    try:
        if any(getattr(upload, kind) != value for kind, value in declared.items()):
            raise Refused(
                409, f"Checksum error for '{source.repo}:{path}': the upstream's file is not what its index says"
            )
        return put_upload(platform, source.store, path, upload, Origin("_system_"), declared=declared, how="cache")
    finally:
        upload.path.unlink(missing_ok=True)


def _keepable(path: str) -> bool:
    """Whether an upstream's path may be one of ours."""
    parts = path.split("/")
    return len(path) <= 1024 and storable(path) and not any(part in {"", ".", ".."} for part in parts)


def storable(text: str) -> bool:
    """Whether a text that a package holds may become a property: no control characters, nothing that is no Unicode."""
    return len(text) <= _PROPERTY_LIMIT and not any(ord(one) < 32 or 0xD800 <= ord(one) <= 0xDFFF for one in text)


def prune(platform: "Platform", store: str, path: str) -> None:
    """Removes a folder that has become empty, and those above it; nobody is told of it."""
    state = platform.artifacts.state
    with platform.database.transaction():
        while path and state.item(store, path) is not None and not state.children(store, path):
            state.delete(store, path)
            path = path.rpartition("/")[0]


def noted(found: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Properties out of what a package says of itself: what is empty or can be no property is left out."""
    kept = {name: [text for text in texts if text and storable(text)] for name, texts in found.items()}
    return {name: texts for name, texts in kept.items() if texts and storable(name)}
