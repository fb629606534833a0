"""`eventual` and `eventual-cluster`: an upload is acknowledged once it is on this node's disk; workers send it on (1.6, 1.7).

What has not been sent yet is nowhere else: when the disk is lost, so is it.
"""

import logging
import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from artifactory_sandbox.platform.binaries.chain import MissingBinary, Part, Store
from artifactory_sandbox.platform.binaries.s3 import BucketFailed
from artifactory_sandbox.platform.binaries.shard import MemberFailed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Folders:
    """Below `<baseDataDir>/eventual`."""

    base: Path
    add: str = "_add"
    delete: str = "_delete"
    suffix: str = ""
    """Ending of what is to be deleted, where both kinds share a folder."""

    def adding(self, sha1: str) -> Path:
        """Where it waits to be sent."""
        return self.base / self.add / sha1

    def deleting(self, sha1: str) -> Path:
        """The mark that it is to be deleted."""
        return self.base / self.delete / f"{sha1}{self.suffix}"

    def make(self) -> None:
        """Makes them."""
        for name in ("_pre", self.add, self.delete):
            (self.base / name).mkdir(parents=True, exist_ok=True)

    def waiting(self) -> tuple[list[str], list[str]]:
        """What waits to be sent, and to be deleted."""
        deletes = [
            path.name.removesuffix(self.suffix)
            for path in _files(self.base / self.delete)
            if path.name.endswith(self.suffix)
        ]
        adds = [
            path.name for path in _files(self.base / self.add) if not (self.suffix and path.name.endswith(self.suffix))
        ]
        return adds, deletes


CLUSTER = {"add": "_queue", "delete": "_queue", "suffix": ".delete"}
"""Folders of `eventual-cluster`."""


class Eventual(Part):
    """`interval_s` is the dispatcher's; between two of its looks nothing is sent."""

    def __init__(self, behind: Store, folders: Folders, workers: int, interval_s: float) -> None:
        folders.make()
        self._behind = behind
        self._folders = folders
        self._workers = workers
        self._interval_s = interval_s
        self._stopping = threading.Event()
        self._locks = [threading.Lock() for _ in range(64)]
        self._thread: threading.Thread | None = None

    def put(self, sha1: str, file: Path) -> None:
        """On this disk, to be sent; nothing to do for what is behind already."""
        with self._lock(sha1):
            self._folders.deleting(sha1).unlink(missing_ok=True)
            if self._folders.adding(sha1).exists():
                return
            staged = self._folders.base / "_pre" / f"{sha1}-{os.getpid()}-{id(file)}"
            try:
                os.link(file, staged)
            except OSError:
                shutil.copyfile(file, staged)
            staged.replace(self._folders.adding(sha1))

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """From here, else from behind."""
        try:
            return self.open_here(sha1, start)
        except MissingBinary:
            if self._folders.deleting(sha1).exists():
                raise
        return self._behind.open(sha1, start)

    def open_here(self, sha1: str, start: int = 0) -> BinaryIO:
        """Only what waits on this disk."""
        try:
            file = self._folders.adding(sha1).open("rb")
        except FileNotFoundError:
            raise MissingBinary(sha1) from None
        file.seek(start)
        return file

    def has(self, sha1: str) -> bool:
        """Here or behind."""
        if self.waits(sha1):
            return True
        return not self._folders.deleting(sha1).exists() and self._behind.has(sha1)

    def waits(self, sha1: str) -> bool:
        """Whether it has not been sent."""
        return self._folders.adding(sha1).exists()

    def remove(self, sha1: str) -> None:
        """Never sent, or deleted behind by a worker."""
        with self._lock(sha1):
            self._folders.adding(sha1).unlink(missing_ok=True)
            self._folders.deleting(sha1).touch()

    def all(self) -> Iterator[tuple[str, int]]:
        """Both, each once."""
        adds, deletes = self._folders.waiting()
        seen = set(deletes)
        for sha1 in sorted(adds):
            try:
                yield sha1, self._folders.adding(sha1).stat().st_size
            except FileNotFoundError:
                continue
            seen.add(sha1)
        yield from ((sha1, size) for sha1, size in self._behind.all() if sha1 not in seen)

    def all_here(self) -> Iterator[tuple[str, int]]:
        """What waits on this disk."""
        for path in _files(self._folders.base / self._folders.add):
            if not (self._folders.suffix and path.name.endswith(self._folders.suffix)):
                yield path.name, path.stat().st_size

    # sending

    def start(self) -> None:
        """Starts the dispatcher."""
        self._thread = threading.Thread(target=self._dispatch, name="eventual", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Lets the workers finish what they have in hand."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _dispatch(self) -> None:
        with ThreadPoolExecutor(self._workers, thread_name_prefix="eventual") as pool:
            while not self._stopping.wait(self._interval_s):
                adds, deletes = self._folders.waiting()
                list(pool.map(self._send, adds))
                list(pool.map(self._delete, deletes))

    def _send(self, sha1: str) -> None:
        waiting = self._folders.adding(sha1)
        if self._stopping.is_set():
            return
        try:
            self._behind.put(sha1, waiting)
        except (OSError, BucketFailed) as error:
            if waiting.exists():
                log.error("could not send %s, it stays in %s: %s", sha1, self._folders.add, error)
            return
        waiting.unlink(missing_ok=True)

    def _delete(self, sha1: str) -> None:
        with self._lock(sha1):
            mark = self._folders.deleting(sha1)
            if self._stopping.is_set() or not mark.exists():
                return
            try:
                self._behind.remove(sha1)
            except (OSError, BucketFailed) as error:
                log.error("could not delete %s: %s", sha1, error)
                return
            mark.unlink(missing_ok=True)

    def _lock(self, sha1: str) -> threading.Lock:
        return self._locks[int(sha1[:2], 16) % len(self._locks)]


class Sending:
    """This node's `eventual-cluster` as a member of a sharding-cluster."""

    writable = True

    def __init__(self, id_: str, zone: str, eventual: Eventual) -> None:
        self.id = id_
        self.zone = zone
        self._eventual = eventual

    def usable(self) -> bool:
        """Always."""
        return True

    def room(self) -> None:
        """Is not asked: the object store has no end."""

    def put(self, sha1: str, file: Path) -> None:
        """On this disk, to be sent."""
        self._eventual.put(sha1, file)

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """From this disk or the object store."""
        try:
            return self._eventual.open(sha1, start)
        except (OSError, BucketFailed) as error:
            raise MemberFailed(f"{self.id}: {error}") from error

    def has(self, sha1: str) -> bool:
        """Whether it waits here."""
        return self._eventual.waits(sha1)

    def settled(self, sha1: str) -> bool:
        """Whether the object store has it, as far as it says so."""
        try:
            return not self._eventual.waits(sha1) and self._eventual.has(sha1)
        except (OSError, BucketFailed):
            return False

    def remove(self, sha1: str) -> None:
        """From both."""
        self._eventual.remove(sha1)

    def all(self) -> list[tuple[str, int]]:
        """What either has."""
        return list(self._eventual.all())

    def modified(self, sha1: str) -> int | None:
        """Is not known."""
        return None


class Queue:
    """What other nodes see of an `eventual-cluster`: they add to it, and read what still waits in it."""

    def __init__(self, eventual: Eventual) -> None:
        self._eventual = eventual

    def put(self, sha1: str, file: Path) -> None:
        """To be sent by this node too."""
        self._eventual.put(sha1, file)

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """While it waits."""
        return self._eventual.open_here(sha1, start)

    def has(self, sha1: str) -> bool:
        """Whether it waits."""
        return self._eventual.waits(sha1)

    def remove(self, sha1: str) -> None:
        """Never sent."""
        self._eventual.remove(sha1)

    def all(self) -> Iterator[tuple[str, int]]:
        """What waits."""
        return self._eventual.all_here()


def _files(folder: Path) -> Iterator[Path]:
    """Files of a folder from which others are taken meanwhile."""
    with os.scandir(folder) as entries:
        for entry in entries:
            yield Path(entry.path)
