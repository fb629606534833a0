"""Looking into archives and taking them apart, with distrust: paths that climb, links, bombs (6.1).

Zip (jar, war, whl, nupkg, …) and tar (plain, gzip, bzip2, xz). Nothing is written outside the node's temporary folder.
"""

import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from artifactory_sandbox.platform.artifacts.mime import INDEXED, media_type
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.web import Refused, Upload
from artifactory_sandbox.platform.web.body import Hashing

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

MOST_ENTRIES = 100_000
MOST_BYTES = 4 * 1024**3
MOST_RATIO = 1000
"""An archive that grows more than this is a bomb, once it is past 64 MiB."""
_FREE = 64 * 1024**2
_CHUNK = 256 * 1024
_ZIPS = (".zip", ".jar", ".war", ".ear", ".whl", ".nupkg", ".sar", ".har", ".hpi", ".jpi", ".egg", ".apk", ".aar")
_TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.z")
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    EOFError,
    OSError,
    zlib.error,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive."""

    path: str
    size: int
    modified: int | None


def is_archive(name: str) -> bool:
    """Whether a file name is one of an archive that can be opened."""
    return name.lower().endswith((*_ZIPS, *_TARS))


def index(platform: "Platform", sha1: str, path: str) -> None:
    """Notes the entries of a Java archive or a zip, so that searches find them; silently nothing for a broken one."""
    name = path.rpartition("/")[2]
    if media_type(name) not in INDEXED or platform.artifacts.archives.indexed(sha1):
        return
    try:
        with opened(platform, sha1) as file, zipfile.ZipFile(file) as found:
            names = [one.filename for one in found.infolist() if not one.is_dir()][:MOST_ENTRIES]
    except (*_BROKEN, MissingBinary):
        return
    platform.artifacts.archives.index(sha1, names)


@contextmanager
def opened(platform: "Platform", sha1: str) -> Iterator[BinaryIO]:
    """A binary as a file that can go back, also when the filestore only streams."""
    with platform.binaries.store.open(sha1) as file:
        if file.seekable():
            yield file
            return
        with tempfile.TemporaryFile(dir=platform.temporary) as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            yield cast(BinaryIO, copy)


def entries(file: BinaryIO, name: str) -> list[Entry]:
    """Files of an archive; a 400 for one that cannot be read."""
    try:
        return [entry for entry, _ in _each(file, name)]
    except _BROKEN as error:
        raise Refused(400, f"'{name}' cannot be read as an archive: {type(error).__name__}") from None


def entry(platform: "Platform", file: BinaryIO, name: str, wanted: str) -> Upload | None:
    """One file of an archive, copied to the temporary folder; None when there is none."""
    try:
        for found, read in _each(file, name):
            if found.path == wanted:
                return _copied(platform, read, found.size)
    except _BROKEN:
        raise Refused(404, f"'{name}' cannot be read as an archive") from None
    return None


def exploded(
    platform: "Platform", file: BinaryIO, name: str, packed: int
) -> Generator[tuple[Entry, Upload], None, None]:
    """Every file of an archive, copied to the temporary folder one after the other; the caller removes each.

    A 400 for a path that climbs or is absolute, for a link, and for an archive that unpacks to far too much.
    """
    total = count = 0
    try:
        for found, read in _each(file, name):
            check_path(found.path)
            count += 1
            total += found.size
            if count > MOST_ENTRIES or total > MOST_BYTES or (total > _FREE and total > packed * MOST_RATIO):
                raise Refused(400, f"The archive '{name}' unpacks to more than is allowed")
            yield found, _copied(platform, read, found.size)
    except _BROKEN as error:
        raise Refused(400, f"'{name}' cannot be read as an archive: {type(error).__name__}") from None


def check_path(path: str) -> None:
    """A 400 for a path inside an archive that leaves it."""
    parts = path.replace("\\", "/").split("/")
    bad = (
        path.startswith(("/", "\\"))
        or ".." in parts
        or "." in parts
        or ":" in parts[0]
        or any(ord(one) < 32 for one in path)
    )
    if bad or not all(parts):
        raise Refused(400, f"The archive holds an entry with the path '{path[:200]}', which leads outside of it")


def _each(file: BinaryIO, name: str) -> Iterator[tuple[Entry, "_Read"]]:
    if name.lower().endswith(_TARS):
        with tarfile.open(fileobj=file, mode="r:*") as tar:
            for member in tar:
                if member.isdir():
                    continue
                if not member.isreg():
                    raise Refused(400, f"The archive '{name}' holds '{member.name[:200]}', which is a link or a device")
                stream = tar.extractfile(member)
                path = member.name.removeprefix("./")
                yield Entry(path, member.size, int(member.mtime * 1000)), _Read(cast("IO[bytes]", stream))
        return
    with zipfile.ZipFile(file) as found:
        for info in found.infolist():
            if info.is_dir():
                continue
            if (info.external_attr >> 16) & 0o170000 == 0o120000:
                raise Refused(400, f"The archive '{name}' holds '{info.filename[:200]}', which is a link")
            with found.open(info) as stream:
                yield Entry(info.filename, info.file_size, None), _Read(stream)


class _Read:
    """The bytes of one entry."""

    def __init__(self, stream: "IO[bytes]") -> None:
        self._stream = stream

    def __call__(self) -> bytes:
        return self._stream.read(_CHUNK)


def _copied(platform: "Platform", read: _Read, size: int) -> Upload:
    """Copies an entry; one that is longer than it said is a bomb."""
    hashing, got = Hashing(platform.temporary), 0
    try:
        while chunk := read():
            got += len(chunk)
            if got > size:
                raise Refused(400, "The archive holds an entry that is longer than it says")
            hashing.write(chunk)
    except BaseException:
        hashing.discard()
        raise
    return hashing.done()
