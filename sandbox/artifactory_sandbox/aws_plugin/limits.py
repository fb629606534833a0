"""AWS's own limits, where a document of ours could break them. Sources: AWS's API references and service quotas."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any

from artifactory_sandbox.aws_plugin.rows import Limit, Problem
from artifactory_sandbox.aws_plugin.wire import UNKNOWN, Props

USER_DATA = 16 * 1024
"""Bytes of user data before base64 (EC2)."""


def name(key: str, longest: int, pattern: str, rule: str, shortest: int = 1) -> Limit:
    """Length and characters of a name; `rule` says them in words."""
    compiled = re.compile(pattern)

    def check(props: Props) -> Iterable[Problem]:
        value = props.get(key)
        if not isinstance(value, str):
            return
        if not shortest <= len(value) <= longest:
            yield key, f'"{value}" has {len(value)} characters; AWS takes {shortest} to {longest}'
        elif not compiled.fullmatch(value):
            yield key, f'"{value}" is not a name that AWS takes: {rule}'

    return check


def load_balancer_name(key: str = "name") -> Limit:
    """Names of load balancers and target groups."""
    inner = name(key, 32, r"(?!-)[A-Za-z0-9-]+(?<!-)", "letters, digits and hyphens, no hyphen first or last")

    def check(props: Props) -> Iterable[Problem]:
        yield from inner(props)
        if str(props.get(key, "")).startswith("internal-"):
            yield key, f'"{props[key]}" must not begin with "internal-"'

    return check


def bucket_name(props: Props) -> Iterable[Problem]:
    """Names of buckets: also no two dots in a row, and no IP address."""
    check = name(
        "bucket", 63, r"[a-z0-9][a-z0-9.-]*[a-z0-9]",
        "lower-case letters, digits, dots and hyphens, a letter or digit first and last", 3,
    )  # fmt: skip
    yield from check(props)
    bucket = props.get("bucket")
    if isinstance(bucket, str) and (".." in bucket or re.fullmatch(r"\d+\.\d+\.\d+\.\d+", bucket)):
        yield "bucket", f'"{bucket}" has two dots in a row or looks like an IP address'


def database_identifier(key: str, longest: int = 63) -> Limit:
    """Identifiers of RDS: a letter first, no two hyphens in a row, none last."""
    return name(
        key,
        longest,
        r"[a-zA-Z](?:-?[a-zA-Z0-9])*",
        "letters, digits and single hyphens, a letter first, no hyphen last",
    )


def user_data(props: Props) -> Iterable[Problem]:
    """Base64 of at most 16 KB."""
    value = props.get("userData")
    if not isinstance(value, str):
        return
    try:
        size = len(base64.b64decode(value, validate=True))
    except (ValueError, binascii.Error):
        yield "userData", "must be base64-encoded"
        return
    if size > USER_DATA:
        yield "userData", f"has {size} bytes decoded; EC2 takes at most {USER_DATA} (16 KB)"


def at_least(key: str, count: int, when: Mapping[str, Any], why: str) -> Limit:
    """A list of at least `count` different entries, if the other properties are as `when` says (a tuple: one of)."""

    def check(props: Props) -> Iterable[Problem]:
        value = props.get(key)
        applies = all(props.get(other) in wanted for other, wanted in when.items())
        if applies and isinstance(value, list) and UNKNOWN not in value and len(set(value)) < count:
            yield key, f"has {len(set(value))}; {why}"

    return check


def between(key: str, least: float, most: float) -> Limit:
    """A number in a range, both ends included."""

    def check(props: Props) -> Iterable[Problem]:
        value = props.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and not least <= value <= most:
            yield key, f"is {value}; AWS takes {least} to {most}"

    return check


def one_of(key: str, *allowed: str) -> Limit:
    """A text out of a list."""

    def check(props: Props) -> Iterable[Problem]:
        value = props.get(key)
        if isinstance(value, str) and value not in allowed:
            yield key, f'is "{value}"; AWS takes {", ".join(allowed)}'

    return check


def not_both(one: str, other: str) -> Limit:
    """Two inputs that exclude each other."""

    def check(props: Props) -> Iterable[Problem]:
        if props.get(one) is not None and props.get(other) is not None:
            yield one, f"conflicts with {other}"

    return check


def needs_one(*keys: str) -> Limit:
    """At least one of the inputs must be given."""

    def check(props: Props) -> Iterable[Problem]:
        if all(props.get(key) is None for key in keys):
            yield keys[0], f"one of {', '.join(keys)} must be given"

    return check


_TAG_TEXT = re.compile(r"[\w\s.:/=+\-@]*")


def tags(tags: Any, most: int = 50, at: str = "tags") -> Iterable[Problem]:
    """Number, length, characters and reserved prefix of tags (the provider's default tags count too)."""
    if not isinstance(tags, Mapping):
        return
    if len(tags) > most:
        yield at, f"{len(tags)} tags (default tags included); AWS takes {most}"
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or not _TAG_TEXT.fullmatch(key):
            yield f"{at}.{key}", "a tag key has 1 to 128 letters, digits, spaces or _ . : / = + - @"
        if key.lower().startswith("aws:"):
            yield f"{at}.{key}", "tag keys that begin with aws: are reserved"
        if isinstance(value, str) and (len(value) > 256 or not _TAG_TEXT.fullmatch(value)):
            yield f"{at}.{key}", "a tag value has at most 256 letters, digits, spaces or _ . : / = + - @"
