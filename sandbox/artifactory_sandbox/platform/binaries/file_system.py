"""`file-system`: `<fileStoreDir>/<first two of SHA-1>/<SHA-1>` (1.3)."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from artifactory_sandbox.platform.binaries.chain import MissingBinary


class FileSystem:
    """A directory on this node's disk or on a mount."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._staging = directory / "_pre"
        self._staging.mkdir(parents=True, exist_ok=True)

    def put(self, sha1: str, file: Path) -> None:
        """Copies beside and renames, so that no half file is ever seen."""
        target = self._path(sha1)
        if target.exists():
            return
        target.parent.mkdir(exist_ok=True)
        staged = self._staging / f"{sha1}-{os.getpid()}-{id(file)}"
        try:
            os.link(file, staged)
        except OSError:
            shutil.copyfile(file, staged)
        staged.replace(target)

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """The file, positioned."""
        try:
            file = self._path(sha1).open("rb")
        except FileNotFoundError:
            raise MissingBinary(sha1) from None
        file.seek(start)
        return file

    def has(self, sha1: str) -> bool:
        """Whether the file is there."""
        return self._path(sha1).exists()

    def remove(self, sha1: str) -> None:
        """Removes the file."""
        self._path(sha1).unlink(missing_ok=True)

    def all(self) -> Iterator[tuple[str, int]]:
        """Every file."""
        for folder in sorted(self.directory.glob("[0-9a-f][0-9a-f]")):
            for file in sorted(folder.iterdir()):
                yield file.name, file.stat().st_size

    def modified(self, sha1: str) -> int | None:
        """When the file was written, in milliseconds; None when it is not there."""
        try:
            return int(self._path(sha1).stat().st_mtime * 1000)
        except OSError:
            return None

    def _path(self, sha1: str) -> Path:
        return self.directory / sha1[:2] / sha1
