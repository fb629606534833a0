"""Nodes of one cluster as machines see them: a process each, at ports 8081 and 8082 of an address of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from artifactory_sandbox import licence
from artifactory_sandbox.platform.boot.files import Files
from tests.platform import machine

ADMIN = ("admin", "First-start-1")


@dataclass
class Node:
    """A process and what to call it by."""

    files: Files
    address: str
    process: subprocess.Popen[bytes]

    def call(self, method: str, path: str, port: int = 8082, **options: Any) -> requests.Response:
        session = requests.Session()
        session.trust_env = False
        return session.request(
            method, f"http://{self.address}:{port}{path}", **{"auth": ADMIN, "timeout": 20, **options}
        )

    def answers(self, port: int = 8082) -> bool:
        try:
            return self.call("GET", "/router/api/v1/system/health", port).status_code == 200
        except requests.RequestException:
            return False

    def end(self) -> tuple[int, bytes]:
        """Asks it to stop; its code and what it said."""
        if self.process.poll() is None:
            self.process.terminate()
        said = self.process.communicate(timeout=30)[0]
        return self.process.returncode, said


def until(condition: Callable[[], object], what: str, within_s: float = 30.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {within_s:g} s for {what}"
        time.sleep(0.05)


def free_address(number: int) -> str:
    """A loopback address of this process's own, so that test runs side by side do not meet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return f"127.{100 + port % 100}.{port // 256 % 256}.{number}"


@contextmanager
def cluster(folder: Path, control: str, web_servers: Mapping[str, str]) -> Iterator[Callable[..., Node]]:
    """Starts nodes on one shared mount; they end with the block. `web_servers`: their files by name."""
    shared = folder / "shared"
    shared.mkdir()
    with ExitStack() as stack:

        def start(name: str, number: int, licences: list[licence.Licence] | None = None, address: str = "") -> Node:
            files = Files(folder / name)
            if not files.root.exists():
                machine.write(files.root, name, licences or [])
                (files.root / "mnt").mkdir(exist_ok=True)
                (files.root / "mnt/shared").symlink_to(shared)
                for server, text in web_servers.items():
                    files.front_conf(server).parent.mkdir(parents=True)
                    files.front_conf(server).write_text(text)
            address = address or free_address(number)
            command = [sys.executable, "-m", "artifactory_sandbox.platform", "node", "--root", str(files.root)]
            command += ["--address", address, "--control", control, "--stale", "2"]
            node = Node(files, address, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
            stack.callback(node.end)
            return node

        yield start


def pair(start: Callable[..., Node]) -> tuple[Node, Node]:
    """Two nodes; the first start of a cluster is serial (files reference 4.2)."""
    first = start("n1", 1, licence.make(2))
    until(first.answers, "the first node")
    second = start("n2", 2)
    until(second.answers, "the second node")
    return first, second
