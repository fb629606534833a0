"""Web servers at work: a reload ends no connection, and a front asks another node only for what no node has seen."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from artifactory_sandbox.network.authority import Authority
from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.front.remote import Nodes
from artifactory_sandbox.platform.front.web_server import WebServers
from artifactory_sandbox.platform.serve import bind

CONF = """server {{
    listen {port} ssl;
    ssl_certificate /etc/site.crt;
    ssl_certificate_key /etc/site.key;
    location / {{ return 200 {word}; }}
}}
"""
WITHIN_S = 20.0


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, port: int) -> "Client":
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=trusting))

    @property
    def certificate(self) -> str:
        return ssl.DER_cert_to_PEM_cert(self._writer.get_extra_info("ssl_object").getpeercert(binary_form=True))

    async def ask(self) -> str:
        self._writer.write(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return (await self._reader.readexactly(length)).decode()


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not await condition():
            await asyncio.sleep(0.05)


def test_a_reload_serves_new_files_over_the_same_port_and_connection(tmp_path: Path) -> None:
    files, authority, end = Files(tmp_path), Authority(), asyncio.Event()
    conf, running = files.front_conf("nginx"), files.front_running("nginx")
    for file in (conf, running):
        file.parent.mkdir(parents=True)
    with bind("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]

    def write(word: str, mark: str) -> str:
        certificate, key = authority.issue(["a.example"])
        (tmp_path / "etc/site.crt").write_text(certificate)
        (tmp_path / "etc/site.key").write_text(key)
        conf.write_text(CONF.format(port=port, word=word))
        running.write_text(mark)
        return certificate

    async def run() -> None:
        first = write("one", "1")
        servers = WebServers(files, "127.0.0.1", {}, end)
        servers.start()

        async def listens() -> bool:
            try:
                await Client.connect(port)
            except ConnectionRefusedError:
                return False
            return True

        await until(listens)
        client = await Client.connect(port)
        assert client.certificate in first
        assert await client.ask() == "one"
        second = write("two", "2")

        async def renewed() -> bool:
            return await client.ask() == "two"

        await until(renewed)
        assert (await Client.connect(port)).certificate in second
        running.unlink()

        async def closed() -> bool:
            return not await listens()

        await until(closed)
        end.set()
        await servers.stop()

    asyncio.run(run())


class Proxy:
    """Stands for the site's proxy: 10.0.0.1 is gone, 10.0.0.2 dies when it is asked, the others take what they get."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        node = head.partition("http://")[2].partition(":")[0]
        self.asked.append(node)
        if node == "10.0.0.1":
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nX-Sandbox-Proxy: gone\r\nContent-Length: 0\r\n\r\n")
        else:
            if "expect: 100-continue" in head:
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0]))
                assert body == b"whole"
            if node != "10.0.0.2":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nyes!")
        writer.close()


async def through(root: Path, method: str, body: bytes, *nodes: str) -> tuple[int, list[str]]:
    """Status of the answer through a front of these nodes, and which of them were asked."""
    conf = Files(root).front_conf("nginx")
    conf.parent.mkdir(parents=True)
    conf.write_text("\n".join(f"server {node}:8082 max_fails=1;" for node in nodes))
    proxy, sent = Proxy(), []
    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as listening:
        front = Nodes(Files(root), 8082, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
        headers = [(b"host", b"a.example"), *([(b"content-length", str(len(body)).encode())] if body else [])]
        scope = {"method": method, "path": "/x", "headers": headers}

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await front(scope, receive, send)
    assert sum(message["type"] == "http.response.start" for message in sent) == 1
    return sent[0]["status"], proxy.asked


@pytest.mark.parametrize(
    ("method", "body", "nodes", "answered"),
    [
        ("GET", b"", ("10.0.0.1", "10.0.0.3"), (200, ["10.0.0.1", "10.0.0.3"])),
        ("PUT", b"whole", ("10.0.0.1", "10.0.0.3"), (200, ["10.0.0.1", "10.0.0.3"])),
        ("GET", b"", ("10.0.0.2", "10.0.0.3"), (200, ["10.0.0.2", "10.0.0.3"])),
        ("PUT", b"whole", ("10.0.0.2", "10.0.0.3"), (502, ["10.0.0.2"])),
        ("PUT", b"whole", ("10.0.0.1",), (502, ["10.0.0.1"])),
    ],
)
def test_another_node_gets_what_none_has_seen(
    tmp_path: Path, method: str, body: bytes, nodes: tuple[str, ...], answered: tuple[int, list[str]]
) -> None:
    assert asyncio.run(through(tmp_path, method, body, *nodes)) == answered
