"""The forward proxy: one listener for clients and one a site, so that the listener says who is calling.

Requests arrive with a whole URL (`GET http://host/path`). Each is routed anew, streamed both ways, over an upstream connection
of its own; the client's connection is kept alive. CONNECT leads to a listener that ends TLS, after which requests are routed like
all others, or through a network load balancer's TCP listener to a machine, byte by byte.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import h11

from artifactory_sandbox.network.balancer import Asked
from artifactory_sandbox.network.condition import Condition
from artifactory_sandbox.network.routes import NoWay, Routes, Way
from artifactory_sandbox.network.traffic import PEER_HEADER, Traffic
from artifactory_sandbox.network.wire import Headers, Wire, end_to_end

_CONNECT_S = 3.0
_HANDSHAKE_S = 10.0
_ERRORS = (OSError, h11.ProtocolError, asyncio.IncompleteReadError)


class Proxy:
    """Serves the listeners of one sandbox, all in one event loop."""

    def __init__(self, routes: Routes, condition: Condition, traffic: Traffic) -> None:
        self._routes = routes
        self._condition = condition
        self._traffic = traffic
        self._listeners: dict[str, asyncio.Server] = {}
        self._open: set[asyncio.Task[None]] = set()

    async def listen(self, caller: str) -> str:
        """Opens the listener of a caller; its URL. The same caller gets the same listener."""
        if caller not in self._listeners:
            self._listeners[caller] = await asyncio.start_server(self._serve_as(caller), "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._listeners[caller].sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Closes listeners and connections."""
        for server in self._listeners.values():
            server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _serve_as(self, caller: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is not None:
                self._open.add(task)
            client = Wire(h11.SERVER, reader, writer)
            try:
                while await self._exchange(caller, client):
                    client.protocol.start_next_cycle()
            except _ERRORS:
                client.abort()
            except asyncio.CancelledError:
                client.abort()
            finally:
                if task is not None:
                    self._open.discard(task)
                client.close()

        return serve

    async def _exchange(self, caller: str, client: Wire, inside: Asked | None = None) -> bool:
        """One request and its answer; whether the connection can take another. `inside`: where its TLS was ended."""
        request = await client.next()
        if not isinstance(request, h11.Request):
            return False
        if request.method == b"CONNECT" and inside is None:
            await self._tunnel(caller, client, request)
            return False
        asked = _asked(request, inside)
        if asked is None:
            return await _answer(client, 400, "The sandbox's proxy wants a whole URL or a Host header.")
        way = self._routes.find(caller, asked)
        if isinstance(way, NoWay):
            return await self._refuse(client, way)
        if PEER_HEADER not in {name for name, _ in request.headers}:
            self._traffic.count(way.site, way.node, request.method)
        with self._routes.requests.request(way.target):
            return await self._forward(client, request, asked, way)

    async def _forward(self, client: Wire, request: h11.Request, asked: Asked, way: Way) -> bool:
        link = self._condition.link(way.site)
        if link is not None:
            await asyncio.sleep(link.delay)
        try:
            upstream = Wire(
                h11.CLIENT, *await asyncio.wait_for(asyncio.open_connection(way.address, way.port), _CONNECT_S)
            )
        except (OSError, TimeoutError):
            return await self._refuse(client, NoWay(502, f"{way.node} does not accept connections"))
        if link is not None:
            upstream.rate = client.rate = link.rate
        try:
            return await _pass_through(client, upstream, request, asked, way)
        finally:
            upstream.close()

    async def _end_tls(self, caller: str, client: Wire, asked: Asked, context: ssl.SSLContext) -> None:
        """Shows the certificate to the client, and takes its requests."""
        await client.send(h11.Response(status_code=200, headers=[], reason=b"Connection established"))
        await client.writer.start_tls(context, ssl_handshake_timeout=_HANDSHAKE_S)
        secure = Wire(h11.SERVER, client.reader, client.writer)
        while await self._exchange(caller, secure, asked):
            secure.protocol.start_next_cycle()

    async def _refuse(self, client: Wire, no_way: NoWay) -> bool:
        if no_way.status == 0:
            client.abort()
            return False
        return await _answer(client, no_way.status, no_way.reason, no_way.location)

    async def _tunnel(self, caller: str, client: Wire, request: h11.Request) -> None:
        host, _, port = request.target.decode("latin-1").rpartition(":")
        asked = Asked("https", host, int(port) if port.isdigit() else 443, "/")
        if (context := self._routes.tls(asked)) is not None:
            await self._end_tls(caller, client, asked, context)
            return
        way = self._routes.find(caller, asked)
        if isinstance(way, NoWay):
            await self._refuse(client, way)
            return
        if way.alb_port:
            await _answer(client, 502, f"{host}: the listener has no certificate that ACM knows")
            return
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection(way.address, way.port), _CONNECT_S)
        except (OSError, TimeoutError):
            await _answer(client, 502, f"{way.node} does not accept connections")
            return
        await client.send(h11.Response(status_code=200, headers=[], reason=b"Connection established"))
        early, _ = client.protocol.trailing_data
        writer.write(early)
        try:
            with self._routes.requests.request(way.target):
                await asyncio.gather(_copy(client.reader, writer), _copy(reader, client.writer))
        finally:
            writer.close()


def _asked(request: h11.Request, inside: Asked | None = None) -> Asked | None:
    target, scheme = request.target.decode("latin-1"), inside.scheme if inside else "http"
    url = urlsplit(target if "://" in target else f"{scheme}://{_header(request, b'host')}{target}")
    if not url.hostname:
        return None
    port = inside.port if inside else url.port or (443 if url.scheme == "https" else 80)
    path = url.path or "/"
    return Asked(url.scheme, url.hostname, port, f"{path}?{url.query}" if url.query else path)


def _header(request: h11.Request, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in request.headers if name == wanted), "")


def _upstream_headers(request: h11.Request, asked: Asked, way: Way, client: Wire) -> Headers:
    headers = [(name, value) for name, value in end_to_end(request.headers) if name.lower() != b"host"]
    shown = asked.host if asked.port in {80, 443} else f"{asked.host}:{asked.port}"
    headers.insert(0, (b"Host", shown.encode("latin-1")))
    if way.alb_port:
        peer = str((client.writer.get_extra_info("peername") or ("",))[0])
        before = _header(request, b"x-forwarded-for")
        ours = {
            b"X-Forwarded-For": f"{before}, {peer}" if before else peer,
            b"X-Forwarded-Proto": asked.scheme,
            b"X-Forwarded-Port": str(way.alb_port),
        }
        lowered = {name.lower() for name in ours}
        headers = [row for row in headers if row[0].lower() not in lowered]
        headers += [(name, value.encode("latin-1")) for name, value in ours.items()]
    return [*headers, (b"Connection", b"close")]


async def _pass_through(client: Wire, upstream: Wire, request: h11.Request, asked: Asked, way: Way) -> bool:
    headers = _upstream_headers(request, asked, way, client)
    await upstream.send(h11.Request(method=request.method, target=asked.path.encode("latin-1"), headers=headers))
    sending = asyncio.create_task(_send_body(client, upstream))
    try:
        whole = await _send_answer(upstream, client)
    finally:
        if not sending.done():
            sending.cancel()
        with contextlib.suppress(asyncio.CancelledError, *_ERRORS):
            await sending
    if not whole:
        client.abort()
        return False
    return client.protocol.our_state is h11.DONE and client.protocol.their_state is h11.DONE


async def _send_body(client: Wire, upstream: Wire) -> None:
    if client.protocol.they_are_waiting_for_100_continue:
        await client.send(h11.InformationalResponse(status_code=100, headers=[]))
    while True:
        event = await client.next()
        if isinstance(event, h11.Data):
            await upstream.send(h11.Data(data=event.data))
        elif isinstance(event, h11.EndOfMessage):
            await upstream.send(h11.EndOfMessage())
            return
        else:
            upstream.abort()
            return


async def _send_answer(upstream: Wire, client: Wire) -> bool:
    """Passes the answer on; False when it broke off, so that the client's connection has to break too."""
    started = False
    while True:
        try:
            event = await upstream.next()
        except _ERRORS:
            event = None
        if isinstance(event, h11.InformationalResponse):
            continue
        if isinstance(event, h11.Response):
            started = True
            await client.send(
                h11.Response(status_code=event.status_code, headers=end_to_end(event.headers), reason=event.reason)
            )
        elif isinstance(event, h11.Data):
            await client.send(h11.Data(data=event.data))
        elif isinstance(event, h11.EndOfMessage) and started:
            await client.send(h11.EndOfMessage())
            return True
        else:
            return False


async def _answer(client: Wire, status: int, text: str, location: str = "") -> bool:
    """The proxy's own answer. The request's body was not read, so the connection ends unless there was none."""
    if client.protocol.our_state is not h11.SEND_RESPONSE:
        return False
    body = f"{text}\n".encode()
    headers = [
        (b"Content-Type", b"text/plain; charset=utf-8"),
        (b"Content-Length", str(len(body)).encode()),
        (b"Connection", b"close"),
    ]
    headers.append((b"X-Sandbox-Proxy", text.encode("latin-1", "replace")))
    if location:
        headers.append((b"Location", location.encode("latin-1")))
    await client.send(h11.Response(status_code=status, headers=headers, reason=_REASONS.get(status, b"")))
    await client.send(h11.Data(data=body))
    await client.send(h11.EndOfMessage())
    return False


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


_REASONS = {
    400: b"Bad Request",
    501: b"Not Implemented",
    502: b"Bad Gateway",
    503: b"Service Unavailable",
    504: b"Gateway Timeout",
}
