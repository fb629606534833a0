"""Patterns with `*` and `?`, as searches use them."""

import re
from functools import lru_cache


def like(pattern: str) -> str:
    """A pattern for LIKE, with `\\` as escape."""
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%").replace("?", "_")


@lru_cache(maxsize=512)
def glob(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression over the whole text."""
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(letter, re.escape(letter)) for letter in pattern) + r"\Z", re.DOTALL)
