"""Names that several rooms share."""

from typing import Annotated

from pydantic import StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$")]
"""Lower-case letters, digits and dashes, 2 to 32 characters, beginning with a letter: goes into AWS names and DNS."""

RepositoryKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
"""1 to 64 characters; none of ``space ! @ # $ % ^ & * ( ) + = { } [ ] : ; < > , / ? ~ ` | \\`` (REST reference 2.2)."""

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.-]+(:\d+)?(/[^\s?#]*[^\s?#/])?$")]
"""`http(s)://host[:port][/path]` without a trailing slash."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256, 64 lower-case hexadecimal digits."""

QuartzCron = Annotated[str, StringConstraints(pattern=r"^\S+( \S+){5,6}$")]
"""6 or 7 fields, exactly one of day-of-month and day-of-week is `?` (REST reference 9)."""
