"""A bundle: rendered files in one archive, named by its digest, and the pointer to the current one."""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from artifactory_estate.cloud.session import client

POINTER = "bundles/current"
"""Object that holds the digest of the bundle that a new node takes."""
_MISSING = {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}


def pack(files: Mapping[str, str]) -> bytes:
    """An archive whose bytes depend on the files alone: sorted, no times, no owners, and not compressed, since two
    machines' compressors may differ. A name that ends in `.sh` is executable."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, text in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.mode = 0o755 if name.endswith(".sh") else 0o644
            content = text.encode()
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def digest_of(files: Mapping[str, str]) -> str:
    """SHA-256 of the archive."""
    return hashlib.sha256(pack(files)).hexdigest()


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Names of the files that differ; of system properties each one: `artifactory.search.maxResults 500 to 600`.

    >>> differences({"system.yaml": "a"}, {"system.yaml": "b"})
    ['system.yaml']
    """
    found: list[str] = []
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) == new.get(name):
            continue
        before, after = _properties(old.get(name, "")), _properties(new.get(name, ""))
        if name.endswith(".properties") and before != after:
            keys = [key for key in sorted(before | after) if before.get(key) != after.get(key)]
            found += [f"{key} {before.get(key, 'unset')} to {after.get(key, 'unset')}" for key in keys]
        else:
            found.append(name)
    return found


def _properties(text: str) -> dict[str, str]:
    lines = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key: value for key, _, value in lines}


def key_of(digest: str) -> str:
    """Object key of a bundle."""
    return f"bundles/{digest}.tar"


@dataclass(frozen=True)
class Shelf:
    """The bundles in one bucket."""

    bucket: str
    region: str
    role: str | None

    def upload(self, files: Mapping[str, str]) -> str:
        """Its digest; nothing is written when the bundle is there."""
        archive = pack(files)
        digest = hashlib.sha256(archive).hexdigest()
        if not self.holds(digest):
            self._client.put_object(Bucket=self.bucket, Key=key_of(digest), Body=archive)
        return digest

    def holds(self, digest: str) -> bool:
        """Whether the bundle is there."""
        try:
            self._client.head_object(Bucket=self.bucket, Key=key_of(digest))
        except ClientError as error:
            return _absent(error)
        return True

    def current(self) -> str | None:
        """The digest the pointer names; None when there is no pointer, or no bucket."""
        try:
            answer = self._client.get_object(Bucket=self.bucket, Key=POINTER)
        except ClientError as error:
            _absent(error)
            return None
        return str(answer["Body"].read().decode().strip())

    def point_to(self, digest: str) -> None:
        """New nodes take this bundle from now on."""
        if self.current() != digest:
            self._client.put_object(Bucket=self.bucket, Key=POINTER, Body=digest.encode())

    def clear(self) -> None:
        """No pointer: a node that starts now finds nothing to become. Old bundles go with the bucket."""
        try:
            self._client.delete_object(Bucket=self.bucket, Key=POINTER)
        except ClientError as error:
            _absent(error)

    @property
    def _client(self) -> Any:
        return client("s3", region=self.region, role=self.role)


def _absent(error: ClientError) -> bool:
    """False when the error says that there is no such thing; anything else is raised again."""
    if str(error.response["Error"]["Code"]) in _MISSING:
        return False
    raise error
