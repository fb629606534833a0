"""Signatures of `Release` by the repository's primary GPG key pair (RFC 4880, version 4, RSA or EdDSA, SHA-256)."""

import base64
import hashlib
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.security.keys import openpgp
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_LIMIT = 256 * 1024 * 1024
_SHA256, _EDDSA, _RSA = 8, 22, (1, 3)
_BINARY, _TEXT = 0, 1
_CREATED, _ISSUER, _FINGERPRINT = 2, 16, 33


def answered(
    platform: "Platform", config: Mapping[str, Any], name: str, release: bytes, date: int
) -> tuple[bytes, str] | None:
    """`Release` itself; `InRelease` or `Release.gpg` when the repository has a GPG key pair, else None; with its media type."""
    if name == "Release":
        return release, "text/plain"
    pair = str(config.get("primaryKeyPairRef") or "")
    row = platform.security.key_pairs.state.pair(pair) if pair else None
    if row is None or row["kind"] != "GPG":
        return None
    key, passphrase = platform.security.key_pairs.secret_of(pair)
    made = _signed(release, key, passphrase, date // 1000, name == "InRelease")
    return made, "text/plain" if name == "InRelease" else "application/pgp-signature"


@lru_cache(maxsize=64)
def _signed(release: bytes, private_key: str, passphrase: str, date: int, inline: bool) -> bytes:
    try:
        key = openpgp.read(private_key)
        numbers = openpgp.secret_numbers(key, passphrase)
    except (openpgp.NotOpenPgp, IndexError) as error:
        raise Refused(500, f"The index cannot be signed: {error}") from None
    at = max(date, key.created)
    if not inline:
        return _armoured(_packet(key, numbers, release, _BINARY, at))
    lines = [line.rstrip(b" \t") for line in release.rstrip(b"\n").split(b"\n")]
    signature = _armoured(_packet(key, numbers, b"\r\n".join(lines), _TEXT, at))
    shown = b"\n".join(b"- " + line if line.startswith(b"-") else line for line in lines)
    return b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + shown + b"\n" + signature


def _packet(key: openpgp.Key, numbers: list[int], data: bytes, kind: int, at: int) -> bytes:
    fingerprint = bytes.fromhex(key.fingerprint)
    stated = _subpacket(_FINGERPRINT, b"\x04" + fingerprint) + _subpacket(_CREATED, at.to_bytes(4, "big"))
    hashed = bytes((4, kind, key.algorithm, _SHA256)) + len(stated).to_bytes(2, "big") + stated
    digest = hashlib.sha256(data + hashed + b"\x04\xff" + len(hashed).to_bytes(4, "big")).digest()
    issuer = _subpacket(_ISSUER, fingerprint[-8:])
    body = hashed + len(issuer).to_bytes(2, "big") + issuer + digest[:2] + _signature(key, numbers, digest)
    return bytes((0xC2, 0xFF)) + len(body).to_bytes(4, "big") + body


def _subpacket(kind: int, data: bytes) -> bytes:
    return bytes((len(data) + 1, kind)) + data


def _signature(key: openpgp.Key, numbers: list[int], digest: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  several MB that most nodes never need
    from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa, utils  # noqa: PLC0415

    if key.algorithm in _RSA:
        modulus, exponent = key.numbers
        private, p, q = numbers[:3]
        known = rsa.RSAPrivateNumbers(
            p,
            q,
            private,
            rsa.rsa_crt_dmp1(private, p),
            rsa.rsa_crt_dmq1(private, q),
            rsa.rsa_crt_iqmp(p, q),
            rsa.RSAPublicNumbers(exponent, modulus),
        )
        made = known.private_key().sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
        return _mpi(made)
    if key.algorithm == _EDDSA:
        made = ed25519.Ed25519PrivateKey.from_private_bytes(numbers[0].to_bytes(32, "big")).sign(digest)
        return _mpi(made[:32]) + _mpi(made[32:])
    raise Refused(500, "The index cannot be signed: the key is neither RSA nor EdDSA")


def _mpi(data: bytes) -> bytes:
    number = int.from_bytes(data, "big")
    return number.bit_length().to_bytes(2, "big") + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _armoured(packet: bytes) -> bytes:
    text = base64.b64encode(packet).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    crc = base64.b64encode(openpgp.crc24(packet).to_bytes(3, "big")).decode()
    block = ["-----BEGIN PGP SIGNATURE-----", "", *lines, f"={crc}", "-----END PGP SIGNATURE-----", ""]
    return "\n".join(block).encode()


def unpacked(data: bytes) -> bytes:
    """What a gzip file holds, up to a limit; empty when it is none."""
    try:
        return zlib.decompressobj(wbits=31).decompress(data, _LIMIT)
    except zlib.error:
        return b""
