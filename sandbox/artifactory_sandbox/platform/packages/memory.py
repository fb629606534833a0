"""What need not be read or worked out twice: the content of a binary, and what follows from all items of a repository."""

import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, Generic, TypeVar, cast
from weakref import WeakKeyDictionary

from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.packages.state import stamp
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.packages.sources import Source
    from artifactory_sandbox.platform.platform import Platform

T = TypeVar("T")

_IN_MEMORY = 8 * 1024 * 1024
_PATTERNS = ("includesPattern", "excludesPattern")


class Remembered(Generic[T]):
    """What was read out of binaries, by SHA-1: as content never changes, neither does this, on any node.

    `read` gets an open file and returns None for one that is not of the kind.
    """

    def __init__(self, read: Callable[[BinaryIO], T | None], most: int = 4096) -> None:
        self._read = read
        self._most = most
        self._known: OrderedDict[str, T | None] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, platform: "Platform", row: Row) -> T | None:
        """What the file of a row says; None when it says nothing or is lost."""
        if row["folder"]:
            return None
        sha1: str = row["sha1"]
        with self._lock:
            if sha1 in self._known:
                self._known.move_to_end(sha1)
                return self._known[sha1]
        try:
            with platform.binaries.store.open(sha1, 0) as file:
                found = self._read(_seekable(file))
        except MissingBinary:
            return None
        with self._lock:
            self._known[sha1] = found
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found


class Derived(Generic[T]):
    """What was worked out of all items of a repository; worked out anew as soon as any node changed one of them."""

    def __init__(self, make: Callable[["Platform", "Source"], T]) -> None:
        self._make = make
        self._known: WeakKeyDictionary[Platform, dict[str, tuple[object, T]]] = WeakKeyDictionary()

    def of(self, platform: "Platform", source: "Source") -> T:
        """The current one."""
        known = self._known.setdefault(platform, {})
        mark = (stamp(platform.database, source.store), tuple(source.config.get(name, "") for name in _PATTERNS))
        found = known.get(source.store)
        if found is not None and found[0] == mark:
            return found[1]
        made = self._make(platform, source)
        known[source.store] = (mark, made)
        return made


def _seekable(file: BinaryIO) -> BinaryIO:
    """The file itself, or a copy of a stream that cannot go back, such as an object store's."""
    if file.seekable():
        return file
    copy = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  goes with its last reference
    shutil.copyfileobj(file, copy)
    copy.seek(0)
    return cast(BinaryIO, copy)
