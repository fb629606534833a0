"""From a survey to requests: what to write, in which order, in how few calls."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from artifactory_estate.base import EstateError, Owner, dotted
from artifactory_estate.repositories.rest_form import differences, kind_of, to_create
from artifactory_estate.repositories.survey import Survey
from artifactory_estate.rest import Platform, repositories
from artifactory_estate.rest.repositories import BATCH, Configuration, RepositoriesRejected


class NotWritten(EstateError):
    """The server refuses declared repositories; each stands with its place in the document and the server's words."""


@dataclass(frozen=True)
class Decision:
    """What makes the site as declared. Nothing at all when it is."""

    replace: Sequence[str]
    """Deleted first, and among those made."""
    make: Sequence[Sequence[Configuration]]
    """In stages: local and remote, then virtual ones after the members they name."""
    change: Sequence[Configuration]
    """Changed fields with key, class and type."""
    move: Mapping[str, str]
    """Repositories that change their project, and to which."""
    delete: Sequence[str]
    """Surplus of ours."""


def decide(survey: Survey, passwords: Mapping[str, str], renew: Iterable[str]) -> Decision:
    """Pure. `passwords`: of remote repositories, by key; `renew`: those whose password the server may not have."""
    replaced = survey.of_another_kind
    made = {*survey.missing, *replaced}
    change = []
    for key in sorted(survey.wanted.keys() - made):
        changed = _changed(survey, key, replaced)
        if key in renew:
            changed["password"] = passwords[key]
        if changed:
            form = survey.wanted[key]
            change.append({"key": key, "rclass": form.rclass, "packageType": form.package_type, **changed})
    return Decision(
        replace=replaced,
        make=[
            [to_create(key, survey.wanted[key], survey.owner, passwords.get(key)) for key in stage]
            for stage in _stages(survey, made)
        ],
        change=change,
        move={item["key"]: item["projectKey"] or "" for item in change if "projectKey" in item},
        delete=survey.surplus,
    )


def _changed(survey: Survey, key: str, replaced: Sequence[str]) -> dict[str, Any]:
    found = survey.found[key]
    if kind_of(found)[0] == "virtual" and replaced:  # the server takes a deleted repository out of what names it
        members = [member for member in found.get("repositories") or () if member not in replaced]
        found = {**found, "repositories": members}
        if found.get("defaultDeploymentRepo") in replaced:
            found["defaultDeploymentRepo"] = ""
    return differences(survey.wanted[key], survey.before.get(key), found, survey.owner)


def _stages(survey: Survey, keys: set[str]) -> Iterator[Sequence[str]]:
    left = sorted(keys)
    while left:
        waiting = set(left)
        ready = [key for key in left if not waiting.intersection(survey.wanted[key].members)]
        ready = ready or left  # a circle: the server has the words for it
        yield ready
        left = [key for key in left if key not in set(ready)]


def carry_out(platform: Platform, survey: Survey, decision: Decision, hide: Sequence[str]) -> None:
    """Each step may be repeated by the next run; surplus goes last, when nothing names it any more."""
    try:
        for key in decision.replace:
            repositories.delete(platform, key)
        for stage in decision.make:
            for chunk in _chunks(stage):
                _create(platform, chunk, survey.owner, hide)
        for chunk in _chunks(decision.change):
            repositories.update(platform, chunk, hide)
        for key, project in decision.move.items():
            repositories.attach_to_project(platform, key, project)
    except RepositoriesRejected as rejected:
        lines = [f"{dotted(survey.path(key))}: {platform.site} says: {words}" for key, words in rejected.said.items()]
        raise NotWritten("\n".join(lines)) from rejected
    for key in decision.delete:
        repositories.delete(platform, key)


def _create(platform: Platform, chunk: Sequence[Configuration], owner: Owner, hide: Sequence[str]) -> None:
    """A repeated PUT whose first answer was lost finds its own work in the way: what carries our mark is made."""
    try:
        repositories.create(platform, chunk, hide)
    except RepositoriesRejected as rejected:
        if not rejected.taken:
            raise
        there = repositories.all_configurations(platform)
        left = [item for item in chunk if not owner.marks(there.get(item["key"], {}).get("notes"))]
        if len(left) == len(chunk):
            raise
        repositories.create(platform, left, hide)


def _chunks(items: Sequence[Configuration]) -> Iterator[Sequence[Configuration]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
