"""The installer's way into the site's bucket: fetched once, checked, stored under its digest."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from urllib.parse import urlsplit

import requests
from botocore.exceptions import ClientError

from artifactory_estate.base import EstateError
from artifactory_estate.cloud.session import client

_CHUNK = 1 << 20
_CONNECT_S, _READ_S = 10, 60


class PackageUnavailable(EstateError):
    """The package cannot be fetched, or is not the declared one."""


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


def mirror(source: str, sha256: str, bucket: str, region: str, role: str | None) -> None:
    """Stream `source` (`https://…` or `s3://…`) to disk, check its digest, and only then put it into `bucket`.

    Raises `PackageUnavailable`.
    """
    with tempfile.TemporaryFile() as file:
        digest = hashlib.sha256()
        with _opened(source, region, role) as chunks:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != sha256:
            raise PackageUnavailable(f"{source}: its sha256 is {digest.hexdigest()}, declared is {sha256}")
        file.seek(0)
        client("s3", region=region, role=role).upload_fileobj(file, bucket, key_of(source, sha256))


@contextmanager
def _opened(source: str, region: str, role: str | None) -> Iterator[Iterator[bytes]]:
    if source.startswith("s3://"):
        yield _from_s3(source, region, role)
        return
    try:
        with requests.get(source, stream=True, timeout=(_CONNECT_S, _READ_S)) as answer:
            if answer.status_code != 200:
                raise PackageUnavailable(f"{source}: answered {answer.status_code}")
            yield answer.iter_content(_CHUNK)
    except requests.RequestException as error:
        raise PackageUnavailable(f"{source}: {type(error).__name__}") from error


def _from_s3(source: str, region: str, role: str | None) -> Iterator[bytes]:
    parts = urlsplit(source)
    try:
        body: IO[Any] = client("s3", region=region, role=role).get_object(
            Bucket=parts.netloc, Key=parts.path.lstrip("/")
        )["Body"]
    except ClientError as error:
        raise PackageUnavailable(f"{source}: {error.response['Error']['Code']}") from error
    while chunk := body.read(_CHUNK):
        yield chunk
