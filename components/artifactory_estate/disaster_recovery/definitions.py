"""The standby gets the repositories that it lacks: local, remote and virtual, as the serving site has them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from artifactory_estate.base import Owner, Refusal, mark_in, without_mark
from artifactory_estate.disaster_recovery import decide
from artifactory_estate.disaster_recovery.declared import DeclaredPair
from artifactory_estate.repositories.rest_form import same
from artifactory_estate.rest import Platform, repositories
from artifactory_estate.rest.repositories import Configuration

_MADE_BY_THE_SERVER = ("jfrog-", "auto-trashcan", "release-bundles")
"""Beginnings of keys that a server makes for itself; nobody copies them."""
_NOT_COMPARED = frozenset({"key", "rclass", "packageType", "notes", "password"})
_COPIED = ("local", "remote", "virtual")

Found = Mapping[str, Configuration]


@dataclass(frozen=True)
class Sides:
    """All repositories of both sites."""

    source: Found
    sink: Found
    owner: Owner
    sink_is_target: bool
    """The target's repositories are the pair's. The master's are its own: the way back only adds what is missing."""

    @property
    def copied(self) -> dict[str, Configuration]:
        """The source's that belong at the sink: a federated one belongs to its federation (design 3)."""
        return {key: found for key, found in self.source.items() if _belongs(key, found)}

    @property
    def sent(self) -> list[str]:
        """Local repositories, whose contents are replicated."""
        return sent(self.source)

    def ours(self, key: str) -> bool:
        """Whether either side's carries the pair's mark: one that a person made while the target served is marked at
        the master, where the pair copied it."""
        sides = (self.sink.get(key, {}), self.source.get(key, {}))
        return any(self.owner.marks(str(found.get("notes") or "")) for found in sides)

    @property
    def missing(self) -> list[str]:
        """Not at the sink yet."""
        return sorted(self.copied.keys() - self.sink.keys())


def sent(found: Found) -> list[str]:
    """The local repositories among them that a pair replicates, sorted."""
    return sorted(key for key, item in found.items() if item.get("rclass") == "local" and _belongs(key, item))


def _belongs(key: str, found: Configuration) -> bool:
    return found.get("rclass") in _COPIED and not key.startswith(_MADE_BY_THE_SERVER)


def read(source: Platform, sink: Platform, owner: Owner, *, sink_is_target: bool) -> Sides:
    """2 requests."""
    return Sides(repositories.all_configurations(source), repositories.all_configurations(sink), owner, sink_is_target)


def foreign(declared: DeclaredPair, sides: Sides) -> Iterator[Refusal]:
    """Repositories of the target that stand in the way and that the pair did not make."""
    if not sides.sink_is_target:
        return
    for key, wanted in sorted(sides.copied.items()):
        found = sides.sink.get(key)
        if found is None or sides.ours(key) or wanted.get("packageType") == "buildinfo":  # servers make that one
            continue
        mark = mark_in(str(found.get("notes") or ""))
        yield Refusal(
            (*decide.path(declared), "target"),
            found=f"{declared.target.site} has a {found.get('rclass')} repository {key} "
            + (f"of {mark.estate}'s {mark.resource}" if mark else "that the pair did not make"),
            why="a target's repositories belong to the pair, which would overwrite it with the master's",
            do=f"Rename or delete it at {declared.target.site}, or choose another target.",
        )


def copy(sides: Sides, sink: Platform, passwords: Callable[[str], str | None]) -> None:
    """Make what is missing and, at the target, bring ours to what the source has. 1 request a hundred repositories.

    What is gone from the source stays: a copy may be what saves a mistake. `passwords` gives a remote repository's.
    """
    made = [_body(sides, key, passwords) for key in sides.missing]
    for rclass in ("local", "remote"):
        for batch in _batches([body for body in made if body["rclass"] == rclass]):
            repositories.create(sink, batch, hide=_passwords(batch))
    for level in _levels([body for body in made if body["rclass"] == "virtual"]):
        for batch in _batches(level):
            repositories.create(sink, batch)
    if sides.sink_is_target:
        for batch in _batches(list(_changes(sides))):
            repositories.update(sink, batch)


def _changes(sides: Sides) -> Iterator[dict[str, Any]]:
    for key, wanted in sorted(sides.copied.items()):
        found = sides.sink.get(key)
        if found is None or not sides.owner.marks(str(found.get("notes") or "")):
            continue
        fields = _fields(sides, wanted)
        changed = {name: value for name, value in fields.items() if not same(name, value, found.get(name))}
        if without_mark(str(wanted.get("notes") or "")) != without_mark(str(found.get("notes") or "")):
            changed["notes"] = sides.owner.append_to(str(wanted.get("notes") or ""))
        if changed:
            yield {"key": key, "rclass": wanted["rclass"], "packageType": wanted["packageType"], **changed}


def _fields(sides: Sides, wanted: Configuration) -> dict[str, Any]:
    fields = {name: value for name, value in wanted.items() if name not in _NOT_COMPARED and value is not None}
    if wanted.get("rclass") == "virtual":  # a federated member is at the sink only if the federation says so
        there = sides.copied.keys() | sides.sink.keys()
        fields["repositories"] = [key for key in wanted.get("repositories") or () if key in there]
        if wanted.get("defaultDeploymentRepo") not in there:
            fields.pop("defaultDeploymentRepo", None)
    return fields


def _body(sides: Sides, key: str, passwords: Callable[[str], str | None]) -> dict[str, Any]:
    wanted = sides.copied[key]
    body = {
        "key": key,
        "rclass": wanted["rclass"],
        "packageType": wanted["packageType"],
        **_fields(sides, wanted),
        "notes": sides.owner.append_to(str(wanted.get("notes") or "")),
    }
    password = passwords(key) if wanted["rclass"] == "remote" else None
    return body if password is None else {**body, "password": password}


def _levels(virtuals: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Members before those that name them."""
    left = {str(body["key"]): body for body in virtuals}
    while left:
        ready = [body for body in left.values() if not left.keys() & set(body.get("repositories") or ())]
        level = ready or list(left.values())  # a ring cannot be made in any order; the server says so
        for body in level:
            del left[str(body["key"])]
        yield level


def _batches(bodies: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(bodies), repositories.BATCH):
        yield bodies[start : start + repositories.BATCH]


def _passwords(bodies: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(body["password"]) for body in bodies if "password" in body]
