"""What the federation's resource declares and reports: plain data that goes into state."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from artifactory_estate.base import Model, Observation, Owner
from artifactory_estate.federation.model import Member
from artifactory_estate.repositories.rest_form import Form
from artifactory_estate.rest import Connection


def _checked(text: str) -> str:
    Form.parse(text)
    return text


class DeclaredFederation(Model):
    """One federation, whole."""

    owner: Owner
    federation: str
    """Its name, for texts."""
    connections: dict[str, Connection]
    """By site; one a member."""
    members: dict[str, Member]
    """By site."""
    repositories: dict[str, Annotated[str, AfterValidator(_checked)]]
    """By key: compact JSON text, as `form.compact_all` writes it; a diff shows what changed."""
    on_unreachable: Literal["fail", "defer"] = "fail"
    """`defer` leaves a member that does not answer for a later run."""

    def forms(self) -> dict[str, Form]:
        """The repositories by key, taken apart."""
        return {key: Form.parse(text) for key, text in self.repositories.items()}


class Leftover(Model):
    """Something that an absent site still has."""

    connection: Connection
    """The declaration may not name the site any more."""
    key: str
    """Repository."""
    delete: bool
    """True: the repository left the federation. False: the site did, and keeps its copy as its own."""
    allowed: bool = False
    """Whether it may be deleted although it holds artifacts."""


class ObservedFederation(Observation):
    """What is left to do. States and lag change by the second and are asked for, not stored (`health`)."""

    leftovers: tuple[Leftover, ...] = ()
    """Taken care of when their sites answer again."""
