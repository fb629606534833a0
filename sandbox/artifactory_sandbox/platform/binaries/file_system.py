"""`file-system`: `<fileStoreDir>/<first two of SHA-1>/<SHA-1>` (1.3)."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from artifactory_sandbox.platform.binaries.chain import MissingBinary, Part, Place
from artifactory_sandbox.platform.binaries.disk import Disk


class FileSystem(Part):
    """A directory on this node's disk or on a mount. With `own_copies` nothing is shared with the file that was put."""

    def __init__(self, directory: Path, own_copies: bool = False, staging: str = "_pre") -> None:
        self.directory = directory
        self.disk = Disk(directory)
        self._own_copies = own_copies
        self._staging = directory / staging
        self._staging.mkdir(parents=True, exist_ok=True)

    def put(self, sha1: str, file: Path) -> None:
        """Copies beside and renames, so that no half file is ever seen."""
        self.disk.demand(file)
        target = self._path(sha1)
        if target.exists():
            return
        target.parent.mkdir(exist_ok=True)
        staged = self._staging / f"{sha1}-{os.getpid()}-{id(file)}"
        try:
            self._stage(file, staged)
            staged.replace(target)
        except OSError:
            staged.unlink(missing_ok=True)
            raise

    def _stage(self, file: Path, staged: Path) -> None:
        if not self._own_copies:
            try:
                os.link(file, staged)
            except OSError:
                pass
            else:
                return
        shutil.copyfile(file, staged)

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """The file, positioned."""
        self.disk.demand()
        try:
            file = self._path(sha1).open("rb")
        except FileNotFoundError:
            raise MissingBinary(sha1) from None
        file.seek(start)
        return file

    def has(self, sha1: str) -> bool:
        """Whether the file is there."""
        self.disk.demand()
        return self._path(sha1).exists()

    def remove(self, sha1: str) -> None:
        """Removes the file."""
        self.disk.demand()
        self._path(sha1).unlink(missing_ok=True)

    def all(self) -> Iterator[tuple[str, int]]:
        """Every file."""
        self.disk.demand()
        for folder in sorted(self.directory.glob("[0-9a-f][0-9a-f]")):
            for file in sorted(folder.iterdir()):
                yield file.name, file.stat().st_size

    def modified(self, sha1: str) -> int | None:
        """When the file was written, in milliseconds; None when it is not there."""
        try:
            return int(self._path(sha1).stat().st_mtime * 1000)
        except OSError:
            return None

    def probe(self) -> None:
        """Writes and removes a file; raises OSError when the mount is broken or gone."""
        self.disk.demand()
        if not self.directory.is_dir():
            raise FileNotFoundError(2, "No such file or directory", str(self.directory))
        self._staging.mkdir(exist_ok=True)
        file = self._staging / f"probe-{os.getpid()}-{id(self)}"
        file.write_bytes(b"probe")
        file.unlink()

    def places(self) -> Sequence[Place]:
        """The mount."""
        return (self.place(self.directory.name, "file-system"),)

    def place(self, id_: str, kind: str, **more: object) -> Place:
        """The mount, as a provider of this id and type."""
        try:
            room = self.disk.room()
        except OSError:
            return Place(id_, kind, str(self.directory), **{"active": False, **more})  # type: ignore[arg-type]
        return Place(id_, kind, str(self.directory), total=room.total, free=room.free, **more)  # type: ignore[arg-type]

    def disks(self) -> Sequence[Disk]:
        """The mount, for faults."""
        return (self.disk,)

    def _path(self, sha1: str) -> Path:
        return self.directory / sha1[:2] / sha1
