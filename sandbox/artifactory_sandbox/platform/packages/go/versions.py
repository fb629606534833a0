"""Module paths and versions as the go command reads them."""

import re

SEMVER = re.compile(
    r"v(0|[1-9]\d{0,17})\.(0|[1-9]\d{0,17})\.(0|[1-9]\d{0,17})(?:-([0-9A-Za-z.-]+))?(\+[0-9A-Za-z.-]+)?\Z"
)
_PSEUDO = re.compile(r"v[0-9]+\.(?:0\.0-|\d+\.\d+-(?:[^+]*\.)?0\.)\d{14}-[A-Za-z0-9]+(?:\+[0-9A-Za-z.-]+)?\Z")
_ESCAPED = re.compile(r"!([a-z])")

Order = tuple[int, int, int, int, tuple[tuple[int, int, str], ...]]


def escaped(text: str) -> str:
    """How a path or version stands in an address: `!b` for `B`."""
    return "".join(f"!{letter.lower()}" if "A" <= letter <= "Z" else letter for letter in text)


def plain(text: str) -> str:
    """What an escaped path or version means."""
    return _ESCAPED.sub(lambda found: found[1].upper(), text)


def order(version: str) -> Order:
    """Sorts versions by semantic versioning; what is none comes first."""
    found = SEMVER.match(version)
    if found is None:
        return (-1, 0, 0, 0, ())
    before = found[4] or ""
    parts = (
        tuple((0, int(part), "") if part.isdecimal() and len(part) < 19 else (1, 0, part) for part in before.split("."))
        if before
        else ()
    )
    return (int(found[1]), int(found[2]), int(found[3]), 0 if before else 1, parts)


def is_version(version: str) -> bool:
    """Whether it is a canonical version, not a branch or another query."""
    return bool(SEMVER.match(version))


def is_pseudo(version: str) -> bool:
    """Whether it names a commit."""
    return bool(_PSEUDO.match(version))


def latest(versions: list[str]) -> str | None:
    """What `@latest` means: the highest release, else the highest pre-release, else the newest commit."""
    kinds: tuple[list[str], list[str], list[str]] = ([], [], [])
    for version in versions:
        if is_pseudo(version):
            kinds[2].append(version)
        elif found := SEMVER.match(version):
            kinds[1 if found[4] else 0].append(version)
    return next((max(kind, key=order) for kind in kinds if kind), None)
