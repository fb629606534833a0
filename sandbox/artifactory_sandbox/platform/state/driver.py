"""What a database needs of a driver, and the values that both databases can hold."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

_LARGEST = 2**63 - 1


class Unstorable(ValueError):
    """A value that no column takes: a client's mistake that nobody caught earlier."""


class Unreachable(Exception):
    """The database's server gives no connection."""


class Row(Protocol):
    """A row, by name (any case) and by place."""

    def __getitem__(self, key: Any, /) -> Any:
        """A value."""

    def __iter__(self) -> Iterator[Any]:
        """The values."""

    def __len__(self) -> int:
        """Number of columns."""

    def keys(self) -> Any:
        """Names of the columns."""


class Driver(Protocol):
    """One kind of database. A connection is used by one thread."""

    alone: bool
    """Whether a statement outside a transaction is alone among writers without further ado."""

    def connect(self) -> Any:
        """A connection in which every statement stands for itself until `begin`; raises `Unreachable`."""

    def schema(self, statement: str) -> str:
        """A statement of the schema in the database's own words."""

    def prepare(self, connection: Any) -> None:
        """Runs before the schema, in its transaction."""

    def execute(self, connection: Any, sql: str, args: Sequence[Any]) -> Any:
        """Runs a statement; a cursor."""

    def execute_many(self, connection: Any, sql: str, args: Iterable[Sequence[Any]]) -> None:
        """Runs a statement for each set of arguments."""

    def begin(self, connection: Any) -> None:
        """Begins a transaction and waits until no other writer is at work."""

    def commit(self, connection: Any) -> None:
        """Ends it."""

    def rollback(self, connection: Any) -> None:
        """Undoes it; the connection may be lost already."""

    def lost(self, connection: Any) -> bool:
        """Whether the connection is of no use any more."""


def checked(args: Sequence[Any]) -> Sequence[Any]:
    """The arguments, when both databases can hold them: text without NUL, numbers of 64 bits, nothing composed."""
    for value in args:
        kind = type(value)
        if kind is str:
            if "\0" in value:
                raise Unstorable("a text contains the character NUL")
        elif kind is int:
            if not -_LARGEST <= value <= _LARGEST:
                raise Unstorable(f"the number {str(value)[:40]} is too large")
        elif value is not None and not isinstance(value, str | int | float | bytes):
            raise Unstorable(f"a value of the type {kind.__name__} cannot be stored")
    return args
