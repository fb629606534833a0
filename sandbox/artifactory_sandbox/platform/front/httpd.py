"""Apache httpd's configuration file: balancers over the node's own ports, and virtual hosts that hand requests to them.

It knows the directives of the estate's file, with the values that file gives them, and refuses every other: what httpd would
refuse in httpd's words, what httpd would take but this one does not play in words that say so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from artifactory_sandbox.platform.front.httpd_lines import Directive, directives, refused_at, unknown
from artifactory_sandbox.platform.front.served import Refused, Route, Text, own_port, text_of

_VARIABLE = re.compile(r"%\{([^}]*)\}")
_VARIABLES = {"HTTP_HOST": "http_host", "REMOTE_ADDR": "remote_addr"}
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
    )
}


@dataclass(slots=True)
class Host:
    """One virtual host: redirects come first, then the first `ProxyPass` whose path fits."""

    port: int
    server: str = "Apache"
    headers: dict[str, Text] = field(default_factory=dict)
    redirects: list[tuple[re.Pattern[str], Route]] = field(default_factory=list)
    passes: list[tuple[str, Route]] = field(default_factory=list)

    def route(self, path: str) -> Route | None:
        """Where a request of a path goes."""
        for pattern, route in self.redirects:
            if pattern.search(path):
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
    reached = [host for host in hosts if host.port in ports]
    if not reached:
        raise Refused("no VirtualHost at a port that Listen names")
    return reached


def _listen(directive: Directive, ports: set[int]) -> None:
    if len(directive.arguments) != 1:
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
    if any(not word.startswith("route=") for word in parameters):
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
    said = {one.key for one in section.inner}
    for key, setting in _SETTINGS.items():
        if setting.played and key not in said:
            raise setting.not_played()
    for _, route in host.passes:
        route.headers = host.headers
    return host


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


def _rewrite_rule(host: Host, arguments: list[str], balancers: Mapping[str, int | None]) -> None:
    del balancers
    if len(arguments) not in {2, 3}:
        raise Refused(f"RewriteRule: bad argument line '{' '.join(arguments)}'")
    pattern, target, flags = (*arguments, "[]")[:3]
    if not (flags.startswith("[") and flags.endswith("]")):
        raise Refused("RewriteRule: bad flag delimiters")
    status = None
    for flag in filter(None, flags[1:-1].split(",")):
        if found := re.fullmatch(r"R(?:=(3\d\d))?", flag):
            status = int(found[1] or 302)
        elif flag != "L":
            raise Refused(f"RewriteRule: unknown flag '{flag.partition('=')[0]}'")
    if status is None or re.search(r"[$%]\d", target):
        raise Refused("the simulated httpd plays RewriteRule as a redirect without back-references only")
    try:
        compiled = re.compile(pattern)
    except re.error:
        raise Refused(f"RewriteRule: cannot compile regular expression '{pattern}'") from None
    text = text_of(target, _VARIABLE, _VARIABLES, "the simulated httpd knows no variable '{}'")
    host.redirects.append((compiled, Route(returns=(status, text))))


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
_IN_HOST = {
    "requestheader": _request_header,
    "rewriterule": _rewrite_rule,
    "proxypass": _proxy_pass,
    "proxypassreverse": _proxy_pass_reverse,
}
