"""A node that is fuzzed: started in a folder of its own, prepared, watched."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.clients.platform.fuzzing.drawing import Drawn, basic
from tests.clients.platform.nodes import Node, end
from tests.clients.running import until

PATIENCE_S = 30
_TYPES = ("pypi", "npm", "maven", "docker", "helm", "debian", "go", "conan", "nuget")
_PLACE = re.compile(r'File "[^"]*?(artifactory_sandbox/[^"]+)", line (\d+), in (\w+)')


@dataclass
class Target:
    """One running node with something in it."""

    node: Node
    folder: Path
    callers: dict[str, str] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    """Nobody can log in any more, or the licence is gone: a request did what it said."""

    @property
    def outside(self) -> str:
        """A path that is no part of the node's folders."""
        return str(self.folder / "outside")

    def prepare(self) -> None:
        """Repositories of every class and type, files, a user, a permission."""
        self._repository("fuzz-local", "local")
        for kind in _TYPES:
            self._repository(f"{kind}-local", "local", packageType=kind)
        self._repository("fuzz-remote", "remote", url="http://127.0.0.1:9/none")
        self._repository("fuzz-virtual", "virtual", repositories=["fuzz-local", "fuzz-remote"])
        self._repository("fuzz-fed", "federated")
        for path, content in (("a/b.txt", b"content"), ("pkg/1.0/pkg-1.0.jar", b"PK"), ("x.deb", b"!<arch>\n")):
            self.node.call("PUT", f"/artifactory/fuzz-local/{path};color=red", data=content)
        user = {"username": "plain", "password": "Password1!", "email": "plain@acme.example", "groups": []}
        self.node.call("POST", "/access/api/v2/users", json=user)
        targets = {"actions": {"users": {"plain": ["READ", "WRITE"]}}, "targets": {"ANY": {"include_patterns": ["**"]}}}
        self.node.call("POST", "/access/api/v2/permissions", json={"name": "fuzz", "resources": {"artifact": targets}})
        build = {"version": "1.0.1", "name": "fuzz-build", "number": "1", "started": "2026-01-31T12:00:00.000+0000"}
        self.node.api("PUT", "build", json=build)
        self.callers = {
            "admin": basic("admin", "password"),
            "bearer": f"Bearer {self.node.token}",
            "plain": basic("plain", "Password1!"),
            "wrong": "Basic x:y",
        }

    def strays(self) -> list[str]:
        """Files where the node has no business: beside its data, in its home, in the folder it was started in."""
        return sorted(
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if path.relative_to(self.folder).parts[0] not in {"data", "ready.json", "log"} and not path.is_dir()
        )

    def where(self, since: int) -> str:
        """The place in the code of the last exception that the log tells of."""
        time.sleep(0.05)
        with (self.folder / "log").open("rb") as log:
            log.seek(since)
            said = log.read().decode(errors="replace")
        places = [place for place in _PLACE.findall(said) if not place[0].endswith("web/app.py")]
        last = [line for line in said.splitlines() if line and not line.startswith((" ", "20", "Traceback"))]
        return f"{places[-1][0]}:{places[-1][1]} {places[-1][2]}: {last[-1][:200] if last else ''}" if places else ""

    @property
    def logged(self) -> int:
        """Length of the log."""
        return (self.folder / "log").stat().st_size

    def _repository(self, key: str, rclass: str, **fields: object) -> None:
        self.node.api("PUT", f"repositories/{key}", json={"rclass": rclass, **fields})


@contextmanager
def target(folder: Path, database: str = "") -> Iterator[Target]:
    """A fresh node; its working folder, home and temporary folder are its own, and stay empty if all is well."""
    for name in ("cwd", "home", "tmp"):
        (folder / name).mkdir(parents=True)
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "artifactory_sandbox.platform", "bare", "--ready-file", str(ready)]
    command += ["--database", database] if database else []
    own = {"HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"}
    began = time.monotonic()
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--data", str(folder / "data")],
            stdout=log,
            stderr=log,
            cwd=folder / "cwd",
            env={**os.environ, **own},
        )
    try:
        until(ready.exists, "the node to start", 60, process)
        said = json.loads(ready.read_text())["platforms"][0]
        made = Target(Node(process, said["url"], said["access_token"], time.monotonic() - began), folder)
        made.prepare()
        yield made
    finally:
        end(process)


class Line:
    """A connection to a node that is opened anew when it was closed."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._where = (str(parts.hostname), int(parts.port or 80))
        self._socket: socket.socket | None = None

    def send(self, drawn: Drawn) -> tuple[int, bytes] | None:
        """Status and body; None for a request that can have no answer. Raises `TimeoutError` without one."""
        for again in (True, False):
            fresh = self._socket is None
            try:
                return self._send(drawn)
            except TimeoutError:
                self.close()
                raise
            except (OSError, http.client.HTTPException):
                self.close()
                if fresh or not again:
                    return None  # refused before it was whole: the next request will tell whether the node lives
        return None

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, drawn: Drawn) -> tuple[int, bytes] | None:
        if self._socket is None:
            self._socket = socket.create_connection(self._where, PATIENCE_S)
        self._socket.sendall(drawn.raw)
        if drawn.cut:
            self.close()
            return None
        answer = http.client.HTTPResponse(self._socket, method=drawn.method)
        answer.begin()
        body = answer.read()
        if answer.will_close:
            self.close()
        return answer.status, body
