"""A chain of stores, addressed by SHA-1 (configuration files reference 1.2)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol


class MissingBinary(Exception):
    """No store of the chain has it."""


class Store(Protocol):
    """One link of the chain."""

    def put(self, sha1: str, file: Path) -> None:
        """Keeps a copy of a file; returns when it is safe."""

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """The bytes from an offset on; raises `MissingBinary`."""

    def has(self, sha1: str) -> bool:
        """Whether it is kept."""

    def remove(self, sha1: str) -> None:
        """Forgets it, if it is there."""

    def all(self) -> Iterator[tuple[str, int]]:
        """SHA-1 and size of everything kept."""


class Binaries:
    """What the rest of the node sees: one store, the outermost of the chain, and the chain's name."""

    def __init__(
        self, kind: str, directory: str, store: Store, signed: Callable[[str, str, int], str | None] | None = None
    ) -> None:
        self.kind = kind
        self.directory = directory
        self.store = store
        self.signed = signed
        """A short-lived address of a binary: by SHA-1, file name and seconds (0: the chain's own); None where there are none."""
