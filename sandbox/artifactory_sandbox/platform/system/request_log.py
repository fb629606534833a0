"""The logs of requests and of access, in the node's log folder, rotated by size. Nothing secret is ever written.

`artifactory-request.log`: time|trace id|remote address|user|method|path|status|request bytes|response bytes|milliseconds|user agent.
`artifactory-access.log`: time [trace id] [ACCEPTED DEPLOY] repository:path for client : user / address.
"""

import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.web import Answer, Call, Stored

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

MOST_BYTES = 25 * 1024 * 1024
KEPT = 10
_PRIVATE, _ARTIFACTORY, _API = "/__sandbox__", "/artifactory/", "/artifactory/api/"
_RPC = ("/artifactory/api/federation/", "/rtfs/")
_SUM = "X-Checksum-Sha1"
_TRACES = ("x-b3-traceid", "uber-trace-id", "x-request-id", "x-jfrog-request-id")
_ITEM_ACTIONS = {"GET": "DOWNLOAD", "HEAD": "DOWNLOAD", "PUT": "DEPLOY", "DELETE": "DELETE"}


class RequestLog:
    """Called once a request, after its answer, from one thread."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self._files: dict[str, RotatingFile] = {}

    def __call__(self, call: Call, answer: Answer, seconds: float) -> None:
        """Writes the lines of a request, and counts what it moved."""
        if call.path.startswith(_PRIVATE):
            return
        self._count(call, answer)
        now, trace = iso(self._platform.clock.now()), trace_id(call)
        is_artifactory = call.path.startswith(_ARTIFACTORY)
        fields = (
            *(now, trace, call.client or "-", call.caller.name, call.method),
            call.path.removeprefix("/artifactory") if is_artifactory else call.path,
            *(answer.status, call.headers.get("content-length", "-1"), _length(answer), round(seconds * 1000)),
            call.headers.get("user-agent", "-"),
        )
        self._write(_log_of(call.path), "|".join(_plain(str(field)) for field in fields))
        if is_artifactory and (action := _action(call, answer)):
            who = f"for client : {_plain(call.caller.name)} / {call.client or '-'}"
            self._write("artifactory-access.log", f"{now} [{trace}] {action} {who}")

    def close(self) -> None:
        """Closes the files."""
        for file in self._files.values():
            file.close()

    def _write(self, name: str, line: str) -> None:
        if name not in self._files:
            self._files[name] = RotatingFile(self._platform.folders.logs / name)
        self._files[name].write(line)

    def _count(self, call: Call, answer: Answer) -> None:
        add = self._platform.metrics.add
        if call.method == "GET" and _is_binary(answer):
            add("jfsh_binaries_download_total")
            add("jfsh_binaries_bytes_download_total", _length(answer))
        if call.upload is not None and answer.status < 300:
            add("jfsh_binaries_upload_total")
            add("jfsh_binaries_bytes_upload_total", call.upload.size)
        if self._platform.rtfs and call.path.startswith(_RPC):
            add("jfrt_rpc_response_from_rtfs_total", statusCode=str(answer.status))


class RotatingFile:
    """A log that is put aside when it is full; the oldest of those go."""

    def __init__(self, path: Path, most: int = MOST_BYTES, kept: int = KEPT) -> None:
        self._path, self._most, self._kept = path, most, kept
        self._lock = threading.Lock()
        self._file: TextIO | None = None
        self._size = 0

    def write(self, line: str) -> None:
        """Adds a line."""
        with self._lock:
            if self._file is None:
                self._open()
            elif self._size > self._most:
                self._rotate()
            if self._file is not None:
                self._size += self._file.write(f"{line}\n")

    def close(self) -> None:
        """Closes the file; a later line opens it again."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a", buffering=1, encoding="utf-8", errors="replace")
        self._size = self._path.stat().st_size

    def _rotate(self) -> None:
        if self._file is not None:
            self._file.close()
        for number in range(self._kept - 1, 0, -1):
            older = self._aside(number)
            if older.exists():
                older.replace(self._aside(number + 1))
        if self._path.exists():
            self._path.replace(self._aside(1))
        self._open()

    def _aside(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.stem}.{number}.log")


def trace_id(call: Call) -> str:
    """The id that a client, or a proxy before us, gave the request; else one of its own."""
    for name in _TRACES:
        if sent := call.headers.get(name, "").partition(":")[0].strip():
            return _plain(sent)[:64]
    return secrets.token_hex(8)


def _log_of(path: str) -> str:
    service = path.split("/", 2)[1]
    return f"{service}-request.log" if service in {"artifactory", "access"} else "router-request.log"


def _action(call: Call, answer: Answer) -> str:
    """`[DENIED DEPLOY] libs:a.jar`; empty for what is no access to an item and no failed login."""
    if answer.status == 401:
        return "[DENIED LOGIN]"
    word = _ITEM_ACTIONS.get(call.method, "")
    repo, _, path = call.path.removeprefix(_ARTIFACTORY).partition("/")
    if not word or not path or call.path.startswith(_API):
        return ""
    if answer.status == 403:
        return f"[DENIED {word}] {_plain(repo)}:{_plain(path)}"
    if answer.status >= 300 or (word == "DOWNLOAD" and not _is_binary(answer)):
        return ""
    return f"[ACCEPTED {word}] {_plain(repo)}:{_plain(path)}"


def _is_binary(answer: Answer) -> bool:
    return answer.status < 300 and (isinstance(answer.body, Stored) or _SUM in answer.headers)


def _length(answer: Answer) -> int:
    return answer.body.length if isinstance(answer.body, Stored) else len(answer.body)


def _plain(text: str) -> str:
    """A field that cannot end its line, nor look like two."""
    if text.isprintable() and "|" not in text:
        return text
    return "".join("%7C" if letter == "|" else letter if letter.isprintable() else "?" for letter in text)
