"""What we will not do, why, and the way out: the same words for the user, the log and the test."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

DocumentPath = tuple[str | int, ...]
"""Where in the estate document: `("sites", "us-east", "filestore", "cache")`."""


def dotted(path: DocumentPath) -> str:
    """`("sites", "us-east", "nodes", 0)` as `sites.us-east.nodes[0]`.

    >>> dotted(("sites", "us-east", "nodes", 0))
    'sites.us-east.nodes[0]'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


@dataclass(frozen=True)
class Refusal:
    """One reason not to go on, complete enough to mend the document without reading code."""

    path: DocumentPath
    """The place in the document that has to change."""
    found: str
    """What stands there, or what was observed. Never a secret's value."""
    why: str
    """The rule and where it comes from: `seed 001: R must not exceed M`."""
    do: str = ""
    """What to do about it; empty when `why` says it already."""

    def __str__(self) -> str:
        line = f"{dotted(self.path)}: {self.found} ({self.why})" if self.path else f"{self.found} ({self.why})"
        return f"{line}\n    {self.do}" if self.do else line


class EstateError(Exception):
    """Base of all errors that a user may see; its text is for the person who wrote the document."""


class Refused(EstateError):
    """Raised before the first request that writes; carries every refusal, not just the first."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals: Sequence[Refusal] = tuple(refusals)
        super().__init__("\n".join(str(refusal) for refusal in self.refusals))


def refuse_if_any(refusals: Iterable[Refusal]) -> None:
    """Raise `Refused` with all of them when there is at least one."""
    found = tuple(refusals)
    if found:
        raise Refused(found)
