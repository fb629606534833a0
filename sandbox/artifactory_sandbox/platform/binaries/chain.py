"""A chain of stores, addressed by SHA-1 (configuration files reference 1.2)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

if TYPE_CHECKING:
    from artifactory_sandbox.platform.binaries.disk import Disk
    from artifactory_sandbox.platform.binaries.sharding import Sharding
    from artifactory_sandbox.platform.platform import Platform


class MissingBinary(Exception):
    """No store of the chain has it."""


class CannotStore(Exception):
    """No place takes it, or too few; `full` when there was no room."""

    def __init__(self, message: str, full: bool = False) -> None:
        super().__init__(message)
        self.full = full


class Store(Protocol):
    """One link of the chain."""

    def put(self, sha1: str, file: Path) -> None:
        """Keeps a copy of a file; returns when it is safe. Raises `CannotStore`."""

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """The bytes from an offset on; raises `MissingBinary`."""

    def has(self, sha1: str) -> bool:
        """Whether it is kept."""

    def remove(self, sha1: str) -> None:
        """Forgets it, if it is there."""

    def all(self) -> Iterator[tuple[str, int]]:
        """SHA-1 and size of everything kept."""


@dataclass(frozen=True, slots=True)
class Place:
    """A mount or a bucket that binaries stand in; figures in bytes, None where there is no end."""

    id: str
    type: str
    directory: str
    zone: str = ""
    active: bool = True
    writable: bool = True
    total: int | None = None
    free: int | None = None


class Part:
    """What a provider may need beside its store; everything does nothing unless it is overridden."""

    def attach(self, platform: "Platform") -> None:
        """The node that this chain belongs to, before it serves."""

    def start(self) -> None:
        """The node joins the cluster: work in the background may begin."""

    def stop(self) -> None:
        """The node leaves."""

    def tick(self) -> None:
        """About once a second."""

    def places(self) -> Sequence[Place]:
        """Where binaries stand."""
        return ()

    def disks(self) -> Sequence["Disk"]:
        """The mounts that faults can fill and break."""
        return ()


@dataclass(frozen=True, slots=True)
class Built:
    """What a chain has beside its outermost store."""

    parts: Sequence[Part] = ()
    sharding: "Sharding | None" = None
    local: Store | None = None
    """What other nodes of the cluster may read and write: the local member of a sharding-cluster."""
    endless: bool = False
    """The last link is an object store."""
    federated: Mapping[str, int] = field(default_factory=dict)
    """Parameters of the `federated-repo` provider (1.16)."""
    root: Path = Path("/")
    licences: Sequence[str] = ()
    """Beginnings of the licence types that allow this chain; none: all do."""


class Binaries:
    """What the rest of the node sees: one store, the outermost of the chain, and the chain's name."""

    def __init__(
        self,
        kind: str,
        directory: str,
        store: Store,
        signed: Callable[[str, str, int], str | None] | None = None,
        built: Built | None = None,
    ) -> None:
        self.kind = kind
        self.directory = directory
        self.store = store
        self.signed = signed
        """A short-lived address of a binary: by SHA-1, file name and seconds (0: the chain's own); None where there are none."""
        self._built = built or Built((store,) if isinstance(store, Part) else ())
        self.local, self.endless, self.federated = self._built.local, self._built.endless, self._built.federated
        self.licences = self._built.licences
        sharding = self._built.sharding
        self.rebalance: Callable[[], Any] | None = sharding.balancing.run if sharding is not None else None
        """Regenerates and evens out a sharded filestore; None where nothing is sharded."""

    def attach(self, platform: "Platform") -> None:
        """Tells every part whose it is."""
        for part in self._built.parts:
            part.attach(platform)

    def start(self) -> None:
        """Starts what works in the background."""
        for part in self._built.parts:
            part.start()

    def stop(self) -> None:
        """Ends it."""
        for part in self._built.parts:
            part.stop()

    def tick(self) -> None:
        """Looks at mounts and members."""
        for part in self._built.parts:
            part.tick()

    def places(self) -> list[Place]:
        """Every mount and bucket."""
        return [place for part in self._built.parts for place in part.places()]

    def disks(self, mount: str) -> "list[Disk]":
        """The disks at or below a directory of the machine."""
        wanted = self._built.root / mount.lstrip("/")
        found = [disk for part in self._built.parts for disk in part.disks()]
        return [disk for disk in found if disk.directory.is_relative_to(wanted)]

    def wants_balance(self) -> None:
        """Raises the balance flag: the next garbage collection regenerates and balances (1.12)."""
        if self._built.sharding is not None:
            self._built.sharding.balancing.raise_flag()

    def after_collection(self, full: bool) -> None:
        """Balances when the flag is up; a full collection removes surplus copies too (1.12)."""
        if self._built.sharding is not None:
            self._built.sharding.balancing.after_collection(full)
