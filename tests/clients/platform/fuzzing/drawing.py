"""Drawing requests: from a row of the route table, or from a well-formed case with something changed."""

import base64
import contextlib
import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import quote

from artifactory_sandbox.platform.web import Route
from tests.clients.platform.fuzzing import vocabulary
from tests.conformance.case import Call, Case
from tests.conformance.runner import filled

METHODS = ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "MKCOL", "PROPFIND", "x")


@dataclass(frozen=True)
class Drawn:
    """One request. `cut`: the body ends before its announced length."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut: bool = False
    row: str = ""
    keep: Mapping[str, str] = field(default_factory=dict)
    """Values of the answer that later requests of the same case name."""
    known: dict[str, str] = field(default_factory=dict)

    def learn(self, body: bytes) -> None:
        """Keeps what the answer holds of it."""
        if not self.keep or not body.lstrip().startswith((b"{", b"[")):
            return
        for name, place in self.keep.items():
            with contextlib.suppress(ValueError, LookupError, TypeError):
                value = json.loads(body)
                for step in place.split("."):
                    value = value[int(step)] if isinstance(value, list) else value[step]
                self.known[name] = str(value)

    @property
    def raw(self) -> bytes:
        """What goes over the wire."""
        names = {name.lower() for name, _ in self.headers}
        length = len(self.body) + (7 if self.cut else 0)
        lines = [f"{self.method} {self.target} HTTP/1.1", *([] if "host" in names else ["Host: node"])]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines += [f"Content-Length: {length}"] if length or self.method in {"PUT", "POST", "PATCH"} else []
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + self.body

    @property
    def shown(self) -> str:
        """As a report shows it."""
        headers = " ".join(f"-H {name}:{value[:80]!r}" for name, value in self.headers)
        body = f" body {len(self.body)} bytes: {self.body[:300]!r}" if self.body else ""
        return f"{self.method} {self.target[:400]} {headers}{body}{' (cut)' if self.cut else ''}"


@dataclass
class Drawer:
    """Draws; the same seed draws the same requests."""

    random: Random
    callers: dict[str, str]
    """Value of the `Authorization` header by name of the caller; empty for anonymous."""
    outside: str
    """A path outside of the node that must stay empty."""
    weights: dict[str, int] = field(
        default_factory=lambda: {"admin": 6, "bearer": 2, "plain": 2, "anonymous": 1, "wrong": 1}
    )

    def of_row(self, row: Route) -> Drawn:
        """A request that reaches a row."""
        method = row.method if self._rarely(0.92) else self.random.choice(METHODS)
        target = "/".join(self._segment(part) for part in row.path.split("/"))
        body = b"" if method in {"GET", "HEAD"} and self._rarely(0.9) else self._body()
        return self._made(method, target + self._query(), {}, body, row.name)

    def of_case(self, case: Case, number: int) -> Iterator[Drawn]:
        """What a case needs beforehand, mostly as it stands, then its call with something changed, twice."""
        known = {"id": f"fz{number % 50}", "url": "http://127.0.0.1:9"}
        for call in case.before:
            yield self._of_call(call, known, changes=int(self._rarely(0.1)))
        for _ in range(2):
            yield self._of_call(case.call, known, changes=self.random.randint(0, 3))

    def _of_call(self, call: Call, known: dict[str, str], changes: int) -> Drawn:
        method, path, sent = call.method, str(filled(call.path, known)), filled(call.send, known)
        headers = {name: str(filled(value, known)) for name, value in call.headers.items()}
        for _ in range(changes):
            match self.random.randrange(7):
                case 0:
                    method = self.random.choice(METHODS)
                case 1:
                    path = self._changed_path(path)
                case 2:
                    path += ("&" if "?" in path else "?") + self._query()[1:]
                case _:
                    sent = self._changed(sent)
        if isinstance(sent, (dict, list)):
            headers.setdefault("Content-Type", "application/json")
            body = _dumped(sent)
        else:
            body = sent if isinstance(sent, bytes) else str(sent or "").encode("utf-8", "surrogatepass")
        row = f"{call.method} {call.path.partition('?')[0]}"
        return replace(self._made(method, _target(path), headers, body, row), keep=call.keep, known=known)

    def _made(self, method: str, target: str, headers: dict[str, str], body: bytes, row: str) -> Drawn:
        names, weights = zip(*self.weights.items(), strict=True)
        value = self.callers.get(self.random.choices(names, weights)[0], "")
        made = ([("Authorization", value)] if value else []) + list(headers.items())
        for _ in range(self.random.choice((0, 0, 0, 1, 2))):
            name = self.random.choice(list(vocabulary.HEADERS))
            made = [(known, one) for known, one in made if known != name]
            made.append((name, self.random.choice(vocabulary.HEADERS[name])))
        return Drawn(method, target, tuple(made), body, bool(body) and self._rarely(0.02), row)

    def _segment(self, part: str) -> str:
        if not part.startswith("{"):
            return part if self._rarely(0.985) else self._word()
        if part.endswith(":path}"):
            if self._rarely(0.4):
                return self.random.choice(vocabulary.PATHS)
            return "/".join(self._word() for _ in range(self.random.randint(0, 4)))
        if "repo" in part or "key" in part:
            return self.random.choice(vocabulary.REPOSITORIES) if self._rarely(0.7) else self._word()
        return self._word()

    def _word(self) -> str:
        words = self.random.choice((vocabulary.NAMES, vocabulary.REPOSITORIES, vocabulary.JUNK, vocabulary.PATHS))
        return _target(self.random.choice(words))

    def _query(self) -> str:
        if self._rarely(0.4):
            return ""
        names = [self.random.choice(vocabulary.parameters()) for _ in range(self.random.randint(1, 4))]
        return "?" + "&".join(f"{quote(name)}={self._word()}" for name in names)

    def _body(self) -> bytes:  # noqa: PLR0911  one way for each kind
        match self.random.randrange(12):
            case 0:
                return b""
            case 1:
                return self.random.randbytes(self.random.choice((1, 20, 5000)))
            case 2:
                return self.random.choice(_BLOBS)
            case 3:
                return b"[" * self.random.choice((150, 100_000))
            case 4:
                return _dumped(self._value(3))[: self.random.randint(0, 200)]
            case 5:
                return b'--x\r\nContent-Disposition: form-data; name="content"; filename="x"\r\n\r\nx\r\n--x--\r\n'
            case 6:
                return "&".join(
                    f"{name}={self._word()}" for name in self.random.sample(vocabulary.fields(), 4)
                ).encode()
            case _:
                return _dumped(self._object(2))

    def _object(self, depth: int) -> dict[str, Any]:
        names = self.random.sample(vocabulary.fields(), self.random.randint(0, 8))
        return {name: self._value(depth) for name in names}

    def _value(self, depth: int) -> Any:
        match self.random.randrange(6):
            case 0 | 1:
                return self.random.choice((*vocabulary.TEXTS, self.outside, *vocabulary.REPOSITORIES))
            case 2 | 3:
                return self.random.choice(vocabulary.VALUES)
            case 4 if depth:
                return self._object(depth - 1)
            case 5 if depth:
                return [self._value(depth - 1) for _ in range(self.random.randint(0, 3))]
        return self.random.choice(vocabulary.NAMES)

    def _changed(self, sent: Any) -> Any:
        """A body with one value of it replaced, added or taken away."""
        if isinstance(sent, dict):
            made = dict(sent)
            match self.random.randrange(5):
                case 0 if made:
                    made.pop(self.random.choice(list(made)))
                case 1:
                    made[self.random.choice(vocabulary.fields())] = self._value(1)
                case 2 if made:
                    made[self.random.choice(list(made))] = self._value(1)
                case _ if made:
                    name = self.random.choice(list(made))
                    made[name] = self._changed(made[name])
            return made
        if isinstance(sent, list) and sent and self._rarely(0.7):
            place = self.random.randrange(len(sent))
            return [*sent[:place], self._changed(sent[place]), *sent[place + 1 :]]
        if isinstance(sent, str) and sent and self._rarely(0.7):
            place = self.random.randrange(len(sent))
            return sent[:place] + self.random.choice(vocabulary.TEXTS)[:50] + sent[place + self.random.randint(0, 3) :]
        if isinstance(sent, bytes) and sent:
            place = self.random.randrange(len(sent))
            return (
                sent[:place]
                + self.random.randbytes(self.random.randint(0, 4))
                + sent[place + self.random.randint(0, 9) :]
            )
        return self._value(2)

    def _changed_path(self, path: str) -> str:
        head, found, query = path.partition("?")
        parts = head.split("/")
        parts[self.random.randrange(1, len(parts))] = self._word()
        return "/".join(parts) + found + query

    def _rarely(self, probability: float) -> bool:
        return self.random.random() < probability


def basic(name: str, password: str) -> str:
    """Value of the `Authorization` header."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def _target(path: str) -> str:
    """What a request line can carry; percent signs stay as they are."""
    return "".join(letter if 33 <= ord(letter) < 127 else quote(letter, errors="replace") for letter in path)


def _dumped(value: Any) -> bytes:
    return json.dumps(value, default=str).encode()


def _zip(*members: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _tar(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, to: str = "") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in members:
            one = tarfile.TarInfo(name)
            one.size, one.type, one.linkname = (len(content) if kind == tarfile.REGTYPE else 0), kind, to
            archive.addfile(one, io.BytesIO(content))
    return gzip.compress(made.getvalue(), mtime=0)


_PLAIN = _zip(("a/b.txt", b"b"), ("META-INF/MANIFEST.MF", b"x"), ("x.dist-info/METADATA", b"Name: x\nVersion: 1\n"))
_BLOBS = (
    _PLAIN,
    _PLAIN[:-20],
    _zip(("../../outside", b"x"), ("/outside", b"x"), ("a/../../../outside", b"x")),
    _zip(("zeros", b"\0" * 3_000_000)),
    _tar(("package/package.json", b'{"name":"x","version":"1.0.0"}'), ("Chart.yaml", b"name: x\nversion: 1.0.0\n")),
    _tar(
        ("package/package.json", b'{"name":["x"],"version":{}}'),
        ("x/Chart.yaml", b"- a\n- b\n"),
        ("x/PKG-INFO", b"\xff"),
    ),
    _tar(("../../outside", b"x"), ("/outside", b"x")),
    _tar(("link", b""), kind=tarfile.SYMTYPE, to="/etc/passwd"),
    _tar(("a", b"x"))[:30],
    b"!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0\n",
    b"!<arch>\ncontrol.tar.gz  0           0     0     100644  99999999  `\n",
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>',
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><config><urlBase>&b;</urlBase></config>',
    b"<config><nonsense/></config>",
    b"<config",
    b"a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b]\n",
    b"localRepositories:\n  x: ~\nbackups: [1, 2]\nsecurity: text\nproxies: {a: {b: [c]}}\n",
    b"!!python/object/apply:os.system ['touch x']\n",
    b"- \xff",
    b'items.find({"repo":"fuzz-local","$or":[{"name":{"$match":"*"}},{"@a":{"$ne":1}}]}).include("*").sort({"$asc":["size"]}).limit(1)',
    b'items.find({"$and":[{"$or":[{"$and":[]}]}]}).offset(-1)',
    b'builds.find({"module.artifact.name":{"$gt":{}}})',
    b'items.find({"repo":["a"]}).include(1)',
    b"items.find(" * 50,
    b'{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"digest":1},"layers":[{}]}',
    b'{"schemaVersion":"2","manifests":[null],"layers":"x"}',
    b'{"_id":"x","name":"x","versions":{"1":null},"_attachments":{"x":{"data":"!!!"}},"dist-tags":[]}',
    b'{"items":[{"repoPath":"../x"}],"files":null}',
)
"""Files of every kind that is looked into, right and broken."""
