"""Finding what a path stands for: own items, virtual members in their order, remote upstreams by way of the cache."""

from typing import TYPE_CHECKING, cast

from artifactory_sandbox.platform.artifacts import members
from artifactory_sandbox.platform.artifacts.members import Config, Member
from artifactory_sandbox.platform.artifacts.remote import Headers, Upstream
from artifactory_sandbox.platform.artifacts.trash import TRASH
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.security.authentication import login_needed
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform


class Asked:
    """How a file is asked for: by `HEAD`, by another platform (`via` names those it came through), with a query."""

    def __init__(self, *, head: bool = False, peer: bool = False, via: str = "", query: str = "") -> None:
        self.head = head
        self.peer = peer or bool(via)
        self.via = via
        self.query = query


_PLAIN = Asked()


def find(platform: "Platform", caller: Caller, repo: str, path: str, fetch: bool, asked: Asked = _PLAIN) -> Row:
    """The item; with `fetch` a remote repository asks its upstream. Raises 401, 403 or 404."""
    config = platform.repositories.find(repo)
    if config is not None and config["rclass"] == "virtual":
        found = _in_virtual(platform, caller, config, path, fetch, asked)
    else:
        found = _in_one(platform, caller, repo, config, path, fetch, asked)
    if found is None:
        raise Refused(404, "File not found.")
    return found


def fetch(
    platform: "Platform",
    repo: str,
    upstream_path: str,
    cache_path: str,
    headers: Headers | None = None,
    force: bool = False,
) -> Row | None:
    """A document of a remote's upstream, kept in its cache as `cache_path`; renewed when its time is over or with `force`."""
    config = platform.repositories.get(repo)
    return Upstream(platform, config).fetch(cache_path, upstream_path, headers, force)


def children(platform: "Platform", caller: Caller, repo: str, path: str, row: Row) -> list[Row]:
    """Items right below a folder; for a virtual repository those of every member that the caller may read."""
    state = platform.artifacts.state
    config = platform.repositories.find(repo)
    if config is None or config["rclass"] != "virtual":
        return state.children(row["repo"], path)
    readable = _readable(platform, caller, members.of(platform, config, path), path)
    return members.merged(state.children(member.store, path) for member in readable)


def remote_children(platform: "Platform", repo: str, path: str) -> list[members.Child]:
    """What the upstream of a remote repository lists below a folder, where it is asked to."""
    config = platform.repositories.find(repo)
    if config is None or config["rclass"] != "remote" or not members.serves(config, ""):
        return []
    return Upstream(platform, config).children(path)


def _in_one(
    platform: "Platform", caller: Caller, repo: str, config: Config | None, path: str, fetch: bool, asked: Asked
) -> Row | None:
    if config is None:
        return _in_store(platform, caller, repo, path)
    platform.security.demand(caller, "read", repo, path)
    if not members.serves(config, path):
        return None
    if config["rclass"] != "remote":
        return platform.artifacts.state.item(repo, path)
    upstream = Upstream(platform, config, asked.via, asked.query)
    return upstream.find(path, head=asked.head) if fetch and path else upstream.kept(path)


def _in_store(platform: "Platform", caller: Caller, repo: str, path: str) -> Row | None:
    """The cache of a remote repository by its own key, or the trash can."""
    if repo == TRASH:
        if not caller.admin:
            raise Refused(403, "Forbidden") if caller.known else login_needed()
        return platform.artifacts.state.item(TRASH, path)
    owner = platform.repositories.find(repo.removesuffix(CACHE_SUFFIX)) if repo.endswith(CACHE_SUFFIX) else None
    if owner is None or owner["rclass"] != "remote":
        return None
    platform.security.demand(caller, "read", repo, path)
    return platform.artifacts.state.item(repo, path) if members.serves(owner, path) else None


def _in_virtual(
    platform: "Platform", caller: Caller, config: Config, path: str, fetch: bool, asked: Asked
) -> Row | None:
    found = members.of(platform, config, path)
    readable = _readable(platform, caller, found, path)
    if found and not readable:
        if not caller.known:
            raise login_needed()
        raise Refused(403, f"Not enough permissions to read the item '{config['key']}:{path}'")
    may_fetch = (
        fetch and bool(path) and (not asked.peer or bool(config.get("artifactoryRequestsCanRetrieveRemoteArtifacts")))
    )
    first = [member for member in readable if member.config.get("priorityResolution")]
    rest = [member for member in readable if not member.config.get("priorityResolution")]
    row = _among(platform, first, path, may_fetch, asked) or _among(platform, rest, path, may_fetch, asked)
    return _root(platform, config["key"]) if row is None and not path else row


def _root(platform: "Platform", key: str) -> Row:
    """The root of a virtual repository that has nothing to show."""
    now = platform.clock.now()
    place = {"id": 0, "repo": key, "path": "", "parent": "", "name": "", "depth": 0, "folder": 1, "size": 0}
    people = {"created_by": "_system_", "modified_by": "_system_"}
    return cast(Row, {**place, **people, "created": now, "modified": now, "updated": now, "properties_at": None})


def _among(platform: "Platform", wanted: list[Member], path: str, may_fetch: bool, asked: Asked) -> Row | None:
    """Local repositories first, then what caches have, then the upstreams in order."""
    if not wanted:
        return None
    kept = platform.artifacts.state.first_of([member.store for member in wanted], path)
    stale: list[Row] = []
    for member in wanted:
        row = kept.get(member.store)
        if row is None:
            continue
        if not member.remote or not may_fetch or Upstream(platform, member.config).fresh(row):
            return row
        stale.append(row)
    failed: Refused | None = None
    for member in wanted if may_fetch else ():
        if not member.remote:
            continue
        try:
            row = Upstream(platform, member.config, asked.via, asked.query).find(path, head=asked.head)
        except Refused as refused:
            failed = failed or refused
            continue
        if row is not None:
            return row
    if failed is not None and not stale:
        raise failed
    return stale[0] if stale else None


def _readable(platform: "Platform", caller: Caller, wanted: list[Member], path: str) -> list[Member]:
    return [member for member in wanted if platform.security.may(caller, "read", member.key, path)]
