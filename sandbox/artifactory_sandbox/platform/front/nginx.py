"""nginx's configuration file: what its servers do with each request.

It knows the directives that stand in such files and refuses every other, so that a wrong file is noticed here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from artifactory_sandbox.platform.front.served import (
    Mapped,
    Refused,
    Route,
    Text,
    Tls,
    Variable,
    known,
    own_port,
    text_of,
)

_TOKEN = re.compile(
    r"""\s+|#[^\n]*|(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<mark>[{};])|(?P<word>[^\s{};"']+)"""
)
_VARIABLE = re.compile(r"\$(\w+)")
_INERT = frozenset(
    {
        *(
            "client_max_body_size",
            "client_body_timeout",
            "client_body_buffer_size",
            "client_header_timeout",
            "send_timeout",
        ),
        *(
            "chunked_transfer_encoding",
            "keepalive_timeout",
            "keepalive_requests",
            "keepalive",
            "access_log",
            "error_log",
        ),
        *("proxy_http_version", "proxy_connect_timeout", "proxy_read_timeout", "proxy_send_timeout", "proxy_buffering"),
        *(
            "proxy_request_buffering",
            "proxy_buffer_size",
            "proxy_buffers",
            "proxy_busy_buffers_size",
            "proxy_next_upstream",
        ),
        *("proxy_next_upstream_tries", "proxy_next_upstream_timeout", "proxy_pass_header", "proxy_cookie_path"),
        *(
            "proxy_max_temp_file_size",
            "large_client_header_buffers",
            "server_tokens",
            "tcp_nodelay",
            "sendfile",
            "resolver",
        ),
        *("proxy_redirect", "underscores_in_headers", "ignore_invalid_headers", "merge_slashes"),
        *("ssl_protocols", "ssl_prefer_server_ciphers", "ssl_ciphers", "ssl_session_cache", "ssl_session_timeout"),
    }
)
_VARIABLES = frozenset(
    {
        *("host", "http_host", "scheme", "server_port", "remote_addr", "proxy_add_x_forwarded_for", "request_uri"),
        *("http_x_forwarded_proto", "http_x_forwarded_for", "http_upgrade", "uri", "server_name"),
    }
)


@dataclass(slots=True)
class Location(Route):
    """Where requests of a path go."""

    kind: str = ""
    path: str = ""


@dataclass(slots=True)
class Server:
    """One server block."""

    port: int = 80
    secure: bool = False
    default: bool = False
    name: re.Pattern[str] | None = None
    files: dict[str, str] = field(default_factory=dict)
    headers: dict[str, Text] = field(default_factory=dict)
    answer_headers: dict[str, Text] = field(default_factory=dict)
    returns: tuple[int, Text] | None = None
    locations: list[Location] = field(default_factory=list)

    def location(self, path: str) -> Route | None:
        """The location of a path by nginx's order: exact, longest prefix if `^~`, first regular one, longest prefix."""
        if self.returns is not None:
            return Route(returns=self.returns, answer_headers=self.answer_headers)
        exact = next((one for one in self.locations if one.kind == "=" and one.path == path), None)
        if exact:
            return exact
        prefixes = [one for one in self.locations if one.kind in {"", "^~"} and path.startswith(one.path)]
        longest = max(prefixes, key=lambda one: len(one.path), default=None)
        if longest is not None and longest.kind == "^~":
            return longest
        for one in self.locations:
            if one.kind in {"~", "~*"} and re.search(one.path, path, re.IGNORECASE if one.kind == "~*" else 0):
                return one
        return longest


@dataclass(slots=True)
class Port:
    """The servers of one port: the first whose name is the host's, else the default one."""

    port: int
    servers: list[Server]
    tls: Tls | None = None
    server: str = "nginx"

    def route(self, path: str, host: str) -> Route | None:
        """Where a request goes."""
        for one in self.servers:
            found = one.name.search(host) if one.name is not None else None
            if found is not None and (route := one.location(path)) is not None:
                return replace(route, to=known(route.to, found.groupdict()))
        chosen = next((one for one in self.servers if one.default), self.servers[0])
        return chosen.location(path)


@dataclass(frozen=True, slots=True)
class Scope:
    """What the blocks of a file may name."""

    own: str
    upstreams: Mapping[str, int]
    maps: Mapping[str, Mapped]
    captured: frozenset[str] = frozenset()

    def text(self, text: str) -> Text:
        """A text with the values of the request in it."""
        names = _VARIABLES | self.captured | self.maps.keys()
        found = text_of(text, _VARIABLE, names, 'unknown "{}" variable')
        return tuple(self.maps.get(one.name, one) if isinstance(one, Variable) else one for one in found)


def parse(text: str, own: str = "127.0.0.1") -> list[Port]:
    """What a file says of each port; raises `Refused`."""
    try:
        servers = _servers(text, own)
    except (ValueError, IndexError, re.error) as error:
        raise Refused(f"invalid number of arguments or value: {error}") from error
    ports: dict[int, list[Server]] = {}
    for one in servers:
        ports.setdefault(one.port, []).append(one)
    return [Port(port, there, _tls(there[0])) for port, there in ports.items()]


def _servers(text: str, own: str) -> list[Server]:
    blocks = _blocks(_tokens(text))
    upstreams = {
        words[1]: _upstream(inner, own) for words, inner in blocks if words[0] == "upstream" and inner is not None
    }
    maps = dict(_map(words, inner) for words, inner in blocks if words[0] == "map" and inner is not None)
    scope = Scope(own, upstreams, maps)
    servers = []
    for words, inner in blocks:
        if words[0] == "server" and inner is not None:
            servers.append(_server(inner, scope))
        elif words[0] not in _INERT and (words[0] not in {"upstream", "map"} or inner is None):
            raise Refused(f'unknown directive "{words[0]}"')
    if not servers:
        raise Refused("no server block")
    return servers


def _map(words: list[str], inner: list[Any]) -> tuple[str, Mapped]:
    source, made = words[1].removeprefix("$"), words[2].removeprefix("$")
    if source not in _VARIABLES:
        raise Refused(f'unknown "{source}" variable')
    return made, Mapped(source, {row[0]: row[1] for row, _ in inner})


def _tls(server: Server) -> Tls | None:
    if not server.secure:
        return None
    for name in ("ssl_certificate", "ssl_certificate_key"):
        if name not in server.files:
            raise Refused(f'no "{name}" is defined for the "listen ... ssl" directive')
    return Tls(server.files["ssl_certificate"], server.files["ssl_certificate_key"])


Block = tuple[list[str], list[Any] | None]


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise Refused(f"unexpected character near: {text[position : position + 30]!r}")
        position = found.end()
        if found["quoted"] is not None:
            yield "'" + found["quoted"][1:-1]
        elif found["mark"] or found["word"]:
            yield found["mark"] or found["word"]


def _blocks(tokens: Iterator[str], inner: bool = False) -> list[Block]:
    found: list[Block] = []
    words: list[str] = []
    for piece in tokens:
        if piece == ";":
            if not words:
                raise Refused('unexpected ";"')
            found.append((words, None))
            words = []
        elif piece == "{":
            found.append((words, _blocks(tokens, inner=True)))
            words = []
        elif piece == "}":
            if not inner or words:
                raise Refused('unexpected "}"')
            return found
        else:
            words.append(piece.removeprefix("'"))
    if inner or words:
        raise Refused('unexpected end of file, expecting ";" or "}"')
    return found


def _upstream(inner: list[Block], own: str) -> int:
    ports = set()
    for words, block in inner:
        if block is not None or (words[0] != "server" and words[0] not in _INERT):
            raise Refused(f'unknown directive "{words[0]}" in upstream')
        if words[0] == "server":
            ports.add(own_port(words[1], own, "nginx"))
    if len(ports) != 1:
        raise Refused("an upstream names exactly one port of this node")
    return ports.pop()


def _server(inner: list[Block], scope: Scope) -> Server:
    server = Server()
    for words, _ in inner:
        if words[0] == "server_name" and words[1].startswith("~"):
            server.name = re.compile(words[1][1:].replace("(?<", "(?P<"))
            scope = replace(scope, captured=frozenset(server.name.groupindex))
    for words, block in inner:
        name, arguments = words[0], words[1:]
        if name == "location" and block is not None:
            server.locations.append(_location(arguments, block, scope))
        elif block is not None:
            raise Refused(f'unknown directive "{name}"')
        elif name == "listen":
            server.port = int(arguments[0].rpartition(":")[2])
            server.secure, server.default = "ssl" in arguments, "default_server" in arguments
        elif name in {"ssl_certificate", "ssl_certificate_key"}:
            server.files[name] = arguments[0]
        elif name == "return":
            server.returns = _returned(arguments, scope)
        elif name != "server_name" and not _header(name, arguments, server, scope):
            raise Refused(f'unknown directive "{name}"')
    for location in server.locations:
        location.headers = location.headers or server.headers
        location.answer_headers = location.answer_headers or server.answer_headers
    return server


def _location(arguments: list[str], block: list[Block], scope: Scope) -> Location:
    kind, path = (arguments[0], arguments[1]) if len(arguments) == 2 else ("", arguments[0])
    if kind not in {"", "=", "^~", "~", "~*"}:
        raise Refused(f'invalid location modifier "{kind}"')
    location = Location(kind=kind, path=path)
    for words, inner in block:
        name, rest = words[0], words[1:]
        if inner is not None:
            raise Refused(f'unknown directive "{name}" in location')
        if name == "proxy_pass":
            location.port, location.to = _target(rest[0], scope)
        elif name == "return":
            location.returns = _returned(rest, scope)
        elif not _header(name, rest, location, scope):
            raise Refused(f'unknown directive "{name}"')
    if location.port is None and location.returns is None:
        raise Refused(f"location {path} neither passes on nor returns")
    return location


def _returned(arguments: list[str], scope: Scope) -> tuple[int, Text]:
    return int(arguments[0]), scope.text(arguments[1]) if len(arguments) > 1 else ()


def _header(name: str, arguments: list[str], holder: Server | Location, scope: Scope) -> bool:
    if name == "proxy_set_header":
        holder.headers[arguments[0]] = scope.text(arguments[1])
        return True
    if name == "add_header":
        holder.answer_headers[arguments[0]] = scope.text(arguments[1])
        return True
    return name in _INERT


def _target(url: str, scope: Scope) -> tuple[int, Text]:
    """The port that a `proxy_pass` leads to, and the path there; with `$request_uri` at its end only."""
    parts = urlsplit(url)
    if parts.path and not parts.path.endswith("$request_uri"):
        raise Refused(f"proxy_pass with a path is not simulated: {url}")
    to = scope.text(parts.path)
    if parts.netloc in scope.upstreams:
        return scope.upstreams[parts.netloc], to
    if ":" not in parts.netloc:
        raise Refused(f'host not found in upstream "{parts.netloc}"')
    return own_port(parts.netloc, scope.own, "nginx"), to
