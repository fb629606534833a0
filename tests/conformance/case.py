"""A case: a call, and the status, headers and body that the named section of the reference gives for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.expected import ABSENT, ANY, Expected, exactly, includes, matching

__all__ = ["ABSENT", "ANY", "Call", "Case", "exactly", "includes", "matching"]


@dataclass(frozen=True)
class Call:
    """One request. `$id`, `$url` (the platform's base URL) and kept names are replaced wherever they stand.

    `caller`: `admin`, `somebody` (a user with no permission), `anonymous`, `bearer:<token>` or `<user>:<password>`.
    `send`: a dict or list as JSON, text or bytes as they are. `keep`: dotted paths of the JSON answer, by the name under
    which later calls find them; `header:<name>` keeps a header. `patient`: sent again for up to 20 s while it is refused,
    for what another case may still be running in the background.
    """

    method: str
    path: str
    send: Any = None
    caller: str = "admin"
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)
    patient: bool = False


@dataclass(frozen=True)
class Case:
    """`before` calls must answer 2xx; `body` None is not looked at.

    A dict is met by an object with at least its members, a list by exactly its elements, a text by that text.
    """

    section: str
    name: str
    call: Call
    status: int
    body: Expected = None
    headers: Mapping[str, Expected] = field(default_factory=dict)
    before: tuple[Call, ...] = ()
