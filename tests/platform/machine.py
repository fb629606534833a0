"""The files of a node, as a bootstrap writes them, and a control API that has its database."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from artifactory_sandbox import licence
from artifactory_sandbox.platform.boot.files import Files

PASSWORD = "database-password"
MASTER, JOIN = "ab" * 32, "cd" * 16

SYSTEM_YAML = """configVersion: 1
shared:
  node: {{id: {node}, haEnabled: true, taskAffinity: any}}
  database:
    type: postgresql
    driver: org.postgresql.Driver
    url: "jdbc:postgresql://db.example:5432/artifactory?sslmode=require"
    username: artifactory
    password: "{password}"
"""
CHAIN = """<config version="1"><chain template="cache-fs"/>
<provider id="file-system" type="file-system"><baseDataDir>{shared}</baseDataDir></provider></config>
"""


def write(root: Path, node: str, licences: list[licence.Licence]) -> Files:
    """A node that starts; tests then break what they are about."""
    files = Files(root)
    shared = root / "mnt/shared"
    etc = files.etc
    for folder in (etc / "artifactory", etc / "security", etc / "access", files.var / "bootstrap/etc/access/keys"):
        folder.mkdir(parents=True)
    (etc / "system.yaml").write_text(SYSTEM_YAML.format(node=node, password=PASSWORD))
    (etc / "artifactory/binarystore.xml").write_text(CHAIN.format(shared=f"/{shared.relative_to(root)}"))
    (etc / "artifactory/artifactory.system.properties").write_text("# ours\nartifactory.search.maxResults=500\n")
    (etc / "security/master.key").write_text(MASTER + "\n")
    (etc / "security/join.key").write_text(JOIN)
    credentials = etc / "access/bootstrap.creds"
    credentials.write_text("admin@*=First-start-1")
    credentials.chmod(0o600)
    (files.var / "bootstrap/etc/access/keys/generate.token.json").write_text("")
    (etc / "artifactory/artifactory.cluster.license").write_text(licence.file_text(licences))
    return files


@contextmanager
def control(database: Path | str, reachable: bool = True) -> Iterator[str]:
    """URL of a control API that knows one database: a file, or the URL of a PostgreSQL."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            kind = "path" if isinstance(database, Path) else "url"
            self._say(200, {kind: str(database), "reachable": reachable})

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._say(200 if sent["password"] == PASSWORD else 403, {})

        def _say(self, status: int, data: dict[str, Any]) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
