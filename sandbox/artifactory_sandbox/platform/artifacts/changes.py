"""What happened to an item, for those who pass it on: replication, federation, webhooks, build indexes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["create", "delete", "properties"]
How = Literal["", "copy", "move", "cache", "trash", "restore", "download"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `federated` marks what another member of the federation sent, so that it is not sent back.

    A copy is a `create` with the source; a move is that and a `delete`, both with `how` as `move`. What a remote repository
    fetched is a `create` with `how` as `cache`. `properties` names what a change of properties set, or removed with an empty list.
    """

    kind: Kind
    repo: str
    path: str
    folder: bool
    at: int
    federated: bool = False
    how: How = ""
    by: str = ""
    source: tuple[str, str] | None = None
    """Repository and path of a copy's or move's other end: where it came from, or for the `delete` of a move where it went."""
    size: int = 0
    sha256: str = ""
    properties: Mapping[str, list[str]] | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """A file was fetched by a client; nothing changed, so nothing of it is replicated."""

    repo: str
    path: str
    by: str
    at: int
    size: int
    sha256: str
