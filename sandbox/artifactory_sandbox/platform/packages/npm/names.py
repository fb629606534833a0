"""Names of packages, paths of the registry, order of versions."""

import re

_PART = r"[A-Za-z0-9~_-][A-Za-z0-9._~-]*"
_NAME = re.compile(rf"(?:@{_PART}/)?{_PART}\Z")
_SEMVER = re.compile(
    r"(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})(?:-([0-9A-Za-z.-]{1,200}))?(?:\+[0-9A-Za-z.-]{1,200})?\Z"
)


def is_name(name: str) -> bool:
    """Whether a package may be called so; capitals are let through, as old packages have them."""
    return len(name) <= 214 and _NAME.match(name) is not None


def is_version(version: str) -> bool:
    """Whether it is a semantic version."""
    return _SEMVER.match(version) is not None


def split(path: str) -> tuple[str, str]:
    """Name of the package that a path begins with, and what follows."""
    parts = path.split("/")
    length = 2 if path.startswith("@") and len(parts) > 1 else 1
    return "/".join(parts[:length]), "/".join(parts[length:])


def rank(version: str) -> tuple[bool, tuple[int, int, int], bool, tuple[tuple[int, int, str], ...]]:
    """A sort key: the order of semantic versions."""
    found = _SEMVER.match(version)
    if found is None:
        return (False, (0, 0, 0), False, ())
    steps = (found[4] or "").split(".")
    before = tuple((0, int(step), "") if step.isdigit() else (1, 0, step) for step in steps)
    return (True, (int(found[1]), int(found[2]), int(found[3])), found[4] is None, before)


def newest(versions: list[str]) -> str:
    """The highest release, or the highest candidate when there is no release; empty for none."""
    releases = [version for version in versions if rank(version)[2]]
    return max(releases or versions, key=rank, default="")
