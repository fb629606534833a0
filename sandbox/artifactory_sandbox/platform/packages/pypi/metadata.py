"""What a wheel or a source distribution says of itself: its core metadata."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from email.policy import compat32
from typing import TYPE_CHECKING, BinaryIO

from artifactory_sandbox.platform.packages.archives import BadArchive, tar_member, zip_member
from artifactory_sandbox.platform.packages.pypi.names import is_distribution, normalised, parts
from artifactory_sandbox.platform.packages.sources import Remembered, noted
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform


@dataclass(frozen=True, slots=True)
class Metadata:
    """`raw` is the metadata file as it stands in the package."""

    raw: bytes
    wheel: bool

    @property
    def message(self) -> Message:
        """Its fields."""
        return Parser(policy=compat32).parsestr(self.raw.decode("utf-8", "replace"))

    @property
    def sha256(self) -> str:
        """Digest of the file that PEP 658 serves."""
        return hashlib.sha256(self.raw).hexdigest()


def read(file: BinaryIO, whole: bool = False) -> Metadata | None:
    """The metadata of a package; None when it has none. Raises `BadArchive` for what is no archive."""
    start = file.read(4)
    file.seek(0)
    if start[:2] == b"PK":
        raw = zip_member(file, lambda name: name.count("/") == 1 and name.endswith(".dist-info/METADATA"))
        if raw is not None:
            return Metadata(raw, True)
        file.seek(0)
        raw = zip_member(file, _is_pkg_info)
    else:
        raw = tar_member(file, _is_pkg_info, whole)
    return None if raw is None else Metadata(raw, False)


def _is_pkg_info(name: str) -> bool:
    return name.count("/") == 1 and name.endswith("/PKG-INFO")


def _quietly(file: BinaryIO) -> Metadata | None:
    try:
        return read(file)
    except BadArchive:
        return None


_remembered = Remembered(_quietly)


def of(platform: "Platform", row: Row) -> Metadata | None:
    """The metadata of a stored package."""
    return _remembered.of(platform, row)


def values(message: Message, name: str) -> list[str]:
    """All values of a field that say something."""
    return [str(value).strip() for value in message.get_all(name, []) if str(value).strip() not in {"", "UNKNOWN"}]


def value(message: Message, name: str) -> str:
    """First value of a field."""
    return next(iter(values(message, name)), "")


def properties(name: str, version: str, summary: str, requires_python: str) -> dict[str, list[str]]:
    """What Artifactory notes on a package."""
    found = {
        "pypi.name": name,
        "pypi.normalized.name": normalised(name),
        "pypi.version": version,
        "pypi.summary": summary[:2000],
        "pypi.requires.python": requires_python,
    }
    return noted({key: [text] for key, text in found.items()})


def described(platform: "Platform", row: Row) -> Mapping[str, list[str]]:
    """Properties of a package that was deployed by its path."""
    if not is_distribution(row["name"]):
        return {}
    found, named = of(platform, row), parts(row["name"])
    if found is None:
        return properties(named[0], named[1], "", "") if named and row["name"].endswith(".egg") else {}
    message = found.message
    name = value(message, "Name") or (named[0] if named else "")
    version = value(message, "Version") or (named[1] if named else "")
    if not name or not version:
        return {}
    return properties(name, version, value(message, "Summary"), value(message, "Requires-Python"))
