"""A stand-in for the simulated node: what the data plane needs of one, and nothing of Artifactory."""

import argparse
import hashlib
import http.server
import json
import sys
from pathlib import Path


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    address = ""

    def do_GET(self) -> None:
        if self.path.startswith("/big"):
            self._stream(int(self.path.rpartition("=")[2]))
            return
        self._answer({"node": self.address, "path": self.path, "headers": dict(self.headers)})

    def do_POST(self) -> None:
        """The control route of a node: says which fault it was given."""
        fault = json.loads(b"".join(self._body()))
        self._answer({"path": self.path, "fault": fault})

    def do_PUT(self) -> None:
        digest, size = hashlib.sha256(), 0
        for piece in self._body():
            digest.update(piece)
            size += len(piece)
        self._answer({"sha256": digest.hexdigest(), "size": size})

    def _body(self):  # type: ignore[no-untyped-def]
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("Content-Length", 0))
        while left:
            piece = self.rfile.read(min(left, 65536))
            left -= len(piece)
            yield piece

    def _stream(self, chunks: int) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(chunks):
            self.wfile.write(b"10000\r\n" + bytes(65536) + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def _answer(self, data: dict[str, object]) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--root", "--address", "--control"):
        parser.add_argument(name)
    wanted = parser.parse_args()
    if not (Path(wanted.root) / "opt/jfrog/artifactory/var/etc/system.yaml").is_file():
        print(json.dumps({"fatal": "system.yaml is missing"}))
        sys.exit(1)
    _Handler.address = wanted.address
    http.server.ThreadingHTTPServer((wanted.address, 8082), _Handler).serve_forever()


if __name__ == "__main__":
    main()
