"""The declared licences beside those at the server."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.rest import Invalid, Platform, licences


def refusals(path: DocumentPath, keys: Sequence[str], nodes: int) -> Iterator[Refusal]:
    """What is wrong with a pool by itself."""
    if twice := [place for place, key in enumerate(keys, start=1) if key in keys[: place - 1]]:
        yield Refusal(
            path,
            f"licence {', '.join(map(str, twice))} stands there twice",
            "REST reference 1.2: a licence serves one node",
        )
    if len(set(keys)) < nodes:
        yield Refusal(
            path,
            f"{len(set(keys))} licence{'' if len(set(keys)) == 1 else 's'} for {nodes} nodes",
            "files reference 4.4: one licence a node, separated by an empty line",
            "Add licences, or lower nodes.count.",
        )


@dataclass(frozen=True)
class Installation:
    """What an installation left."""

    pool: Sequence[licences.InstalledLicence]
    ours: Set[str]
    """The server's names of the declared ones."""
    kept: str
    """Why one that is no longer declared is still there; empty: none is."""


def install(platform: Platform, keys: Sequence[str], before: Set[str]) -> Installation:
    """Adds what is missing, then removes those of `before` that are no longer declared. 1 request when nothing is to do.

    How the server names a licence is inferred: where our names are not the server's, everything is sent (what is there
    already is no error), everything in the pool counts as ours, and nothing is removed.
    """
    wanted = {licences.licence_hash(key): key for key in keys}
    pool = licences.installed(platform)
    if missing := wanted.keys() - {licence.hash for licence in pool}:
        licences.install(platform, [key for name, key in wanted.items() if name in missing])
        pool = licences.installed(platform)
    there = {licence.hash for licence in pool}
    if not wanted.keys() <= there:
        return Installation(pool, there, "")
    surplus = sorted((before & there) - wanted.keys())
    if not surplus:
        return Installation(pool, wanted.keys(), "")
    try:
        licences.remove(platform, surplus)
    except Invalid as error:
        return Installation(pool, wanted.keys(), f"licences that are no longer declared are still there: {error.said}")
    return Installation(licences.installed(platform), wanted.keys(), "")
