"""An upstream of remote repositories that is no platform: files in memory, and what was asked of it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Upstream:
    """`files` by path, with their headers; `asked` is every request as `GET /path?query`."""

    url: str = ""
    files: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    slow_s: float = 0.0

    def gets(self, path: str) -> int:
        """How often a file was fetched."""
        return sum(one.split("?")[0] == f"GET {path}" for one in self.asked)


@contextmanager
def serving() -> Iterator[Upstream]:
    """Serves until the block ends."""
    upstream = Upstream()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Nothing."""

        def do_GET(self) -> None:
            upstream.asked.append(f"{self.command} {self.path}")
            upstream.headers.append(dict(self.headers))
            path = self.path.split("?")[0]
            if self.command == "GET":
                time.sleep(upstream.slow_s)
            if (status := upstream.statuses.get(path)) or path not in upstream.files:
                self._answer(status or 404, b"", {"Location": "/real.bin"} if status == 302 else {})
                return
            body, headers = upstream.files[path]
            if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                self._answer(304, b"", headers)
            else:
                self._answer(200, body, headers)

        do_HEAD = do_GET

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET" and status != 304:
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    upstream.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
