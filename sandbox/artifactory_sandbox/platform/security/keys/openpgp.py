"""As much of OpenPGP as keys need (RFC 4880): armour, fingerprints, secret keys with their passphrase, signatures."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

PUBLIC, SECRET = 6, 5
_USER_ID, _SIGNATURE = 13, 2
_RSA, _DSA, _ELGAMAL, _ECDH, _ECDSA, _EDDSA = (1, 2, 3), 17, 16, 18, 19, 22
_BLOCK = re.compile(
    r"-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----[ \t]*\r?\n(.*?)-----END PGP \1 KEY BLOCK-----", re.DOTALL
)
_HASHES = {1: "md5", 2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512", 11: "sha224"}
_CIPHER_BYTES = {7: 16, 8: 24, 9: 32}
_AES_BLOCK = 16


class NotOpenPgp(ValueError):
    """The text is no key that is understood."""


@dataclass(frozen=True, slots=True)
class Key:
    """The primary key of a block."""

    secret: bool
    algorithm: int
    created: int
    public_body: bytes
    """The packet of the public key, without its header: what the fingerprint is made from."""
    secret_body: bytes = field(default=b"", repr=False)
    user_ids: tuple[str, ...] = ()
    lifetime_s: int = 0
    """0: it does not end."""

    @property
    def fingerprint(self) -> str:
        """40 hexadecimal digits."""
        body = self.public_body
        head = b"\x99" + len(body).to_bytes(2, "big")
        return hashlib.sha1(head + body, usedforsecurity=False).hexdigest()

    @property
    def numbers(self) -> list[int]:
        """The numbers of an RSA public key: modulus and exponent."""
        return _mpis(self.public_body[6:], 2)[0]


def read(text: str) -> Key:
    """The primary key of an armoured block."""
    kind, data = _dearmoured(text)
    packets = list(_packets(data))
    if not packets or packets[0][0] not in {PUBLIC, SECRET}:
        raise NotOpenPgp("the block does not begin with a key")
    tag, body = packets[0]
    if (tag == SECRET) != (kind == "PRIVATE"):
        raise NotOpenPgp("the block holds another kind of key than it says")
    if len(body) < 7 or body[0] != 4:
        raise NotOpenPgp("only keys of version 4 are understood")
    length = 6 + _public_length(body[5], body[6:])
    ids = tuple(one.decode("utf-8", "replace") for number, one in packets if number == _USER_ID)
    signatures = [one for number, one in packets if number == _SIGNATURE]
    return Key(
        secret=tag == SECRET,
        algorithm=body[5],
        created=int.from_bytes(body[1:5], "big"),
        public_body=body[:length],
        secret_body=body[length:] if tag == SECRET else b"",
        user_ids=ids,
        lifetime_s=next((found for one in signatures if (found := _lifetime(one))), 0),
    )


def secret_numbers(key: Key, passphrase: str) -> list[int]:
    """The secret numbers of a key; raises `NotOpenPgp` when the passphrase is wrong.

    RSA: exponent, primes p and q, and their coefficient. EdDSA: the seed.
    """
    body = key.secret_body
    if not body:
        raise NotOpenPgp("there is no secret key")
    usage = body[0]
    if usage == 0:
        plain, check, summed = body[1:-2], body[-2:], True
    elif usage in {254, 255} and len(body) > 4 and body[1] in _CIPHER_BYTES:
        secret, rest = _stretched(body[2:], passphrase, _CIPHER_BYTES[body[1]])
        plain = _decrypted(secret, rest[:_AES_BLOCK], rest[_AES_BLOCK:])
        size = 20 if usage == 254 else 2
        plain, check, summed = plain[:-size], plain[-size:], usage == 255
    else:
        raise NotOpenPgp("the secret key is protected in a way that is not understood")
    right = (sum(plain) % 65536).to_bytes(2, "big") if summed else hashlib.sha1(plain, usedforsecurity=False).digest()
    if right != check:
        raise NotOpenPgp("the passphrase is wrong")
    return _mpis(plain, 4 if key.algorithm in _RSA else 1)[0]


def _dearmoured(text: str) -> tuple[str, bytes]:
    found = _BLOCK.search(text)
    if found is None:
        raise NotOpenPgp("there is no armoured key")
    lines = found[2].replace("\r", "").split("\n")
    while lines and ":" in lines[0]:
        lines.pop(0)
    wanted = [line.strip() for line in lines if line.strip()]
    crc = wanted.pop() if wanted and wanted[-1].startswith("=") and len(wanted[-1]) == 5 else ""
    try:
        data = base64.b64decode("".join(wanted), validate=True)
        if crc and int.from_bytes(base64.b64decode(crc[1:], validate=True), "big") != crc24(data):
            raise NotOpenPgp("the checksum of the armour is wrong")
    except ValueError as error:
        raise NotOpenPgp(str(error)) from error
    return found[1], data


def crc24(data: bytes) -> int:
    """Checksum of the armour."""
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1864CFB
    return crc & 0xFFFFFF


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place < len(data):
        head = data[place]
        if not head & 0x80:
            raise NotOpenPgp("a packet has no header")
        place += 1
        if head & 0x40:
            tag, (length, place) = head & 0x3F, _new_length(data, place)
        else:
            tag, size = (head >> 2) & 0x0F, {0: 1, 1: 2, 2: 4}.get(head & 3, 0)
            length = int.from_bytes(data[place : place + size], "big") if size else len(data) - place
            place += size
        if place + length > len(data):
            raise NotOpenPgp("a packet is cut short")
        yield tag, data[place : place + length]
        place += length


def _new_length(data: bytes, place: int) -> tuple[int, int]:
    first = data[place] if place < len(data) else 0
    if first < 192:
        return first, place + 1
    if first < 224:
        return ((first - 192) << 8) + int.from_bytes(data[place + 1 : place + 2], "big") + 192, place + 2
    if first == 255:
        return int.from_bytes(data[place + 1 : place + 5], "big"), place + 5
    raise NotOpenPgp("packets of unknown length are not understood")


def _public_length(algorithm: int, body: bytes) -> int:
    if algorithm in _RSA:
        return _mpis(body, 2)[1]
    if algorithm in {_DSA, _ELGAMAL}:
        return _mpis(body, 4 if algorithm == _DSA else 3)[1]
    if algorithm in {_ECDH, _ECDSA, _EDDSA}:
        curve = 1 + body[0]
        point = _mpis(body[curve:], 1)[1]
        kdf = 1 + body[curve + point] if algorithm == _ECDH and len(body) > curve + point else 0
        return curve + point + kdf
    raise NotOpenPgp(f"keys of algorithm {algorithm} are not understood")


def _mpis(data: bytes, count: int) -> tuple[list[int], int]:
    """So many numbers, and where they end."""
    found, place = [], 0
    for _ in range(count):
        size = (int.from_bytes(data[place : place + 2], "big") + 7) // 8
        if place + 2 + size > len(data):
            raise NotOpenPgp("a number is cut short")
        found.append(int.from_bytes(data[place + 2 : place + 2 + size], "big"))
        place += 2 + size
    return found, place


def _stretched(data: bytes, passphrase: str, size: int) -> tuple[bytes, bytes]:
    """The key that a passphrase stands for, and what follows its description."""
    kind, name = data[0], _HASHES.get(data[1], "")
    if kind not in {0, 1, 3} or not name:
        raise NotOpenPgp("the passphrase is stretched in a way that is not understood")
    salt = data[2:10] if kind else b""
    rest = data[2:] if kind == 0 else data[10:] if kind == 1 else data[11:]
    text = salt + passphrase.encode()
    count = (16 + (data[10] & 15)) << ((data[10] >> 4) + 6) if kind == 3 else len(text)
    count = max(count, len(text))
    made = b""
    while len(made) < size:
        digest = hashlib.new(name, usedforsecurity=False)
        digest.update(bytes(len(made) // digest.digest_size))
        whole, part = divmod(count, len(text)) if text else (0, 0)
        digest.update(text * whole + text[:part])
        made += digest.digest()
    return made[:size], rest


def _decrypted(secret: bytes, start: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.decrepit.ciphers.modes import CFB  # noqa: PLC0415  several MB that most nodes never need
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms  # noqa: PLC0415

    decryptor = Cipher(algorithms.AES(secret), CFB(start)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _lifetime(signature: bytes) -> int:
    """Seconds that a self-signature gives its key; 0 without."""
    if len(signature) < 6 or signature[0] != 4 or not 0x10 <= signature[1] <= 0x13:
        return 0
    hashed = signature[6 : 6 + int.from_bytes(signature[4:6], "big")]
    place = 0
    while place < len(hashed):
        length, place = _new_length(hashed, place)
        if length and hashed[place] & 0x7F == 9:
            return int.from_bytes(hashed[place + 1 : place + 5], "big")
        place += max(length, 1)
    return 0
