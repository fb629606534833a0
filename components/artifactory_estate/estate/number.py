"""A number that a room answers for."""

from dataclasses import dataclass

from artifactory_estate.base import DocumentPath


@dataclass(frozen=True)
class Number:
    """What it is, and where it comes from when the document does not say it."""

    path: DocumentPath
    """Of the key that sets it."""
    value: str | int | bool
    otherwise: str
    """`size small (files reference 7.1)`."""
    unit: str = ""
    is_servers: bool = False
    """Artifactory's own default, which no file of ours holds."""
    is_computed: bool = False
    """No key sets it: `otherwise` says how it is computed, with the numbers put in."""
