"""Names that several rooms share."""

from typing import Annotated

from artifactory_estate.base.text_form import form

Name = Annotated[
    str,
    form(
        r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$",
        "2 to 32 lower-case letters, digits and dashes, beginning with a letter, not ending with a dash,",
    ),
]
"""Lower-case letters, digits and dashes, 2 to 32 characters, beginning with a letter: goes into AWS names and DNS."""

RepositoryKey = Annotated[
    str, form(r"^[A-Za-z0-9._-]{1,64}$", "1 to 64 letters, digits, dots, dashes and underscores (REST reference 2.2)")
]
"""1 to 64 characters; none of ``space ! @ # $ % ^ & * ( ) + = { } [ ] : ; < > , / ? ~ ` | \\`` (REST reference 2.2)."""

HttpUrl = Annotated[
    str,
    form(
        r"^https?://[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
        r"(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
        r"(/[^\s?#@]*[^\s?#@/])?$",
        "http(s)://host[:port][/path], ports from 1 to 65535, without user, query or trailing slash",
    ),
]
"""`http(s)://host[:port][/path]` without a trailing slash."""

HostName = Annotated[
    str,
    form(
        r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$",
        "a host name in lower case, such as repo.acme.example,",
    ),
]
"""Lower-case labels with dots between them, two at least."""

Digest = Annotated[str, form(r"^[0-9a-f]{64}$", "a SHA-256: 64 lower-case hexadecimal digits")]
"""SHA-256, 64 lower-case hexadecimal digits."""

QuartzCron = Annotated[
    str,
    form(r"^\S+( \S+){5,6}$", "a Quartz expression: 6 or 7 fields, seconds first, such as `0 0 2 ? * MON-SAT`,"),
]
"""6 or 7 fields, exactly one of day-of-month and day-of-week is `?` (REST reference 9)."""
