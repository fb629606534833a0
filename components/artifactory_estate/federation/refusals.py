"""What a federation will not do, seen from the servers: pure, over a survey."""

from collections.abc import Iterator

from artifactory_estate.base import Refusal, mark_in
from artifactory_estate.federation.declared import DeclaredFederation
from artifactory_estate.federation.survey import Survey
from artifactory_estate.rest.repositories import Configuration


def unreachable(new: DeclaredFederation, seen: Survey) -> Iterator[Refusal]:
    """A member that should answer and does not, unless it may be deferred; and a federation nobody answers for."""
    for site in sorted(new.members.keys() & seen.away.keys()):
        if new.on_unreachable == "fail" and new.connections[site].available:
            yield Refusal(
                ("federations", new.federation, "members", site),
                found=seen.away[site],
                why="`on_unreachable: fail`",
                do=f"Bring it back, or say `on_unreachable: defer`, or `sites.{site}.available: false`.",
            )
    if new.connections and not new.members.keys() & seen.platforms.keys() and new.on_unreachable == "defer":
        yield Refusal(
            ("federations", new.federation, "members"),
            found="; ".join(seen.away[site] for site in sorted(new.members)),
            why="one member at least must answer: a change is written there",
        )


def foreign(new: DeclaredFederation, seen: Survey) -> Iterator[Refusal]:
    """A key that somebody else's repository has at a member."""
    for key, declared in sorted(new.forms().items()):
        for site in sorted(new.members):
            found = seen.at(site, key)
            if found is None or seen.ours(site, key, new.owner):
                continue
            federated = found.get("rclass") == "federated"
            if declared.adopt and federated:
                continue
            yield Refusal(
                ("federations", new.federation, "repositories", key),
                found=f"{site} has a {found.get('rclass')} repository {key} {_whose(found)}",
                why="a repository of this key that we did not make is not touched",
                do="Choose another key, or delete it there"
                + (", or say `adopt: true`." if federated else "; only a federated one can be adopted."),
            )


def _whose(found: Configuration) -> str:
    mark = mark_in(str(found.get("notes") or ""))
    return f"of {mark.estate}'s {mark.resource}" if mark else "that this estate did not make"


def package_type(new: DeclaredFederation, seen: Survey) -> Iterator[Refusal]:
    """A server cannot change it (REST reference 2.4)."""
    for key, declared in sorted(new.forms().items()):
        for site in sorted(new.members):
            found = seen.at(site, key)
            if found and found.get("packageType") != declared.package_type:
                yield Refusal(
                    ("federations", new.federation, "repositories", key, "package_type"),
                    found=f"{declared.package_type}, and {site} has {found.get('packageType')}",
                    why="REST reference 2.4: a repository's package type cannot be changed",
                    do="Choose another key, or remove the repository with `allow_delete: true` first.",
                )
