"""One request as a handler sees it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers

from artifactory_sandbox.platform.web.json_text import parse
from artifactory_sandbox.platform.web.refusal import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform


_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `anonymous` when nobody logged in."""

    name: str = "anonymous"
    admin: bool = False
    groups: frozenset[str] = frozenset()
    token_id: str | None = None
    scope: str = ""
    marks: Mapping[str, str] | None = field(default=None, compare=False, repr=False)
    """Of what the security service knew when the call came in: it need not ask again."""

    @property
    def known(self) -> bool:
        """Whether somebody logged in."""
        return self.name != "anonymous"


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that was streamed to a file, with its digests; the file is gone when the call ends, unless it was moved."""

    path: Path
    size: int
    md5: str
    sha1: str
    sha256: str


@dataclass(slots=True)
class Call:
    """Everything about one request. `args` are the named segments of the route's path, decoded."""

    platform: "Platform"
    method: str
    path: str
    args: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Headers
    caller: Caller = field(default_factory=Caller)
    data: bytes = b""
    upload: Upload | None = None
    raw_query: bytes = b""
    """The query as it came, for the one parameter whose separators may be encoded or not."""
    matrix: Mapping[str, list[str]] = field(default_factory=dict)
    """Properties in the path: `;name=value`."""
    folder: bool = False
    """The path ended with a slash."""
    client: str = ""
    """Address of the connection's other end."""
    base_url: str = ""
    """Platform URL for generated addresses: override header, else base URL, else the Host header."""

    @property
    def artifactory_url(self) -> str:
        """Base of Artifactory's own addresses."""
        return f"{self.base_url}/artifactory"

    def first(self, name: str, default: str = "") -> str:
        """First value of a query parameter."""
        return self.query.get(name, [default])[0]

    def flag(self, name: str, default: bool = False) -> bool:
        """A query parameter as Artifactory reads booleans: `1` or `true`."""
        if name not in self.query:
            return default
        return self.query[name][0].lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        """A query parameter as a number; anything else is a 400."""
        value = self.first(name, str(default))
        if not _NUMBER.fullmatch(value):
            raise Refused(400, f"Parameter '{name}' is not a number: {value[:50]}")
        return int(value)

    def json(self) -> Any:
        """The body as JSON; anything else is a 400."""
        return parse(self.data)

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object; an empty body is an empty one."""
        data = self.json() if self.data.strip() else {}
        if not isinstance(data, dict):
            raise Refused(400, "Error parsing json body: an object is expected")
        return data

    def text(self) -> str:
        """The body as text; a 400 when it is not UTF-8."""
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            raise Refused(400, "The request body is not valid UTF-8") from None
