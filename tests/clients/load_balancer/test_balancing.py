"""Real proxies over live simulated nodes: TLS, balancing, a node that dies, uploads, a certificate that is renewed."""

import hashlib
import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from artifactory_estate.load_balancer.model import LoadBalancer
from artifactory_estate.load_balancer.render import EACH_NODE, OWN_NODE, apache_conf, nginx_conf
from artifactory_sandbox.network.authority import Authority
from tests.clients.load_balancer.conftest import HOST, Site
from tests.clients.load_balancer.outside import Client, upstream
from tests.clients.load_balancer.web_servers import KINDS, Kind, WebServer, certify, running
from tests.clients.platform.machines import ADMIN, free_address, until
from tests.unit.load_balancer.variants import OWN

REQUESTS, KILL_AT = 2000, 600
RENDER: dict[str, Callable[..., str]] = {"nginx": nginx_conf, "apache": apache_conf}


@contextmanager
def front(
    kind: Kind, folder: Path, nodes: list[str], authority: Authority, **more: Any
) -> Iterator[tuple[WebServer, Client]]:
    """One that ends TLS in front of nodes, and a client of it."""
    declared = LoadBalancer(kind=kind, placement="front", own_certificate=OWN, **more)
    address = free_address(250)
    text = RENDER[kind](f"https://{HOST}", declared, nodes)
    with running(kind, folder, text, address, 8443, authority, HOST, f"*.{HOST}") as server:
        yield server, Client(address, 8443, HOST, ADMIN, authority.pem)


def node_of(answer: Any) -> str:
    """Which node answered."""
    return str(answer.headers["X-Artifactory-Node-Id"])


@pytest.mark.parametrize("kind", KINDS)
def test_it_ends_tls_and_every_node_gets_its_share(
    tmp_path: Path, site: Site, authority: Authority, kind: Kind
) -> None:
    with front(kind, tmp_path, site.addresses, authority) as (_, client):
        answers = [client("GET", "/artifactory/api/system/ping") for _ in range(60)]
        assert {answer.status for answer in answers} == {200}
        shares = Counter(map(node_of, answers))
        assert len(shares) == 3, shares
        assert min(shares.values()) >= 10, shares
        assert answers[0].headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("kind", KINDS)
def test_generated_urls_carry_the_name_that_the_client_used(
    tmp_path: Path, site: Site, authority: Authority, kind: Kind
) -> None:
    with front(kind, tmp_path, site.addresses, authority) as (server, client):
        for path in ("/artifactory/api/repositories", "/artifactory/api/repositories?type=local"):
            urls = {row["url"] for row in json.loads(client("GET", path).data)}
            assert {url.partition("/artifactory/")[0] for url in urls} == {f"https://{HOST}"}
        assert client("GET", "/").headers["Location"] == f"https://{HOST}/ui/"
        plain = Client(server.address, 8001, HOST, ADMIN)("GET", "/artifactory/files/a%2Fb?x=1")
        assert plain.status == 301
        assert plain.headers["Location"].startswith(f"https://{HOST}/artifactory/files/a")
        assert plain.headers["Location"].endswith("?x=1")


@pytest.mark.parametrize("kind", KINDS)
def test_a_service_name_in_every_generated_url(tmp_path: Path, site: Site, authority: Authority, kind: Kind) -> None:
    service = "https://repo.acme.example"
    with front(kind, tmp_path, site.addresses, authority, override_base_url=service) as (_, client):
        (url, *_) = [row["url"] for row in json.loads(client("GET", "/artifactory/api/repositories").data)]
        assert url.startswith(f"{service}/artifactory/")


@pytest.mark.parametrize("kind", KINDS)
def test_a_node_dies_under_2000_requests(tmp_path: Path, site: Site, authority: Authority, kind: Kind) -> None:
    """0 of them fail for a client that asks again what may be asked again, as the proxy does."""
    victim = site.nodes[-1]
    with front(kind, tmp_path, site.addresses, authority) as (_, client):
        assert client("PUT", "/artifactory/files/read.bin", body=b"x" * 4096).status == 201
        done = threading.Semaphore(0)

        def request(number: int) -> int:
            method = ("GET", "HEAD", "PUT", "GET")[number % 4]
            path = f"/artifactory/files/{kind}/{number}.bin" if method == "PUT" else "/artifactory/files/read.bin"
            status = client.patiently(method, path, body=b"y" * 512 if method == "PUT" else None)
            done.release()
            return status

        with ThreadPoolExecutor(16) as pool:
            tasks = [pool.submit(request, number) for number in range(REQUESTS)]
            for _ in range(KILL_AT):
                assert done.acquire(timeout=60)
            victim.process.kill()
            victim.process.wait()
            found = Counter(task.result() for task in tasks)
        assert found == {200: REQUESTS * 3 // 4, 201: REQUESTS // 4}
        nodes = Counter(node_of(client("GET", "/artifactory/api/system/ping")) for _ in range(20))
        assert len(nodes) == 2, nodes
    site.start_again(victim)


@pytest.mark.parametrize("kind", KINDS)
def test_100_mib_go_up_and_come_down(tmp_path: Path, site: Site, authority: Authority, kind: Kind) -> None:
    block = bytes(range(256)) * 4096
    with front(kind, tmp_path, site.addresses, authority) as (server, client):
        sent = (block for _ in range(100))
        assert client("PUT", f"/artifactory/files/{kind}/large.bin", body=sent, chunked=True).status == 201
        answer = client("GET", f"/artifactory/files/{kind}/large.bin", preload_content=False)
        digest = hashlib.sha256()
        for chunk in answer.stream(1 << 20):
            digest.update(chunk)
        wanted = hashlib.sha256(block * 100).hexdigest()
        assert digest.hexdigest() == wanted
        assert not list((server.folder / "body").rglob("*.*"))


@pytest.mark.parametrize("kind", KINDS)
def test_an_upload_streams(tmp_path: Path, authority: Authority, kind: Kind) -> None:
    """The node has the first bytes before the client sends the last: nothing waits on the proxy's disk."""
    address, arrived = free_address(1), threading.Event()

    def serve(connection: socket.socket) -> None:
        seen = b""
        while not seen.endswith(b"0\r\n\r\n"):
            seen = (seen + connection.recv(65536))[-1 << 20 :]
            if b"first" in seen:
                arrived.set()
        connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def body() -> Iterator[bytes]:
        yield b"first" * 200_000
        assert arrived.wait(30), "the node has seen nothing yet"
        yield b"last"

    with upstream(address, 8081, serve), front(kind, tmp_path, [address], authority) as (_, client):
        assert client("PUT", "/artifactory/files/a", body=body(), chunked=True).status == 201


@pytest.mark.parametrize("kind", KINDS)
def test_a_websocket_is_upgraded(tmp_path: Path, authority: Authority, kind: Kind) -> None:
    address, seen = free_address(2), []

    def serve(connection: socket.socket) -> None:
        head = connection.recv(65536)
        seen.append(head.lower())
        switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        connection.sendall(switched)
        while data := connection.recv(65536):
            connection.sendall(data.upper())

    with upstream(address, 8082, serve), front(kind, tmp_path, [address], authority) as (_, client):
        raw = client.pool._get_conn()
        raw.connect()
        made = raw.sock
        made.sendall(
            f"GET /ui/api/v1/socket HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert b" 101 " in made.recv(65536)
        for text in (b"first", b"second"):
            made.sendall(text)
            assert made.recv(65536) == text.upper()
        made.close()
    assert b"upgrade: websocket" in seen[0]
    assert f"x-jfrog-override-base-url: https://{HOST}".encode() in seen[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_certificate_drops_no_connection(tmp_path: Path, site: Site, authority: Authority, kind: Kind) -> None:
    """A request that is under way, and connections made all the time, live through the reload."""
    with front(kind, tmp_path, site.addresses, authority) as (server, client):
        before, under_way, go_on = serial(client), threading.Event(), threading.Event()

        def body() -> Iterator[bytes]:
            yield b"first half"
            under_way.set()
            assert go_on.wait(60)
            yield b"second half"

        with ThreadPoolExecutor(2) as pool:
            upload = pool.submit(client, "PUT", f"/artifactory/files/{kind}/slow.bin", body=body(), chunked=True)
            assert under_way.wait(30)
            certify(server.tls, authority, HOST, f"*.{HOST}")
            server.reload()
            statuses = []

            def renewed() -> bool:
                new = Client(server.address, 8443, HOST, ADMIN, authority.pem)
                statuses.append(new("GET", "/artifactory/api/system/ping").status)
                return serial(new) != before

            until(renewed, "the new certificate")
            go_on.set()
            assert upload.result().status == 201
        assert set(statuses) == {200}
        got = client("GET", f"/artifactory/files/{kind}/slow.bin").data
        assert got == b"first halfsecond half"


def serial(client: Client) -> str:
    """Of the certificate that a new connection is shown."""
    made = client.pool._new_conn()
    made.connect()
    try:
        return str(made.sock.getpeercert()["serialNumber"])
    finally:
        made.close()


@pytest.mark.parametrize("kind", KINDS)
def test_beside_a_node(tmp_path: Path, site: Site, kind: Kind) -> None:
    """placement: node, behind a load balancer that has ended TLS."""
    node = site.nodes[0]
    text = RENDER[kind](f"https://{HOST}", LoadBalancer(kind=kind), OWN_NODE).replace("127.0.0.1", node.address)
    with running(kind, tmp_path, text, node.address, 8000):
        client = Client(node.address, 8000, HOST, ADMIN)
        assert client("GET", "/router/api/v1/system/health").status == 200
        assert client("GET", "/access/api/v1/system/ping").status == 200
        for host in (HOST, "repo.acme.example"):
            rows = json.loads(client("GET", "/artifactory/api/repositories", host=host).data)
            assert rows[0]["url"].startswith(f"https://{host}/artifactory/")


def test_a_front_without_nodes_is_no_valid_file() -> None:
    """What stands for the nodes is replaced by the front itself."""
    assert EACH_NODE[0] in nginx_conf(f"https://{HOST}", LoadBalancer(kind="nginx", placement="front"), EACH_NODE)
