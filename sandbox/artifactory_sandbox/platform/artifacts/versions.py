"""Which of two versions is newer."""

import re

_PART = re.compile(r"\d+|[A-Za-z]+")
_EARLY = {
    "snapshot": -5,
    "dev": -5,
    "alpha": -4,
    "a": -4,
    "beta": -3,
    "b": -3,
    "milestone": -2,
    "m": -2,
    "rc": -1,
    "cr": -1,
}
_RELEASE = (0, 0, "")

Key = tuple[tuple[int, int, str], ...]


def key(version: str) -> Key:
    """Sorts versions: numbers as numbers, pre-releases before their release."""
    parts: list[tuple[int, int, str]] = []
    for part in _PART.findall(version):
        if part.isdigit():
            parts.append((1, int(part), ""))
        else:
            parts.append((_EARLY.get(part.lower(), 0), 0, part.lower()))
    return (*parts, _RELEASE)


def is_integration(version: str) -> bool:
    """Whether a version is a snapshot."""
    return "SNAPSHOT" in version or bool(re.search(r"-\d{8}\.\d{6}-\d+", version))
