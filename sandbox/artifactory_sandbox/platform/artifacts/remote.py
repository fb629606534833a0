"""Remote repositories: their cache, and how it asks the upstream (2.8).

A file of the cache is served as it is for `retrievalCachePeriodSecs`, then compared with the upstream; when that is away or
has none any more, the stale one is served. What the upstream lacks is remembered for `missedRetrievalCachePeriodSecs`, an
upstream that gives no answer is left alone for `assumedOfflinePeriodSecs`. All by the platform's clock.
"""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

import requests

from artifactory_sandbox.platform.artifacts import flight
from artifactory_sandbox.platform.artifacts.members import Child, Config
from artifactory_sandbox.platform.artifacts.mime import media_type
from artifactory_sandbox.platform.artifacts.rows import Digests, Origin
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.repositories.reach import period_ms, way_of
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused, Upload
from artifactory_sandbox.platform.web.body import Hashing

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

ORIGIN_HEADER = "X-Artifactory-Origin"
"""The platforms that a request came through, so that it does not go round in circles."""
_CHUNK = 256 * 1024
_HOPS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KINDS = ("sha1", "sha256", "md5")
Headers = Mapping[str, str]


class Upstream:
    """One remote repository for one request."""

    def __init__(self, platform: "Platform", config: Config, via: str = "", query: str = "") -> None:
        self._platform = platform
        self._config = config
        self._key: str = config["key"]
        self._store = self._key + CACHE_SUFFIX
        self._via = via
        self._query = query

    def kept(self, path: str) -> Row | None:
        """What the cache has."""
        return self._platform.artifacts.state.item(self._store, path)

    def fresh(self, row: Row) -> bool:
        """Whether a cached file need not be compared yet; folders never need."""
        if row["folder"]:
            return True
        noted = self._platform.artifacts.caches.checked(row["id"])
        checked = noted["checked"] if noted else row["updated"]
        return bool(self._platform.clock.now() - checked < period_ms(self._config, "retrievalCachePeriodSecs"))

    def find(self, path: str, *, head: bool = False) -> Row | None:
        """From the cache while it is fresh, else from the upstream; None when neither has it."""
        row = self.kept(path)
        if row is not None and self.fresh(row):
            return row
        if not self.reachable():
            if row is None and self._config.get("hardFail") and self._away():
                raise self._unreachable()
            return row
        if row is None and self._platform.artifacts.caches.missed(self._key, path, self._platform.clock.now()):
            return None
        if head and row is None and not self._config.get("bypassHeadRequests"):
            return self._described(path)
        return self.fetch(path)

    def reachable(self) -> bool:
        """Whether the upstream may be asked at all."""
        platform = self._platform
        if self._config.get("offline") or self._config.get("blackedOut") or platform.configuration.offline:
            return False
        return platform.service_id not in self._via.split(",") and not self._away()

    def fetch(self, path: str, address: str = "", headers: Headers | None = None, force: bool = False) -> Row | None:
        """Asks the upstream for `address` (the path unless named), keeps the answer as `path`; once for all who ask now."""
        with flight.alone(self._platform, f"fetch:{self._key}/{path}"):
            row = self.kept(path)
            if row is not None and self.fresh(row) and not force:
                return row
            if not self.reachable():
                return row
            return self._asked(path, self._url(address or path), dict(headers or {}), row)

    def _asked(self, path: str, url: str, headers: dict[str, str], row: Row | None) -> Row | None:
        caches, now = self._platform.artifacts.caches, self._platform.clock.now()
        noted = caches.checked(row["id"]) if row is not None else None
        if noted and noted["etag"]:
            headers["If-None-Match"] = noted["etag"]
        if noted and noted["modified"]:
            headers["If-Modified-Since"] = noted["modified"]
        try:
            if (
                row is None
                and not self._config.get("bypassHeadRequests")
                and (found := self._by_head(path, url, headers))
            ):
                return found
            answer = self._call("GET", url, headers)
        except PeerFailed as error:
            return self._failed(path, row, error)
        with answer:
            if answer.status_code == 304 and row is not None and noted:
                caches.note_checked(row["id"], now, noted["etag"], noted["modified"])
                return row
            return self._received(path, answer) or row

    def _by_head(self, path: str, url: str, headers: dict[str, str]) -> Row | None:
        """A file whose bytes the filestore has already needs no download; raises when the upstream has none."""
        try:
            with self._call("HEAD", url, headers) as answer:
                declared = declared_by(answer.headers)
        except PeerFailed as error:
            if error.status in {404, 410} or error.unreachable:
                raise
            return None
        known = next((found for kind in ("sha256", "sha1") if (found := self._known(kind, declared))), None)
        if known is None or self._config.get("storeArtifactsLocally") is False:
            return None
        return self._keep(path, Digests(known.sha1, known.sha256, known.md5, known.size, declared), answer.headers)

    def _known(self, kind: str, declared: Headers) -> Digests | None:
        return self._platform.artifacts.known(kind, declared[kind]) if kind in declared else None

    def _received(self, path: str, answer: requests.Response) -> Row | None:
        if self._is_a_page(path, answer):
            return None
        upload = _streamed(self._platform, answer)
        if upload is None:
            return None
        try:
            declared = declared_by(answer.headers)
            self._check(path, declared, upload)
            stored = self._platform.artifacts.store(upload)
        finally:
            upload.path.unlink(missing_ok=True)
        digests = Digests(stored.sha1, stored.sha256, stored.md5, stored.size, declared)
        if self._config.get("storeArtifactsLocally") is False:
            return passing(self._store, path, answer.headers, digests, self._platform.clock.now())
        return self._keep(path, digests, answer.headers)

    def _keep(self, path: str, digests: Digests, headers: Headers) -> Row:
        platform, now = self._platform, self._platform.clock.now()
        origin = Origin("_system_", now, "_system_", last_modified(headers) or now)
        row = platform.artifacts.put_file(self._store, path, digests, origin, self._properties(path), how="cache")
        tag, moment = headers.get("ETag", ""), headers.get("Last-Modified", "")
        platform.artifacts.caches.note_checked(row["id"], now, tag, moment)
        platform.artifacts.caches.forget_misses(self._key, path)
        return row

    def _check(self, path: str, declared: Headers, upload: Upload) -> None:
        """The checksum policy of the repository."""
        policy = self._config.get("remoteRepoChecksumPolicyType") or "generate-if-absent"
        if policy in {"ignore-and-generate", "pass-thru"}:
            return
        wrong = any(getattr(upload, kind) != value for kind, value in declared.items())
        if wrong or (policy == "fail" and not declared):
            raise Refused(
                409,
                f"Checksum policy '{policy}' rejected the artifact '{self._key}:{path}': {dict(declared) or 'no checksums'}",
            )

    def _is_a_page(self, path: str, answer: requests.Response) -> bool:
        """A listing or an error page in place of a file; what `blockMismatchingMimeTypes` blocks."""
        got = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if got not in {"text/html", "application/xhtml+xml"} or "X-Checksum-Sha1" in answer.headers:
            return False
        exempt = {one.strip() for one in str(self._config.get("mismatchingMimeTypesOverrideList") or "").split(",")}
        return media_type(path) != "text/html" and got not in exempt

    def _failed(self, path: str, row: Row | None, error: PeerFailed) -> Row | None:
        caches, now = self._platform.artifacts.caches, self._platform.clock.now()
        if error.status in {404, 410}:
            if row is None:
                caches.note_miss(self._key, path, now + period_ms(self._config, "missedRetrievalCachePeriodSecs"))
            else:
                caches.note_checked(row["id"], now)
            return row
        if error.status == 0:
            caches.note_away(self._key, now + period_ms(self._config, "assumedOfflinePeriodSecs"))
        if row is None and self._config.get("hardFail"):
            raise self._unreachable() from error
        return row

    def _described(self, path: str) -> Row | None:
        """A file that only the upstream has, by its headers."""
        try:
            with self._call("HEAD", self._url(path), {}) as answer:
                if self._is_a_page(path, answer):
                    return None
                declared = declared_by(answer.headers)
                size = int(answer.headers.get("Content-Length") or 0)
        except PeerFailed as error:
            if error.status in {0, 404, 410}:
                return self._failed(path, None, error)
            return self.fetch(path)
        sha1, sha256, md5 = (declared.get(kind, "") for kind in _KINDS)
        digests = Digests(sha1, sha256, md5, size, declared)
        return passing(self._store, path, answer.headers, digests, self._platform.clock.now())

    def _properties(self, path: str) -> dict[str, list[str]]:
        """The upstream's properties, where the repository follows them."""
        content = self._config.get("contentSynchronisation") or {}
        smart = content.get("enabled") and (content.get("properties") or {}).get("enabled")
        if not (self._config.get("synchronizeProperties") or smart):
            return {}
        found = self._storage(path, "properties")
        props = found.get("properties") if found else None
        return (
            {str(name): [str(one) for one in values] for name, values in props.items()}
            if isinstance(props, dict)
            else {}
        )

    def children(self, path: str) -> list[Child]:
        """What the upstream lists below a folder, where the repository asks for that."""
        if not self._config.get("listRemoteFolderItems") or not self.reachable():
            return []
        found = self._storage(path) or {}
        rows = [one for one in found.get("children") or () if isinstance(one, dict)]
        return [Child(str(one.get("uri", "")).strip("/"), bool(one.get("folder"))) for one in rows if one.get("uri")]

    def _storage(self, path: str, query: str = "") -> dict[str, Any] | None:
        """An answer of the upstream's own storage API; None when it has none."""
        base, auth = self._platform.repositories.upstream(self._key)
        root, slash, repo = base.rpartition("/")
        url = f"{root}/api/storage{slash}{repo}/{quote(path)}" + (f"?{query}" if query else "")
        try:
            with self._platform.peers.call("GET", url, auth=auth, headers={ORIGIN_HEADER: self._origin()}) as answer:
                found = answer.json()
        except (PeerFailed, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _url(self, path: str) -> str:
        base, _ = self._platform.repositories.upstream(self._key)
        url = path if path.startswith(("http://", "https://")) else f"{base}/{quote(path)}"
        parameters = [str(self._config.get("queryParams") or "").lstrip("?&")]
        if self._config.get("propagateQueryParams"):
            parameters.append(self._query)
        joined = "&".join(one for one in parameters if one)
        return f"{url}{'&' if '?' in url else '?'}{joined}" if joined else url

    def _call(self, method: str, url: str, headers: Headers) -> requests.Response:
        """Follows redirects; credentials go to the upstream's own host, unless the repository allows any."""
        base, auth = self._platform.repositories.upstream(self._key)
        sent = {ORIGIN_HEADER: self._origin(), "Accept-Encoding": "identity", **headers}
        extra = self._platform.repositories.upstream_headers(self._key) if self._config.get("customHttpHeaders") else {}
        way = way_of(self._platform, self._config)
        for _ in range(_HOPS):
            own = urlsplit(url).netloc == urlsplit(base).netloc or self._config.get("allowAnyHostAuth")
            answer = self._platform.peers.call(
                *(method, url),
                auth=auth if own else None,
                headers={**sent, **extra} if own else sent,
                stream=True,
                allowed={304, *_REDIRECTS},
                **way,
            )
            if answer.status_code not in _REDIRECTS:
                self._platform.artifacts.caches.forget_away(self._key)
                return answer
            url = requests.compat.urljoin(url, answer.headers.get("Location", ""))
            answer.close()
        raise PeerFailed(508, f"{method} {url}: too many redirects")

    def _origin(self) -> str:
        return ",".join(one for one in (self._via, self._platform.service_id) if one)

    def _away(self) -> bool:
        return self._platform.artifacts.caches.away(self._key, self._platform.clock.now())

    def _unreachable(self) -> Refused:
        return Refused(502, f"The upstream of '{self._key}' cannot be reached")


def passing(repo: str, path: str, headers: Headers, digests: Digests, now: int) -> Row:
    """A row for a file that is not stored as an item; its id is 0."""
    parent, _, name = path.rpartition("/")
    at = last_modified(headers) or now
    own = {
        "id": 0,
        "repo": repo,
        "path": path,
        "parent": parent,
        "name": name,
        "depth": path.count("/") + 1,
        "folder": 0,
    }
    binary = {kind: getattr(digests, kind) for kind in (*_KINDS, "size")}
    people = {
        "created_by": "_system_",
        "modified_by": "_system_",
        "downloads": 0,
        "downloaded": None,
        "downloaded_by": None,
    }
    times = {"created": at, "modified": at, "updated": now, "properties_at": None}
    return cast(Row, {**own, **binary, **people, **times, "original": "{}", "mime": media_type(name)})


def declared_by(headers: Headers) -> dict[str, str]:
    """Checksums that an upstream's answer declares."""
    found = {kind: headers.get(f"X-Checksum-{kind.capitalize()}", "").strip().lower() for kind in _KINDS}
    return {kind: value for kind, value in found.items() if value}


def last_modified(headers: Headers) -> int | None:
    """Milliseconds of an answer's `Last-Modified`."""
    try:
        return int(parsedate_to_datetime(headers.get("Last-Modified", "")).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        return None


def _streamed(platform: "Platform", answer: requests.Response) -> Upload | None:
    hashing = Hashing(platform.temporary)
    try:
        size = 0
        for chunk in answer.iter_content(_CHUNK):
            size += len(chunk)
            hashing.write(chunk)
        length = answer.headers.get("Content-Length")
        if length is not None and "Content-Encoding" not in answer.headers and size != int(length):
            raise OSError("cut short")
    except (OSError, ValueError, requests.RequestException):
        hashing.discard()
        return None
    except BaseException:
        hashing.discard()
        raise
    return hashing.done()
