"""What AWS does not allow in tags, said before it does."""

import re
from collections.abc import Iterator, Mapping

from artifactory_estate.base import Refusal
from artifactory_estate.estate.model import Estate

_COUNT_MAX = 50 - 8
"""AWS allows 50 on a resource; eight are left for ours."""
_TEXT = re.compile(r"[\w\s.:/=+@-]*")
_RESERVED = ("aws:", "artifactory-estate")


def refusals(estate: Estate) -> Iterator[Refusal]:
    """The estate's tags and each site's, alone and together."""
    yield from _tags(("tags",), estate.tags)
    for name, site in estate.sites.items():
        if site.aws is None:
            continue
        path = ("sites", name, "aws", "tags")
        yield from _tags(path, site.aws.tags)
        together = len(estate.tags | site.aws.tags)
        if together > _COUNT_MAX:
            yield Refusal(
                path, f"{together} tags with the estate's", f"at most {_COUNT_MAX}, since AWS allows 50 with ours"
            )


def _tags(path: tuple[str, ...], tags: Mapping[str, str]) -> Iterator[Refusal]:
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or not _TEXT.fullmatch(key):
            why = "a tag's key has 1 to 128 letters, digits, spaces and . : / = + @ - _"
            yield Refusal((*path, key), "AWS does not allow this key", why)
        if len(value) > 256 or not _TEXT.fullmatch(value):
            why = "at most 256 letters, digits, spaces and . : / = + @ - _"
            yield Refusal((*path, key), "AWS does not allow this value", why)
        for prefix in _RESERVED:
            if key.lower().startswith(prefix):
                yield Refusal((*path, key), f"a key that begins with {prefix}", "AWS and the estate itself write those")
