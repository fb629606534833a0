"""Finding what a path stands for: own items, virtual members in their order, remote upstreams by way of the cache."""

from typing import TYPE_CHECKING

from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.security import patterns
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused
from artifactory_sandbox.platform.web.body import Hashing

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_CHUNK = 256 * 1024


def find(platform: "Platform", caller: Caller, repo: str, path: str, fetch: bool) -> Row:
    """The item; with `fetch` a remote repository asks its upstream. Raises 401, 403 or 404."""
    rclass = platform.repositories.class_of(repo)
    if rclass is None:
        raise Refused(404, "File not found.")
    if rclass != "virtual":
        platform.security.demand(caller, "read", repo, path)
        found = _in_one(platform, repo, path, fetch)
    else:
        found = None
        for member in platform.repositories.members_of(repo):
            if found is None and platform.security.may(caller, "read", member, path):
                found = _in_one(platform, member, path, fetch)
    if found is None:
        raise Refused(404, "File not found.")
    return found


def _in_one(platform: "Platform", repo: str, path: str, fetch: bool) -> Row | None:
    store = platform.artifacts.store_of(repo)
    if store is None:
        return None
    config = platform.repositories.find(repo) or {}
    if config.get("blackedOut") or not _allowed(
        config.get("includesPattern", ""), config.get("excludesPattern", ""), path
    ):
        return None
    found = platform.artifacts.state.item(store, path)
    if found is None and fetch and config.get("rclass") == "remote" and not config["offline"] and path:
        return _fetched(platform, repo, path)
    return found


def _allowed(includes: str, excludes: str, path: str) -> bool:
    return not path or patterns.matches(path, includes.split(","), excludes.split(","))


def _fetched(platform: "Platform", repo: str, path: str) -> Row | None:
    """Copies a file from the upstream into the cache; None when the upstream has none."""
    if platform.configuration.offline:
        return None
    url, auth = platform.repositories.upstream(repo)
    try:
        answer = platform.peers.call("GET", f"{url}/{path}", auth=auth, stream=True)
    except PeerFailed as error:
        config = platform.repositories.get(repo)
        if error.unreachable and config["hardFail"]:
            raise Refused(502, f"The upstream of '{repo}' cannot be reached") from error
        return None
    hashing = Hashing(platform.temporary)
    with answer:
        try:
            for chunk in answer.iter_content(_CHUNK):
                hashing.write(chunk)
        except OSError:
            hashing.discard()
            return None
    if answer.headers.get("Content-Type", "").startswith("text/html") and "X-Checksum-Sha1" not in answer.headers:
        hashing.discard()
        return None
    upload = hashing.done()
    try:
        declared = answer.headers.get("X-Checksum-Sha1")
        if declared and declared != upload.sha1:
            return None
        stored = platform.artifacts.store(upload)
        original = {name: value for name, value in (("sha1", declared),) if value}
        digests = Digests(stored.sha1, stored.sha256, stored.md5, stored.size, original)
        return platform.artifacts.put_file(repo + CACHE_SUFFIX, path, digests, Origin("_system_"))
    finally:
        upload.path.unlink(missing_ok=True)
