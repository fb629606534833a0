"""What happened to an item, for those who pass it on: replication and federation."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["create", "delete", "properties"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `federated` marks what another member of the federation sent, so that it is not sent back."""

    kind: Kind
    repo: str
    path: str
    folder: bool
    at: int
    federated: bool = False
