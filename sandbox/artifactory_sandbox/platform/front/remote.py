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
        """One request; what has no body is tried on every node."""
        nodes = named_nodes(self._files)
        first = next(self._turn)
        body = any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])
        for attempt in range(len(nodes)):
            last = body or attempt == len(nodes) - 1
            if await self._passed(nodes[(first + attempt) % len(nodes)], scope, receive, send, last=last):
                return
        await _answer(send, 502)

    async def _passed(self, node: str, scope: Any, receive: Any, send: Any, *, last: bool) -> bool:
        """Whether a node has answered; False: it is gone, and another may be asked."""
        try:
            connecting = asyncio.open_connection(self._proxy.hostname, self._proxy.port)
            reader, writer = await asyncio.wait_for(connecting, _CONNECT_S)
        except (OSError, TimeoutError):
            return False
        wire = h11.Connection(h11.CLIENT)
        try:
            writer.write(wire.send(_head(scope, node, self._port)) or b"")
            sending = asyncio.create_task(_send_body(wire, receive, writer))
            try:
                return await _send_answer(wire, reader, send, last=last)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        except (OSError, h11.ProtocolError):
            return False
        finally:
            writer.close()


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
    if not any(name == b"content-length" for name, _ in headers) and scope["method"] in {"POST", "PUT", "PATCH"}:
        headers.append((b"transfer-encoding", b"chunked"))
    return h11.Request(method=scope["method"], target=target, headers=[*headers, (b"connection", b"close")])


async def _send_body(wire: h11.Connection, receive: Any, writer: asyncio.StreamWriter) -> None:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        if data := message.get("body"):
            writer.write(wire.send(h11.Data(data=data)) or b"")
            await writer.drain()
    writer.write(wire.send(h11.EndOfMessage()) or b"")
    await writer.drain()


async def _send_answer(wire: h11.Connection, reader: asyncio.StreamReader, send: Any, *, last: bool) -> bool:
    while True:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            if event.status_code == 502 and not last and any(name == _GONE for name, _ in event.headers):
                return False
            headers = [(name, value) for name, value in event.headers if name not in _HOP_BY_HOP]
            await send({"type": "http.response.start", "status": event.status_code, "headers": headers})
        elif isinstance(event, h11.Data):
            await send({"type": "http.response.body", "body": bytes(event.data), "more_body": True})
        elif isinstance(event, h11.EndOfMessage):
            await send({"type": "http.response.body", "body": b""})
            return True
        elif not isinstance(event, h11.InformationalResponse):
            return True


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
