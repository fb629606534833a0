"""The simulated Apache httpd: what it does with the estate's file, and what it refuses."""

from pathlib import Path

import pytest

from artifactory_estate.load_balancer.render import apache_conf
from artifactory_sandbox.platform.front import httpd
from artifactory_sandbox.platform.front.served import Refused
from tests.platform import fronted

CONF = Path(__file__).with_name("httpd.conf").read_text()
"""A small file; the estate's own has more of the same."""
RULE = "RewriteRule ^/?$ https://%{HTTP_HOST}/ui/ [R=302,L]"
TO_DIRECT = "ProxyPass /artifactory/ balancer://artifactory-direct/artifactory/"


def changed(old: str, new: str) -> str:
    """The file with the first `old` replaced."""
    assert old in CONF
    return CONF.replace(old, new, 1)


def through(text: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], dict[str, str]]:
    """A request through the first virtual host of a file."""
    host = httpd.parse(text)[0]
    return fronted.through(host, path, headers)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_our_configuration_sends_artifactory_straight_and_the_rest_to_the_router(scheme: str) -> None:
    conf = apache_conf(f"{scheme}://repo.acme.example")
    assert httpd.parse(conf)[0].port == 8000
    port, headers, _ = through(conf, "/artifactory/api/system/ping", {"x-forwarded-for": "192.0.2.7"})
    assert port == 8081
    assert headers["x-jfrog-override-base-url"] == f"{scheme}://us.example:8000"
    assert headers["x-forwarded-proto"] == scheme
    assert headers["host"] == "us.example:8000"
    assert headers["x-forwarded-for"] == "10.0.0.9"
    for path in ("/access/api/v1/system/ping", "/artifactory", "/artifactoryish/x"):
        assert through(conf, path)[0] == 8082
    for path in ("/", ""):
        status, _, answered = through(conf, path)
        assert (status, answered["location"]) == (302, f"{scheme}://us.example:8000/ui/")


def test_the_first_pass_that_fits_takes_a_request() -> None:
    direct, router = (line for line in CONF.splitlines() if line.strip().startswith("ProxyPass /"))
    swapped = CONF.replace(direct, "@").replace(router, direct).replace("@", router)
    assert through(swapped, "/artifactory/api/system/ping")[0] == 8082


def test_a_balancer_without_members_answers_503() -> None:
    nobody = changed("    BalancerMember http://127.0.0.1:8082 route=node1\n", "")
    assert through(nobody, "/ui/")[0] == 503
    assert through(changed("ProxyPass / balancer://artifactory/", "ProxyPass / balancer://nowhere/"), "/ui/")[0] == 503
    assert through(nobody, "/artifactory/x")[0] == 8081


def test_a_path_that_no_pass_has_is_not_found() -> None:
    assert through(changed("ProxyPass / balancer://artifactory/ nocanon", ""), "/ui/")[0] == 404


def test_names_are_read_in_any_case_and_arguments_in_either_quotes() -> None:
    text = changed('RequestHeader set X-Forwarded-Proto "https"', r"requestheader SET X-Quoted 'it\'s \"so\" \d'")
    assert through(text, "/ui/")[1]["x-quoted"] == r"""it's "so" \d"""


# The words of Apache 2.4 about a file changed in this way, as `apachectl -t` gives them; the line is the changed one's.
@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        (
            "ProxyTimeout 2400",
            "Nonsense on",
            17,
            "Invalid command 'Nonsense', perhaps misspelled or defined by a module not included in the server configuration",
        ),
        (
            "<VirtualHost *:8000>",
            "<Nonsense x>\n</Nonsense>\n<VirtualHost *:8000>",
            14,
            "Invalid command '<Nonsense', perhaps misspelled or defined by a module not included in the server configuration",
        ),
        ("ProxyPreserveHost On", "ProxyPreserveHost Maybe", 15, "ProxyPreserveHost must be On or Off"),
        ("ProxyPreserveHost On", "ProxyPreserveHost", 15, "ProxyPreserveHost must be On or Off"),
        ("ProxyTimeout 2400", "ProxyTimeout 0", 17, "Proxy Timeout must be at least 1 second."),
        (" Timeout 2400", " Timeout", 18, "Timeout takes one argument, Timeout duration (sec)"),
        ("LimitRequestBody 0", "LimitRequestBody x", 19, "LimitRequestBody requires a non-negative integer."),
        ("NoDecode", "foo", 20, "AllowEncodedSlashes must be On, Off, or NoDecode"),
        ("</VirtualHost>", "", 14, "<VirtualHost> was not closed."),
        ("</VirtualHost>", "</Proxy>", 33, "Expected </VirtualHost> but saw </Proxy>"),
        ("<Proxy balancer://artifactory>", "", 7, "</Proxy> without matching <Proxy> section"),
        ("<VirtualHost *:8000>", "<VirtualHost *:8000", 14, "<VirtualHost> directive missing closing '>'"),
        ("<Proxy balancer://artifactory>", "<Nonsense x>", 7, "Expected </Nonsense> but saw </Proxy>"),
        ("<VirtualHost *:8000>", "<VirtualHost>", 14, "<VirtualHost> directive requires additional arguments"),
        (
            "HTTP_HOST",
            "NONSENSE",
            22,
            "Can't parse value expression : Variable 'NONSENSE' does not exist",
        ),
        ('HTTP_HOST}"', 'HTTP_HOST"', 22, "Can't parse value expression : syntax error, unexpected T_ERROR"),
        ('"https"', '"%q"', 23, "Unrecognized header format %q"),
        (
            "RequestHeader set",
            "RequestHeader put",
            22,
            "first argument must be 'add', 'set', 'setifempty', 'append', 'merge', 'unset', 'echo', 'note', 'edit', or 'edit*'.",
        ),
        ('X-Forwarded-Proto "https"', "X-Forwarded-Proto", 23, "Header requires three arguments"),
        ("R=302,L", "Q=3", 27, "RewriteRule: unknown flag 'Q'"),
        ("[R=302,L]", "R=302", 27, "RewriteRule: bad flag delimiters"),
        ("^/?$", "((", 27, "RewriteRule: cannot compile regular expression '(('"),
        (RULE, "RewriteRule x", 27, "RewriteRule: bad argument line 'x'"),
        ("http://127.0.0.1:8082", "nonsense", 5, "BalancerMember URL must be absolute!: nonsense"),
        ("route=node1", "color=red", 5, "BalancerMember unknown Worker parameter"),
        (
            "failonstatus=503",
            "color=red",
            6,
            "ProxySet: unknown Balancer parameter color=red; balancer://artifactory",
        ),
        ("byrequests", "bynothing", 6, "ProxySet: unknown lbmethod lbmethod=bynothing; balancer://artifactory"),
        (
            "failonstatus=503",
            "failonstatus=x",
            6,
            "ProxySet: failonstatus must be one or more HTTP response codes failonstatus=x; balancer://artifactory",
        ),
        ("ProxySet", "ProxyTimeout 3\nProxySet", 6, "ProxyTimeout not allowed in <Proxy> context"),
        (
            f"{TO_DIRECT} nocanon",
            "ProxyPass /artifactory/",
            29,
            "ProxyPass|ProxyPassMatch needs a path when not defined in a location",
        ),
        (
            " nocanon",
            " what",
            29,
            "Invalid ProxyPass|ProxyPassMatch parameter. Parameter must be in the form 'key=value'.",
        ),
        (TO_DIRECT, "ProxyPass /artifactory/ nourl", 29, "ProxyPass URL must be absolute!: nourl"),
        (
            "ProxyPassReverse /artifactory/ balancer://artifactory-direct/artifactory/",
            "ProxyPassReverse /artifactory/",
            30,
            "ProxyPassReverse needs a path when not defined in a location",
        ),
        ("Listen 8000", "Listen x", 2, "Port must be specified"),
        ("Listen 8000", "Listen", 2, "Listen requires 1 or 2 arguments."),
        ("Listen 8000", "Listen 8000\nListen 8000", 3, "Cannot define multiple Listeners on the same IP:port"),
        ("ProxyTimeout 2400", "Listen 8001", 17, "Listen cannot occur within <VirtualHost> section"),
    ],
)
def test_what_httpd_refuses_is_refused_in_its_words(old: str, new: str, line: int, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        httpd.parse(changed(old, new))
    assert str(refused.value).startswith(reason)
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("ProxyPreserveHost On", "ProxyPreserveHost Off", "with ProxyPreserveHost on only"),
        ("ProxyPreserveHost On\n", "\n", "with ProxyPreserveHost on only"),
        ("ProxyAddHeaders Off\n", "\n", "with ProxyAddHeaders off only"),
        ("AllowEncodedSlashes NoDecode\n", "\n", "with AllowEncodedSlashes nodecode only"),
        ("LimitRequestBody 0", "LimitRequestBody 1024", "with LimitRequestBody 0 only"),
        ("RewriteEngine On", "RewriteEngine Off", "with RewriteEngine on only"),
        ("http://127.0.0.1:8082", "http://10.0.0.1:8082", "reaches its own node only"),
        ("http://127.0.0.1:8082", "ajp://127.0.0.1:8009", "plays members as http://host:port only"),
        ("ProxySet", "BalancerMember http://127.0.0.1:8081\nProxySet", "names exactly one port of this node"),
        ("<Proxy balancer://artifactory>", "<Proxy *>", "plays <Proxy balancer://name> only"),
        ("<VirtualHost *:8000>", "<VirtualHost *>", "plays <VirtualHost address:port> only"),
        ("Listen 8000", "Listen 8001", "no VirtualHost at a port that Listen names"),
        ("Listen 8000", "Listen 8000\nTimeout 5", "plays Timeout in its section only"),
        ("RequestHeader set", "RequestHeader append", "plays RequestHeader set only"),
        ("[R=302,L]", "[L]", "as a redirect without back-references only"),
        ("/ui/ [", "/ui/$1 [", "as a redirect without back-references only"),
        ("https://%{HTTP_HOST}/ui/", "https://%{SERVER_NAME}/ui/", "knows no variable 'SERVER_NAME'"),
        (f"{TO_DIRECT} nocanon", TO_DIRECT, "plays ProxyPass path balancer://name/path nocanon only"),
        (TO_DIRECT, "ProxyPass /artifactory/ balancer://artifactory-direct/", "both paths the same"),
        (TO_DIRECT, "ProxyPass /artifactory/ http://127.0.0.1:8081/artifactory/", "balancer://name/path"),
    ],
)
def test_what_is_not_played_is_refused_and_named(old: str, new: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        httpd.parse(changed(old, new))
    assert reason in str(refused.value)
