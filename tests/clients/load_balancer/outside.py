"""What a client sees of a site from outside: a network load balancer in between, and a browser's patience."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import urllib3

IDEMPOTENT = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}
AGAIN = {502, 503, 504}


@contextmanager
def passing_on(address: str, ports: Mapping[int, int]) -> Iterator[str]:
    """URL of a proxy that takes CONNECT to any host, as a name that leads to a network load balancer, whose listeners
    pass on to ports of `address`."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            client: socket.socket = self.request
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            port = int(head.split()[1].rpartition(b":")[2])
            with socket.create_connection((address, ports[port])) as upstream:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_copy, args=(upstream, client), daemon=True)
                back.start()
                _copy(client, upstream)
                back.join()

    class Server(ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@dataclass
class Client:
    """Talks to `address` as `name`, over TLS when `ca` is given; asks again as a proxy does: only what may be repeated."""

    address: str
    port: int
    name: str
    auth: tuple[str, str]
    ca: str | None = None
    retried: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        options: dict[str, Any] = {"maxsize": 16, "timeout": 60, "retries": False}
        if self.ca:
            options |= {"ca_cert_data": self.ca, "server_hostname": self.name, "assert_hostname": self.name}
            self.pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(self.address, self.port, **options)
        else:
            self.pool = urllib3.HTTPConnectionPool(self.address, self.port, **options)

    def __call__(self, method: str, path: str, host: str = "", **options: Any) -> urllib3.BaseHTTPResponse:
        """One request, sent once."""
        headers = urllib3.make_headers(basic_auth=":".join(self.auth)) | {"Host": host or self.name}
        headers |= options.pop("headers", {})
        return self.pool.urlopen(method, path, headers=headers, redirect=False, **options)

    def patiently(self, method: str, path: str, **options: Any) -> int:
        """The status in the end; at most three more tries."""
        status = 0
        for attempt in range(4):
            try:
                status = self(method, path, **options).status
            except urllib3.exceptions.HTTPError:
                status = 0
            if (status and status not in AGAIN) or method not in IDEMPOTENT:
                break
            with self.lock:
                self.retried += attempt < 3
        return status


@contextmanager
def upstream(address: str, port: int, serve: Callable[[socket.socket], None]) -> Iterator[None]:
    """A node played by `serve`, which gets each connection."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            serve(self.request)

    class Server(ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server((address, port), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield
        server.shutdown()
