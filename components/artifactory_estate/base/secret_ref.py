"""A secret is named, never written: `env:NAME`, `file:PATH`, `aws-secretsmanager:NAME-OR-ARN`."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal, cast
from urllib.parse import parse_qs

from pydantic import AfterValidator, WithJsonSchema

Scheme = Literal["env", "file", "aws-secretsmanager"]

_FORM = re.compile(r"(env|file|aws-secretsmanager):([^?\s]+)(\?[^\s]*)?")
_OPTIONS = {"region", "role", "key"}


class ParsedReference:
    """The parts of a reference.

    >>> ref = ParsedReference("aws-secretsmanager:acme/us-east/token?region=us-east-1")
    >>> ref.scheme, ref.name, ref.option("region"), ref.option("role")
    ('aws-secretsmanager', 'acme/us-east/token', 'us-east-1', None)
    """

    def __init__(self, text: str) -> None:
        match = _FORM.fullmatch(text)
        if not match:
            # The text itself is not shown: someone may have pasted the secret where its name belongs.
            raise ValueError("not a reference to a secret: write env:NAME, file:PATH or aws-secretsmanager:NAME")
        self.scheme = cast(Scheme, match[1])
        self.name = match[2]
        self._options = {key: values[-1] for key, values in parse_qs((match[3] or "?")[1:]).items()}
        if self.scheme != "aws-secretsmanager" and self._options:
            raise ValueError("not a reference to a secret: only aws-secretsmanager: takes options")
        if self._options.keys() - _OPTIONS:
            raise ValueError(f"not a reference to a secret: allowed options are {', '.join(sorted(_OPTIONS))}")

    def option(self, name: Literal["region", "role", "key"]) -> str | None:
        """`region` and `role` to read the secret with (the provider process does not inherit the AWS provider's);
        `key`: a field of a secret that is a JSON object."""
        return self._options.get(name)


def _checked(text: str) -> str:
    ParsedReference(text)
    return text


@dataclass(frozen=True)
class Sensitive:
    """Marks a type whose text no error may show: somebody may have written the secret itself."""


SecretRef = Annotated[
    str,
    Sensitive(),
    AfterValidator(_checked),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(env|file|aws-secretsmanager):[^?\s]+(\?\S*)?$",
            "examples": ["env:TOKEN", "file:secrets/token", "aws-secretsmanager:acme/token?region=eu-central-1"],
        }
    ),
]
"""Text that names a secret. The value is read when a call is made and enters no state, plan, log or exception."""
