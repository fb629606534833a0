"""Room on the file system that a directory is on. Faults fill it and break it."""

import errno
import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Room:
    """In bytes."""

    total: int
    free: int


class Disk:
    """One mount as a provider sees it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._filled: float | None = None
        self._broken = False

    def room(self) -> Room:
        """What `df` says, or the fault."""
        found = shutil.disk_usage(self.directory)
        if self._filled is None:
            return Room(found.total, found.free)
        return Room(found.total, int(found.total * (100 - self._filled) / 100))

    def fill(self, percent: float | None) -> None:
        """How much of it is taken from now on; None for what is true."""
        self._filled = percent

    def break_down(self, broken: bool) -> None:
        """Every access fails, or none does any more."""
        self._broken = broken

    def demand(self, file: Path | None = None) -> None:
        """Raises OSError when the mount is broken, or when a file does not fit."""
        if self._broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(self.directory))
        if file is not None and self._filled is not None and file.stat().st_size > self.room().free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.directory))
