"""Several ranges of a file in one body, `multipart/byteranges` (RFC 9110, 14.6)."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from artifactory_sandbox.platform.binaries.chain import MissingBinary, Store
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Stored


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file."""

    start: int
    length: int

    def told(self, size: int) -> str:
        """`Content-Range`, of a file of that size."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def media_type(row: Row) -> str:
    """Of the whole body. The boundary is the file's checksum, which no file contains."""
    return f"multipart/byteranges; boundary={row['sha1']}"


def body(row: Row, media: str, spans: Sequence[Span], store: Store) -> Stored:
    """The parts as one stream; each opens the file at its start when its turn comes."""
    line = f"\r\n--{row['sha1']}"
    heads = [
        f"{line}\r\nContent-Type: {media}\r\nContent-Range: {span.told(row['size'])}\r\n\r\n".encode() for span in spans
    ]
    end = f"{line}--\r\n".encode()
    length = sum(map(len, heads)) + sum(span.length for span in spans) + len(end)
    return Stored(
        io.BufferedReader(_Parts(_pieces(heads, spans, end, lambda start: store.open(row["sha1"], start)))), length
    )


def _pieces(
    heads: Sequence[bytes], spans: Sequence[Span], end: bytes, opened: Callable[[int], BinaryIO]
) -> Iterator[bytes]:
    for head, span in zip(heads, spans, strict=True):
        yield head
        left = span.length
        try:
            file = opened(span.start)
        except MissingBinary as missing:
            raise OSError("the binary is gone") from missing
        with file:
            while left and (piece := file.read(min(left, io.DEFAULT_BUFFER_SIZE))):
                left -= len(piece)
                yield piece
    yield end


class _Parts(io.RawIOBase):
    """Reads pieces one after the other."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            if (piece := next(self._pieces, None)) is None:
                return 0
            self._rest = piece
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)
