"""Part `load` of the long tests: clients straight at two nodes of a cluster, each a process, over one SQLite and one folder."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.clients.platform.nodes import ADMIN, Node, cluster, many_files, on_two_cores, running
from tests.support.evidence import Evidence

CLIENTS = 32
SECONDS = 20
BIG = 2 * 1024**3
BLOCK = 1024 * 1024
REPOSITORIES = 10_000
IDLE = 2000
BASIC = "Authorization: Basic YWRtaW46cGFzc3dvcmQ="
READER = "Authorization: Basic cmVhZGVyOlBhc3N3b3JkMSE="
THE_SAME_CORES = "Nodes and clients share two cores; a client asks anew as soon as it has an answer whole."


def small_gets(urls: list[str], header: str, seconds: float = SECONDS) -> dict[str, Any]:
    """What `CLIENTS` clients in a process of their own saw."""
    command = [sys.executable, "-m", "tests.bench.small_gets", "--clients", str(CLIENTS), "--seconds", str(seconds)]
    done = subprocess.run([*command, "--header", header, *urls], capture_output=True, check=True, timeout=seconds + 60)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def prepare(node: Node) -> str:
    """A repository with a small file, and a user who may read it."""
    assert node.api("PUT", "repositories/load-local", json={"rclass": "local"}).status_code == 200
    assert node.call("PUT", "/artifactory/load-local/a/small.bin", data=os.urandom(1024)).status_code == 201
    user = {"username": "reader", "password": "Password1!", "email": "reader@acme.example", "groups": []}
    assert node.call("POST", "/access/api/v2/users", json=user).status_code == 201
    targets = {"actions": {"users": {"reader": ["READ"]}}, "targets": {"load-local": {"include_patterns": ["**"]}}}
    permission = {"name": "readers", "resources": {"artifact": targets}}
    assert node.call("POST", "/access/api/v2/permissions", json=permission).status_code == 201
    return "/artifactory/load-local/a/small.bin"


@pytest.mark.long(part="load")
def test_small_reads(tmp_path: Path, evidence: Evidence) -> None:
    """Small files read by 32 clients from two nodes on two cores."""
    evidence.note(THE_SAME_CORES)
    allowed = os.sched_getaffinity(0)
    with cluster(tmp_path) as nodes:
        on_two_cores([node.process for node in nodes])
        try:
            path = prepare(nodes[0])
            urls = [node.url + path for node in nodes]
            for who, header in (
                ("basic", BASIC),
                ("bearer", f"Authorization: Bearer {nodes[0].token}"),
                ("reader", READER),
            ):
                before = [node.cpu_s for node in nodes]
                seen = small_gets(urls, header)
                cpu = [node.cpu_s - start for node, start in zip(nodes, before, strict=True)]
                assert set(seen["statuses"]) == {"200"}, seen
                evidence.figure(f"{who}: answers a second", seen["per_second"], "/s", least=400)
                evidence.figure(f"{who}: median", seen["median_ms"], "ms")
                evidence.figure(f"{who}: 99 of 100 within", seen["p99_ms"], "ms")
                evidence.figure(
                    f"{who}: CPU of the clients", 100 * seen["client_cpu_s"] / seen["seconds"], "% of a core"
                )
                for number, used in enumerate(cpu):
                    evidence.figure(f"{who}: CPU of node {number}", 100 * used / seen["seconds"], "% of a core")
            for number, node in enumerate(nodes):
                evidence.figure(f"most memory of node {number}", node.most_memory_mib, "MiB")
        finally:
            os.sched_setaffinity(0, allowed)


@pytest.mark.long(part="load")
def test_large_files(tmp_path: Path, evidence: Evidence) -> None:
    """2 GiB up to one node and down from the other."""
    seed = os.urandom(BLOCK)
    digest = hashlib.sha256()

    def blocks() -> Iterator[bytes]:
        for number in range(BIG // BLOCK):
            block = number.to_bytes(8, "big") + seed[8:]
            digest.update(block)
            yield block

    with cluster(tmp_path) as nodes:
        path = prepare(nodes[0])
        big = "/artifactory/load-local/big.bin"
        beside = _Beside(nodes[0].url + path)
        with beside.asking():
            began = time.monotonic()
            sent = nodes[0].call("PUT", big, data=blocks(), timeout=600)
            assert sent.status_code == 201, sent.text
            evidence.figure("up", BIG / 1024**2 / (time.monotonic() - began), "MiB/s")
        assert sent.json()["checksums"]["sha256"] == digest.hexdigest()
        evidence.figure("slowest small read beside the upload", 1000 * beside.slowest, "ms")
        beside = _Beside(nodes[1].url + path)
        read = hashlib.sha256()
        with beside.asking():
            began = time.monotonic()
            with nodes[1].call("GET", big, stream=True, timeout=600) as answer:
                for chunk in answer.iter_content(BLOCK):
                    read.update(chunk)
            evidence.figure("down", BIG / 1024**2 / (time.monotonic() - began), "MiB/s")
        assert read.hexdigest() == digest.hexdigest()
        evidence.figure("slowest small read beside the download", 1000 * beside.slowest, "ms")
        for number, node in enumerate(nodes):
            evidence.figure(f"most memory of node {number}", node.most_memory_mib, "MiB", most=150)
        assert not list((tmp_path / "data/platform-0/work").glob("upload-*"))
    evidence.note("The client makes and digests what it sends and reads on the same two cores.")


@pytest.mark.long(part="load")
def test_ten_thousand_repositories(tmp_path: Path, evidence: Evidence) -> None:
    """10,000 repositories of one platform."""
    with running(tmp_path, 0) as node:
        for start in range(0, REPOSITORIES, 100):
            batch = [
                {"key": f"many-{n:05d}", "rclass": "local", "packageType": "generic", "description": f"number {n}"}
                for n in range(start, start + 100)
            ]
            answer = node.api("PUT", "v2/repositories/batch", json=batch)
            assert answer.status_code < 300, answer.text
    with running(tmp_path, 0) as node:
        evidence.figure("start of a node", node.seconds_to_start, "s", most=3)
        for name, path, most in (("list", "repositories", 0.5), ("configurations", "repositories/configurations", 2)):
            began = time.monotonic()
            answer = node.api("GET", path)
            evidence.figure(name, time.monotonic() - began, "s", most=most)
            assert answer.content.count(b"many-") >= REPOSITORIES
        prepare(node)
        seen = small_gets([f"{node.url}/artifactory/load-local/a/small.bin"], BASIC, 5)
        evidence.figure("small reads from the one node", seen["per_second"], "/s")
        evidence.figure("most memory of the node", node.most_memory_mib, "MiB")


@pytest.mark.long(part="load")
def test_idle_connections_starve_nobody(tmp_path: Path, evidence: Evidence) -> None:
    """2,000 idle connections to one node beside 32 clients."""
    many_files(IDLE + 200)
    with running(tmp_path, 0) as node:
        url = node.url + prepare(node)
        alone = small_gets([url], BASIC, 5)
        evidence.figure("alone: answers a second", alone["per_second"], "/s")
        parts = urlsplit(node.url)
        idle = [socket.create_connection((parts.hostname, parts.port), 10) for _ in range(IDLE)]
        try:
            for number, connection in enumerate(idle):
                if number % 4 == 1:
                    connection.sendall(b"GET /artifactory/load-local/a/small.bin HTT")  # half a request
                if number % 4 == 2:
                    connection.sendall(
                        b"PUT /artifactory/load-local/idle HTTP/1.1\r\nHost: node\r\nContent-Length: 9\r\n"
                        + BASIC.encode()
                        + b"\r\n\r\nhalf"
                    )
            time.sleep(1)
            assert node.files >= IDLE
            crowded = small_gets([url], BASIC, 10)
            began = time.monotonic()
            assert requests.get(url, auth=ADMIN, timeout=10).status_code == 200
            evidence.figure("a new client's first answer", 1000 * (time.monotonic() - began), "ms", most=1000)
        finally:
            for connection in idle:
                connection.close()
        assert set(crowded["statuses"]) == {"200"}
        evidence.figure("beside them: answers a second", crowded["per_second"], "/s", least=400)
        evidence.figure("beside them: 99 of 100 within", crowded["p99_ms"], "ms", most=1000)
        evidence.figure("beside them: slowest", crowded["slowest_ms"], "ms", most=3000)
        evidence.figure("most memory of the node", node.most_memory_mib, "MiB")
    evidence.note("A quarter of the idle ones sent half a request, a quarter half a body, the others nothing.")


class _Beside:
    """One client that reads a small file again and again."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.slowest = 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While the block runs."""
        over = threading.Event()

        def ask() -> None:
            with requests.Session() as session:
                while not over.wait(0.02):
                    began = time.monotonic()
                    assert session.get(self._url, auth=ADMIN, timeout=60).status_code == 200
                    self.slowest = max(self.slowest, time.monotonic() - began)

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
