"""Part `golden` of the long tests: every reviewed file boots a node, which keeps what it is given over a restart, or a front,
which hands requests to the nodes that it names."""

import hashlib
import http.server
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import urllib3

from artifactory_sandbox import licence
from artifactory_sandbox.platform.boot.files import Files
from tests.clients.golden.rooms import ROOMS, Golden, fronts, goldens, web_server
from tests.clients.platform.machines import Node, cluster, free_address, until
from tests.platform import machine
from tests.support.aws import running_aws
from tests.support.evidence import Evidence

SAMPLE = "filestore-s3-storage-v3"
"""Booted by every run of the tests."""
WITHIN_S = 90.0
ALL, FRONTS = goldens(), fronts()
FRONT_SAMPLE = "load_balancer-nginx-front-port-own"
_LISTEN = re.compile(r"^\s*listen (\d+)( ssl| https)?", re.IGNORECASE | re.MULTILINE)


@pytest.fixture
def aws() -> Iterator[None]:
    """A bucket store for the nodes."""
    with running_aws():
        yield


def boot(folder: Path, golden: Golden, evidence: Evidence) -> None:
    """Starts, uploads, restarts, downloads; the node has ignored nothing of the file."""
    room = ROOMS[golden.room]
    with machine.control(folder / "db.sqlite") as control, cluster(folder, control, {}) as starting:

        def start(number: int) -> Node:
            node = starting("n1", number, licence.make(1))
            until(
                lambda: node.answers() or node.process.poll() is not None, f"the node on {golden.path.name}", WITHIN_S
            )
            assert node.process.poll() is None, node.end()[1].decode()
            return node

        files = written(folder, room.version)
        room.place(files, golden.path.read_text())
        first = start(1)
        sent = {}
        assert first.call("PUT", "/artifactory/api/repositories/kept", json={"rclass": "local"}).status_code == 200
        for size in (0, 1_000, 300_000):
            sent[size] = os.urandom(size)
            answer = first.call("PUT", f"/artifactory/kept/{size}", data=sent[size])
            assert answer.status_code == 201, answer.text
            assert answer.json()["checksums"]["sha256"] == hashlib.sha256(sent[size]).hexdigest()
        first.end()
        again = start(2)
        for size, data in sent.items():
            assert again.call("GET", f"/artifactory/kept/{size}").content == data
        assert again.call("POST", "/artifactory/api/system/storage/gc").status_code == 200
        again.end()
    logged = (files.logs / "artifactory-service.log").read_text()
    ignored = [line for line in logged.splitlines() if "does not read" in line or "has no effect" in line]
    assert ignored == []
    evidence.note(f"{golden.id}: {len(sent)} artifacts kept over a restart.")


def written(folder: Path, version: str) -> Files:
    """A whole node, not yet started."""
    files = machine.write(folder / "n1", "n1", licence.make(1))
    (files.root / "mnt").mkdir(exist_ok=True)
    if version:
        (files.home / "app").mkdir(parents=True, exist_ok=True)
        (files.home / "app/version.txt").write_text(f"{version}\n")
    return files


def test_a_reviewed_file_boots(tmp_path: Path, aws: None) -> None:
    """The sample of every run."""
    (sample,) = [golden for golden in ALL if golden.id == SAMPLE]
    boot(tmp_path, sample, Evidence())


@pytest.mark.long(part="golden")
@pytest.mark.parametrize("golden", ALL, ids=[golden.id for golden in ALL])
def test_every_reviewed_file_boots(tmp_path: Path, aws: None, golden: Golden, evidence: Evidence) -> None:
    """Reviewed files, each booted by the sandbox."""
    boot(tmp_path, golden, evidence)


@contextmanager
def proxy() -> Iterator[str]:
    """A site's way to its nodes, which answers for each of them with its URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = self.path.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def boot_front(folder: Path, golden: Golden, evidence: Evidence) -> None:
    """Starts; every port of the file answers, by TLS where it says so, from the nodes that the file names."""
    text, files, address = golden.path.read_text(), Files(folder), free_address(1)
    web_server(files, text)
    named = set(re.findall(r"(10\.10\.\d+\.\d+):808[12]", text))
    command = [sys.executable, "-m", "artifactory_sandbox.platform", "front", "--root", str(folder)]
    command += ["--address", address]
    with proxy() as way:
        front = subprocess.Popen(command, env={**os.environ, "http_proxy": way}, stdout=subprocess.PIPE)
        try:
            ports = {(int(port), bool(tls)) for port, tls in _LISTEN.findall(text)}
            until(lambda: front.poll() is not None or all(heard(address, *port) for port in ports), "its ports")
            assert front.poll() is None, front.communicate()[0].decode()
            asked = {asked_node(address, *port) for port in sorted(ports) for _ in named}
        finally:
            front.terminate()
            front.wait(30)
    assert len(named) == 3 and asked - {""} == named
    evidence.note(f"{golden.id}: {len(ports)} ports, {len(named)} nodes.")


def heard(address: str, port: int, tls: bool) -> bool:
    try:
        asked_node(address, port, tls)
    except requests.RequestException:
        return False
    return True


def asked_node(address: str, port: int, tls: bool) -> str:
    """Address of the node that a request to this port came to; empty for one that is sent elsewhere by the front."""
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    url = f"http{'s' if tls else ''}://{address}:{port}/artifactory/api/system/ping"
    session = requests.Session()
    session.trust_env = False
    answer = session.get(url, timeout=10, allow_redirects=False, verify=False)
    if answer.is_redirect:
        assert answer.headers["Location"].startswith("https://")
        return ""
    assert answer.status_code == 200, answer.text
    return answer.text.removeprefix("http://").partition(":")[0]


def test_a_reviewed_file_boots_a_front(tmp_path: Path) -> None:
    """The sample of every run."""
    (sample,) = [golden for golden in FRONTS if golden.id == FRONT_SAMPLE]
    boot_front(tmp_path, sample, Evidence())


@pytest.mark.long(part="golden")
@pytest.mark.parametrize("golden", FRONTS, ids=[golden.id for golden in FRONTS])
def test_every_reviewed_file_boots_a_front(tmp_path: Path, golden: Golden, evidence: Evidence) -> None:
    """Reviewed files of web servers on machines of their own, each booted by the sandbox."""
    boot_front(tmp_path, golden, evidence)
