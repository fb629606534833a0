"""The ASGI application of a node: finds the row, asks who calls, runs the handler in a thread, streams the answer."""

import asyncio
import logging
import re
import time
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.requests import Request

from artifactory_sandbox.platform.counters import PEER_HEADER
from artifactory_sandbox.platform.state import Unreachable, Unstorable
from artifactory_sandbox.platform.web.answer import BANNER, Answer, Stored
from artifactory_sandbox.platform.web.body import Body
from artifactory_sandbox.platform.web.call import Call
from artifactory_sandbox.platform.web.refusal import Dropped, Refused
from artifactory_sandbox.platform.web.route import Needs, Route, Routes, names_of
from artifactory_sandbox.platform.web.url import parse_query, split_path

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

CHUNK = 256 * 1024
_QUICK = {"1.1", "control"}
"""Sections of health and of control: answered also while every other thread waits for somebody."""
_HEAD_LIMIT = 64 * 1024
_UNEXPECTED = "An unexpected error has occurred, please check Artifactory logs for further details."
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class App:
    """Serves one platform. `only` narrows it to a context, such as `artifactory` on port 8081."""

    def __init__(self, platform: "Platform", routes: Routes, only: str | None = None) -> None:
        self._platform = platform
        self._routes = routes
        self._only = only
        self._names = {row: names_of(row.path) for row in routes}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        began = time.monotonic()
        call = Call(self._platform, scope["method"], scope["path"], {}, {}, Headers(scope=scope))
        call.client = (scope.get("client") or ("", 0))[0]
        body = Body(Request(scope, receive))
        try:
            answer = await self._answer(scope, call, body)
        except Dropped:
            await _break(send)
            return
        if call.method not in {"GET", "HEAD"} and not await body.swallow():
            answer.headers["Connection"] = "close"
        try:
            await self._send(answer, call.method, send)
        finally:
            if isinstance(answer.body, Stored):
                answer.body.file.close()
            self._note(call, answer, time.monotonic() - began)

    async def _answer(self, scope: Any, call: Call, body: Body) -> Answer:
        """What is sent: never an exception but `Dropped`."""
        try:
            try:
                row = self._find(scope, call)
                await self._platform.faults.before(call, row)
                answer = await self._handle(call, row, body)
                answer = await self._platform.faults.after(call, answer)
            except Refused as refused:
                answer = refused.answer(call.path)
            except Unstorable as error:
                answer = Refused(400, f"Bad request: {error}").answer(call.path)
            self._dress(answer)
        except Dropped:
            raise
        except Unreachable as error:
            log.error("%s %s failed: %s", call.method, call.path, error)
            answer = Refused(500, _UNEXPECTED).answer(call.path)
        except Exception:
            log.exception("%s %s failed", call.method, call.path)
            answer = Refused(500, _UNEXPECTED).answer(call.path)
        finally:
            if call.upload:
                call.upload.path.unlink(missing_ok=True)
        return answer

    def _find(self, scope: Any, call: Call) -> Route | None:
        """Fills in what the address says; the row that serves it."""
        if sum(len(name) + len(value) for name, value in scope["headers"]) + len(scope["query_string"]) > _HEAD_LIMIT:
            raise Refused(400, "Request header is too large")
        segments, call.matrix, call.folder = split_path(scope.get("raw_path") or scope["path"].encode())
        call.path = "/" + "/".join(segments)
        call.query, call.raw_query = parse_query(scope["query_string"]), scope["query_string"]
        found = None if self._only and segments[:1] != (self._only,) else self._routes.find(call.method, segments)
        row, values = found or (None, ())
        if row:
            call.args = dict(zip(self._names[row], values, strict=True))
        self._platform.counters.count(call, row)
        return row

    async def _handle(self, call: Call, row: Route | None, body: Body) -> Answer:
        loop, pool = asyncio.get_running_loop(), self._threads(call, row)
        if row is None:
            return await loop.run_in_executor(pool, self._unknown, call)
        if row.body == "file":
            await loop.run_in_executor(pool, self._platform.admit, call, row)
            call.upload = await body.to_file(self._platform.temporary, self._platform.streams)
            return await loop.run_in_executor(pool, row.handler, call)
        if call.method not in {"GET", "HEAD"}:
            call.data = await body.to_memory()
            if call.data and row.path.startswith("/access/api/"):
                _demand_json(call)
        return await loop.run_in_executor(pool, self._run, call, row)

    def _threads(self, call: Call, row: Route | None) -> Executor:
        if row is not None and row.section in _QUICK:
            return self._platform.streams
        return self._platform.peer_pool if PEER_HEADER in call.headers else self._platform.pool

    def _run(self, call: Call, row: Route) -> Answer:
        self._platform.admit(call, row)
        return row.handler(call)

    def _unknown(self, call: Call) -> Answer:
        self._platform.admit(call, _UNKNOWN)
        segments = tuple(filter(None, call.path.split("/")))
        known = set() if self._only and segments[:1] != (self._only,) else self._routes.methods(segments)
        self._platform.counters.unimplemented(call)
        if known:
            refused = Refused(405, "Method Not Allowed")
            refused.headers["Allow"] = ", ".join(sorted(known))
            raise refused
        raise Refused(404, "Not Found")

    def _note(self, call: Call, answer: Answer, seconds: float) -> None:
        """The access log, once a request, after the answer."""
        try:
            self._platform.access_log(call, answer, seconds)
        except Exception:
            log.exception("the access log failed")

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
        raw = [(name.encode("latin-1"), _header(value)) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        if isinstance(answer.body, Stored):
            await self._stream(answer.body, method, send)
        else:
            await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})

    async def _stream(self, stored: Stored, method: str, send: Any) -> None:
        loop, threads = asyncio.get_running_loop(), self._platform.streams
        left = 0 if method == "HEAD" else stored.length
        try:
            while left > 0:
                chunk = await loop.run_in_executor(threads, stored.file.read, min(CHUNK, left))
                if not chunk:
                    log.error("a binary ended %d bytes early", left)
                    return  # unfinished: the server closes the connection
                left -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except OSError:
            log.exception("a binary could not be read")
            return
        await send({"type": "http.response.body", "body": b""})


def _demand_json(call: Call) -> None:
    """Access takes JSON (and forms, for tokens); a body of no type is taken for what it should be (0.4)."""
    kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and not kind.endswith(("json", "x-www-form-urlencoded")):
        raise Refused(415, "Unsupported Media Type")


def _header(value: str) -> bytes:
    """A value that ends no line."""
    return _CONTROL.sub(" ", value).strip().encode("latin-1", "replace")


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
