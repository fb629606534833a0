"""The repositories of a site: one resource, whatever their number."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated

from pydantic import AfterValidator

from artifactory_estate.base import Lifecycle, Model, Owner, Refusal, refuse_if_any
from artifactory_estate.base.lifecycle import Observation
from artifactory_estate.base.name import RepositoryKey
from artifactory_estate.cloud import secrets
from artifactory_estate.repositories import joining
from artifactory_estate.repositories.converge import carry_out, decide
from artifactory_estate.repositories.rest_form import Form, projected
from artifactory_estate.repositories.survey import Survey, refusals
from artifactory_estate.rest import Connection, Platform, repositories
from artifactory_estate.rest.artifacts import all_holdings


def _checked(text: str) -> str:
    if Form.parse(text).rclass == "federated":
        raise ValueError("a federated repository belongs to its federation")
    return text


class RepositoriesDeclaration(Model):
    """What goes into state: about 350 bytes a repository in all."""

    connection: Connection
    """The site."""
    owner: Owner
    """Written into each repository's `notes`."""
    repositories: dict[RepositoryKey, Annotated[str, AfterValidator(_checked)]] = {}
    """Compact JSON text by key, as `rest_form.compact` writes it."""
    made_elsewhere: dict[RepositoryKey, str] = {}
    """Members of virtual repositories that a federation's stack makes here: the federation, by key."""

    def forms(self) -> dict[str, Form]:
        """By key, taken apart."""
        return {key: Form.parse(text) for key, text in self.repositories.items()}


class RepositoriesObservation(Observation):
    """What is known besides."""

    count: int = 0
    """Repositories of ours at the site."""
    credentials: dict[str, str] = {}
    """Keyed fingerprint of the password that each remote repository was last given."""


class RepositoriesLifecycle(Lifecycle[RepositoriesDeclaration, RepositoriesObservation]):
    """Makes, changes and removes the local, remote and virtual repositories of one site that carry our mark.

    Reads: 2 requests (version, all configurations), and 1 for every 100 that would be deleted without a word that allows it.
    Writes: 1 for every 100 made (local and remote before virtual), 1 for every 100 changed, 1 each removed;
    none when nothing differs. Old servers: 1 request a repository (REST reference 2.6).

    A virtual repository whose federated member is not there yet is made without it; `pending` says so, and the next run
    completes it.

    A site whose connection says `available: false` is left alone: `create` and `update` say what waits, `read` repeats
    what was last known, and `delete` leaves the repositories where they are, so that a dead site can be taken out of an
    estate; the word has been applied by an earlier run, and nothing is lost by it.
    """

    declared = RepositoriesDeclaration
    observed = RepositoriesObservation

    def preflight(self, old: RepositoriesDeclaration | None, new: RepositoriesDeclaration) -> Sequence[Refusal]:
        """Keys of others, losses that nobody allowed, changes that the server cannot make."""
        if not new.connection.available:
            return ()
        platform = _platform(new)
        return tuple(refusals(_survey(platform, old, new), partial(all_holdings, platform)))

    def create(self, wanted: RepositoriesDeclaration) -> RepositoriesObservation:
        """Takes over what a killed run left."""
        return self._converge(None, wanted, RepositoriesObservation())

    def update(
        self, old: RepositoriesDeclaration, wanted: RepositoriesDeclaration, observed: RepositoriesObservation
    ) -> RepositoriesObservation:
        """Also finishes what the last run said was pending."""
        return self._converge(old, wanted, observed)

    def _converge(
        self, old: RepositoriesDeclaration | None, wanted: RepositoriesDeclaration, observed: RepositoriesObservation
    ) -> RepositoriesObservation:
        if not wanted.connection.available:
            return _left_alone(wanted, observed)
        platform = _platform(wanted)
        survey = _survey(platform, old, wanted)
        refuse_if_any(refusals(survey, partial(all_holdings, platform)))
        passwords = _passwords(survey.wanted)
        fingerprints = _fingerprints(wanted.owner, passwords)
        renew = {key for key in passwords if fingerprints[key] != observed.credentials.get(key)}
        carry_out(platform, survey, decide(survey, passwords, renew), tuple(passwords.values()))
        return RepositoriesObservation(
            count=len(wanted.repositories), credentials=fingerprints, pending=_waiting(wanted, survey)
        )

    def read(
        self, last: RepositoriesDeclaration, observed: RepositoriesObservation
    ) -> tuple[RepositoriesDeclaration, RepositoriesObservation]:
        """Declared fields only: a server's default is no drift. What is gone, or carries our mark no more, is left out."""
        if not last.connection.available:
            return last, _left_alone(last, observed)
        survey = _survey(_platform(last), None, last)
        ours = {key: form for key, form in survey.wanted.items() if key in survey.found and survey.is_ours(key)}
        live = {key: projected(form, survey.found[key]) for key, form in ours.items()}
        pending = (*_rotated(last.owner, ours, observed), *_waiting(last, survey))
        count = len(live) + len(survey.surplus)
        return (
            last.model_copy(update={"repositories": live}),
            observed.model_copy(update={"count": count, "pending": pending}),
        )

    def delete(self, last: RepositoriesDeclaration, observed: RepositoriesObservation) -> None:
        """Every repository that carries our mark; one that holds artifacts only where `allow_delete` was applied."""
        del observed
        if not last.connection.available:
            return
        platform = _platform(last)
        survey = _survey(platform, last, last.model_copy(update={"repositories": {}}))
        refuse_if_any(refusals(survey, partial(all_holdings, platform)))
        carry_out(platform, survey, decide(survey, {}, ()), ())


def _platform(declared: RepositoriesDeclaration) -> Platform:
    return Platform(declared.connection, secrets.resolve)


def _survey(platform: Platform, old: RepositoriesDeclaration | None, wanted: RepositoriesDeclaration) -> Survey:
    owners = [wanted.owner, *([old.owner] if old and old.owner != wanted.owner else [])]
    found = repositories.all_configurations(platform)
    late = wanted.made_elsewhere.keys() - found.keys()
    forms = {key: joining.for_now(form, late, found.get(key, {})) for key, form in wanted.forms().items()}
    return Survey(platform.site, found, old.forms() if old else {}, forms, owners)


def _waiting(declared: RepositoriesDeclaration, survey: Survey) -> tuple[str, ...]:
    late = {key: federation for key, federation in declared.made_elsewhere.items() if key not in survey.found}
    return tuple(joining.waiting(declared.forms(), late)) if late else ()


def _left_alone(declared: RepositoriesDeclaration, observed: RepositoriesObservation) -> RepositoriesObservation:
    what = f"{declared.connection.site} is not available: its {len(declared.repositories)} repositories are left alone"
    return observed.model_copy(update={"pending": (what,)})


def _passwords(forms: Mapping[str, Form]) -> dict[str, str]:
    """Each reference is read once, and before the first write."""
    references = {key: form.credentials for key, form in forms.items() if form.credentials}
    values = {reference: secrets.resolve(reference) for reference in sorted(set(references.values()))}
    return {key: values[reference] for key, reference in references.items()}


def _fingerprints(owner: Owner, passwords: Mapping[str, str]) -> dict[str, str]:
    values = {value: secrets.fingerprint(value, owner.text) for value in set(passwords.values())}
    return {key: values[value] for key, value in sorted(passwords.items())}


def _rotated(owner: Owner, forms: Mapping[str, Form], observed: RepositoriesObservation) -> tuple[str, ...]:
    """The server never tells a password, so drift is what the reference leads to now against what was last sent."""
    try:
        now = _fingerprints(owner, _passwords(forms))
    except secrets.SecretUnavailable as error:
        return (f"credentials of remote repositories cannot be compared: {error}",)
    changed = sorted(key for key, value in now.items() if value != observed.credentials.get(key))
    return tuple(f"{key}: the value behind {forms[key].credentials} has changed" for key in changed)
