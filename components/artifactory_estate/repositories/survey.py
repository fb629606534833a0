"""What stands at a site beside what is declared, and every reason not to touch it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from artifactory_estate.base import DocumentPath, Owner, Refusal, mark_in
from artifactory_estate.repositories.rest_form import Form, differences, kind_of
from artifactory_estate.rest.artifacts import Holdings
from artifactory_estate.rest.repositories import Configuration

Forms = Mapping[str, Form]
Count = Callable[[Sequence[str]], Mapping[str, Holdings]]
"""How much repositories hold, by storage key."""


@dataclass(frozen=True)
class Survey:
    """One reading of a site's repositories. The mark alone says what is ours: state may be older than the server."""

    site: str
    found: Mapping[str, Configuration]
    before: Forms
    """The last declaration; empty for a first run."""
    wanted: Forms
    owners: Sequence[Owner]
    """Ours now, and before a renaming."""

    @property
    def owner(self) -> Owner:
        """The mark to write."""
        return self.owners[0]

    def is_ours(self, key: str) -> bool:
        """Whether the server's repository carries our mark."""
        return any(owner.marks(self.found[key].get("notes")) for owner in self.owners)

    @cached_property
    def missing(self) -> Sequence[str]:
        """Declared, and not there."""
        return tuple(key for key in sorted(self.wanted) if key not in self.found)

    @cached_property
    def surplus(self) -> Sequence[str]:
        """Ours, and not declared; virtual ones first, since they name others."""
        keys = (key for key in self.found if key not in self.wanted and self.is_ours(key))
        return tuple(sorted(keys, key=lambda key: (kind_of(self.found[key])[0] != "virtual", key)))

    @cached_property
    def of_another_kind(self) -> Sequence[str]:
        """Ours, and of a class or package type that is not the declared one: deleted and made again."""
        there = (key for key in sorted(self.wanted) if key in self.found and self.is_ours(key))
        return tuple(key for key in there if not self.wanted[key].is_of_kind(self.found[key]))

    def was_allowed(self, key: str) -> bool:
        """Whether the last declaration allowed to delete it with what it holds."""
        return key in self.before and self.before[key].allow_delete

    def path(self, key: str) -> DocumentPath:
        """Where the document declares it, or did."""
        form = self.wanted.get(key) or self.before.get(key)
        rclass = form.rclass if form else kind_of(self.found[key])[0]
        return ("sites", self.site, "repositories", rclass, key)


def refusals(survey: Survey, count: Count) -> Iterator[Refusal]:
    """All of them. `count` is asked once, for what would be lost without a word that allows it."""
    yield from _foreign(survey)
    yield from _members(survey)
    yield from _emptied_lists(survey)
    at_stake = _at_stake(survey)
    held = count(list(at_stake.values())) if at_stake else {}
    full = {key: held[stored] for key, stored in at_stake.items() if held[stored].count}
    yield from _kinds(survey, full)
    for key in survey.surplus:
        if key in full:
            yield Refusal(
                survey.path(key),
                f"{key} is no longer declared and holds {full[key]}",
                "a repository is deleted with its artifacts only where `allow_delete` was applied before",
                "Declare it again with `allow_delete: true`, run `up`, then remove it; or empty it.",
            )


def _at_stake(survey: Survey) -> Mapping[str, str]:
    """Repositories that would be deleted unless they hold something, and where they store it."""
    keys = [*survey.surplus, *(key for key in survey.of_another_kind if survey.wanted[key].allow_delete)]
    stores = {"local": "", "remote": "-cache"}
    return {
        key: key + stores[rclass]
        for key in keys
        if (rclass := kind_of(survey.found[key])[0]) in stores and not survey.was_allowed(key)
    }


def _foreign(survey: Survey) -> Iterator[Refusal]:
    by_folded = {key.casefold(): key for key in survey.found}
    for key, form in survey.wanted.items():
        there = by_folded.get(key.casefold())
        if there is None:
            continue
        if there != key:
            yield Refusal(
                survey.path(key),
                f"{there} exists at {survey.site}",
                "REST reference 2.2: keys are unique whatever their case",
                f"Choose another key, or declare it as {there}.",
            )
        elif not survey.is_ours(key):
            yield from _foreign_one(survey, key, form)


def _foreign_one(survey: Survey, key: str, form: Form) -> Iterator[Refusal]:
    mark = mark_in(survey.found[key].get("notes"))
    whose = f"belongs to {mark.resource} of the estate {mark.estate}" if mark else "was not made by us"
    rclass, package_type = kind_of(survey.found[key])
    if not form.adopt:
        yield Refusal(
            survey.path(key),
            f"{key} exists at {survey.site} and {whose}",
            "its `notes` do not carry our mark, and what is not ours is not touched",
            "Say `adopt: true` to take it over, or choose another key.",
        )
    elif not form.is_of_kind(survey.found[key]):
        yield Refusal(
            survey.path(key),
            f"{key} exists at {survey.site} as a {rclass} repository of type {package_type}, and {whose}",
            "REST reference 2.4: class and package type cannot be changed, and only our own is deleted",
            "Declare the class and type that it has.",
        )


def _members(survey: Survey) -> Iterator[Refusal]:
    there = (survey.found.keys() | survey.wanted.keys()) - set(survey.surplus)
    for key, form in survey.wanted.items():
        if unknown := [member for member in form.members if member not in there]:
            yield Refusal(
                survey.path(key),
                f"{', '.join(unknown)} is neither declared nor at {survey.site}",
                "REST reference 2.8: the members of a virtual repository must exist",
            )


def _emptied_lists(survey: Survey) -> Iterator[Refusal]:
    for key in survey.wanted.keys() & survey.found.keys():
        if key in survey.of_another_kind:
            continue
        found = survey.found[key]
        changed = differences(survey.wanted[key], survey.before.get(key), found, survey.owner)
        for name, value in changed.items():
            if isinstance(found.get(name), list) and not value:
                yield Refusal(
                    survey.path(key),
                    f"{name} is {', '.join(map(str, found[name]))} at {survey.site} and would become empty",
                    "REST reference 2.4: the server keeps a list that is replaced by an empty one",
                    "Leave one element, or replace the repository.",
                )


def _kinds(survey: Survey, full: Mapping[str, Holdings]) -> Iterator[Refusal]:
    for key in survey.of_another_kind:
        form, found = survey.wanted[key], kind_of(survey.found[key])
        change = (
            f"{key} is a {found[0]} repository of type {found[1]}, declared is {form.rclass} of {form.package_type}"
        )
        if survey.was_allowed(key):
            continue
        if not form.allow_delete:
            yield Refusal(
                survey.path(key),
                change,
                "REST reference 2.4: neither can be changed, so it is deleted and made again",
                "Say `allow_delete: true`; if it holds artifacts, apply that with `up` before the change.",
            )
        elif key in full:
            yield Refusal(
                survey.path(key),
                f"{change}, and it holds {full[key]}",
                "a repository is deleted with its artifacts only where `allow_delete` was applied before",
                "Go back to the old class and type with `allow_delete: true`, run `up`, then make the change.",
            )
