"""Reading request bodies: into memory with a limit, or streamed to a file with digests on the way."""

import hashlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from artifactory_sandbox.platform.web.call import Upload
from artifactory_sandbox.platform.web.refusal import Refused

MEMORY_LIMIT = 64 * 1024 * 1024


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
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)


async def to_memory(request: Request) -> bytes:
    """The whole body; 413 when it is too large, 400 when it was cut short."""
    data = bytearray()
    async for chunk in _chunks(request):
        data += chunk
        if len(data) > MEMORY_LIMIT:
            raise Refused(413, "Request Entity Too Large")
    return bytes(data)


async def to_file(request: Request, folder: Path) -> Upload:
    """Streams the body below `folder`; nothing stays when it was cut short."""
    hashing = Hashing(folder)
    try:
        async for chunk in _chunks(request):
            hashing.write(chunk)
    except BaseException:
        hashing.discard()
        raise
    return hashing.done()


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect:
        raise Refused(400, "The request body ended before its announced length") from None
