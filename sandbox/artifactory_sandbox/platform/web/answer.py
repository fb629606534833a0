"""What a handler hands back, and the few ways to make it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import Any, BinaryIO

BANNER = "simulated, not JFrog Artifactory"
VENDOR_JSON = "application/vnd.org.jfrog.artifactory."


@dataclass(slots=True)
class Stored:
    """A stretch of an open binary that is streamed and closed by the server."""

    file: BinaryIO
    length: int


@dataclass(slots=True)
class Answer:
    """Status, body and headers; `body` is bytes or a stored binary."""

    status: int
    body: bytes | Stored = b""
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def dumps(data: Any) -> bytes:
    """JSON as Artifactory prints it (0.4): members indented by two, a space on both sides of the colon, and the elements
    of an array beside each other, `[ {` … `}, {` … `} ]`."""
    return _printed(data, "\n").encode(errors="replace")


def _printed(data: Any, line: str) -> str:
    """`line` is a line break with the indentation of what holds the value."""
    if isinstance(data, dict):
        inner = f"{line}  "
        each = [f"{inner}{_text(name)} : {_printed(value, inner)}" for name, value in data.items()]
        return f"{{{','.join(each)}{line}}}" if each else "{ }"
    if isinstance(data, list | tuple):
        return f"[ {', '.join(_printed(one, line) for one in data)} ]" if data else "[ ]"
    if isinstance(data, str):
        return encode_basestring(data)
    return str(data) if type(data) is int else json.dumps(data)


def _text(name: Any) -> str:
    return encode_basestring(name if isinstance(name, str) else json.dumps(name))


def json_answer(
    data: Any, status: int = 200, kind: str | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """JSON; `kind` is the end of a vendor media type, such as `storage.FileInfo`."""
    media = f"{VENDOR_JSON}{kind}+json" if kind else "application/json"
    return Answer(status, dumps(data), media, dict(headers or {}))


def text(body: str, status: int = 200) -> Answer:
    """Plain text."""
    return Answer(status, body.encode(errors="replace"), "text/plain")


def html(body: str, status: int = 200) -> Answer:
    """A page that says what it is."""
    page = f"<!doctype html><html><head><title>{BANNER}</title></head><body><p><b>{BANNER}</b></p>{body}</body></html>"
    return Answer(status, page.encode(), "text/html; charset=utf-8")


def empty(status: int = 204) -> Answer:
    """No body."""
    return Answer(status)
