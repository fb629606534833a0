"""Licence buckets as files: licences of the sandbox, sealed with a key that is sent beside them.

`python -m artifactory_sandbox.platform.mission_control.bucket_file FILE --licences 5` writes one and prints its key.
"""

import argparse
import base64
import hashlib
import json
import secrets
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from artifactory_sandbox import licence
from artifactory_sandbox.licence import InvalidLicence

_MAGIC = b"sandbox-bucket-1\n"


class UnusableBucket(ValueError):
    """Not a bucket, or not with this key."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """What a bucket says of itself, and its licences as text."""

    subject: str
    license_type: str
    issued_date: str
    valid_date: str
    licences: tuple[str, ...]


def make(count: int, subject: str = "Sandbox", days: int = 3650) -> Bucket:
    """A new bucket."""
    made = licence.make(count, licensed_to=subject, days=days)
    today = datetime.now(UTC).date().isoformat()
    until = made[0].valid_through if made else today
    kind = made[0].type if made else "Enterprise Plus"
    return Bucket(subject, kind, today, until, tuple(one.text for one in made))


def sealed(bucket: Bucket, key: str) -> bytes:
    """The file."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  several MB that most nodes never need

    fields = ("subject", "license_type", "issued_date", "valid_date")
    body = {name: getattr(bucket, name) for name in fields} | {"licences": list(bucket.licences)}
    nonce = secrets.token_bytes(12)
    return (
        _MAGIC + base64.b64encode(nonce + AESGCM(_key(key)).encrypt(nonce, json.dumps(body).encode(), _MAGIC)) + b"\n"
    )


def opened(data: bytes, key: str) -> Bucket:
    """Reads a file; raises `UnusableBucket`."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    if not data.startswith(_MAGIC):
        raise UnusableBucket("The file is not a license bucket")
    try:
        packed = base64.b64decode(data[len(_MAGIC) :].strip(), validate=True)
        body = json.loads(AESGCM(_key(key)).decrypt(packed[:12], packed[12:], _MAGIC))
        for text in body["licences"]:
            licence.parse(text)
        return Bucket(**{**body, "licences": tuple(body["licences"])})
    except (InvalidTag, ValueError, TypeError, KeyError, InvalidLicence) as error:
        raise UnusableBucket("The license bucket cannot be opened with this key") from error


def _key(key: str) -> bytes:
    return hashlib.scrypt(key.encode("utf-8", "replace"), salt=_MAGIC, n=2**12, r=8, p=1, dklen=32)


def main() -> None:
    """Writes a bucket for trying things out."""
    parser = argparse.ArgumentParser(description="Write a licence bucket of the sandbox and print its key.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--licences", type=int, default=5)
    chosen = parser.parse_args()
    key = secrets.token_hex(16)
    chosen.file.write_bytes(sealed(make(chosen.licences), key))
    sys.stdout.write(key + "\n")


if __name__ == "__main__":
    main()
