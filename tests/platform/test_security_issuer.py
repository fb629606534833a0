"""The root key signs access tokens, and whoever has its certificate can verify them (reference 4.3, 4.5)."""

import base64
import json

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.platform.running import Bare

ROOT = "/access/api/v1/cert/root"
VERSION = "/artifactory/api/system/version"


def token(platform: Bare, **fields: object) -> str:
    answer = platform("POST", "/access/api/v1/tokens", json=fields)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def status(platform: Bare, value: str) -> int:
    return platform("GET", VERSION, auth=None, headers={"Authorization": f"Bearer {value}"}).status_code


def part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def root(platform: Bare) -> x509.Certificate:
    return x509.load_pem_x509_certificate(platform("GET", ROOT).content)


def verify(certificate: x509.Certificate, value: str) -> None:
    payload, _, signature = value.rpartition(".")
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(part(signature), payload.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_tokens_are_verified_with_the_root_certificate(platform: Bare) -> None:
    value = token(platform, expires_in=20_000)
    assert json.loads(part(value.split(".")[0]))["alg"] == "RS256"
    verify(root(platform), value)


def test_another_platform_neither_verifies_nor_takes_a_token(pair: tuple[Bare, Bare]) -> None:
    first, second = pair
    value = token(first, expires_in=20_000)
    assert (status(first, value), status(second, value)) == (200, 401)
    with pytest.raises(InvalidSignature):
        verify(root(second), value)


def test_a_changed_token_is_refused(platform: Bare) -> None:
    value = token(platform, expires_in=20_000)
    payload, _, signature = value.rpartition(".")
    for end in "ABCDEFGHIJKLMNOP":
        if not signature.endswith(end):
            assert status(platform, f"{payload}.{signature[:-1]}{end}") == 401
    head, claims, _ = value.split(".")
    assert status(platform, f"{head}.{claims[:-2]}AA.{signature}") == 401


def test_a_token_whose_time_is_over_is_called_so(platform: Bare) -> None:
    value = token(platform, expires_in=20_000)
    platform.fault("clock", skew=20_001)
    try:
        answer = platform("GET", VERSION, auth=None, headers={"Authorization": f"Bearer {value}"})
    finally:
        platform.fault("clock", skew=0)
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (401, "Invalid token, expired")
