"""`cache-fs`: a least-recently-used copy on the node's own disk, in front of the next store (1.4)."""

import contextlib
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from artifactory_sandbox.platform.binaries.chain import MissingBinary, Store
from artifactory_sandbox.platform.binaries.file_system import FileSystem

DEFAULT_SIZE = 5_000_000_000
_CHUNK = 1024 * 1024


class CacheFs:
    """Reads fill it, uploads too unless told otherwise; the next store always has everything."""

    def __init__(
        self,
        directory: Path,
        behind: Store,
        max_size: int = DEFAULT_SIZE,
        max_file: int | None = None,
        skip_uploads: bool = False,
    ) -> None:
        self._behind = behind
        self._files = FileSystem(directory)
        self._max_size = max_size
        self._max_file = max_file
        self._skip_uploads = skip_uploads
        self._lock = threading.Lock()
        self._sizes: OrderedDict[str, int] = OrderedDict(sorted(self._files.all()))
        self._total = sum(self._sizes.values())

    def put(self, sha1: str, file: Path) -> None:
        """Into the next store first: only then is an upload safe."""
        self._behind.put(sha1, file)
        if not self._skip_uploads:
            self._keep(sha1, file)

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """From here, else from the next store by way of here."""
        with self._lock:
            if sha1 in self._sizes:
                self._sizes.move_to_end(sha1)
                with contextlib.suppress(MissingBinary):  # somebody emptied the directory
                    return self._files.open(sha1, start)
                self._total -= self._sizes.pop(sha1)
        with self._behind.open(sha1) as source:
            return self._fetched(sha1, source, start)

    def has(self, sha1: str) -> bool:
        """Whether the next store has it."""
        return self._behind.has(sha1)

    def remove(self, sha1: str) -> None:
        """Out of both."""
        with self._lock:
            self._total -= self._sizes.pop(sha1, 0)
            self._files.remove(sha1)
        self._behind.remove(sha1)

    def all(self) -> Iterator[tuple[str, int]]:
        """What the next store has."""
        return self._behind.all()

    def modified(self, sha1: str) -> int | None:
        """When the next store got it; None when that keeps no times."""
        known = getattr(self._behind, "modified", None)
        found: int | None = known(sha1) if known is not None else None
        return found

    def _fetched(self, sha1: str, source: BinaryIO, start: int) -> BinaryIO:
        """Copies to a file without a name of its own, and into the cache when it fits."""
        with tempfile.NamedTemporaryFile(dir=self._files.directory / "_pre") as copy:
            while chunk := source.read(_CHUNK):
                copy.write(chunk)
            copy.flush()
            self._keep(sha1, Path(copy.name))
            opened = Path(copy.name).open("rb")  # noqa: SIM115  streamed and closed by the server
        opened.seek(start)
        return opened

    def _keep(self, sha1: str, file: Path) -> None:
        size = file.stat().st_size
        if size > min(self._max_size, self._max_file or self._max_size):
            return
        with self._lock:
            if sha1 not in self._sizes:
                self._files.put(sha1, file)
                self._sizes[sha1] = size
                self._total += size
            self._sizes.move_to_end(sha1)
            while self._total > self._max_size:
                oldest, freed = self._sizes.popitem(last=False)
                self._files.remove(oldest)
                self._total -= freed
