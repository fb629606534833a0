"""One request through a simulated web server, to applications that only note what arrives."""

import asyncio
from typing import Any

from artifactory_sandbox.platform.front.front import Front
from artifactory_sandbox.platform.front.served import Served


def through(
    site: Served, path: str, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], dict[str, str]]:
    """Port or status that a request ends at, the headers it arrives with, and those of the answer."""
    arrived: dict[str, Any] = {}

    def app(port: int) -> Any:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            del receive
            arrived["port"] = port
            arrived["headers"] = {name.decode(): value.decode() for name, value in scope["headers"]}
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        return answer

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    given = {"host": "us.example:8000", "connection": "keep-alive", **(headers or {})}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    scope = {"type": "http", "path": path, "headers": raw, "client": ("10.0.0.9", 1)}
    asyncio.run(Front(site, {8081: app(8081), 8082: app(8082)})(scope, None, send))
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return arrived.get("port", sent[0]["status"]), arrived.get("headers", {}), answered
