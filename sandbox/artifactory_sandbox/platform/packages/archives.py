"""Reading one small member out of an archive that a client made, so that no archive can make the node eat memory or time."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO

MEMBER_LIMIT = 8 * 1024 * 1024
"""Bytes of a member that is read."""
UNPACKED_LIMIT = 512 * 1024 * 1024
"""Bytes that are unpacked on the way to a member."""

_BROKEN = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError),
    *(NotImplementedError, RuntimeError, LookupError, ArithmeticError),
)


class BadArchive(Exception):
    """Not an archive, cut short, or larger inside than is read."""


class _Bounded(io.RawIOBase):
    """Reads on as long as no more than a limit came out."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file = file
        self._left = limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            size = self._left + 1
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise BadArchive("it unpacks to more than is read")
        return data


def tar_member(file: BinaryIO, wanted: Callable[[str], bool], whole: bool = False) -> bytes | None:
    """The first wanted file of a tar, gzip or not; None when there is none. `whole` reads on, to see that nothing is missing."""
    found = tar_members(file, wanted, whole=whole, most=1)
    return next(iter(found.values()), None)


def tar_members(
    file: BinaryIO, wanted: Callable[[str], bool], whole: bool = False, most: int = 100
) -> dict[str, bytes]:
    """Wanted files of a tar by name, at most so many."""
    found: dict[str, bytes] = {}
    try:
        start = file.read(2)
        file.seek(0)
        plain: BinaryIO = gzip.GzipFile(fileobj=file) if start == b"\x1f\x8b" else file  # type: ignore[assignment]
        with tarfile.open(fileobj=_Bounded(plain, UNPACKED_LIMIT), mode="r|") as archive:
            for entry in archive:
                name = entry.name.removeprefix("./")
                if len(found) < most and entry.isfile() and wanted(name):
                    found[name] = _read(archive.extractfile(entry))
                if len(found) >= most and not whole:
                    break
        while whole and plain.read(1024 * 1024):
            pass
    except BadArchive:
        raise
    except _BROKEN as error:
        raise BadArchive(str(error) or type(error).__name__) from None
    return found


def zip_member(file: BinaryIO, wanted: Callable[[str], bool]) -> bytes | None:
    """The first wanted file of a zip; None when there is none."""
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                if wanted(entry.filename) and not entry.is_dir():
                    if entry.file_size > MEMBER_LIMIT:
                        raise BadArchive(f"'{entry.filename}' is larger than is read")
                    with archive.open(entry) as member:
                        return _read(member)
    except BadArchive:
        raise
    except _BROKEN as error:
        raise BadArchive(str(error) or type(error).__name__) from None
    return None


def _read(member: object) -> bytes:
    data: bytes = member.read(MEMBER_LIMIT + 1)  # type: ignore[attr-defined]
    if len(data) > MEMBER_LIMIT:
        raise BadArchive("a member is larger than is read")
    return data
