"""Apache httpd's configuration file: balancers over the node's own ports, and virtual hosts that hand requests to them.

It knows the directives of the estate's file, with the values that file gives them, and refuses every other: what httpd would
refuse in httpd's words, what httpd would take but this one does not play in words that say so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from artifactory_sandbox.platform.front.httpd_lines import Directive, directives, refused_at, unknown
from artifactory_sandbox.platform.front.served import Refused, Route, Text, Tls, Variable, known, own_port, text_of

_VARIABLE = re.compile(r"%\{([^}]*)\}")
_VARIABLES = {"HTTP_HOST": "http_host", "REMOTE_ADDR": "remote_addr"}
_THE_PATH = ["%{THE_REQUEST}", r"^\S+ (/[^?\s]*)"]
"""A condition that every request meets, for what it captures: the path as the client wrote it; a query follows by itself."""
_BACK_REFERENCE = re.compile(r"([$%][0-9])")
_HEADER_ACTIONS = ("add", "set", "setifempty", "append", "merge", "unset", "echo", "note", "edit", "edit*")


@dataclass(frozen=True, slots=True)
class Setting:
    """A directive of one argument. `played` is the value in lower case that is played, and must be there; empty: any will do.

    `allowed` is what httpd takes, `wrong` what it says of something else, `help` what it says of another number of arguments.
    """

    name: str
    played: str
    allowed: str
    wrong: str
    help: str = ""

    def check(self, arguments: list[str]) -> None:
        """Raises `Refused`."""
        if len(arguments) != 1:
            raise Refused(f"{self.name} takes one argument, {self.help}" if self.help else self.wrong)
        if not re.fullmatch(self.allowed, arguments[0], re.IGNORECASE):
            raise Refused(self.wrong)
        if self.played and arguments[0].lower() != self.played:
            raise self.not_played()

    def not_played(self) -> Refused:
        """Another value than the played one, be it httpd's default."""
        return Refused(f"the simulated httpd plays a virtual host with {self.name} {self.played} only")


def _flag(name: str, played: str) -> Setting:
    return Setting(name, played, "on|off", f"{name} must be On or Off")


_SETTINGS = {
    one.name.lower(): one
    for one in (
        _flag("ProxyPreserveHost", "on"),
        _flag("ProxyAddHeaders", "off"),
        _flag("RewriteEngine", "on"),
        Setting(
            "AllowEncodedSlashes",
            "nodecode",
            "on|off|nodecode",
            "AllowEncodedSlashes must be On, Off, or NoDecode",
            "Allow URLs containing '/' encoded as '%2F'",
        ),
        Setting(
            "LimitRequestBody",
            "0",
            r"\d+",
            "LimitRequestBody requires a non-negative integer.",
            "Limit (in bytes) on maximum size of request message body",
        ),
        Setting(
            "ProxyTimeout",
            "",
            r"[1-9]\d*",
            "Proxy Timeout must be at least 1 second.",
            "Proxy timeout (in seconds)",
        ),
        Setting("Timeout", "", r"\d+", "the simulated httpd takes seconds for Timeout", "Timeout duration (sec)"),
        _flag("SSLEngine", ""),
        _flag("SSLHonorCipherOrder", ""),
        Setting("SSLCipherSuite", "", r"\S+", "Unable to configure permitted SSL ciphers"),
        Setting("SSLCertificateFile", "", r"/\S+", "the simulated httpd takes a whole path for SSLCertificateFile"),
        Setting(
            "SSLCertificateKeyFile", "", r"/\S+", "the simulated httpd takes a whole path for SSLCertificateKeyFile"
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A `RewriteRule`, with the `RewriteCond` on the host before it, if there is one."""

    pattern: re.Pattern[str]
    route: Route
    host: re.Pattern[str] | None = None

    def route_of(self, path: str, host: str) -> Route | None:
        """Where it sends a request that it fits."""
        found, named = self.pattern.search(path), self.host.search(host) if self.host else None
        if found is None or (self.host and named is None):
            return None
        groups = {f"${n}": text or "" for n, text in enumerate(found.groups(), 1)}
        groups |= {f"%{n}": text or "" for n, text in enumerate(named.groups() if named else (), 1)}
        return replace(self.route, to=known(self.route.to, groups))


@dataclass(slots=True)
class Host:
    """One virtual host: rewrite rules come first, then the first `ProxyPass` whose path fits."""

    port: int
    server: str = "Apache"
    tls: Tls | None = None
    headers: dict[str, Text] = field(default_factory=dict)
    answer_headers: dict[str, Text] = field(default_factory=dict)
    rewrites: list[Rewrite] = field(default_factory=list)
    passes: list[tuple[str, Route]] = field(default_factory=list)
    condition: re.Pattern[str] | None = None
    captures_path: bool = False

    def route(self, path: str, host: str) -> Route | None:
        """Where a request goes."""
        for rewrite in self.rewrites:
            if (route := rewrite.route_of(path, host)) is not None:
                return route
        for prefix, route in self.passes:
            if path == prefix or path.startswith(prefix if prefix.endswith("/") else f"{prefix}/"):
                return route
        return None


def parse(text: str, own: str = "127.0.0.1") -> list[Host]:
    """The virtual hosts of a file that can be reached; raises `Refused`."""
    ports: set[int] = set()
    balancers: dict[str, int | None] = {}
    sections: list[Directive] = []
    for one in directives(text):
        with refused_at(one.line):
            if one.key == "listen":
                _listen(one, ports)
            elif one.key == "<proxy":
                name = _balancer_name(one)
                balancers[name] = _balancer(name, one.inner, own)
            elif one.key == "<virtualhost":
                sections.append(one)
            elif one.key in {*_SETTINGS, *_IN_HOST, *_IN_BALANCER}:
                raise Refused(f"the simulated httpd plays {one.name} in its section only")
            else:
                raise unknown(one)
    hosts = []
    for one in sections:
        with refused_at(one.line):
            hosts.append(_host(one, balancers))
    reached = list({host.port: host for host in reversed(hosts) if host.port in ports}.values())[::-1]
    if not reached:
        raise Refused("no VirtualHost at a port that Listen names")
    return reached


def _listen(directive: Directive, ports: set[int]) -> None:
    if len(directive.arguments) not in {1, 2}:
        raise Refused("Listen requires 1 or 2 arguments.")
    port = directive.arguments[0].rpartition(":")[2]
    if not port.isdigit():
        raise Refused("Port must be specified")
    if int(port) in ports:
        raise Refused("Cannot define multiple Listeners on the same IP:port")
    ports.add(int(port))


def _balancer_name(section: Directive) -> str:
    scheme, _, name = section.arguments[0].partition("://")
    if scheme != "balancer" or not name or len(section.arguments) > 1:
        raise Refused("the simulated httpd plays <Proxy balancer://name> only")
    return name


def _balancer(name: str, inner: list[Directive], own: str) -> int | None:
    """The port of its members; None when it has none."""
    ports = set()
    for one in inner:
        with refused_at(one.line):
            if one.key == "balancermember":
                ports.add(_member(one.arguments, own))
            elif one.key == "proxyset":
                for word in one.arguments:
                    _check_balancer_parameter(name, word)
            elif one.key in _SETTINGS or one.key in _IN_HOST or one.key == "listen":
                raise Refused(f"{one.name} not allowed in <Proxy> context")
            else:
                raise unknown(one)
    if len(ports) > 1:
        raise Refused("a balancer names exactly one port of this node")
    return ports.pop() if ports else None


def _member(arguments: list[str], own: str) -> int:
    url, *parameters = arguments or [""]
    found = re.fullmatch(r"http://([^/:]+:\d+)/?", url)
    if "://" not in url:
        raise Refused(f"BalancerMember URL must be absolute!: {url}")
    if found is None:
        raise Refused(f"the simulated httpd plays members as http://host:port only, not {url}")
    if any(word.partition("=")[0] not in _IN_MEMBER for word in parameters):
        raise Refused("BalancerMember unknown Worker parameter")
    return own_port(found[1], own, "httpd")


def _check_balancer_parameter(name: str, word: str) -> None:
    key, _, value = word.partition("=")
    wrong = {
        "lbmethod": "" if value == "byrequests" else "unknown lbmethod",
        "failonstatus": ""
        if re.fullmatch(r"\d{3}(,\d{3})*", value)
        else "failonstatus must be one or more HTTP response codes",
    }.get(key, "unknown Balancer parameter")
    if wrong:
        raise Refused(f"ProxySet: {wrong} {word}; balancer://{name}")


def _host(section: Directive, balancers: Mapping[str, int | None]) -> Host:
    port = section.arguments[0].rpartition(":")[2]
    if not port.isdigit() or len(section.arguments) > 1:
        raise Refused("the simulated httpd plays <VirtualHost address:port> only")
    host = Host(int(port))
    for one in section.inner:
        with refused_at(one.line):
            if one.key in _SETTINGS:
                _SETTINGS[one.key].check(one.arguments)
            elif one.key in _IN_HOST:
                _IN_HOST[one.key](host, one.arguments, balancers)
            elif one.key == "listen":
                raise Refused(f"{one.name} cannot occur within <VirtualHost> section")
            else:
                raise unknown(one)
    said = {one.key: one.arguments[0] for one in section.inner if one.key in _SETTINGS}
    for key, setting in _SETTINGS.items():
        if host.passes and setting.played and key not in said:
            raise setting.not_played()
    if said.get("sslengine", "").lower() == "on":
        host.tls = _tls(said)
    for route in (*(route for _, route in host.passes), *(one.route for one in host.rewrites)):
        route.headers, route.answer_headers = host.headers, host.answer_headers
    return host


def _tls(said: Mapping[str, str]) -> Tls:
    if "sslcertificatefile" not in said:
        raise Refused("Failed to configure at least one certificate and key for the virtual host")
    return Tls(said["sslcertificatefile"], said.get("sslcertificatekeyfile", said["sslcertificatefile"]))


def _header(host: Host, arguments: list[str], balancers: Mapping[str, int | None]) -> None:
    del balancers
    if len(arguments) != 4 or [word.lower() for word in arguments[:2]] != ["always", "set"]:
        raise Refused("the simulated httpd plays Header always set name value only")
    host.answer_headers[arguments[2]] = (arguments[3],)


def _without_effect(host: Host, arguments: list[str], balancers: Mapping[str, int | None]) -> None:
    """What changes nothing that a client of the simulated httpd could see."""
    del host, balancers
    if not arguments:
        raise Refused("it requires at least one argument")


def _request_header(host: Host, arguments: list[str], balancers: Mapping[str, int | None]) -> None:
    del balancers
    if arguments and arguments[0].lower() not in _HEADER_ACTIONS:
        *most, last = (f"'{one}'" for one in _HEADER_ACTIONS)
        raise Refused(f"first argument must be {', '.join(most)}, or {last}.")
    if len(arguments) < 3:
        raise Refused("Header requires three arguments")
    if len(arguments) > 3:
        raise Refused("RequestHeader has too many arguments")
    action, name, value = arguments
    if action.lower() != "set":
        raise Refused("the simulated httpd plays RequestHeader set only")
    host.headers[name.removesuffix(":")] = _value(value)


def _value(text: str) -> Text:
    if text.startswith("expr="):
        parse_error = "Can't parse value expression : "
        if "%{" in _VARIABLE.sub("", text):
            unfinished = "syntax error, unexpected T_ERROR, expecting T_VAR_END or ':': Unterminated string or variable"
            raise Refused(parse_error + unfinished)
        return text_of(text.removeprefix("expr="), _VARIABLE, _VARIABLES, parse_error + "Variable '{}' does not exist")
    if found := re.search("%.?", text):
        raise Refused(f"Unrecognized header format {found[0]}")
    return (text,)


def _rewrite_condition(host: Host, arguments: list[str], balancers: Mapping[str, int | None]) -> None:
    del balancers
    if arguments == _THE_PATH:
        host.captures_path = True
        return
    if len(arguments) != 2 or arguments[0] != "%{HTTP_HOST}":
        raise Refused("the simulated httpd plays RewriteCond %{HTTP_HOST} pattern only, and one on %{THE_REQUEST}")
    host.condition = _compiled("RewriteCond", arguments[1])


def _rewrite_rule(host: Host, arguments: list[str], balancers: Mapping[str, int | None]) -> None:
    if len(arguments) not in {2, 3}:
        raise Refused(f"RewriteRule: bad argument line '{' '.join(arguments)}'")
    pattern, target, flags = (*arguments, "[]")[:3]
    if not (flags.startswith("[") and flags.endswith("]")):
        raise Refused("RewriteRule: bad flag delimiters")
    status, passed = None, False
    for flag in filter(None, flags[1:-1].split(",")):
        if found := re.fullmatch(r"R(?:=(3\d\d))?", flag):
            status = int(found[1] or 302)
        elif flag == "P":
            passed = True
        elif flag not in {"L", "NE"}:
            raise Refused(f"RewriteRule: unknown flag '{flag.partition('=')[0]}'")
    route = _passed_on(target, balancers) if passed else _redirect(status, target, host.captures_path)
    host.rewrites.append(Rewrite(_compiled("RewriteRule", pattern), route, host.condition))
    host.condition, host.captures_path = None, False


def _compiled(name: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error:
        raise Refused(f"{name}: cannot compile regular expression '{pattern}'") from None


def _redirect(status: int | None, target: str, with_path: bool) -> Route:
    if with_path and target.endswith("%1"):
        found = _redirect(status, target.removesuffix("%1"), False)
        return Route(returns=(status or 302, (*(found.returns or (0, ()))[1], Variable("request_uri"))))
    if status is None or re.search(r"[$%]\d", target):
        raise Refused("the simulated httpd plays RewriteRule as a redirect without back-references only")
    return Route(returns=(status, text_of(target, _VARIABLE, _VARIABLES, "the simulated httpd knows no variable '{}'")))


def _passed_on(target: str, balancers: Mapping[str, int | None]) -> Route:
    found = re.fullmatch(r"balancer://([^/]+)(/.*)", target)
    if found is None:
        raise Refused("the simulated httpd passes on to balancer://name/path only")
    port = balancers.get(found[1])
    pieces = [piece for piece in _BACK_REFERENCE.split(found[2]) if piece]
    to = tuple(Variable(piece) if _BACK_REFERENCE.fullmatch(piece) else piece for piece in pieces)
    return Route(port=port, to=to) if port is not None else Route(returns=(503, ()))


def _proxy_pass(host: Host, arguments: list[str], balancers: Mapping[str, int | None]) -> None:
    if len(arguments) < 2:
        raise Refused("ProxyPass|ProxyPassMatch needs a path when not defined in a location")
    path, url, *words = arguments
    if "://" not in url:
        raise Refused(f"ProxyPass URL must be absolute!: {url}")
    if any(word != "nocanon" and "=" not in word for word in words):
        raise Refused("Invalid ProxyPass|ProxyPassMatch parameter. Parameter must be in the form 'key=value'.")
    found = re.fullmatch(r"balancer://([^/]+)(/.*)", url)
    if found is None or found[2] != path or words != ["nocanon"]:
        raise Refused("the simulated httpd plays ProxyPass path balancer://name/path nocanon only, both paths the same")
    port = balancers.get(found[1])
    host.passes.append((path, Route(port=port) if port is not None else Route(returns=(503, ()))))


def _proxy_pass_reverse(host: Host, arguments: list[str], balancers: Mapping[str, int | None]) -> None:
    """Checked only: Artifactory's own redirects name the host of the override header, never a member of a balancer."""
    del host, balancers
    if len(arguments) < 2:
        raise Refused("ProxyPassReverse needs a path when not defined in a location")
    if len(arguments) > 2:
        raise Refused("the simulated httpd plays ProxyPassReverse path url only")


_IN_BALANCER = frozenset({"balancermember", "proxyset"})
_IN_MEMBER = frozenset({"route", "upgrade", "retry", "connectiontimeout"})
_IN_HOST = {
    "header": _header,
    "requestreadtimeout": _without_effect,
    "sslprotocol": _without_effect,
    "rewritecond": _rewrite_condition,
    "requestheader": _request_header,
    "rewriterule": _rewrite_rule,
    "proxypass": _proxy_pass,
    "proxypassreverse": _proxy_pass_reverse,
}
