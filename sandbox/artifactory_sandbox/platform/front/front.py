"""A web server at work: hands the requests of one site to the node's applications."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from artifactory_sandbox.platform.front.served import Route, Served, Text, Variable, filled

_HOST: dict[str, Text] = {"Host": (Variable("http_host"),)}


class Front:
    """An application in front of the applications by port."""

    def __init__(self, site: Served, apps: Mapping[int, Any]) -> None:
        self.site = site
        """May be another one for the next request: a reload."""
        self._apps = apps

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        values = self._values(scope)
        route = self.site.route(scope["path"], values["host"])
        if route is None:
            await self._answer(send, 404, [])
            return
        if route.returns is not None:
            status, text = route.returns
            target = filled(text, values)
            headers = [(b"location", target.encode("latin-1"))] if 300 <= status < 400 else []
            await self._answer(send, status, headers, b"" if headers else target.encode())
            return
        app = self._apps.get(route.port or 0)
        if app is None:
            await self._answer(send, 502, [])
            return
        added = {name: filled(text, values) for name, text in route.answer_headers.items()}

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.encode(), value.encode("latin-1")) for name, value in added.items()]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        sent = {**scope, **_path(route, values), "headers": _headers(scope, route, values)}
        await app(sent, receive, with_headers)

    def _values(self, scope: Any) -> dict[str, str]:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        client = (scope.get("client") or ("127.0.0.1", 0))[0]
        host = headers.get("host", "")
        forwarded = headers.get("x-forwarded-for", "")
        return {
            "host": host.partition(":")[0],
            "http_host": host,
            "server_name": host.partition(":")[0],
            "scheme": "https" if self.site.tls else "http",
            "server_port": str(self.site.port),
            "remote_addr": client,
            "proxy_add_x_forwarded_for": f"{forwarded}, {client}" if forwarded else client,
            "request_uri": _uri(scope),
            "uri": scope["path"],
            "http_x_forwarded_proto": headers.get("x-forwarded-proto", ""),
            "http_x_forwarded_for": forwarded,
            "http_upgrade": headers.get("upgrade", ""),
        }

    async def _answer(self, send: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
        own = [(b"content-length", str(len(body)).encode()), (b"server", self.site.server.encode())]
        await send({"type": "http.response.start", "status": status, "headers": [*headers, *own]})
        await send({"type": "http.response.body", "body": body})


def _uri(scope: Any) -> str:
    """Path and query as the client wrote them."""
    path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path


def _path(route: Route, values: Mapping[str, str]) -> dict[str, Any]:
    if not route.to:
        return {}
    path = filled(route.to, values).partition("?")[0]
    return {"path": unquote(path), "raw_path": path.encode("latin-1")}


def _headers(scope: Any, route: Route, values: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """The request's own headers, replaced by the route's; those that come out empty are left out."""
    wanted = {**_HOST, **route.headers}
    named = {name.lower().encode() for name in wanted}
    kept = [(name, value) for name, value in scope["headers"] if name not in named]
    made = [(name.lower().encode(), filled(text, values).encode("latin-1")) for name, text in wanted.items()]
    return kept + [(name, value) for name, value in made if value]
