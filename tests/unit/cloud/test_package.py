"""The installer's way into the bucket, from a web server that behaves badly, against a real S3 client."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
import requests

from artifactory_estate.cloud.package import PackageUnavailable, check, is_mirrored, key_of, mirror
from tests.support.aws import REGION

CONTENT = bytes(range(256)) * 12_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Web:
    """Serves CONTENT: `cut` drops so many connections half way, `busy` answers so many times 503."""

    def __init__(self, cut: int = 0, busy: int = 0, ranges: bool = True) -> None:
        self.cut, self.busy, self.ranges = cut, busy, ranges
        self.sent = 0
        self.asked: list[str] = []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append(self.headers.get("Range", ""))
                if self.path == "/moved.rpm":
                    self.send_response(302)
                    self.send_header("Location", "/real.rpm")
                    self.end_headers()
                elif self.path == "/missing.rpm":
                    self.send_error(404)
                elif web.busy:
                    web.busy -= 1
                    self.send_error(503)
                else:
                    web._send(self)

            def log_message(self, *_: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def _send(self, request: http.server.BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range", "") if self.ranges else ""
        start = int(wanted.removeprefix("bytes=").removesuffix("-") or 0)
        body = CONTENT[start:]
        request.send_response(206 if wanted else 200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if self.cut:
            self.cut -= 1
            body = body[: len(body) // 2]
            request.close_connection = True
        request.wfile.write(body)
        self.sent += len(body)


@contextmanager
def web(cut: int = 0, busy: int = 0, ranges: bool = True) -> Iterator[Web]:
    made = Web(cut, busy, ranges)
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()


def stored(bucket: str, source: str) -> bytes:
    key = key_of(source, DIGEST)
    assert is_mirrored(bucket, key, REGION, None)
    body: bytes = boto3.client("s3", region_name=REGION).get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


@pytest.mark.parametrize("name", ["real.rpm", "moved.rpm"])
def test_is_fetched_checked_and_stored_under_its_digest(bucket: str, name: str) -> None:
    said: list[str] = []
    with web() as served:
        mirror(f"{served.url}/{name}", DIGEST, bucket, REGION, None, said.append)
    assert stored(bucket, f"{served.url}/{name}") == CONTENT
    assert said[-1] == f"{name}: 100 % of 2 MiB"


def test_goes_on_where_it_was_interrupted(bucket: str) -> None:
    with web(cut=2, busy=1) as served:
        mirror(f"{served.url}/real.rpm", DIGEST, bucket, REGION, None)
    assert stored(bucket, f"{served.url}/real.rpm") == CONTENT
    assert len(served.asked) == 4
    assert served.asked[1] == ""
    assert served.asked[3].startswith("bytes=")
    assert served.sent <= len(CONTENT) + 2 * (1 << 16)


def test_begins_again_at_a_server_that_knows_no_ranges(bucket: str) -> None:
    with web(cut=1, ranges=False) as served:
        mirror(f"{served.url}/real.rpm", DIGEST, bucket, REGION, None)
    assert stored(bucket, f"{served.url}/real.rpm") == CONTENT


def test_gives_up_after_six_times_and_stores_nothing(bucket: str) -> None:
    with web(busy=100) as served, pytest.raises(PackageUnavailable, match="answered 503"):
        mirror(f"{served.url}/real.rpm", DIGEST, bucket, REGION, None)
    assert len(served.asked) == 6
    assert not is_mirrored(bucket, key_of(f"{served.url}/real.rpm", DIGEST), REGION, None)


def test_another_file_is_not_stored(bucket: str) -> None:
    with web() as served, pytest.raises(PackageUnavailable, match=f"its sha256 is {DIGEST}, declared is {'0' * 64}"):
        mirror(f"{served.url}/real.rpm", "0" * 64, bucket, REGION, None)
    assert not is_mirrored(bucket, key_of(f"{served.url}/real.rpm", "0" * 64), REGION, None)


def test_a_missing_one_is_said_at_once(bucket: str) -> None:
    with web() as served, pytest.raises(PackageUnavailable, match=r"missing\.rpm: answered 404"):
        mirror(f"{served.url}/missing.rpm", DIGEST, bucket, REGION, None)
    assert len(served.asked) == 1


def test_a_host_that_cannot_be_is_said(bucket: str) -> None:
    with pytest.raises(PackageUnavailable, match=r"https://packages\.\.example/a\.rpm: LocationParseError"):
        mirror("https://packages..example/a.rpm", DIGEST, bucket, REGION, None)


def test_from_a_bucket_of_ones_own(bucket: str) -> None:
    s3 = boto3.client("s3", region_name=REGION)
    s3.put_object(Bucket=bucket, Key="mine/artifactory.rpm", Body=CONTENT)
    mirror(f"s3://{bucket}/mine/artifactory.rpm", DIGEST, bucket, REGION, None)
    assert stored(bucket, "x/artifactory.rpm") == CONTENT


def test_a_bucket_that_is_not_there(bucket: str) -> None:
    with pytest.raises(PackageUnavailable, match=r"s3://nowhere-at-all/a\.rpm: 404"):
        mirror("s3://nowhere-at-all/a.rpm", DIGEST, bucket, REGION, None)


def test_a_redirection_to_plain_http_is_not_followed_silently() -> None:
    answer = requests.Response()
    answer.status_code, answer.url = 200, "http://mirror.example/a.rpm"
    with pytest.raises(PackageUnavailable, match="redirects to http, which is not encrypted"):
        check("https://packages.example/a.rpm", answer)
