"""Who trusts whom: pairing tokens for federation, the circle of trust for Access."""

from typing import Literal

from artifactory_estate.base import Model
from artifactory_estate.base.name import Name


class Edge(Model):
    """One direction or both between two sites."""

    between: tuple[Name, Name]
    """Two sites."""
    use: Literal["federated-repo", "access"] = "federated-repo"
    """`federated-repo`: pairing tokens (REST reference 4.1). `access`: circle of trust (4.3)."""
    receive_only: bool = False
    """The second site may only receive (`federated-repo/r`)."""


class Trust(Model):
    """Edges beyond those that federations and pairs make for themselves."""

    edges: tuple[Edge, ...] = ()
    """In any order."""
