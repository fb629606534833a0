"""Reading keys and certificates: what a text is, and whether two halves belong together (12.5.5)."""

import hashlib
from datetime import datetime
from typing import Any

from artifactory_sandbox.platform.security.keys import openpgp
from artifactory_sandbox.platform.web import Refused

_LONGEST = 256 * 1024


def check_pair(kind: str, public_key: str, private_key: str, passphrase: str) -> None:
    """A 400 when a private key cannot be read, or is not that of the public one."""
    if len(public_key) > _LONGEST or len(private_key) > _LONGEST:
        raise Refused(400, "The key is too large")
    if kind == "GPG":
        _check_gpg(public_key, private_key, passphrase)
    else:
        _check_rsa(public_key, private_key, passphrase)


def trusted(text: str) -> dict[str, Any]:
    """What a trusted key says of itself: kind, fingerprint, issuer, dates in milliseconds; a 400 for no key."""
    if len(text) > _LONGEST:
        raise Refused(400, "The key is too large")
    if "BEGIN PGP" in text:
        return _trusted_gpg(text)
    if "BEGIN CERTIFICATE" in text:
        found = certificate(text, with_key=False)
        return {"kind": "X509", **{name: found[name] for name in ("fingerprint", "issued_by", "issued", "expiry")}}
    public = _public_pem(text)
    return {
        "kind": "RSA",
        "fingerprint": colons(hashlib.sha256(public).digest()),
        "issued_by": "",
        "issued": 0,
        "expiry": None,
    }


def certificate(text: str, with_key: bool = True) -> dict[str, Any]:
    """What a certificate says; a 400 when it is none, or the private key that must come with it does not fit."""
    from cryptography import x509  # noqa: PLC0415  several MB that most nodes never need
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415

    try:
        found = x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        raise Refused(400, "The certificate cannot be read: a PEM text is expected") from None
    if with_key:
        private = _private_pem(text, "")
        if _spki(private.public_key()) != _spki(found.public_key()):
            raise Refused(400, "The private key is not that of the certificate")
    return {
        "issued_to": _name(found.subject),
        "issued_by": _name(found.issuer),
        "issued": _millis(found.not_valid_before_utc),
        "expiry": _millis(found.not_valid_after_utc),
        "fingerprint": colons(found.fingerprint(hashes.SHA256())),
    }


def colons(digest: bytes) -> str:
    """`AB:CD:…`."""
    return digest.hex(":").upper()


def _check_rsa(public_key: str, private_key: str, passphrase: str) -> None:
    private = _private_pem(private_key, passphrase)
    if _spki(private.public_key()) != _public_pem(public_key):
        raise Refused(400, "The private key and the public key do not match")


def _check_gpg(public_key: str, private_key: str, passphrase: str) -> None:
    try:
        public, private = openpgp.read(public_key), openpgp.read(private_key)
        if public.secret or not private.secret:
            raise openpgp.NotOpenPgp("the public and the private key are mixed up")
        if public.fingerprint != private.fingerprint:
            raise Refused(400, "The private key and the public key do not match")
        openpgp.secret_numbers(private, passphrase)
    except (openpgp.NotOpenPgp, IndexError) as error:
        raise Refused(400, f"The GPG key cannot be read: {error}") from None


def _trusted_gpg(text: str) -> dict[str, Any]:
    try:
        key = openpgp.read(text)
    except (openpgp.NotOpenPgp, IndexError) as error:
        raise Refused(400, f"The GPG key cannot be read: {error}") from None
    if key.secret:
        raise Refused(400, "A public key is expected")
    issued = key.created * 1000
    return {
        "kind": "PGP",
        "fingerprint": colons(bytes.fromhex(key.fingerprint)),
        "issued_by": key.user_ids[0] if key.user_ids else "",
        "issued": issued,
        "expiry": issued + key.lifetime_s * 1000 if key.lifetime_s else None,
    }


def _private_pem(text: str, passphrase: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    start = text.find("-----BEGIN", text.find("-----END CERTIFICATE")) if text.startswith("-----BEGIN CERT") else -1
    pem = (text[start:] if start >= 0 else text).encode()
    try:
        return serialization.load_pem_private_key(pem, passphrase.encode() or None)
    except TypeError:
        try:
            return serialization.load_pem_private_key(pem, None)  # a passphrase that nothing needs
        except (TypeError, ValueError):
            raise Refused(400, "The private key cannot be read: the passphrase is missing") from None
    except (ValueError, UnsupportedAlgorithm):
        raise Refused(400, "The private key cannot be read: no PEM key, or a wrong passphrase") from None


def _public_pem(text: str) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    try:
        return _spki(serialization.load_pem_public_key(text.encode()))
    except (ValueError, UnsupportedAlgorithm):
        raise Refused(400, "The public key cannot be read: a PEM text is expected") from None


def _spki(public: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    form = serialization.PublicFormat.SubjectPublicKeyInfo
    made: bytes = public.public_bytes(serialization.Encoding.DER, form)
    return made


def _name(name: Any) -> str:
    from cryptography.x509 import NameOID  # noqa: PLC0415

    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else str(name.rfc4514_string())


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
