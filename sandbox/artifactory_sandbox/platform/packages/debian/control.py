"""What a `.deb` says of itself: the control file in it."""

import bz2
import io
import lzma
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import zstandard

from artifactory_sandbox.platform.packages.archives import BadArchive, tar_member
from artifactory_sandbox.platform.packages.sources import Remembered, noted
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

ENDINGS = (".deb", ".udeb", ".ddeb")
_MAGIC = b"!<arch>\n"
_HEAD = 60
_CONTROL_LIMIT = 16 * 1024 * 1024
_MEMORY = 256 * 1024 * 1024
_FIELD = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*):[ \t]*(.*)\Z", re.DOTALL)
_OURS = {"filename", "size", "md5sum", "sha1", "sha256", "sha512"}


@dataclass(frozen=True, slots=True)
class Control:
    """`fields` by lower-cased name; `text` is the paragraph, without what an index adds."""

    fields: Mapping[str, str]
    text: str


def read(file: BinaryIO) -> Control | None:
    """The control file of a package; None when it has none. Raises `BadArchive` for what is no package, or is cut short."""
    packed, name = b"", ""
    for member, size in _members(file):
        if member.startswith("control.tar"):
            if size > _CONTROL_LIMIT:
                raise BadArchive("the control archive is larger than is read")
            packed, name = file.read(size), member
    if not name:
        return None
    raw = tar_member(io.BytesIO(_plain(packed, name)), lambda one: one == "control")
    return None if raw is None else paragraph(raw.decode("utf-8", "replace"))


def _members(file: BinaryIO) -> Iterator[tuple[str, int]]:
    """Name and size of each member, the file standing at its content; the last must end where the file ends."""
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    if file.read(len(_MAGIC)) != _MAGIC:
        raise BadArchive("it is not a Debian package")
    position = len(_MAGIC)
    while position + 1 < end:
        file.seek(position)
        head = file.read(_HEAD)
        if len(head) < _HEAD or head[58:] != b"`\n" or not head[48:58].strip().isdigit():
            raise BadArchive("a member's header is broken")
        size = int(head[48:58])
        if position + _HEAD + size > end:
            raise BadArchive("it is cut short")
        yield head[:16].decode("ascii", "replace").strip().rstrip("/"), size
        position += _HEAD + size + size % 2


def _plain(packed: bytes, name: str) -> bytes:
    kind = name.rpartition(".")[2]
    try:
        if kind == "gz":
            return zlib.decompressobj(wbits=31).decompress(packed, _CONTROL_LIMIT)
        if kind == "xz":
            return lzma.LZMADecompressor(memlimit=_MEMORY).decompress(packed, _CONTROL_LIMIT)
        if kind == "bz2":
            return bz2.BZ2Decompressor().decompress(packed, _CONTROL_LIMIT)
        if kind == "zst":
            reader = zstandard.ZstdDecompressor(max_window_size=_MEMORY).stream_reader(io.BytesIO(packed))
            return reader.read(_CONTROL_LIMIT)
    except (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError) as error:
        raise BadArchive(str(error) or type(error).__name__) from None
    return packed


def paragraph(text: str) -> Control | None:
    """One paragraph of fields; None when it lacks what an index needs."""
    fields: dict[str, str] = {}
    lines: list[str] = []
    name = ""
    for line in text.replace("\r", "").strip("\n").split("\n"):
        if not line.strip():
            break
        if line[0] in " \t":
            if name and name not in _OURS:
                fields[name] += f"\n{line}"
                lines.append(line)
            continue
        found = _FIELD.match(line)
        if found is None:
            return None
        name = found[1].lower()
        fields[name] = found[2].strip()
        if name not in _OURS:
            lines.append(line)
    wanted = ("package", "version", "architecture")
    return Control(fields, "\n".join(lines)) if all(fields.get(one) for one in wanted) else None


def _quietly(file: BinaryIO) -> Control | None:
    try:
        return read(file)
    except BadArchive:
        return None


_remembered = Remembered(_quietly)


def of(platform: "Platform", row: Row) -> Control | None:
    """The control file of a stored package."""
    return _remembered.of(platform, row)


def described(platform: "Platform", row: Row) -> Mapping[str, list[str]]:
    """Properties of a package beside its coordinates."""
    found = of(platform, row) if row["name"].endswith(ENDINGS) else None
    if found is None:
        return {}
    named = {
        "deb.name": "package",
        "deb.version": "version",
        "deb.maintainer": "maintainer",
        "deb.priority": "priority",
        "deb.section": "section",
        "deb.website": "homepage",
    }
    return noted({name: [found.fields.get(field, "")] for name, field in named.items()})
