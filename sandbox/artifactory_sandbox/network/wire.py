"""One side of an HTTP/1.1 connection: h11 over asyncio streams."""

import asyncio
from typing import Any

import h11

_CHUNK = 64 * 1024
_HOP_BY_HOP = {
    b"connection",
    b"proxy-connection",
    b"keep-alive",
    b"proxy-authorization",
    b"proxy-authenticate",
    b"te",
    b"upgrade",
    b"expect",
}

Headers = list[tuple[bytes, bytes]]


class Wire:
    """Events in, events out. `rate` limits what is sent, in bytes a second."""

    def __init__(
        self, role: "type[h11.CLIENT] | type[h11.SERVER]", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.protocol = h11.Connection(role, max_incomplete_event_size=256 * 1024)
        self.reader = reader
        self.writer = writer
        self.rate = 0.0

    async def next(self) -> Any:
        """The next event; waits for bytes when there is none."""
        while True:
            event = self.protocol.next_event()
            if event is not h11.NEED_DATA:
                return event
            self.protocol.receive_data(await self.reader.read(_CHUNK))

    async def send(self, event: Any) -> None:
        """Sends one event, no faster than the other side reads."""
        data = self.protocol.send(event)
        if data:
            self.writer.write(data)
            await self.writer.drain()
            if self.rate:
                await asyncio.sleep(len(data) / self.rate)

    def close(self) -> None:
        """Closes; bytes already written still go out."""
        self.writer.close()

    def abort(self) -> None:
        """Drops the connection: the other side sees it break, not end."""
        transport = self.writer.transport
        transport.abort()


def end_to_end(headers: Any) -> Headers:
    """The headers that a proxy passes on, as they were spelt."""
    named = {token.strip().lower() for name, value in headers if name == b"connection" for token in value.split(b",")}
    dropped = _HOP_BY_HOP | named
    return [
        (raw, value)
        for (raw, value), (name, _) in zip(headers.raw_items(), headers, strict=True)
        if name not in dropped
    ]
