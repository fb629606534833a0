"""Paths of the Maven 2 layout: module, version, snapshot, classifier, extension; and the order of versions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import zip_longest

METADATA = "maven-metadata.xml"
SNAPSHOT = "-SNAPSHOT"
_BUILD = re.compile(r"(?P<at>\d{8}\.\d{6})-(?P<number>\d{1,9})")
_REST = re.compile(r"(?:-(?P<classifier>[^.]+))?\.(?P<extension>.+)\Z")
_TOKENS = re.compile(r"[0-9]{1,18}|[a-z]+")
_QUALIFIERS = {"alpha": -6, "a": -6, "beta": -5, "b": -5, "milestone": -4, "m": -4, "rc": -3, "cr": -3, "snapshot": -2}
_RELEASED = {"", "final", "ga", "release"}
_SERVICE_PACK, _OTHER_WORD, _NUMBER = 1, 2, 3


@dataclass(frozen=True, slots=True)
class File:
    """One file of a version. `build` is timestamp and number of a unique snapshot."""

    group: str
    artifact: str
    version: str
    build: tuple[str, int] | None
    classifier: str
    extension: str

    @property
    def snapshot(self) -> bool:
        """Whether its version goes on changing."""
        return self.version.endswith(SNAPSHOT)

    @property
    def folder(self) -> str:
        """Folder of the version."""
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}"

    @property
    def value(self) -> str:
        """The version in the file's name."""
        if self.build is None:
            return self.version
        return f"{self.version.removesuffix(SNAPSHOT)}-{self.build[0]}-{self.build[1]}"

    @property
    def path(self) -> str:
        """Its path."""
        classifier = f"-{self.classifier}" if self.classifier else ""
        return f"{self.folder}/{self.artifact}-{self.value}{classifier}.{self.extension}"

    def built(self, build: tuple[str, int] | None) -> File:
        """The same file of another build."""
        return replace(self, build=build)


def read(path: str) -> File | None:
    """What a path of the layout names; None for every other path."""
    parts = path.split("/")
    if len(parts) < 4:
        return None
    *group, artifact, version, name = parts
    if not name.startswith(f"{artifact}-"):
        return None
    rest = name[len(artifact) + 1 :]
    build = None
    base = version.removesuffix(SNAPSHOT)
    if version.endswith(SNAPSHOT) and rest.startswith(f"{base}-") and (found := _BUILD.match(rest, len(base) + 1)):
        build, rest = (found["at"], int(found["number"])), rest[found.end() :]
    elif rest.startswith(version):
        rest = rest[len(version) :]
    else:
        return None
    ending = _REST.match(rest)
    if ending is None:
        return None
    return File(".".join(group), artifact, version, build, ending["classifier"] or "", ending["extension"])


def order(version: str) -> Version:
    """Sorts versions as Maven does."""
    return Version(version)


class Version:
    """A version that can be compared."""

    def __init__(self, text: str) -> None:
        self._parts = _parts(text)

    def __lt__(self, other: Version) -> bool:
        return self._compared(other) < 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._compared(other) == 0

    def __hash__(self) -> int:
        return hash(tuple(self._parts))

    def _compared(self, other: Version) -> int:
        nothing = (0, 0, "")
        for one, two in zip_longest(self._parts, other._parts, fillvalue=nothing):
            if one != two:
                return -1 if one < two else 1
        return 0


def _parts(text: str) -> list[tuple[int, int, str]]:
    """Numbers and words; words that mean a stage before the release come before nothing, others after it."""
    made: list[tuple[int, int, str]] = []
    for piece in _TOKENS.findall(text.lower()):
        if piece.isdigit():
            made.append((_NUMBER, int(piece), "") if int(piece) else (0, 0, ""))
        elif piece in _RELEASED:
            made.append((0, 0, ""))
        elif piece in _QUALIFIERS:
            made.append((_QUALIFIERS[piece], 0, ""))
        else:
            made.append((_SERVICE_PACK, 0, "") if piece == "sp" else (_OTHER_WORD, 0, piece))
    while made and made[-1] == (0, 0, ""):
        made.pop()
    return made
