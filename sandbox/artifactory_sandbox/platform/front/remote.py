"""A web server on a machine of its own: hands requests to the nodes that its file names, by way of its site's proxy."""

import asyncio
import itertools
import json
import logging
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import h11

from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.front.served import Refused
from artifactory_sandbox.platform.front.web_server import KINDS, WebServers
from artifactory_sandbox.platform.serve import run

_NODE = re.compile(r"(?:server |http://)([0-9.]+):80(?:81|82)\b")
_CONNECT_S, _CHUNK = 5.0, 64 * 1024
_HOP_BY_HOP = {b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"te", b"expect"}
_GONE = b"x-sandbox-proxy"


class Nodes:
    """An application at a port of every node that the front's file names, one after the other."""

    def __init__(self, files: Files, port: int, proxy: str) -> None:
        self._files = files
        self._port = port
        self._proxy = urlsplit(proxy)
        self._turn = itertools.count()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request, tried on every node as nginx does: again only while nothing of its body and of an answer went by."""
        nodes = named_nodes(self._files)
        first = next(self._turn)
        for attempt in range(len(nodes)):
            exchange = _Exchange(receive, send, last=attempt == len(nodes) - 1)
            if await self._passed(nodes[(first + attempt) % len(nodes)], scope, exchange):
                return
            if exchange.answered:
                raise ConnectionAbortedError("the node broke off in the middle of its answer")
            if exchange.asked:
                break
        await _answer(send, 502)

    async def _passed(self, node: str, scope: Any, exchange: "_Exchange") -> bool:
        """Whether a node has answered; False: it is gone."""
        try:
            connecting = asyncio.open_connection(self._proxy.hostname, self._proxy.port)
            exchange.reader, exchange.writer = await asyncio.wait_for(connecting, _CONNECT_S)
        except (OSError, TimeoutError):
            return False
        try:
            return await exchange.run(_head(scope, node, self._port))
        except (OSError, h11.ProtocolError):
            return False
        finally:
            exchange.writer.close()


class _Exchange:
    """One request to one node. Its body is sent when the proxy says that the node has taken the connection (100)."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def __init__(self, receive: Any, send: Any, *, last: bool) -> None:
        self.asked = self.answered = False
        """Whether something of the body, or of the answer, has gone by."""
        self._receive = receive
        self._send = send
        self._last = last
        self._wire = h11.Connection(h11.CLIENT)

    async def run(self, head: h11.Request) -> bool:
        """Whether the node has answered."""
        self.writer.write(self._wire.send(head) or b"")
        sending: asyncio.Task[None] | None = None
        if not any(name == b"expect" for name, _ in head.headers):
            self.writer.write(self._wire.send(h11.EndOfMessage()) or b"")
        try:
            while not isinstance(event := await self._next(), h11.EndOfMessage):
                if isinstance(event, h11.InformationalResponse):
                    self.asked = True
                    sending = sending or asyncio.create_task(self._send_body())
                elif isinstance(event, h11.Response) and self._is_gone(event):
                    return False
                elif isinstance(event, h11.Response):
                    self.answered = True
                    headers = [(name, value) for name, value in event.headers if name not in _HOP_BY_HOP]
                    await self._send({"type": "http.response.start", "status": event.status_code, "headers": headers})
                elif isinstance(event, h11.Data):
                    await self._send({"type": "http.response.body", "body": bytes(event.data), "more_body": True})
                else:
                    return False
            await self._send({"type": "http.response.body", "body": b""})
            return True
        finally:
            if sending is not None:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def _next(self) -> Any:
        while (event := self._wire.next_event()) is h11.NEED_DATA:
            self._wire.receive_data(await self.reader.read(_CHUNK))
        return event

    def _is_gone(self, answer: h11.Response) -> bool:
        """Whether it is the proxy that says so, and there is another node to ask."""
        return not self._last and answer.status_code == 502 and any(name == _GONE for name, _ in answer.headers)

    async def _send_body(self) -> None:
        more = True
        while more:
            message = await self._receive()
            more = message.get("more_body", False)
            if data := message.get("body"):
                self.writer.write(self._wire.send(h11.Data(data=data)) or b"")
                await self.writer.drain()
        self.writer.write(self._wire.send(h11.EndOfMessage()) or b"")
        await self.writer.drain()


def named_nodes(files: Files) -> Sequence[str]:
    """Addresses of the nodes in whichever web server's file there is."""
    for kind in KINDS:
        if (conf := files.front_conf(kind.name)).is_file():
            return list(dict.fromkeys(_NODE.findall(conf.read_text())))
    return []


def _head(scope: Any, node: str, port: int) -> h11.Request:
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    target = f"http://{node}:{port}{path}{f'?{query}' if query else ''}"
    headers = [(name, value) for name, value in scope["headers"] if name not in _HOP_BY_HOP]
    sized, sends = any(name == b"content-length" for name, _ in headers), scope["method"] in {"POST", "PUT", "PATCH"}
    if sends and not sized:
        headers.append((b"transfer-encoding", b"chunked"))
    if sends or sized:
        headers.append((b"expect", b"100-continue"))
    return h11.Request(method=scope["method"], target=target, headers=[*headers, (b"connection", b"close")])


async def _answer(send: Any, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def _serve(files: Files, address: str, proxy: str) -> None:
    end = asyncio.Event()
    servers = WebServers(files, address, {port: Nodes(files, port, proxy) for port in (8081, 8082)}, end, own="*")

    async def ready() -> None:
        servers.start()

    await run([], ready, end)
    await servers.stop()


def main(root: Path, address: str) -> int:
    """Runs until it is told to end; the exit code of the process, whose last words say why it could not go on."""
    try:
        asyncio.run(_serve(Files(root), address, os.environ["http_proxy"]))
    except Refused as error:
        logging.getLogger(__name__).error("%s", error)
        sys.stdout.write(json.dumps({"fatal": str(error)}) + "\n")
        return 1
    return 0
