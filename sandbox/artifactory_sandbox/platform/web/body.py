"""Reading request bodies: into memory with a limit, or streamed to a file with digests on the way."""

import asyncio
import contextlib
import hashlib
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from artifactory_sandbox.platform.web.call import Upload
from artifactory_sandbox.platform.web.refusal import Refused

MEMORY_LIMIT = 32 * 1024 * 1024
SWALLOW_LIMIT = 2 * 1024 * 1024
"""How much of a body that nobody wants is read, so that a client which is still sending sees the answer."""
_SWALLOW_S = 5.0
_BATCH = 512 * 1024


class Hashing:
    """A file that is written and hashed at once."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.NamedTemporaryFile(dir=folder, prefix="upload-", delete=False)  # noqa: SIM115  outlives us
        self._digests = {name: hashlib.new(name, usedforsecurity=False) for name in ("md5", "sha1", "sha256")}
        self._size = 0

    def write(self, chunk: bytes) -> None:
        """Adds a chunk."""
        self._file.write(chunk)
        self._size += len(chunk)
        for digest in self._digests.values():
            digest.update(chunk)

    def done(self) -> Upload:
        """Closes the file."""
        self._file.close()
        made = {name: digest.hexdigest() for name, digest in self._digests.items()}
        return Upload(Path(self._file.name), self._size, made["md5"], made["sha1"], made["sha256"])

    def discard(self) -> None:
        """Removes the file."""
        with contextlib.suppress(OSError):
            self._file.close()
        Path(self._file.name).unlink(missing_ok=True)


class Body:
    """The body of one request, which is read once or not at all."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._taken = False

    async def to_memory(self) -> bytes:
        """The whole body; 413 when it is too large, 400 when it was cut short."""
        data = bytearray()
        async for chunk in self._chunks():
            data += chunk
            if len(data) > MEMORY_LIMIT:
                raise Refused(413, "Request Entity Too Large")
        return bytes(data)

    async def to_file(self, folder: Path, threads: Executor) -> Upload:
        """Streams the body below `folder`; nothing stays when it was cut short."""
        loop = asyncio.get_running_loop()
        hashing = await loop.run_in_executor(threads, Hashing, folder)
        batch = bytearray()
        try:
            async for chunk in self._chunks():
                batch += chunk
                if len(batch) >= _BATCH:
                    await loop.run_in_executor(threads, hashing.write, bytes(batch))
                    batch.clear()
            hashing.write(bytes(batch))
            return hashing.done()
        except BaseException:
            hashing.discard()
            raise

    async def swallow(self) -> bool:
        """Reads what nobody asked for, within limits; False when there is more."""
        if self._taken:
            return True
        if "expect" in self._request.headers:
            return False  # it waits for a word before it sends
        size = 0
        with contextlib.suppress(TimeoutError, Refused):
            async with asyncio.timeout(_SWALLOW_S):
                async for chunk in self._chunks():
                    size += len(chunk)
                    if size > SWALLOW_LIMIT:
                        return False
                return True
        return False

    async def _chunks(self) -> AsyncIterator[bytes]:
        self._taken = True
        try:
            async for chunk in self._request.stream():
                yield chunk
        except ClientDisconnect:
            raise Refused(400, "The request body ended before its announced length") from None
