"""The circle of trust (4.3): a platform's own root certificate, and those of others that lie in its `trusted` folder.

A call between platforms of a circle carries a short-lived token that is signed with the caller's root key; the other side
accepts it when that root certificate is among its trusted ones. Files are read when they are needed: nothing to reload.
The same key signs access tokens, so whoever has the root certificate can verify them.
"""

import base64
import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

LIFETIME_S = 60
PROOF = "cot"
"""The claim with which a token is believed by the others of the circle."""
_KEYS = "etc/access/keys"


class Circle:
    """The key and certificate are the cluster's, the trusted ones lie on its nodes."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform

    @property
    def certificate(self) -> str:
        """Root certificate, PEM."""
        return str(self._identity["certificate"])

    @cached_property
    def key_id(self) -> str:
        """Names the root key in the tokens that it signs."""
        return _encode(hashlib.sha256(self.certificate.encode()).digest())

    @property
    def trusted_folder(self) -> Path:
        """Where the certificates of other sites are put."""
        return self._platform.folders.var / _KEYS / "trusted"

    def token(self) -> str:
        """Proves that a call comes from this platform."""
        now = int(time.time())  # real time: a node whose clock is wrong is still itself
        head = {"alg": "RS256", "typ": "JWT", "kid": fingerprint(self.certificate)}
        claims = {"iss": self._platform.artifactory_id_of("jfac"), "iat": now, "exp": now + LIFETIME_S}
        payload = f"{_pack(head)}.{_pack(claims)}"
        return f"{payload}.{self.sign(payload)}"

    def issuer(self, token: str) -> str | None:
        """Who made a token, when its certificate is trusted here; None for any other."""
        parts = token.split(".")
        if len(parts) != 3:
            return None
        try:
            head, claims = (json.loads(_decode(part)) for part in parts[:2])
            kid, expiry, issuer = str(head["kid"]), int(claims["exp"]), str(claims["iss"])
        except (ValueError, KeyError, TypeError):
            return None
        if head.get("alg") != "RS256" or expiry < time.time():
            return None
        pem = next((text for text in self.trusted() if fingerprint(text) == kid), None)
        return issuer if pem and signed(pem, f"{parts[0]}.{parts[1]}", parts[2]) else None

    def vouch(self, claims: dict[str, Any]) -> dict[str, str] | None:
        """What makes a token of ours believable to the others of the circle; None while there are no others."""
        if not self.trusted():
            return None
        return {"kid": fingerprint(self.certificate), "sig": self.sign(_canonical(claims))}

    def vouched(self, token: str) -> dict[str, Any] | None:
        """The row of a token that another platform of the circle made for any audience; None for every other token."""
        parts = token.split(".")
        try:
            claims = json.loads(_decode(parts[1])) if len(parts) == 3 else {}
            proof = claims.pop(PROOF)
            kid, signature = str(proof["kid"]), str(proof["sig"])
            row = {
                "id": str(claims["jti"]),
                "subject": str(claims["sub"]),
                "username": str(claims["sub"]).rpartition("/users/")[2],
                "scope": str(claims["scp"]),
                "audience": str(claims.get("aud", "")),
                "issued": int(claims["iat"]),
                "expiry": int(claims["exp"]) if claims.get("exp") else None,
            }
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            return None
        pem = next((text for text in self.trusted() if fingerprint(text) == kid), None)
        return row if pem and row["audience"] == "*@*" and signed(pem, _canonical(claims), signature) else None

    def sign(self, payload: str) -> str:
        """The signature of the root key."""
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

        return _encode(self._key.sign(payload.encode(), padding.PKCS1v15(), hashes.SHA256()))

    def own(self, payload: str, signature: str) -> bool:
        """Whether the root key has signed something."""
        return _verified(self._public_key, payload, signature)

    @cached_property
    def _key(self) -> Any:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

        return serialization.load_pem_private_key(
            self._identity["key"].encode(), None, unsafe_skip_rsa_key_validation=True
        )

    @cached_property
    def _public_key(self) -> Any:
        return self._key.public_key()

    def trusted(self) -> list[str]:
        """Certificates of other sites, PEM."""
        folder = self.trusted_folder
        if not folder.is_dir():
            return []
        return [path.read_text(errors="replace") for path in sorted(folder.iterdir()) if path.is_file()]

    @cached_property
    def _identity(self) -> dict[str, str]:
        name = self._platform.artifactory_id_of("jfac")
        found: dict[str, str] = self._platform.settings.once("root-rsa-identity", lambda: _made(name))
        return found


def fingerprint(pem: str) -> str:
    """Digest of a certificate, whatever its line ends."""
    return hashlib.sha256("".join(pem.split()).encode()).hexdigest()


def signed(pem: str, payload: str, signature: str) -> bool:
    """Whether the key of a certificate has signed something."""
    from cryptography import x509  # noqa: PLC0415

    try:
        key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    except (ValueError, TypeError):
        return False
    return _verified(key, payload, signature)


def _verified(key: Any, payload: str, signature: str) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

    try:
        raw = _decode(signature)
        if _encode(raw) != signature:
            return False
        key.verify(raw, payload.encode("utf-8", "replace"), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError, TypeError, AttributeError):
        return False
    return True


def _made(name: str) -> dict[str, str]:
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"{name} (sandbox)")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {"certificate": certificate.public_bytes(pem).decode(), "key": private.decode()}


def _canonical(claims: dict[str, Any]) -> str:
    return json.dumps(claims, sort_keys=True, separators=(",", ":"))


def _pack(data: dict[str, Any]) -> str:
    return _encode(json.dumps(data, separators=(",", ":")).encode())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
