"""The edges of trust that one federation, or the document's `trust.edges`, needs."""

from collections.abc import Mapping, Sequence

from artifactory_estate.base import Change, Lifecycle, Model, Observation, Owner, Refusal, refuse_if_any
from artifactory_estate.cloud.secrets import resolve
from artifactory_estate.rest import Connection, Platform, repositories
from artifactory_estate.rest.reach import Reach, reach
from artifactory_estate.trust import marks, pairing
from artifactory_estate.trust.model import Edge


class DeclaredTrust(Model):
    """Edges, and how to reach their ends."""

    owner: Owner
    connections: dict[str, Connection]
    """By site; every end of every edge."""
    edges: tuple[Edge, ...]
    """Without two for the same sites."""


class Unfinished(Model):
    """An edge that was given up while one of its sites was away."""

    edge: Edge
    connections: dict[str, Connection]
    """Of its two sites, which the declaration may not name any more."""


class ObservedTrust(Observation):
    """What is left to do."""

    unfinished: tuple[Unfinished, ...] = ()
    """Edges to be given up when their sites answer again."""


class TrustLifecycle(Lifecycle[DeclaredTrust, ObservedTrust]):
    """Pairings by `federated-repo/*` (or `/r` for `receive_only`), made when missing, renewed in the last 60 of 365 days.

    Reads: 1 ping and 1 descriptor a site, 1 token list an edge. Writes: a mark and a pairing (2 requests) an edge that
    lacks them. An edge whose sites are not both there is left for a later run, which `pending` says.
    """

    declared = DeclaredTrust
    observed = ObservedTrust

    def plan(self, old: DeclaredTrust, new: DeclaredTrust) -> Change:
        """Another owner could not find its marks."""
        return Change(changed=old != new, replaces=["owner"] if old.owner != new.owner else ())

    def preflight(self, old: DeclaredTrust | None, new: DeclaredTrust) -> Sequence[Refusal]:
        """No request: what no server could do."""
        del old
        return [
            Refusal(
                ("trust", "edges"),
                found=f"the edge between {' and '.join(edge.between)} has `use: access`",
                why="REST reference 4.3: no REST call installs a trusted certificate",
                do="Copy each site's root.crt into the other's trusted folder, and take the edge out of the document.",
            )
            for edge in new.edges
            if edge.use == "access"
        ]

    def create(self, wanted: DeclaredTrust) -> ObservedTrust:
        """Take over what a killed run began: a mark of ours is the sign."""
        refuse_if_any(self.preflight(None, wanted))
        return self._converge(wanted, ())

    def update(self, old: DeclaredTrust, wanted: DeclaredTrust, observed: ObservedTrust) -> ObservedTrust:
        """Give up the edges that are no longer named, after the new ones stand."""
        refuse_if_any(self.preflight(old, wanted))
        kept = {frozenset(edge.between) for edge in wanted.edges}
        gone = [
            Unfinished(edge=edge, connections={site: old.connections[site] for site in edge.between})
            for edge in old.edges
            if frozenset(edge.between) not in kept
        ]
        earlier = [left for left in observed.unfinished if frozenset(left.edge.between) not in kept]
        return self._converge(wanted, [*earlier, *gone])

    def read(self, last: DeclaredTrust, observed: ObservedTrust) -> tuple[DeclaredTrust, ObservedTrust] | None:
        """Edges that are gone are left out; an end that comes near is pending; a site that is away is believed."""
        there = reach(last.connections, resolve)
        edges, due = [], []
        for edge in last.edges:
            found = _read(edge, there.platforms) if _both(edge, there) else None
            if found is None or found.there:
                edges.append(edge)
            if found and found.there and found.due(pairing.now()):
                due.append(f"the trust between {' and '.join(edge.between)} ends on {found.expires:%Y-%m-%d}: renew it")
        seen = observed.model_copy(update={"pending": tuple(dict.fromkeys((*observed.pending, *due)))})
        return last.model_copy(update={"edges": tuple(edges)}), seen

    def delete(self, last: DeclaredTrust, observed: ObservedTrust) -> None:
        """Every edge goes that nobody else uses. A site that is declared unavailable is left alone."""
        connections = dict(last.connections)
        for left in observed.unfinished:
            connections = {**left.connections, **connections}
        there = reach(connections, resolve)
        refuse_if_any(
            Refusal(("sites", site), found=why, why="its side of the trust has to be revoked", do=_SAY_UNAVAILABLE)
            for site, why in there.away.items()
            if connections[site].available
        )
        for edge in (*last.edges, *(left.edge for left in observed.unfinished)):
            _give_up(edge, last.owner, connections, there)

    def _converge(self, wanted: DeclaredTrust, gone: Sequence[Unfinished]) -> ObservedTrust:
        connections = {site: found for left in gone for site, found in left.connections.items()} | wanted.connections
        there = reach(connections, resolve)
        pending = []
        for edge in wanted.edges:
            if _both(edge, there):
                _establish(edge, wanted.owner, there.platforms)
            else:
                pending += _why_not(edge, there)
        unfinished = []
        for left in gone:
            if _both(left.edge, there):
                _give_up(left.edge, wanted.owner, connections, there)
            else:
                unfinished.append(left)
                pending += _why_not(left.edge, there)
        return ObservedTrust(pending=tuple(dict.fromkeys(pending)), unfinished=tuple(unfinished))


_SAY_UNAVAILABLE = "Wait until it answers, or say `available: false`, run `up`, and then destroy."


def _both(edge: Edge, there: Reach) -> bool:
    return all(site in there.platforms for site in edge.between)


def _why_not(edge: Edge, there: Reach) -> list[str]:
    names = " and ".join(edge.between)
    return [f"{there.away[site]}; the trust between {names} waits" for site in edge.between if site in there.away]


def _read(edge: Edge, platforms: Mapping[str, Platform]) -> pairing.Pairing | None:
    source, other = (platforms[site] for site in edge.between)
    return pairing.read(source, other, both_ways=not edge.receive_only)


def _establish(edge: Edge, owner: Owner, platforms: Mapping[str, Platform]) -> None:
    source, other = (platforms[site] for site in edge.between)
    found = _read(edge, platforms)
    name, keeper = marks.edge_of(source, other), marks.home(source, other)
    present = [mark for mark in marks.read(keeper) if mark.edge == name]
    unmarked = not any(mark.owner == owner for mark in present)
    if unmarked:  # before the pairing, so that a run killed between the two is known as the one that made it
        made = any(mark.made for mark in present) or not (found and found.there)
        marks.leave(keeper, owner, name, made=made)
    unseen_and_new = found is None and unmarked  # a server that does not show its pairings: make it once
    if unseen_and_new or (found and found.due(pairing.now())):
        pairing.pair(source, other, both_ways=not edge.receive_only)


def _give_up(edge: Edge, owner: Owner, connections: Mapping[str, Connection], there: Reach) -> None:
    present = {site: there.platforms[site] for site in edge.between if site in there.platforms}
    if not present:
        return
    first, second = sorted(connections[site].url for site in edge.between)
    keeper = next((platform for platform in present.values() if platform.connection.url == first), None)
    if keeper is None:
        return  # who else uses the edge is known there alone
    users = [mark for mark in marks.read(keeper) if mark.edge == (first, second)]
    own = [mark for mark in users if mark.owner == owner]
    peers = {platform: second if platform is keeper else first for platform in present.values()}
    last_user = len(own) == len(users) and any(mark.made for mark in own)
    if last_user and not any(_federates(platform, peer) for platform, peer in peers.items()):
        for platform, peer in peers.items():
            pairing.revoke(platform, peer)
    for mark in own:  # last: as long as one is there, the next run knows what is left to do
        marks.remove(keeper, mark)


def _federates(platform: Platform, peer: str) -> bool:
    """Whether a federated repository, ours or a person's, still needs the edge."""
    return any(
        str(member.get("url", "")).startswith(f"{peer}/")
        for found in repositories.all_configurations(platform).values()
        if found.get("rclass") == "federated"
        for member in found.get("members") or ()
    )


__all__ = ["DeclaredTrust", "ObservedTrust", "TrustLifecycle"]
