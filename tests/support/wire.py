"""A real HTTP server in a thread that answers what a test tells it to, misbehaviour included."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer; `break_after` cuts the connection after so many bytes of the body, `delay_s` holds it back."""

    status: int = 200
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)
    break_after: int | None = None
    delay_s: float = 0.0

    @property
    def content(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


class Dropped(Exception):
    """Raised by an answer function: the connection is closed without a word."""


Answer = Callable[[Seen], Reply]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


class Wire:
    """The server; `answer` may be replaced at any time."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.seen: list[Seen] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def calls(self) -> list[str]:
        return [f"{seen.method} {seen.path}" for seen in self.seen]

    @property
    def writes(self) -> list[str]:
        """All but GET, HEAD and the search, a POST that reads."""
        return [call for call in self.calls if not call.startswith(("GET ", "HEAD ")) and not call.endswith("/aql")]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def _take(self, seen: Seen) -> Reply:
        with self._lock:
            self.seen.append(seen)
            return self.answer(seen)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or each answer waits 40 ms for an acknowledgement
            timeout = 30

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                parts = urlsplit(self.path)
                query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
                try:
                    reply = wire._take(
                        Seen(self.command, parts.path, query, dict(self.headers), self.rfile.read(length))
                    )
                except Dropped:
                    self.close_connection = True
                    return
                except Exception as error:  # noqa: BLE001 a mistake in the test's own server must show in the test
                    reply = Reply(500, f"the test's server failed: {error!r}")
                if reply.delay_s:
                    time.sleep(reply.delay_s)
                self.send_response(reply.status)
                for key, value in reply.headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(reply.content)))
                self.end_headers()
                self.wfile.write(reply.content[: reply.break_after])
                self.close_connection = self.close_connection or reply.break_after is not None

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = _serve

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@contextmanager
def wire(answer: Answer | None = None) -> Iterator[Wire]:
    """A server for the length of a test; without `answer` everything is 200 `OK`."""
    server = Wire(answer or (lambda _: Reply(body="OK")))
    try:
        yield server
    finally:
        server.close()


def in_turn(*replies: Reply | type[Dropped]) -> Answer:
    """One reply after the other; the last one again and again."""
    left = list(replies)

    def answer(_: Seen) -> Reply:
        reply = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(reply, Reply):
            return reply
        raise reply

    return answer
