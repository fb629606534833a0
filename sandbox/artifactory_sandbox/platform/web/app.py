"""The ASGI application of a node: finds the row, asks who calls, runs the handler in a thread, streams the answer."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.requests import Request

from artifactory_sandbox.platform.web import body as bodies
from artifactory_sandbox.platform.web.answer import BANNER, Answer, Stored
from artifactory_sandbox.platform.web.call import Call
from artifactory_sandbox.platform.web.refusal import Dropped, Refused
from artifactory_sandbox.platform.web.route import Needs, Route, Routes, names_of
from artifactory_sandbox.platform.web.url import parse_query, split_path

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

CHUNK = 256 * 1024
_UNEXPECTED = "An unexpected error has occurred, please check Artifactory logs for further details."


class App:
    """Serves one platform. `only` narrows it to a context, such as `artifactory` on port 8081."""

    def __init__(self, platform: "Platform", routes: Routes, only: str | None = None) -> None:
        self._platform = platform
        self._routes = routes
        self._only = only
        self._names = {row: names_of(row.path) for row in routes}
        self._pool: ThreadPoolExecutor = platform.pool

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except Dropped:
            await _break(send)
            return
        self._dress(answer)
        await self._send(answer, scope["method"], send)

    async def _answer(self, request: Request) -> Answer:
        path: str = request.scope["path"]
        call: Call | None = None
        try:
            call, row = self._read(request)
            path = call.path
            await self._platform.faults.before(call, row)
            answer = await self._handle(request, call, row)
            return await self._platform.faults.after(call, answer)
        except Refused as refused:
            return refused.answer(path)
        except Dropped:
            raise
        except Exception:
            log.exception("%s %s failed", request.method, path)
            return Refused(500, _UNEXPECTED).answer(path)
        finally:
            if call and call.upload:
                call.upload.path.unlink(missing_ok=True)

    def _read(self, request: Request) -> tuple[Call, Route | None]:
        scope = request.scope
        segments, matrix, folder = split_path(scope.get("raw_path") or scope["path"].encode())
        method: str = scope["method"]
        path = "/" + "/".join(segments)
        found = None if self._only and segments[:1] != (self._only,) else self._routes.find(method, segments)
        row, values = found or (None, ())
        args = dict(zip(self._names[row], values, strict=True)) if row else {}
        headers = Headers(scope=scope)
        call = Call(self._platform, method, path, args, parse_query(scope["query_string"]), headers)
        call.matrix, call.folder = matrix, folder
        self._platform.counters.count(call, row)
        return call, row

    async def _handle(self, request: Request, call: Call, row: Route | None) -> Answer:
        loop = asyncio.get_running_loop()
        if row is None:
            return await loop.run_in_executor(self._pool, self._unknown, call)
        if row.body == "file":
            await loop.run_in_executor(self._pool, self._platform.admit, call, row)
            call.upload = await bodies.to_file(request, self._platform.temporary)
            return await loop.run_in_executor(self._pool, row.handler, call)
        if call.method not in {"GET", "HEAD"}:
            call.data = await bodies.to_memory(request)
        return await loop.run_in_executor(self._pool, self._run, call, row)

    def _run(self, call: Call, row: Route) -> Answer:
        self._platform.admit(call, row)
        return row.handler(call)

    def _unknown(self, call: Call) -> Answer:
        self._platform.admit(call, _UNKNOWN)
        segments = tuple(call.path.strip("/").split("/"))
        known = set() if self._only and segments[0] != self._only else self._routes.methods(segments)
        if known:
            refused = Refused(405, "Method Not Allowed")
            refused.headers["Allow"] = ", ".join(sorted(known))
            raise refused
        self._platform.counters.unimplemented(call)
        raise Refused(404, "Not Found")

    def _dress(self, answer: Answer) -> None:
        platform = self._platform
        answer.headers.update(
            {
                "X-JFrog-Version": f"Artifactory/{platform.version} {platform.version.revision}",
                "X-Artifactory-Id": platform.artifactory_id,
                "X-Artifactory-Node-Id": platform.node_id,
                "X-Sandbox": BANNER,
            }
        )

    async def _send(self, answer: Answer, method: str, send: Any) -> None:
        length = answer.body.length if isinstance(answer.body, Stored) else len(answer.body)
        headers = {"Content-Length": str(length), **answer.headers}
        if answer.content_type:
            headers["Content-Type"] = answer.content_type
        if answer.status in {204, 304}:
            headers.pop("Content-Length")
        raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        if isinstance(answer.body, Stored):
            await self._stream(answer.body, method, send)
        else:
            await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})

    async def _stream(self, stored: Stored, method: str, send: Any) -> None:
        loop = asyncio.get_running_loop()
        left = 0 if method == "HEAD" else stored.length
        try:
            while left > 0:
                chunk = await loop.run_in_executor(self._pool, stored.file.read, min(CHUNK, left))
                if not chunk:
                    log.error("a binary ended %d bytes early", left)
                    return  # unfinished: the server closes the connection
                left -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            stored.file.close()
        await send({"type": "http.response.body", "body": b""})


def _never(call: Call) -> Answer:
    raise Refused(404, "Not Found")


_UNKNOWN = Route("*", "*", "", _never, Needs.NOTHING)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _break(send: Any) -> None:
    """Announces more than it sends: the server closes a connection whose answer was left unfinished."""
    start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000000")]}
    await send(start)
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
