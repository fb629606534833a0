"""A package's, or a driver's, way into the site's bucket: fetched once, checked, stored under its digest."""

import hashlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Any
from urllib.parse import urlsplit

import requests
from botocore.exceptions import BotoCoreError, ClientError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter
from urllib3.exceptions import LocationValueError

from artifactory_estate.base import EstateError
from artifactory_estate.cloud.session import client

_CHUNK = 1 << 16
_CONNECT_S, _READ_S = 10, 60
_ATTEMPTS = 6
_BYTES_MAX = 8 << 30
"""8 GiB: an installer has about one and a half."""
_OK, _PARTIAL = 200, 206


class PackageUnavailable(EstateError):
    """The package cannot be fetched, or is not the declared one."""


class _Interrupted(Exception):
    """The answer ended before the file did; what has come is kept."""


def key_of(source: str, sha256: str) -> str:
    """Object key in the site's bucket: `packages/<sha256>/<file name>`; the name's ending tells the package manager."""
    return f"packages/{sha256}/{urlsplit(source).path.rsplit('/', 1)[-1]}"


def is_mirrored(bucket: str, key: str, region: str, role: str | None) -> bool:
    """Whether the object is there; what is there was checked when it was put."""
    try:
        client("s3", region=region, role=role).head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if str(error.response["Error"]["Code"]) in {"404", "NoSuchKey", "NoSuchBucket"}:
            return False
        raise
    return True


def _to_the_engine(text: str) -> None:
    """The engine shows what a provider writes to standard error."""
    sys.stderr.write(f"{text}\n")


def mirror(
    source: str, sha256: str, bucket: str, region: str, role: str | None, say: Callable[[str], None] = _to_the_engine
) -> None:
    """Stream `source` (`https://…` or `s3://…`) to disk, check its digest, and only then put it into `bucket`.

    Redirections are followed, to https only; an interrupted transfer goes on where it stopped, six times at most.
    `say` hears every tenth of the way. Raises `PackageUnavailable`.
    """
    with tempfile.TemporaryFile() as file:
        if source.startswith("s3://"):
            _from_s3(source, file, region, role)
        else:
            _from_web(source, file, say)
        found = _digest(file)
        if found != sha256:
            raise PackageUnavailable(f"{source}: its sha256 is {found}, declared is {sha256}")
        file.seek(0)
        client("s3", region=region, role=role).upload_fileobj(file, bucket, key_of(source, sha256))


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # a temporary file is readable


def _from_web(source: str, file: IO[bytes], say: Callable[[str], None]) -> None:
    attempt = retry(
        retry=retry_if_exception_type((_Interrupted, requests.ConnectionError, requests.Timeout)),
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_exponential_jitter(multiplier=0.2, max=10),
        reraise=True,
    )
    try:
        attempt(_continue)(source, file, say)
    except _Interrupted as error:
        raise PackageUnavailable(f"{source}: {error}") from error
    except (requests.RequestException, LocationValueError) as error:
        raise PackageUnavailable(f"{source}: {type(error).__name__}") from error


def _continue(source: str, file: IO[bytes], say: Callable[[str], None]) -> None:
    """The rest of the file, behind what has come already; all of it from a server that does not know ranges."""
    file.seek(0, 2)
    headers = {"Range": f"bytes={file.tell()}-"} if file.tell() else {}
    timeout = (_CONNECT_S, _READ_S)
    # The length counts what is sent, so nothing may be compressed on the way.
    with requests.get(
        source, stream=True, timeout=timeout, headers={"Accept-Encoding": "identity", **headers}
    ) as answer:
        check(source, answer)
        if answer.status_code == _OK:
            file.seek(0)
            file.truncate()
        total = file.tell() + int(answer.headers.get("Content-Length", 0))
        if total > _BYTES_MAX:
            raise PackageUnavailable(f"{source}: {total} bytes are more than any installer has")
        try:
            for tenth in _written(file, answer.iter_content(_CHUNK), total):
                say(f"{source.rsplit('/', 1)[-1]}: {tenth}0 % of {total >> 20} MiB")
        except requests.RequestException as error:
            raise _Interrupted(f"interrupted after {file.tell()} bytes: {type(error).__name__}") from error
        if file.tell() < total:
            raise _Interrupted(f"ended after {file.tell()} of {total} bytes")


def _written(file: IO[bytes], chunks: Iterator[bytes], total: int) -> Iterator[int]:
    """Writes; each tenth of the whole that is reached."""
    reached = 10 * file.tell() // total if total else 0
    for chunk in chunks:
        file.write(chunk)
        if file.tell() > _BYTES_MAX:
            raise PackageUnavailable(f"more than {_BYTES_MAX} bytes, which no installer has")
        if total and 10 * file.tell() // total > reached:
            reached = 10 * file.tell() // total
            yield reached


def check(source: str, answer: requests.Response) -> None:
    """Raises for an answer that is not the file, `_Interrupted` where asking again may help."""
    # A scheme that falls back to http would let anybody on the way choose which error is seen; the digest decides anyway.
    if source.startswith("https://") and not answer.url.startswith("https://"):
        raise PackageUnavailable(f"{source}: redirects to {urlsplit(answer.url).scheme}, which is not encrypted")
    if answer.status_code in {429, 500, 502, 503, 504}:
        raise _Interrupted(f"answered {answer.status_code}")
    if answer.status_code not in {_OK, _PARTIAL}:
        raise PackageUnavailable(f"{source}: answered {answer.status_code}")


def _from_s3(source: str, file: IO[bytes], region: str, role: str | None) -> None:
    parts = urlsplit(source)
    try:
        s3: Any = client("s3", region=region, role=role)
        s3.download_fileobj(parts.netloc, parts.path.lstrip("/"), file)  # in parts, each tried again by boto3
    except ClientError as error:
        raise PackageUnavailable(f"{source}: {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise PackageUnavailable(f"{source}: {type(error).__name__}") from error
