"""`state-aware` and `state-aware-s3`: a member of a sharded filestore that knows whether its mount or bucket works (1.9, 1.10)."""

import errno
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from artifactory_sandbox.platform.binaries.chain import CannotStore, MissingBinary, Part, Place
from artifactory_sandbox.platform.binaries.disk import Disk, Room
from artifactory_sandbox.platform.binaries.file_system import FileSystem
from artifactory_sandbox.platform.binaries.s3 import S3, BucketFailed

log = logging.getLogger(__name__)

EMPTY_ZONE = "empty-zone"
FAILURES = (OSError, BucketFailed)


class MemberFailed(Exception):
    """The member does not work; it is left alone until it is checked again."""


class Member(Protocol):
    """One place among several. Every call raises `MemberFailed` when it does not work."""

    id: str
    zone: str
    writable: bool

    def usable(self) -> bool:
        """Whether to try it."""

    def room(self) -> Room | None:
        """None where there is no end."""

    def put(self, sha1: str, file: Path) -> None:
        """Keeps a copy; `CannotStore` when it is full."""

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """The bytes; raises `MissingBinary`."""

    def has(self, sha1: str) -> bool:
        """Whether it is kept."""

    def remove(self, sha1: str) -> None:
        """Forgets it."""

    def all(self) -> list[tuple[str, int]]:
        """Everything kept."""

    def modified(self, sha1: str) -> int | None:
        """When it was written, if that is known."""


class Shard(Part):
    """A mount or a bucket. A failure takes it out; after `check_seconds` it is tried again, and so is one that seems well."""

    def __init__(
        self, id_: str, store: FileSystem | S3, zone: str = EMPTY_ZONE, writable: bool = True, check_seconds: float = 15
    ) -> None:
        self.id = id_
        self.zone = zone
        self.writable = writable
        self.on_change: Callable[[], object] = lambda: None
        """Called when it fails, and when it is back."""
        self.store = store
        self._check_seconds = check_seconds
        self._lock = threading.Lock()
        self._failed = ""
        self._next_check = time.monotonic() + check_seconds

    def usable(self) -> bool:
        """Not failed, as far as anybody knows."""
        return not self._failed

    def room(self) -> Room | None:
        """Of the mount."""
        if isinstance(self.store, S3):
            return None
        with self._guarded():
            return self.store.disk.room()

    def put(self, sha1: str, file: Path) -> None:
        """Keeps a copy."""
        with self._guarded():
            self.store.put(sha1, file)

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """The bytes."""
        with self._guarded():
            return self.store.open(sha1, start)

    def has(self, sha1: str) -> bool:
        """Whether it is kept."""
        with self._guarded():
            return self.store.has(sha1)

    def remove(self, sha1: str) -> None:
        """Forgets it, also where nothing may be written (1.9)."""
        with self._guarded():
            self.store.remove(sha1)

    def all(self) -> list[tuple[str, int]]:
        """Everything kept."""
        with self._guarded():
            return list(self.store.all())

    def modified(self, sha1: str) -> int | None:
        """When the file was written."""
        return self.store.modified(sha1) if isinstance(self.store, FileSystem) else None

    def tick(self) -> None:
        """The check, when it is due."""
        if time.monotonic() < self._next_check:
            return
        self._next_check = time.monotonic() + self._check_seconds
        try:
            self.store.probe()
        except FAILURES as error:
            self._fail(error)
            return
        if self._failed:
            self._failed = ""
            log.warning("%s is back", self.id)
            self.on_change()

    def places(self) -> Sequence[Place]:
        """The mount or the bucket."""
        kind = "state-aware-s3" if isinstance(self.store, S3) else "state-aware"
        more: dict[str, Any] = {"zone": self.zone, "writable": self.writable, "active": self.usable()}
        return (self.store.place(self.id, kind, **more),)

    def disks(self) -> Sequence[Disk]:
        """The mount, for faults."""
        return self.store.disks()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except MissingBinary:
            raise
        except FAILURES as error:
            if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise CannotStore(f"{self.id}: {error.strerror}", full=True) from error
            self._fail(error)
            raise MemberFailed(f"{self.id}: {error}") from error

    def _fail(self, error: Exception) -> None:
        with self._lock:
            if self._failed:
                return
            self._failed = str(error)
            self._next_check = time.monotonic() + self._check_seconds
        log.error("%s failed, it is checked again in %g s: %s", self.id, self._check_seconds, error)
        self.on_change()
