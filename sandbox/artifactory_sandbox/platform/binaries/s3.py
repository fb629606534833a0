"""`s3-storage-v3`: objects `<path>/<first two of SHA-1>/<SHA-1>` in a bucket (1.13)."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from artifactory_sandbox.platform.binaries.chain import MissingBinary, Part, Place

_CHUNK = 1024 * 1024


class BucketFailed(Exception):
    """The bucket cannot be used; the text is what the node logs."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """What binarystore.xml says about the bucket."""

    name: str
    path: str = "filestore"
    region: str | None = None
    endpoint: str | None = None
    folder_length: int = 2
    identity: str | None = None
    credential: str | None = None
    path_style: bool = False
    plain_http: bool = False
    signed_url_seconds: int = 30
    multipart_over: int = 100_000_000
    part_size: int = 50_000_000


class S3(Part):
    """A bucket. An endpoint of the environment wins over the file's: that is how the sandbox takes Amazon's place.

    Every call raises `BucketFailed` when the bucket cannot be used.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._client = _client(bucket)

    def probe(self) -> None:
        """Writes, reads and removes an object, as `testConnection` does; raises `BucketFailed`."""
        key = self._key("probe-" + os.urandom(8).hex())
        with self._told():
            self._client.put_object(Bucket=self._bucket.name, Key=key, Body=b"probe")
            if self._client.get_object(Bucket=self._bucket.name, Key=key)["Body"].read() != b"probe":
                raise BucketFailed(f"bucket '{self._bucket.name}' did not give back what was written")
            self._client.delete_object(Bucket=self._bucket.name, Key=key)

    def put(self, sha1: str, file: Path) -> None:
        """Uploads unless the object is there."""
        if self.has(sha1):
            return
        with self._told(), file.open("rb") as source:
            self._client.upload_fileobj(source, self._bucket.name, self._key(sha1), Config=_transfer(self._bucket))

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """The object's body as a stream."""
        options = {"Range": f"bytes={start}-"} if start else {}
        with self._told():
            try:
                answer = self._client.get_object(Bucket=self._bucket.name, Key=self._key(sha1), **options)
            except self._client.exceptions.NoSuchKey:
                raise MissingBinary(sha1) from None
        return cast(BinaryIO, answer["Body"])

    def has(self, sha1: str) -> bool:
        """Whether the object is there."""
        from botocore.exceptions import ClientError  # noqa: PLC0415

        with self._told():
            try:
                self._client.head_object(Bucket=self._bucket.name, Key=self._key(sha1))
            except ClientError as error:
                if error.response["Error"].get("Code") in {"404", "NoSuchKey", "NotFound"}:
                    return False
                raise
        return True

    def remove(self, sha1: str) -> None:
        """Deletes the object; with versioning on that adds a delete marker."""
        with self._told():
            self._client.delete_object(Bucket=self._bucket.name, Key=self._key(sha1))

    def signed(self, sha1: str, name: str, seconds: int) -> str:
        """An address that hands the object out as a file of this name to whoever has it, for so long."""
        shown = "attachment; filename*=UTF-8''" + quote(name)
        wanted = {"Bucket": self._bucket.name, "Key": self._key(sha1), "ResponseContentDisposition": shown}
        made = self._client.generate_presigned_url(
            "get_object", Params=wanted, ExpiresIn=seconds or self._bucket.signed_url_seconds
        )
        return str(made)

    def all(self) -> Iterator[tuple[str, int]]:
        """Every object below the path."""
        prefix = f"{self._bucket.path}/" if self._bucket.path else ""
        with self._told():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket.name, Prefix=prefix):
                for item in page.get("Contents", ()):
                    yield item["Key"].rpartition("/")[2], item["Size"]

    def places(self) -> Sequence[Place]:
        """The bucket."""
        return (self.place(self._bucket.name, "s3-storage-v3"),)

    def place(self, id_: str, kind: str, **more: Any) -> Place:
        """The bucket, as a provider of this id and type."""
        return Place(id_, kind, f"{self._bucket.name}/{self._bucket.path}", **more)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Says of every failure whose bucket it was."""
        from boto3.exceptions import Boto3Error  # noqa: PLC0415  only nodes on S3 pay for it
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            yield
        except ClientError as error:
            said = error.response["Error"]
            raise BucketFailed(f"bucket '{self._bucket.name}': {said.get('Code')}: {said.get('Message')}") from error
        except (BotoCoreError, Boto3Error) as error:
            raise BucketFailed(f"bucket '{self._bucket.name}': {error}") from error

    def _key(self, sha1: str) -> str:
        parts = (self._bucket.path, sha1[: self._bucket.folder_length], sha1)
        return "/".join(part for part in parts if part)


def _client(bucket: Bucket) -> Any:
    import boto3  # noqa: PLC0415  30 MB that nodes on a file system do not need
    from botocore.config import Config  # noqa: PLC0415

    sandbox = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    scheme = "http" if bucket.plain_http else "https"
    named = bucket.endpoint and (bucket.endpoint if "://" in bucket.endpoint else f"{scheme}://{bucket.endpoint}")
    style = {"addressing_style": "path" if bucket.path_style or sandbox else "auto"}
    return boto3.client(
        "s3",
        region_name=bucket.region,
        endpoint_url=sandbox or named,
        aws_access_key_id=bucket.identity,
        aws_secret_access_key=bucket.credential,
        config=Config(
            s3=style,
            connect_timeout=5,
            read_timeout=60,
            retries={"total_max_attempts": 3, "mode": "standard"},
            max_pool_connections=16,
            **({"proxies": {}} if sandbox else {}),
        ),
    )


def _transfer(bucket: Bucket) -> Any:
    from boto3.s3.transfer import TransferConfig  # noqa: PLC0415

    return TransferConfig(
        multipart_threshold=bucket.multipart_over,
        multipart_chunksize=bucket.part_size,
        max_concurrency=2,
        use_threads=True,
    )
