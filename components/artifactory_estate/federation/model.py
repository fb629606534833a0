"""One federation: the same repositories at several sites, each a full member."""

from typing import Literal

from artifactory_estate.base import Model
from artifactory_estate.base.name import Name, RepositoryKey
from artifactory_estate.repositories.model import LocalRepository


class Member(Model):
    """A site that takes part (REST reference 2.9)."""

    mode: Literal["bidirectional", "receiver"] = "bidirectional"
    """`receiver` takes changes and sends none; needs the federation service (seed 003)."""
    enabled: bool = True
    """False pauses this member."""


class FederatedRepository(LocalRepository):
    """A repository of the federation: the fields of a local one, the same key at every member."""


class Federation(Model):
    """At most 10 members (seed 003), repositories under one key at all of them."""

    members: dict[Name, Member]
    """By site; two at least."""
    repositories: dict[RepositoryKey, FederatedRepository]
    """By key; one at least."""
    on_unreachable: Literal["fail", "defer"] = "fail"
    """`defer` leaves an unreachable member for a later run and says so."""
