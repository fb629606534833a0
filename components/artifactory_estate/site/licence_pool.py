"""The declared licences beside those at the server."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.cloud import secrets
from artifactory_estate.rest import Invalid, Platform, licences


def keys_behind(references: str | Sequence[str]) -> Sequence[str]:
    """Every licence that the references lead to, in their order. Raises `SecretUnavailable`."""
    several = (references,) if isinstance(references, str) else references
    return tuple(key for reference in several for key in licences.pool(secrets.resolve(reference)))


def refusals(path: DocumentPath, keys: Sequence[str], nodes: int, *, surge: bool = False) -> Iterator[Refusal]:
    """What is wrong with a pool by itself; `surge`: a node more is started when instances are replaced."""
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
    elif surge and len(set(keys)) == nodes:
        yield Refusal(
            path,
            f"{nodes} licence{'' if nodes == 1 else 's'} for {nodes} nodes, with nodes.refresh: surge",
            "files reference 4.4: one licence a node, and a surge starts the new one before the old one ends",
            "Add a licence, or say `refresh: terminate_first`.",
        )


@dataclass(frozen=True)
class Installation:
    """What an installation left."""

    pool: Sequence[licences.InstalledLicence]
    ours: Set[str]
    """The server's names of the declared ones."""
    kept: str
    """Why one that is no longer declared is still there; empty: none is."""


def add(platform: Platform, keys: Sequence[str]) -> tuple[dict[str, str], Sequence[licences.InstalledLicence]]:
    """Our licences by the name that we expect, and the pool once it has them. 1 request when nothing is to do."""
    wanted = {licences.licence_hash(key): key for key in keys}
    pool = licences.installed(platform)
    if missing := wanted.keys() - {licence.hash for licence in pool}:
        licences.install(platform, [key for name, key in wanted.items() if name in missing])
        pool = licences.installed(platform)
    return wanted, pool


def install(platform: Platform, keys: Sequence[str], before: Set[str]) -> Installation:
    """Adds what is missing, then removes those of `before` that are no longer declared. 1 request when nothing is to do.

    How the server names a licence is inferred: where our names are not the server's, everything is sent (what is there
    already is no error), everything in the pool counts as ours, and nothing is removed.
    """
    wanted, pool = add(platform, keys)
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
