"""The words of which requests are made: what the platform knows, and what nobody should send."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import artifactory_sandbox.platform
from tests.conformance.case import Case
from tests.conformance.cases import gathered

SOURCES = Path(artifactory_sandbox.platform.__file__).parent

REPOSITORIES = (
    "fuzz-local", "fuzz-remote", "fuzz-virtual", "fuzz-fed", "pypi-local", "npm-local", "maven-local", "docker-local",
    "helm-local", "debian-local", "go-local", "conan-local", "nuget-local", "auto-trashcan", "artifactory-build-info",
    "fuzz-remote-cache",
)  # fmt: skip
PATHS = (
    "a/b.txt", "a", "a.zip", "a.zip!/x.txt", "pkg/1.0/pkg-1.0.jar", "simple/x", "x-1.0-py3-none-any.whl", "x/-/x-1.0.tgz",
    "v2/x/manifests/latest", "org/x/maven-metadata.xml", "index.yaml", "dists/stable/Release", "@v/list", "x.deb", "x.tar.gz",
    "github.com/acme/x/@v/v1.0.0.zip", "org/acme/x/1.0-SNAPSHOT/x-1.0-20260101.010101-1.jar", "_uploads/x",
)  # fmt: skip
NAMES = (
    "admin",
    "plain",
    "anonymous",
    "readers",
    "fuzz",
    "1",
    "fuzz-build",
    "2026-01-31T12:00:00.000+0000",
    "fuzz-key",
    "default",
)
JUNK = (
    "", "x", "0", "-1", "1e999", "9" * 30, "null", "true", "NaN", "..", ".", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc", "..%2f..%2f",
    "..;", ";a=b", ";a=%00", "%00", "%0d%0aX-Injected:%20yes", "%ff%fe", "%ed%a0%80", "%c3%a9", "%f0%9f%92%a5", "a" * 300,
    "a" * 3000, "'", "%22", "%27%20OR%201%3D1%20--", "%25s%25n", "{}", "%7B%7D", "*", "**", "%5B", "(", "$", "~", "@", ":", "|",
    "a:b", "a%20b", "a+b", "\\", "%5c..%5c", "C:%5c", "!", "a!/b", "%2F", "%2Fetc%2Fpasswd", "con", "__proto__", "%E2%80%AE",
    "1,2,3", "a=b", "*.*", "?", "%3F", "#", "%23", "[1]", "latest", "sha256:" + "0" * 64, "0" * 40, "d41d8cd98f00b204e9800998ecf8427e",
)  # fmt: skip
TEXTS = (
    "", "x", "\0", "\ud800", "é💥", "a" * 300, "a" * 20_000, "../../outside", "/", "%s%n", "' OR 1=1 --", "$(touch x)", "<a/>", "*",
    "(a+)+$", "[", "^(a|a)*$", "**/*", "admin", "fuzz-local", "0 0 12 * * ?", "99 99 99 99 99 99", "http://127.0.0.1:9/", "http://",
    "ftp://x", "http://[", "javascript:x", "2026-01-31T12:00:00.000Z", "9999-99-99", "1d", "-1", "true", "null", "NaN",
    "sha256:x", "a\r\nX-Injected: yes", "applied-permissions/admin", "applied-permissions/groups:\"", "jfrt@*", "eyJhbGciOiJub25lIn0.e30.",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 2**64, -(2**63), 10**30, 0.5, 1e308, -0.0, [], {}, [[]], [{}], {"": ""}, [None],
    [1, "a", None], {"a": {"b": {"c": []}}}, ["a"] * 500, {"key": "value"}, {str(n): n for n in range(200)},
)  # fmt: skip
HEADERS: dict[str, tuple[str, ...]] = {
    "Range": ("bytes=0-", "bytes=-1", "bytes=5-1", "bytes=0-0,2-3", "bytes=a-b", "bytes=99999999999999999999-", "lines=1-2", "x"),
    "If-Range": ("x", '"x"', "Sat, 31 Jan 2026 12:00:00 GMT"),
    "If-Modified-Since": ("x", "Sat, 31 Jan 2026 12:00:00 GMT", "Sat, 99 Foo 99999 99:99:99 GMT", "0"),
    "If-Unmodified-Since": ("x", "Sat, 31 Jan 1999 12:00:00 GMT"),
    "If-None-Match": ("*", "x", '"x"', 'W/"x"', "," * 50),
    "If-Match": ("*", "x"),
    "Accept": ("*/*", "text/html", "application/vnd.pypi.simple.v1+json", ";q=a", "x" * 500, "application/json;q=0"),
    "Content-Type": (
        "application/json", "text/plain", "application/xml", "application/yaml", "multipart/form-data; boundary=x", "x", "",
        "application/x-www-form-urlencoded", "multipart/form-data", "application/vnd.docker.distribution.manifest.v2+json",
        "application/json; charset=nonsense", "application/json-patch+json", "application/gzip",
    ),
    "X-Checksum-Sha1": ("0" * 40, "x", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    "X-Checksum-Sha256": ("0" * 64, "x"),
    "X-Checksum-Md5": ("0" * 32, "é"),
    "X-Checksum": ("x", "0" * 64),
    "X-Checksum-Deploy": ("true", "false", "x"),
    "X-Explode-Archive": ("true",),
    "X-Explode-Archive-Atomic": ("true",),
    "X-Result-Detail": ("info", "properties", "info, properties", "x"),
    "X-Artifactory-Last-Modified": ("x", "-1", "9" * 30),
    "X-Artifactory-Created": ("x", "9" * 30),
    "X-Artifactory-Created-By": ("x\ty", "admin"),
    "X-Artifactory-Originated": ("x",),
    "X-Artifactory-Override-Base-Url": ("http://x/", "x"),
    "X-JFrog-Override-Base-Url": ("http://x/", "javascript:x", "http://[", "é"),
    "X-JFrog-Art-Api": ("x", "", "a.b.c", "é" * 50),
    "X-Forwarded-For": ("x", "1.2.3.4, 5.6.7.8"),
    "X-Forwarded-Proto": ("https", "x"),
    "Content-Range": ("bytes 0-4/5", "0-4", "x", "5-1", "99999999999999999999-1"),
    "Docker-Content-Digest": ("sha256:x",),
    "npm-session": ("x",),
    "Cookie": ("a=b; c", "ACCESSTOKEN=x"),
    "User-Agent": ("", "x" * 2000, "npm/1.0 \xff"),
    "Uber-Trace-Id": ("x", "1:2:3:4", "0" * 500),
    "X-B3-TraceId": ("x", "0" * 32),
    "Destination": ("x",),
    "Transfer-Encoding-X": ("chunked",),
    "Accept-Encoding": ("gzip", "x;q=9"),
    "Host": ("x", "[::1", "a b", "repo.acme.example", ""),
}  # fmt: skip

_QUERY = re.compile(
    r'\.(?:first|flag|number|query\.get)\(\s*"([^"]+)"|"([\w.]+)" in call\.query|call\.query\["([^"]+)"\]'
)
_FIELD = re.compile(r'\.get\(\s*"([^"]+)"|\["(\w+)"\]|^\s+"(\w+)":', re.MULTILINE)


@cache
def parameters() -> tuple[str, ...]:
    """Names of query parameters that the sources read."""
    return _found(_QUERY)


@cache
def fields() -> tuple[str, ...]:
    """Names that the sources look for in a body."""
    return _found(_FIELD)


@cache
def cases() -> tuple[Case, ...]:
    """The conformance cases: well-formed, so that a change of one call goes deeper than junk does."""
    return tuple(case for _, case in gathered())


def _found(expression: re.Pattern[str]) -> tuple[str, ...]:
    texts = (path.read_text() for path in sorted(SOURCES.rglob("*.py")))
    return tuple(sorted({name for text in texts for groups in expression.findall(text) for name in groups if name}))
