"""What leaves a federation: repositories are deleted at each member, a site that goes keeps its copy as its own."""

from collections.abc import Iterator, Sequence

from artifactory_estate.base import Owner, Refusal, without_mark
from artifactory_estate.federation import form
from artifactory_estate.federation.declared import DeclaredFederation, Leftover
from artifactory_estate.federation.survey import Survey
from artifactory_estate.rest import artifacts, repositories


def between(old: DeclaredFederation | None, new: DeclaredFederation) -> list[Leftover]:
    """What the old declaration had and the new one has not. The word that allows a deletion is the old one's."""
    if old is None:
        return []
    found = []
    for site in sorted(old.members):
        for key, declared in sorted(old.forms().items()):
            gone = key not in new.repositories
            if gone or site not in new.members:
                connection = old.connections[site]
                found.append(Leftover(connection=connection, key=key, delete=gone, allowed=declared.allow_delete))
    return found


def whole(last: DeclaredFederation, seen: Survey) -> list[Leftover]:
    """Everything at every member that answers."""
    return [
        Leftover(connection=last.connections[site], key=key, delete=True, allowed=declared.allow_delete)
        for site in sorted(last.members.keys() & seen.platforms.keys())
        for key, declared in sorted(last.forms().items())
    ]


def not_back(leftovers: Sequence[Leftover], wanted: DeclaredFederation) -> list[Leftover]:
    """Those that have not been declared again meanwhile."""
    return [
        item for item in leftovers if not (item.key in wanted.repositories and item.connection.site in wanted.members)
    ]


def unanswered(last: DeclaredFederation, seen: Survey, leftovers: Sequence[Leftover]) -> Iterator[Refusal]:
    """Members that would keep what was to be deleted."""
    connections = {item.connection.site: item.connection for item in leftovers} | last.connections
    for site, why in sorted(seen.away.items()):
        if connections[site].available:
            yield Refusal(
                ("federations", last.federation, "members", site),
                found=why,
                why="its copies could not be deleted",
                do=f"Wait until it answers, or say `sites.{site}.available: false`, run `up`, and then destroy.",
            )


def still_full(federation: str, going: Sequence[Leftover], seen: Survey, owner: Owner) -> Iterator[Refusal]:
    """Repositories that hold artifacts. 1 request each."""
    for item in going:
        site = item.connection.site
        if not item.delete or not seen.ours(site, item.key, owner):
            continue
        holds = artifacts.holdings(seen.platforms[site], item.key)
        if holds.count:
            yield Refusal(
                ("federations", federation, "repositories", item.key),
                found=f"{site} holds {holds} in it",
                why="deleting it would lose them",
                do="Say `allow_delete: true` for it, run `up`, and then remove it.",
            )


def go(going: Sequence[Leftover], seen: Survey, owner: Owner) -> list[Leftover]:
    """Let everything go whose site answers; the rest comes back."""
    left = []
    for item in going:
        site = item.connection.site
        if site not in seen.platforms:
            left.append(item)
        elif not seen.ours(site, item.key, owner):
            continue
        elif not item.delete:
            _release(item, seen)
        elif item.allowed or not artifacts.holdings(seen.platforms[site], item.key).count:
            repositories.delete(seen.platforms[site], item.key)
        else:
            left.append(item)
    return left


def sentence(item: Leftover, seen: Survey) -> str:
    """Why it has not gone yet."""
    site = item.connection.site
    if site not in seen.platforms:
        what = "deleted" if item.delete else "released from the federation"
        return f"{seen.away[site]}; {item.key} is to be {what} there"
    return f"{item.key} at {site} holds artifacts and may not be deleted: empty it, or declare it with `allow_delete: true`"


def _release(item: Leftover, seen: Survey) -> None:
    """The copy becomes a federation of one without our mark; a person decides what becomes of it."""
    site = item.connection.site
    found = seen.at(site, item.key) or {}
    own = form.member_url(item.connection.url, item.key)
    change = {
        "key": item.key,
        "rclass": "federated",
        "packageType": found.get("packageType"),
        "members": [{"url": own, "enabled": True}],
        "notes": without_mark(str(found.get("notes") or "")),
    }
    repositories.update(seen.platforms[site], [change])
