"""Signatures of bundles: by the key pair that the request names, else by the cluster's own key."""

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.repositories.references import key_pair_exists
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

HEADER = "x-jfrog-signing-key-name"


def check(platform: "Platform", key: str) -> None:
    """Refuses the name of a key pair that is not there; without a name the cluster signs itself."""
    if key and not key_pair_exists(platform, key):
        raise Refused(400, f"Signing key '{key[:60]}' was not found")


def signature(platform: "Platform", key: str, payload: bytes) -> dict[str, str]:
    """Key name and signature of a manifest: RSA with SHA-256 for a pair of that type, else the cluster's own seal."""
    signed = _by_pair(platform, key, payload) if key else None
    sealed = signed or hmac.digest(_secret(platform), f"{key}\n".encode() + payload, "sha256")
    return {"keyid": key or "default-lifecycle-key", "sig": base64.b64encode(sealed).decode()}


def _by_pair(platform: "Platform", key: str, payload: bytes) -> bytes | None:
    """The signature by an RSA key pair; None for a pair of another type."""
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415  several MB that most nodes never need
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415

    private, passphrase = platform.security.key_pairs.secret_of(key)
    try:
        secret = serialization.load_pem_private_key(private.encode(), passphrase.encode() or None)
    except (ValueError, TypeError):
        return None
    if not isinstance(secret, rsa.RSAPrivateKey):
        return None
    return secret.sign(payload, padding.PKCS1v15(), hashes.SHA256())


def _secret(platform: "Platform") -> bytes:
    found = platform.settings.once("lifecycle-key", lambda: secrets.token_hex(32))
    return hashlib.sha256(f"lifecycle\n{found}".encode()).digest()
