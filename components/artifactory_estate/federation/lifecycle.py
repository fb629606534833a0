"""One federation is one object across its members."""

from collections.abc import Mapping, Sequence

from artifactory_estate.base import Change, Lifecycle, Refusal, refuse_if_any
from artifactory_estate.federation import form, leaving, refusals, spread
from artifactory_estate.federation.declared import DeclaredFederation, Leftover, ObservedFederation
from artifactory_estate.federation.survey import Survey, survey
from artifactory_estate.repositories.rest_form import projected
from artifactory_estate.rest import Connection, repositories


class FederationLifecycle(Lifecycle[DeclaredFederation, ObservedFederation]):
    """Repositories under one key at every member, carried there by the servers' own propagation.

    A repository is written at one member that answers, its home, and appears at the others by itself, which is verified
    within 40 s; what the servers never propagate is written at each member. The content's full sync is started by the
    servers and not waited for (`health`). Trust must stand before (`trust`).

    Reads: 1 ping and 1 listing a member, 1 listing a member every half second while a change spreads. Writes: 1 a
    repository that differs at its home, 1 a member whose site-local settings differ.
    """

    declared = DeclaredFederation
    observed = ObservedFederation

    def plan(self, old: DeclaredFederation, new: DeclaredFederation) -> Change:
        """Another owner could not find its marks."""
        return Change(changed=old != new, replaces=["owner"] if old.owner != new.owner else ())

    def preflight(self, old: DeclaredFederation | None, new: DeclaredFederation) -> Sequence[Refusal]:
        """1 ping and 1 listing a member, 1 count a member and repository that goes."""
        return self._refusals(old, new, _survey(old, new, ()))

    def create(self, wanted: DeclaredFederation) -> ObservedFederation:
        """What carries our mark is taken over: a killed run left it."""
        return self._make_true(None, wanted, ObservedFederation())

    def update(
        self, old: DeclaredFederation, wanted: DeclaredFederation, observed: ObservedFederation
    ) -> ObservedFederation:
        """Members and repositories come, change and go."""
        return self._make_true(old, wanted, observed)

    def read(
        self, last: DeclaredFederation, observed: ObservedFederation
    ) -> tuple[DeclaredFederation, ObservedFederation] | None:
        """Repositories as their home has them; one that is gone from every member is left out, one that is missing or
        otherwise at some of them is pending. Members that do not answer are believed."""
        seen = survey(last.connections)
        if not seen.platforms:
            return last, observed
        homes = _homes(last, seen)
        live = {
            key: projected(declared, found)
            for key, declared in last.forms().items()
            if (found := seen.at(homes.get(key, ""), key)) and seen.ours(homes[key], key, last.owner)
        }
        if not live and not seen.away:
            return None
        if not live:
            live = dict(last.repositories)
        wanted = _wanted(None, last, seen, homes)
        late = [
            f"{site} does not show {key} as {homes[key]} has it"
            for site, key in spread.behind({key: wanted[key] for key in live if key in wanted}, seen.found)
        ]
        pending = tuple(dict.fromkeys((*observed.pending, *late)))
        return last.model_copy(update={"repositories": live}), observed.model_copy(update={"pending": pending})

    def delete(self, last: DeclaredFederation, observed: ObservedFederation) -> None:
        """At every member. Refused when one holds artifacts without `allow_delete`, or does not answer; a member that is
        declared unavailable keeps its copies."""
        seen = _survey(None, last, observed.leftovers)
        going = leaving.whole(last, seen)
        refuse_if_any(
            [
                *leaving.unanswered(last, seen, observed.leftovers),
                *leaving.still_full(last.federation, [item for item in going if not item.allowed], seen, last.owner),
            ]
        )
        leaving.go([*going, *observed.leftovers], seen, last.owner)

    def _make_true(
        self, old: DeclaredFederation | None, wanted: DeclaredFederation, observed: ObservedFederation
    ) -> ObservedFederation:
        seen = _survey(old, wanted, observed.leftovers)
        refuse_if_any(self._refusals(old, wanted, seen))
        here = wanted.members.keys() & seen.platforms.keys()
        if not here:
            return observed.model_copy(update={"pending": tuple(_deferred(wanted, seen))})
        homes = _homes(wanted, seen)
        repositories_now = _wanted(old, wanted, seen, homes)
        _write_homes(repositories_now, homes, here, seen)
        members = {site: seen.platforms[site] for site in sorted(here)}
        late = spread.settle(repositories_now, homes, members)
        spread.write_site_local(repositories_now, members)
        left = leaving.go(
            [*leaving.between(old, wanted), *leaving.not_back(observed.leftovers, wanted)], seen, wanted.owner
        )
        pending = (*_deferred(wanted, seen), *late, *(leaving.sentence(item, seen) for item in left))
        return ObservedFederation(pending=tuple(dict.fromkeys(pending)), leftovers=tuple(left))

    def _refusals(self, old: DeclaredFederation | None, new: DeclaredFederation, seen: Survey) -> Sequence[Refusal]:
        going = [item for item in leaving.between(old, new) if item.delete and not item.allowed]
        return [
            *refusals.unreachable(new, seen),
            *refusals.foreign(new, seen),
            *refusals.package_type(new, seen),
            *leaving.still_full(new.federation, going, seen, new.owner),
        ]


def _survey(old: DeclaredFederation | None, new: DeclaredFederation, leftovers: Sequence[Leftover]) -> Survey:
    connections: dict[str, Connection] = {item.connection.site: item.connection for item in leftovers}
    return survey(connections | (old.connections if old else {}) | new.connections)


def _homes(wanted: DeclaredFederation, seen: Survey) -> Mapping[str, str]:
    """Where each repository is written: a member that answers, rather one that has it and one that sends changes."""

    def rank(key: str, site: str) -> tuple[bool, bool, str]:
        return not seen.ours(site, key, wanted.owner), wanted.members[site].mode == "receiver", site

    here = wanted.members.keys() & seen.platforms.keys()
    return {key: min(here, key=lambda site: rank(key, site)) for key in wanted.repositories} if here else {}


def _wanted(
    old: DeclaredFederation | None, new: DeclaredFederation, seen: Survey, homes: Mapping[str, str]
) -> dict[str, form.Wanted]:
    """What each repository is to be. A member that does not answer stays in the list if it is in it, and joins later."""
    wanted, forms, before = {}, new.forms(), old.forms() if old else {}
    for key, home in homes.items():
        listed = {str(member.get("url", "")).rstrip("/") for member in (seen.at(home, key) or {}).get("members") or ()}
        urls = {site: form.member_url(new.connections[site].url, key) for site in new.members}
        present = {site: url for site, url in urls.items() if site in seen.platforms or url in listed}
        members = form.member_list(present, new.members)
        wanted[key] = form.Wanted(key, forms[key], before.get(key), new.owner, members)
    return wanted


def _write_homes(wanted: Mapping[str, form.Wanted], homes: Mapping[str, str], here: set[str], seen: Survey) -> None:
    for key, want in sorted(wanted.items()):
        platform, found = seen.platforms[homes[key]], seen.at(homes[key], key)
        if found is None:
            repositories.create(platform, [want.created()])
            continue
        changes = want.changes(found)
        absent = any(seen.at(site, key) is None for site in here)
        if changes or absent or not want.same_members(found):
            repositories.update(platform, [{**want.identity, **changes}])


def _deferred(wanted: DeclaredFederation, seen: Survey) -> list[str]:
    return [seen.away[site] for site in sorted(wanted.members.keys() & seen.away.keys())]


__all__ = ["DeclaredFederation", "FederationLifecycle", "ObservedFederation"]
