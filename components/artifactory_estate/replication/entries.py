"""Declared pushes and pulls as the server's entries, and back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields as fields_of
from typing import Any

from artifactory_estate.replication.declared import DeclaredReplications
from artifactory_estate.replication.model import Pull, Push
from artifactory_estate.rest.replications import Replication

Entries = Mapping[tuple[str, str], Replication]
"""By repository and URL, as the server knows them."""


def url_of(declared: DeclaredReplications, site: str, repository: str) -> str:
    """Where a push of `repository` goes: the same key there."""
    return f"{declared.targets[site].url}/artifactory/{repository}"


def declared(wanted: DeclaredReplications) -> dict[tuple[str, str], Replication]:
    """One entry a target of each push, one a pull."""
    found = [_pull(repository, pull) for repository, pull in wanted.pull.items()]
    for repository, push in wanted.push.items():
        found += [
            _push(repository, push, url_of(wanted, site, repository), check_existence=site in wanted.trusting)
            for site in push.targets
        ]
    return {entry.identity: entry for entry in found}


def adopted(wanted: DeclaredReplications, entry: Replication) -> bool:
    """Whether the declaration takes over what somebody else set up."""
    side: Mapping[str, Push | Pull] = wanted.push if entry.url else wanted.pull
    return entry.repository in side and side[entry.repository].adopt


def fields(there: Replication, wished: Replication) -> Iterator[tuple[str, Any, Any]]:
    """Every field in which they differ: name, value there, value wished."""
    for field in fields_of(Replication):
        found, wanted = getattr(there, field.name), getattr(wished, field.name)
        if found != wanted:
            yield field.name, found, wanted


def live(last: DeclaredReplications, listed: Sequence[Replication]) -> DeclaredReplications:
    """The declaration with what is there now; what is gone, switched off, or asks the target otherwise, is left out."""
    found = {entry.identity: entry for entry in listed if entry.enabled}
    pushes, pulls = {}, {}
    for repository, push in last.push.items():
        urls = {site: url_of(last, site, repository) for site in push.targets}
        present = [
            site
            for site, url in urls.items()
            if (entry := found.get((repository, url))) and entry.check_existence == (site in last.trusting)
        ]
        if present:
            pushes[repository] = _live_push(push, found[repository, urls[present[0]]], tuple(present))
    for repository, pull in last.pull.items():
        if entry := found.get((repository, "")):
            pulls[repository] = pull.model_copy(update=_common(entry))
    return last.model_copy(update={"push": pushes, "pull": pulls})


def _live_push(push: Push, entry: Replication, targets: tuple[str, ...]) -> Push:
    return push.model_copy(update={**_common(entry), "on_event": entry.on_event, "targets": targets})


def _common(entry: Replication) -> dict[str, Any]:
    return {
        "cron": entry.cron,
        "sync_deletes": entry.sync_deletes,
        "sync_properties": entry.sync_properties,
    }


def _push(repository: str, push: Push, url: str, *, check_existence: bool) -> Replication:
    return Replication(
        repository=repository,
        cron=push.cron,
        url=url,
        on_event=push.on_event,
        sync_deletes=push.sync_deletes,
        sync_properties=push.sync_properties,
        check_existence=check_existence,
    )


def _pull(repository: str, pull: Pull) -> Replication:
    return Replication(
        repository=repository, cron=pull.cron, sync_deletes=pull.sync_deletes, sync_properties=pull.sync_properties
    )
