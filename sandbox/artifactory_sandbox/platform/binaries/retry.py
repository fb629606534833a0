"""`retry`: tries the next store again and again (1.5)."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

from artifactory_sandbox.platform.binaries.chain import MissingBinary, Part, Store
from artifactory_sandbox.platform.binaries.s3 import BucketFailed

log = logging.getLogger(__name__)

Made = TypeVar("Made")


class Retry(Part):
    """`tries` in all, `interval_s` apart; the last failure is the caller's."""

    def __init__(self, behind: Store, tries: int, interval_s: float) -> None:
        self._behind = behind
        self._tries = max(1, tries)
        self._interval_s = interval_s
        self._stopping = threading.Event()

    def put(self, sha1: str, file: Path) -> None:
        """Until it is there."""
        self._repeated(lambda: self._behind.put(sha1, file))

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """Until it opens; what is missing is missing."""
        return self._repeated(lambda: self._behind.open(sha1, start))

    def has(self, sha1: str) -> bool:
        """Until it says so."""
        return self._repeated(lambda: self._behind.has(sha1))

    def remove(self, sha1: str) -> None:
        """Until it is gone."""
        self._repeated(lambda: self._behind.remove(sha1))

    def all(self) -> Iterator[tuple[str, int]]:
        """What is behind."""
        return self._behind.all()

    def stop(self) -> None:
        """No further tries."""
        self._stopping.set()

    def _repeated(self, do: Callable[[], Made]) -> Made:
        for number in range(1, self._tries + 1):
            try:
                return do()
            except MissingBinary:
                raise
            except (OSError, BucketFailed) as error:
                if number == self._tries or self._stopping.wait(self._interval_s):
                    raise
                log.warning("try %d of %d failed: %s", number, self._tries, error)
        raise AssertionError
