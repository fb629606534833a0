"""Nodes as processes: two of a cluster behind their simulated nginx, killed, restarted, refused."""

import hashlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from artifactory_estate.load_balancer.render import apache_conf, nginx_conf
from artifactory_sandbox import licence
from artifactory_sandbox.platform.boot.files import Files
from tests.platform import machine

ADMIN = ("admin", "First-start-1")
HOST = {"Host": "repo.acme.example"}
CONFS = {"nginx": nginx_conf("http://repo.acme.example"), "httpd": apache_conf("http://repo.acme.example")}


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
def cluster(folder: Path, control: str) -> Iterator[Callable[..., Node]]:
    """Starts nodes on one shared mount; they end with the block."""
    shared = folder / "shared"
    shared.mkdir()
    with ExitStack() as stack:

        def start(name: str, number: int, licences: list[licence.Licence] | None = None) -> Node:
            files = Files(folder / name)
            if not files.root.exists():
                machine.write(files.root, name, licences or [])
                (files.root / "mnt").mkdir(exist_ok=True)
                (files.root / "mnt/shared").symlink_to(shared)
                for server, text in CONFS.items():
                    files.front_conf(server).parent.mkdir(parents=True)
                    files.front_conf(server).write_text(text)
            address = free_address(number)
            command = [sys.executable, "-m", "artifactory_sandbox.platform", "node", "--root", str(files.root)]
            command += ["--address", address, "--control", control, "--stale", "2"]
            node = Node(files, address, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
            stack.callback(node.end)
            return node

        yield start


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Node]]:
    """Starts nodes of one cluster."""
    with machine.control(tmp_path / "db.sqlite") as url, cluster(tmp_path, url) as starting:
        yield starting


def pair(start: Callable[..., Node]) -> tuple[Node, Node]:
    """Two nodes; the first start of a cluster is serial (files reference 4.2)."""
    first = start("n1", 1, licence.make(2))
    until(first.answers, "the first node")
    second = start("n2", 2)
    until(second.answers, "the second node")
    return first, second


def test_a_cluster_survives_the_death_of_a_node(start: Callable[..., Node]) -> None:
    first, second = pair(start)
    body = {"rclass": "local", "packageType": "generic"}
    assert first.call("PUT", "/artifactory/api/repositories/libs", json=body).status_code == 200
    data = b"0123456789" * 200_000
    assert first.call("PUT", "/artifactory/libs/a/b.bin", data=data).status_code == 201
    got = second.call("GET", "/artifactory/libs/a/b.bin", port=8081).content
    assert hashlib.sha256(got).digest() == hashlib.sha256(data).digest()
    status = second.call("GET", "/artifactory/api/system/status").json()["nodes"]
    assert [node["state"] for node in status] == ["RUNNING", "RUNNING"]
    first.process.kill()
    first.process.wait()
    assert second.call("GET", "/artifactory/libs/a/b.bin").status_code == 200
    heir = start("n3", 3)
    until(heir.answers, "the dead node's licence to be taken over")
    assert heir.call("GET", "/artifactory/libs/a/b.bin").content == data
    assert second.end()[0] == 0


def test_writers_on_both_nodes_do_not_lose_each_others_work(start: Callable[..., Node]) -> None:
    nodes = pair(start)
    nodes[0].call("PUT", "/artifactory/api/repositories/busy", json={"rclass": "local"})

    def put(number: int) -> int:
        return (
            nodes[number % 2].call("PUT", f"/artifactory/busy/d{number % 5}/{number}", data=b"x" * number).status_code
        )

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(put, range(60))) == {201}
    for node in nodes:
        files = node.call("GET", "/artifactory/api/storage/busy?list&deep=1").json()["files"]
        assert len(files) == 60


@pytest.mark.parametrize(
    ("server", "wrong", "reason"),
    [
        (
            "nginx",
            "server { listen 8000; nonsense; }",
            'nginx: [emerg] unknown directive "nonsense" in /etc/nginx/conf.d/artifactory.conf',
        ),
        (
            "httpd",
            "Listen 8000\nNonsense on\n",
            "AH00526: Syntax error on line 2 of /etc/httpd/conf.d/artifactory.conf: Invalid command 'Nonsense', "
            "perhaps misspelled or defined by a module not included in the server configuration",
        ),
    ],
)
def test_a_web_server_runs_while_the_machine_says_so(
    start: Callable[..., Node], server: str, wrong: str, reason: str
) -> None:
    node = start("n1", 1, licence.make(1))
    until(node.answers, "the node")
    assert not node.answers(8000)
    running = node.files.front_running(server)
    running.parent.mkdir()
    running.write_text("1")
    until(lambda: node.answers(8000), server)
    listed = node.call("GET", "/artifactory/api/repositories", port=8000, headers=HOST).json()
    assert listed[0]["url"] == "http://repo.acme.example/artifactory/artifactory-build-info"
    assert node.call("GET", "/__sandbox__/counters", port=8000).status_code == 404
    assert node.call("GET", "/access/api/v1/system/ping", port=8081).status_code == 404
    assert node.call("GET", "/access/api/v1/system/ping", port=8000).status_code == 200
    running.unlink()
    until(lambda: not node.answers(8000), f"{server} to stop")
    node.files.front_conf(server).write_text(wrong)
    running.write_text("2")
    code, said = node.process.wait(20), node.process.communicate()[0]
    assert (code, json.loads(said.splitlines()[-1])["fatal"]) == (1, reason)


def test_one_web_server_takes_the_port_of_the_other(start: Callable[..., Node]) -> None:
    node = start("n1", 1, licence.make(1))
    marks = [node.files.front_running(server) for server in ("httpd", "nginx", "httpd")]
    marks[0].parent.mkdir()
    marks[0].write_text("1")
    until(lambda: node.answers(8000), "httpd")
    for before, after, name in ((marks[0], marks[1], "nginx"), (marks[1], marks[2], "Apache")):
        before.unlink()
        after.write_text("2")

        def answered_by(name: str = name) -> bool:
            try:
                return node.call("GET", "/", 8000, allow_redirects=False).headers["Server"] == name
            except requests.ConnectionError:
                return False

        until(answered_by, name)


def test_a_node_that_cannot_start_says_why(start: Callable[..., Node], tmp_path: Path) -> None:
    files = machine.write(tmp_path / "n1", "n1", licence.make(1))
    (files.etc / "security/master.key").unlink()
    node = start("n1", 1)
    code, said = node.process.wait(20), node.process.communicate()[0]
    reason = json.loads(said.splitlines()[-1])["fatal"]
    assert (code, reason.startswith("the master key is missing")) == (1, True)
    for log in ("console.log", "artifactory-service.log"):
        assert reason in (files.logs / log).read_text()


def test_a_signal_in_the_middle_of_work_leaves_a_whole_state(start: Callable[..., Node]) -> None:
    node = start("n1", 1, licence.make(1))
    until(node.answers, "the node")
    node.call("PUT", "/artifactory/api/repositories/hit", json={"rclass": "local"})
    acknowledged = []
    with ThreadPoolExecutor(4) as pool:

        def put(number: int) -> None:
            data = f"{number}".encode() * 1000
            if node.call("PUT", f"/artifactory/hit/{number}", data=data, timeout=5).status_code == 201:
                acknowledged.append((number, data))
            if number == 20:
                node.process.send_signal(signal.SIGKILL)

        tasks = [pool.submit(put, number) for number in range(60)]
        for task in tasks:
            task.exception()
    node.process.wait()
    again = start("n1", 2)
    until(again.answers, "the node to come back")
    assert len(acknowledged) >= 20
    for number, data in acknowledged:
        assert again.call("GET", f"/artifactory/hit/{number}").content == data
