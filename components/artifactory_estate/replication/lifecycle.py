"""The replications that one site declares."""

from collections.abc import Iterator, Mapping, Sequence

from artifactory_estate.base import Change, Lifecycle, Refusal, refuse_if_any
from artifactory_estate.cloud.secrets import resolve
from artifactory_estate.replication import entries
from artifactory_estate.replication.declared import DeclaredReplications, ObservedReplications
from artifactory_estate.replication.entries import Entries
from artifactory_estate.rest import Connection, Platform, replications
from artifactory_estate.rest.reach import Reach, reach
from artifactory_estate.rest.senders import Senders


class ReplicationsLifecycle(Lifecycle[DeclaredReplications, ObservedReplications]):
    """Reads: 1 ping a site, 1 listing, 1 token list a target, 1 status a push. Writes: 1 a repository that differs, 1 a
    surplus target, and 1 token a target that gets an entry.

    An entry has no field for our mark (decision 0006): one that equals what is declared counts as ours, another is
    foreign and refused, unless `adopt`. Tokens are made at the targets and renewed in the last 60 of 365 days, when the
    target knows none of ours any more, and for an entry whose last run failed.
    """

    declared = DeclaredReplications
    observed = ObservedReplications

    def plan(self, old: DeclaredReplications, new: DeclaredReplications) -> Change:
        """Another site or owner is another resource."""
        other = [name for name in ("owner",) if getattr(old, name) != getattr(new, name)]
        if old.connection.url != new.connection.url:
            other.append("connection")
        return Change(changed=old != new, replaces=other)

    def preflight(self, old: DeclaredReplications | None, new: DeclaredReplications) -> Sequence[Refusal]:
        """1 ping, 1 listing."""
        there = reach({new.connection.site: new.connection}, resolve)
        source = there.platforms.get(new.connection.site)
        return list(_foreign(old, new, replications.read_all(source))) if source else []

    def create(self, wanted: DeclaredReplications) -> ObservedReplications:
        """What equals the declaration is taken over: a killed run left it."""
        return self._converge(None, wanted)

    def update(
        self, old: DeclaredReplications, wanted: DeclaredReplications, observed: ObservedReplications
    ) -> ObservedReplications:
        """Entries that are no longer declared go last: no moment without a sender."""
        return self._converge(old, wanted)

    def read(
        self, last: DeclaredReplications, observed: ObservedReplications
    ) -> tuple[DeclaredReplications, ObservedReplications] | None:
        """The entries as the site has them; a token that is about to end is pending."""
        there = _reach(last)
        source = there.platforms.get(last.connection.site)
        if source is None:
            return last, observed
        live = entries.live(last, replications.read_all(source))
        if (last.push or last.pull) and not (live.push or live.pull):
            return None
        senders = Senders(last.owner, last.connection.site, there.platforms)
        due = [
            f"the token of {source.site} at {site} is to be renewed"
            for site in sorted({site for push in live.push.values() for site in push.targets} & there.platforms.keys())
            if senders.due(site)
        ]
        return live, observed.model_copy(update={"pending": tuple(dict.fromkeys((*observed.pending, *due)))})

    def delete(self, last: DeclaredReplications, observed: ObservedReplications) -> None:
        """Our entries, then our tokens. A site that is declared unavailable keeps its own."""
        there = _reach(last)
        refuse_if_any(
            Refusal(
                ("sites", site, "replications"), found=why, why="its part could not be removed", do=_SAY_UNAVAILABLE
            )
            for site, why in sorted(there.away.items())
            if _connections(last)[site].available
        )
        source = there.platforms.get(last.connection.site)
        if source:
            _remove(source, entries.declared(last), {})
        senders = Senders(last.owner, last.connection.site, there.platforms)
        for site in sorted(last.targets.keys() & there.platforms.keys()):
            senders.revoke_earlier(site)

    def _converge(self, old: DeclaredReplications | None, wanted: DeclaredReplications) -> ObservedReplications:
        there = _reach(wanted)
        source = there.platforms.get(wanted.connection.site)
        if source is None:
            return ObservedReplications(pending=(there.away[wanted.connection.site],))
        listed = replications.read_all(source)
        refuse_if_any(_foreign(old, wanted, listed))
        wished, found = entries.declared(wanted), {entry.identity: entry for entry in listed}
        senders = Senders(wanted.owner, source.site, there.platforms)
        renew = {site for site in wanted.targets.keys() & there.platforms.keys() if senders.due(site)}
        for repository in sorted({repository for repository, _ in wished}):
            _write(source, repository, wished, found, there, senders, renew, wanted)
        for site in sorted(renew):
            senders.revoke_earlier(site)
        _remove(source, entries.declared(old) if old else {}, wished)
        return ObservedReplications(pending=tuple(there.away[site] for site in sorted(there.away)))


_SAY_UNAVAILABLE = "Wait until it answers, or say `available: false`, run `up`, and then destroy."


def _connections(declared: DeclaredReplications) -> dict[str, Connection]:
    return {**declared.targets, declared.connection.site: declared.connection}


def _reach(declared: DeclaredReplications) -> Reach:
    return reach(_connections(declared), resolve)


def _foreign(
    old: DeclaredReplications | None, new: DeclaredReplications, listed: Sequence[replications.Replication]
) -> Iterator[Refusal]:
    wished = entries.declared(new)
    ours = entries.declared(old) if old else {}
    for entry in listed:
        want = wished.get(entry.identity)
        if want is None or entry == want or entry.identity in ours or entries.adopted(new, entry):
            continue
        kind = "push" if entry.url else "pull"
        yield Refusal(
            ("sites", new.connection.site, "replications", kind, entry.repository),
            found=f"{entry.repository} has a replication {f'to {entry.url} ' if entry.url else ''}with "
            + ", ".join(f"{name} {there!r} instead of {ours_!r}" for name, there, ours_ in entries.fields(entry, want)),
            why="somebody else set it up",
            do="Declare it as it is, remove it there, or say `adopt: true`.",
        )


def _write(
    source: Platform,
    repository: str,
    wished: Entries,
    found: Entries,
    there: Reach,
    senders: Senders,
    renew: set[str],
    wanted: DeclaredReplications,
) -> None:
    """Bring one repository's entries to what is wished: 1 request, or none."""
    if pull := wished.get((repository, "")):
        if found.get(pull.identity) != pull:
            replications.write_pull(source, pull, exists=pull.identity in found)
        return
    sites = {entries.url_of(wanted, site, repository): site for site in wanted.push[repository].targets}
    due = [
        entry
        for identity, entry in wished.items()
        if identity[0] == repository
        and sites[entry.url] in there.platforms
        and (
            found.get(identity) != entry
            or sites[entry.url] in renew
            or replications.status(source, repository, entry.url).word == "error"
        )
    ]
    if len(due) > 1:
        replications.write_pushes(source, due, [senders.login(sites[entry.url]) for entry in due])
    elif due:
        present = [entry for entry in found.values() if entry.repository == repository]
        replications.write_push(source, due[0], senders.login(sites[due[0].url]), present)


def _remove(source: Platform, ours: Mapping[tuple[str, str], object], wished: Entries) -> None:
    for repository, url in sorted(ours.keys() - wished.keys()):
        replications.remove(source, repository, url)


__all__ = ["DeclaredReplications", "ObservedReplications", "ReplicationsLifecycle"]
