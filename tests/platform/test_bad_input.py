"""What a node says to requests that are none: over a bare socket, since no HTTP library would send them."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from artifactory_sandbox.platform.bare import ADMIN_PASSWORD
from artifactory_sandbox.platform.counters import PEER_HEADER
from artifactory_sandbox.platform.platform import THREADS
from artifactory_sandbox.platform.web import Answer, Call
from tests.platform.running import Bare, running

AUTH = "Authorization: Basic YWRtaW46cGFzc3dvcmQ="
assert ADMIN_PASSWORD == "password"
CLIMBING = [
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "a/%2e%2e/%2e%2e/%2e%2e/x",
    "..;/..;/etc/passwd",
    "..;a=b/x",
    "a/./../x",
    "%2e/x",
    "a%2f..%2f..%2fx",
]
"""Paths that leave a repository, in every way of writing them."""
ODD = ["%252e%252e%252fx", "..%252fx", "....//x", "~root/x", "a%3b..%3bx", "…/x", "%ef%bc%8e%ef%bc%8e/x"]
"""Names that look like it and are plain names here."""


@pytest.fixture(scope="module")
def repo(platform: Bare) -> str:
    platform.make("bad-local")
    return "bad-local"


@contextmanager
def connected(platform: Bare) -> Iterator[socket.socket]:
    parts = urlsplit(platform.url)
    with socket.create_connection((parts.hostname, parts.port), 10) as made:
        yield made


def exchange(platform: Bare, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Sends the pieces, says that nothing follows, and reads until the node closes."""
    with connected(platform) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        return read(connection)


def read(connection: socket.socket) -> bytes:
    connection.settimeout(3)
    found = b""
    try:
        while piece := connection.recv(65536):
            found += piece
    except (TimeoutError, ConnectionResetError):
        pass
    return found


def request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: node", AUTH, "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def files_of(platform: Bare) -> set[Path]:
    """Everything below the platform's own folder."""
    return {path for path in platform.platform.temporary.parent.rglob("*") if path.is_file()}


def uploads(platform: Bare) -> list[Path]:
    return list(platform.platform.temporary.rglob("*"))


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\nnonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /artifactory\r\n\r\n",
        b"GET /artifactory/\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /artifactory/a b HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon here\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nBad Name: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n",
        b"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50 + b"\r\n\r\n",
    ],
    ids=lambda sent: sent[:40].decode("latin-1").replace("\r\n", "|"),
)
def test_what_is_no_request_is_a_400_and_the_end_of_the_connection(platform: Bare, sent: bytes) -> None:
    said = exchange(platform, sent)
    assert said.split(b"\r\n")[0].split(b" ")[1] in {b"400", b"431", b"501"}, said[:200]
    assert b"Traceback" not in said
    assert platform.api("GET", "system/ping").text == "OK"


@pytest.mark.parametrize("path", CLIMBING)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_path_that_climbs_is_refused_in_every_encoding(platform: Bare, repo: str, method: str, path: str) -> None:
    before = files_of(platform)
    said = exchange(platform, request(method, f"/artifactory/{repo}/{path}", "Content-Length: 1", body=b"x"))
    assert said.startswith(b"HTTP/1.1 400 ")
    assert json.loads(said.partition(b"\r\n\r\n")[2])["errors"][0]["status"] == 400
    assert files_of(platform) == before


@pytest.mark.parametrize("path", ODD)
def test_an_odd_name_is_a_name(platform: Bare, repo: str, path: str) -> None:
    assert platform.put(f"{repo}/odd/{path}", b"odd").status_code == 201
    assert platform.get(f"{repo}/odd/{path}").content == b"odd"


@pytest.mark.parametrize("path", ["%00", "a%0d%0aX-Injected:%201", "a%0a", "%1b", "%ff", "%c0%ae%c0%ae/x", "%ed%a0%80"])
def test_control_characters_and_bad_utf8_in_a_path_are_refused(platform: Bare, repo: str, path: str) -> None:
    said = exchange(platform, request("PUT", f"/artifactory/{repo}/{path}", "Content-Length: 1", body=b"x"))
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"\nX-Injected" not in said


@pytest.mark.parametrize(
    "sent",
    [
        request("PUT", "/artifactory/bad-local/cut/length", "Content-Length: 100", body=b"short"),
        request("PUT", "/artifactory/bad-local/cut/chunk", "Transfer-Encoding: chunked", body=b"a\r\nshort"),
        request("PUT", "/artifactory/bad-local/cut/chunks", "Transfer-Encoding: chunked", body=b"5\r\nshort\r\n"),
        request(
            "PUT", "/artifactory/bad-local/cut/size", "Transfer-Encoding: chunked", body=b"zz\r\nshort\r\n0\r\n\r\n"
        ),
        request("PUT", "/artifactory/api/repositories/cut", "Content-Length: 100", body=b'{"rclass":"local"}'),
    ],
    ids=["length", "chunk", "no last chunk", "chunk size", "json"],
)
def test_a_body_that_is_cut_short_stores_nothing(platform: Bare, repo: str, sent: bytes) -> None:
    with connected(platform) as connection:
        connection.sendall(sent)
        time.sleep(0.1)
    until(lambda: uploads(platform) == [])
    assert platform.api("GET", f"storage/{repo}/cut").status_code == 404
    assert platform.api("GET", "repositories/cut").status_code == 400


def test_what_follows_a_body_that_is_longer_than_announced_is_no_part_of_it(platform: Bare, repo: str) -> None:
    sent = request("PUT", f"/artifactory/{repo}/long", "Content-Length: 4", body=b"fourand more\r\n\r\n").replace(
        b"Connection: close\r\n", b""
    )
    said = exchange(platform, sent)
    assert said.startswith(b"HTTP/1.1 201 ")
    assert platform.get(f"{repo}/long").content == b"four"


def test_a_wrong_checksum_stores_nothing(platform: Bare, repo: str) -> None:
    before = files_of(platform)
    for header, value in (("X-Checksum-Sha1", "0" * 40), ("X-Checksum-Sha256", "f" * 64), ("X-Checksum-Md5", "1" * 32)):
        answer = platform.put(f"{repo}/wrong/file", b"never seen", headers={header: value})
        assert answer.status_code == 409, answer.text
        assert "Checksum error" in answer.text
    assert platform.api("GET", f"storage/{repo}/wrong").status_code == 404
    assert {path for path in files_of(platform) - before if "sqlite" not in path.name} == set()


def test_requests_in_one_piece_are_answered_in_their_order(platform: Bare, repo: str) -> None:
    for n in range(3):
        platform.put(f"{repo}/line/{n}", f"file {n}".encode())
    sent = b"".join(
        request("GET", f"/artifactory/{repo}/line/{n}").replace(b"Connection: close\r\n", b"") for n in range(2)
    )
    said = exchange(platform, sent + request("GET", f"/artifactory/{repo}/line/2"))
    assert said.count(b"HTTP/1.1 200 ") == 3
    assert said.index(b"file 0") < said.index(b"file 1") < said.index(b"file 2")


def test_a_client_that_waits_to_send_is_told_to_or_refused(platform: Bare, repo: str) -> None:
    head = request("PUT", f"/artifactory/{repo}/waited", "Content-Length: 4", "Expect: 100-continue")
    with connected(platform) as connection:
        connection.sendall(head)
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"body")
        assert read(connection).startswith(b"HTTP/1.1 201 ")
    said = exchange(platform, head.replace(AUTH.encode(), b"Authorization: Basic YTpi"))
    assert said.startswith(b"HTTP/1.1 401 ")
    assert b" 100 " not in said


def test_a_refusal_reaches_a_client_that_is_still_sending(platform: Bare, repo: str) -> None:
    for path in (f"/artifactory/{repo}/x", "/artifactory/api/no/such/call", "/artifactory/api/repositories/x"):
        answer = platform("PUT", path, auth=("nobody", "wrong"), data=b"x" * 1_500_000)
        assert answer.status_code == 401, path


@pytest.mark.parametrize("path", ["api/system/ping", "api/no/such", "bad-local/head", "api/repositories"])
def test_head_is_get_without_a_body(platform: Bare, repo: str, path: str) -> None:
    platform.put(f"{repo}/head", b"12345")
    said = exchange(platform, request("HEAD", f"/artifactory/{path}"))
    got = platform("GET", f"/artifactory/{path}")
    head, _, body = said.partition(b"\r\n\r\n")
    assert (int(head.split(b" ")[1]), body) == (got.status_code, b"")
    assert f"content-length: {len(got.content)}".encode() in head.lower()


def test_a_client_that_sends_slowly_keeps_nobody_waiting(platform: Bare, repo: str) -> None:
    slow = request("PUT", f"/artifactory/{repo}/slow", "Content-Length: 30")
    connections = [socket.create_connection(("127.0.0.1", urlsplit(platform.url).port)) for _ in range(60)]
    try:
        for number, connection in enumerate(connections):
            connection.sendall(slow[:20] if number % 2 else slow + b"x" * 10)
        began = time.monotonic()
        assert platform.get(f"{repo}/none").status_code == 404
        assert platform.put(f"{repo}/fast").status_code == 201
        assert time.monotonic() - began < 5
    finally:
        for connection in connections:
            connection.close()
    until(lambda: uploads(platform) == [])
    assert platform.get(f"{repo}/slow").status_code == 404


def test_a_client_that_reads_slowly_keeps_nobody_waiting(platform: Bare, repo: str) -> None:
    platform.put(f"{repo}/big", b"b" * 8_000_000)
    connections = [socket.create_connection(("127.0.0.1", urlsplit(platform.url).port)) for _ in range(40)]
    try:
        for connection in connections:
            connection.sendall(request("GET", f"/artifactory/{repo}/big"))
        assert platform.get(f"{repo}/none").status_code == 404
    finally:
        for connection in connections:
            connection.close()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"a":' * 300 + b"1" + b"}" * 300,
        b"\xff\xfe\xfd",
        b"NaN",
        b'{"rclass": Infinity}',
        b'{"rclass":"local","description":"\\ud800"}',
        b'{"rclass":"local","description":"\xed\xa0\x80"}',
        b'{"rclass":"local","description":1' + b"0" * 5000 + b"}",
        b"null",
        b"[]",
        b'"text"',
        b"17",
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
def test_a_body_that_is_no_json_object_is_a_400(platform: Bare, body: bytes) -> None:
    answer = platform.api("PUT", "repositories/bad-json", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert platform.api("GET", "repositories/bad-json").status_code == 400


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/artifactory/api/no/such", {"status": 404, "message": "Not Found"}),
        ("/access/api/v1/no/such", {"code": "NOT_FOUND", "message": "Not Found", "detail": None}),
        ("/router/api/v1/no/such", {"code": "NOT_FOUND", "message": "Not Found", "detail": None}),
        ("/mc/api/v1/no/such", {"message": "Not Found", "type": "ERROR"}),
    ],
)
def test_each_service_has_its_shape_of_error(platform: Bare, path: str, shape: dict[str, Any]) -> None:
    answer = platform("GET", path)
    assert (answer.status_code, answer.json()) == (404, {"errors": [shape]})


def test_access_takes_json_only(platform: Bare) -> None:
    group = {"name": "bad-readers"}
    for kind, status in (
        ("text/xml", 415),
        ("text/plain; charset=utf-8", 415),
        ("application/json; charset=utf-8", 201),
    ):
        answer = platform("POST", "/access/api/v2/groups", data=json.dumps(group), headers={"Content-Type": kind})
        assert answer.status_code == status, answer.text
    refused = platform("POST", "/access/api/v2/groups", data=b"<a/>", headers={"Content-Type": "text/xml"})
    assert refused.json()["errors"][0]["code"] == "UNSUPPORTED_MEDIA_TYPE"


def test_an_unexpected_error_is_artifactorys_500_and_says_nothing_more(
    platform: Bare, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("a secret of the code")

    monkeypatch.setattr(platform.platform.repositories, "listed", broken, raising=False)
    monkeypatch.setattr(platform.platform.security.authentication, "caller", broken)
    answer = platform("GET", "/artifactory/api/repositories")
    said = "An unexpected error has occurred, please check Artifactory logs for further details."
    assert (answer.status_code, answer.json()) == (500, {"errors": [{"status": 500, "message": said}]})
    assert "Content-Type" in answer.headers


def test_a_text_that_no_database_holds_is_a_400(platform: Bare, repo: str) -> None:
    answer = platform.api("PUT", f"storage/{repo}/head?properties=a=b%00c")
    assert answer.status_code == 400, answer.text


def test_unknown_calls_are_counted_with_when_they_first_came(platform: Bare) -> None:
    platform("GET", "/artifactory/api/first/unknown")
    platform("PATCH", "/artifactory/api/system/ping")
    platform("GET", "/artifactory/api/first/unknown")
    unknown = {(one["method"], one["path"]): one for one in platform("GET", "/__sandbox__/unimplemented").json()}
    assert unknown["GET", "/artifactory/api/first/unknown"]["count"] == 2
    assert unknown["PATCH", "/artifactory/api/system/ping"]["first_seen"].endswith("Z")
    assert ("GET", "/artifactory/api/system/ping") not in unknown


def test_the_access_log_hears_of_every_answer(platform: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [("127.0.0.1", "/artifactory/api/heard", 404), ("127.0.0.1", "/artifactory/\ufffd", 400)]
    heard: list[tuple[str, str, int]] = []

    def note(call: Call, answer: Answer, seconds: float) -> None:
        assert seconds >= 0
        if (one := (call.client, call.path, answer.status)) in expected:  # earlier calls may still be noted
            heard.append(one)

    monkeypatch.setattr(platform.platform, "access_log", note, raising=False)
    platform.api("GET", "heard")
    exchange(platform, request("GET", "/artifactory/%ff"))
    until(lambda: len(heard) == 2)
    assert set(heard) == set(expected)
    monkeypatch.setattr(platform.platform, "access_log", lambda *_: 1 / 0)
    assert platform.api("GET", "system/ping").text == "OK"


def test_health_other_nodes_and_downloads_wait_for_no_slow_call(platform: Bare, repo: str) -> None:
    platform.put(f"{repo}/quick", b"q" * 1_000_000)
    over = threading.Event()
    waiting = [platform.platform.pool.submit(over.wait, 30) for _ in range(THREADS)]
    try:
        peer = {PEER_HEADER: "node-9"}
        assert platform.api("GET", "system/ping").text == "OK"
        assert len(platform.get(f"{repo}/quick", headers=peer).content) == 1_000_000
        with pytest.raises(requests.Timeout):
            requests.get(f"{platform.url}/artifactory/{repo}/quick", auth=("admin", "password"), timeout=0.5)
    finally:
        over.set()
    assert all(one.result() for one in waiting)
    assert platform.get(f"{repo}/quick").status_code == 200


def test_what_a_killed_node_was_receiving_is_gone_when_it_is_back(tmp_path: Path) -> None:
    work = tmp_path / "platform-0/work"
    work.mkdir(parents=True)
    (work / "upload-unfinished").write_bytes(b"half")
    (work / "other").write_bytes(b"stays")
    with running(tmp_path):
        assert [path.name for path in work.iterdir()] == ["other"]


def test_calls_at_once_do_not_mix(platform: Bare, repo: str) -> None:
    for n in range(8):
        platform.put(f"{repo}/mix/{n}", f"content of {n}".encode() * 50)
    wrong: list[int] = []

    def work(n: int) -> None:
        for _ in range(20):
            answer = requests.get(f"{platform.url}/artifactory/{repo}/mix/{n}", auth=("admin", "password"), timeout=20)
            if answer.content != f"content of {n}".encode() * 50:
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
