"""Ant patterns, as repositories and permission targets use them: `**`, `*`, `?`."""

import re
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=2048)
def ant(pattern: str) -> re.Pattern[str]:
    """A compiled pattern; a trailing slash means all that is below."""
    text = pattern.strip().lstrip("/")
    if text.endswith("/"):
        text += "**"
    out = ""
    position = 0
    while position < len(text):
        if text.startswith("**/", position):
            out, position = out + "(?:[^/]+/)*", position + 3
        elif text.startswith("/**", position) and position + 3 == len(text):
            out, position = out + "(?:/.*)?", position + 3
        elif text.startswith("**", position):
            out, position = out + ".*", position + 2
        else:
            letter = text[position]
            out += {"*": "[^/]*", "?": "[^/]"}.get(letter, re.escape(letter))
            position += 1
    return re.compile(out + r"\Z", re.DOTALL)


def matches(path: str, includes: Iterable[str], excludes: Iterable[str] = ()) -> bool:
    """Whether a path is included and not excluded; no includes include everything."""
    wanted = [pattern for pattern in includes if pattern]
    if wanted and not any(ant(pattern).match(path) for pattern in wanted):
        return False
    return not any(ant(pattern).match(path) for pattern in excludes if pattern)
