"""Forms with files (RFC 7578), read from a body that stands in a file: fields into memory, contents to files of their own."""

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path

from artifactory_sandbox.platform.web import Refused, Upload
from artifactory_sandbox.platform.web.body import Hashing

_FIELD_LIMIT = 8 * 1024 * 1024
_PARTS = 10_000
_CHUNK = 1024 * 1024
_BOUNDARY = re.compile(r'boundary="?([^";]{1,200})"?', re.IGNORECASE)


@dataclass
class Form:
    """`fields` by name, each with all its values; `files` by name, with the file name that the client gave."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, tuple[str, Upload]] = field(default_factory=dict)

    def first(self, name: str) -> str:
        """First value of a field, empty when there is none."""
        return self.fields.get(name, [""])[0]


@contextmanager
def form(body: Path, content_type: str, folder: Path) -> Iterator[Form]:
    """The form; its files are gone after the block, unless they were moved. A 400 for a body that is none."""
    boundary = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or boundary is None:
        raise Refused(400, "A multipart form is expected")
    found = Form()
    try:
        _read(found, body, boundary[1].encode(), folder)
        yield found
    finally:
        for _, upload in found.files.values():
            upload.path.unlink(missing_ok=True)


def _read(found: Form, body: Path, boundary: bytes, folder: Path) -> None:
    if body.stat().st_size == 0:
        raise Refused(400, "The form is empty")
    with body.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for number, (start, end) in enumerate(_parts(data, boundary)):
            if number > _PARTS:
                raise Refused(400, "The form has too many fields")
            _take(found, data, start, end, folder)


def _parts(data: mmap.mmap, boundary: bytes) -> Iterator[tuple[int, int]]:
    mark = b"--" + boundary
    start = data.find(mark)
    if start < 0:
        raise Refused(400, "The form has no parts")
    start += len(mark)
    while data[start : start + 2] != b"--":
        end = data.find(b"\r\n" + mark, start)
        if end < 0:
            raise Refused(400, "The form ended before its last boundary")
        yield start, end
        start = end + 2 + len(mark)


def _take(found: Form, data: mmap.mmap, start: int, end: int, folder: Path) -> None:
    split = data.find(b"\r\n\r\n", start, min(end + 4, start + 65536))
    if split < 0:
        raise Refused(400, "A part of the form has no header")
    header: Message = BytesHeaderParser().parsebytes(data[start:split].strip(b"\r\n") + b"\r\n\r\n")
    name = header.get_param("name", header="content-disposition")
    file_name = header.get_filename()
    begin = min(split + 4, end)
    if not isinstance(name, str):
        raise Refused(400, "A part of the form has no name")
    if file_name is None:
        if end - begin > _FIELD_LIMIT:
            raise Refused(413, f"The field '{name[:50]}' is too large")
        found.fields.setdefault(name, []).append(data[begin:end].decode("utf-8", "replace"))
    elif name not in found.files:
        found.files[name] = (file_name, _copied(data, begin, end, folder))


def _copied(data: mmap.mmap, begin: int, end: int, folder: Path) -> Upload:
    hashing = Hashing(folder)
    for position in range(begin, end, _CHUNK):
        hashing.write(data[position : min(position + _CHUNK, end)])
    return hashing.done()
