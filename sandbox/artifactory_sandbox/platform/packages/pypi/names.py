"""Names of projects and of distribution files."""

import re

ENDINGS = (".whl", ".tar.gz", ".zip", ".egg", ".tar.bz2", ".tgz")
_RUNS = re.compile(r"[-_.]+")
_PROJECT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*\Z")


def normalised(name: str) -> str:
    """The one form of a project's name (PEP 503)."""
    return _RUNS.sub("-", name).lower()


def is_project(name: str) -> bool:
    """Whether a project may be called so."""
    return len(name) <= 200 and _PROJECT.match(name) is not None


def is_distribution(file: str) -> bool:
    """Whether a file name is that of a distribution."""
    return file.endswith(ENDINGS) and _FILE.match(file) is not None


def parts(file: str) -> tuple[str, str] | None:
    """Project, as the file writes it, and version; None when the name does not tell."""
    ending = next((one for one in ENDINGS if file.endswith(one)), None)
    if ending is None:
        return None
    stem = file.removesuffix(ending)
    if ending in {".whl", ".egg"}:
        name, *rest = stem.split("-")
        return (name, rest[0]) if rest else None
    name, _, version = stem.rpartition("-")
    while name and not version[:1].isdigit():  # `tool-1.0-beta`
        name, _, before = name.rpartition("-")
        version = f"{before}-{version}"
    return (name, version) if name else None
