"""Keys: what is read of them, and what is refused (reference 12.5.5); tokens of other providers (12.1.1)."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from artifactory_sandbox.platform.security.keys import openpgp, reading
from artifactory_sandbox.platform.web import Refused
from tests.platform.running import Bare
from tests.support.keys import GPG_FINGERPRINT, GPG_PASSPHRASE, GPG_PRIVATE, GPG_PUBLIC, certificate, rsa_pair


def test_both_halves_of_a_gpg_pair_have_one_fingerprint() -> None:
    public, private = openpgp.read(GPG_PUBLIC), openpgp.read(GPG_PRIVATE)
    assert public.fingerprint.upper() == private.fingerprint.upper() == GPG_FINGERPRINT
    assert (public.secret, private.secret, public.user_ids) == (False, True, ("Sandbox Signer <signer@acme.example>",))
    assert openpgp.secret_numbers(private, GPG_PASSPHRASE)


def test_a_wrong_passphrase_opens_nothing() -> None:
    with pytest.raises(openpgp.NotOpenPgp, match="passphrase"):
        openpgp.secret_numbers(openpgp.read(GPG_PRIVATE), "wrong")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        GPG_PUBLIC.replace("mDMEawF7", "mDMEawF8"),
        GPG_PUBLIC.replace("PUBLIC", "PRIVATE"),
        GPG_PUBLIC[:120] + "\n-----END PGP PUBLIC KEY BLOCK-----",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!!!\n-----END PGP PUBLIC KEY BLOCK-----",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises((openpgp.NotOpenPgp, IndexError)):
        openpgp.read(text)
    with pytest.raises(Refused) as refused:
        reading.trusted(text)
    assert refused.value.status == 400


def test_a_pem_pair_with_a_passphrase_is_checked() -> None:
    public, private = rsa_pair("open")
    reading.check_pair("RSA", public, private, "open")
    for wrong in ("", "other"):
        with pytest.raises(Refused):
            reading.check_pair("RSA", public, private, wrong)
    with pytest.raises(Refused, match="do not match"):
        reading.check_pair("RSA", rsa_pair("", 7)[0], private, "open")


def test_a_certificate_tells_its_fingerprint() -> None:
    text, fingerprint = certificate()
    assert reading.certificate(text)["fingerprint"] == fingerprint
    with pytest.raises(Refused):
        reading.certificate(text.replace("MII", "MIJ", 1))


def test_a_repository_answers_with_the_public_key_of_its_pair(platform: Bare) -> None:
    pair = {"pairName": "signer", "pairType": "GPG", "alias": "signer", "publicKey": GPG_PUBLIC}
    sent = {**pair, "privateKey": GPG_PRIVATE, "passphrase": GPG_PASSPHRASE}
    assert platform.api("POST", "security/keypair/verify", json={**sent, "passphrase": "wrong"}).status_code == 400
    assert platform.api("POST", "security/keypair/verify", json=sent).status_code == 200
    assert platform.api("GET", "security/keypair").json() == []
    assert platform.api("POST", "security/keypair", json=sent).status_code == 201
    platform.make("deb-local", packageType="debian", primaryKeyPairRef="signer")
    assert platform.api("GET", "security/keypair/public/repositories/deb-local").text == GPG_PUBLIC
    platform.make("raw-local")
    assert platform.api("GET", "security/keypair/public/repositories/raw-local").status_code == 404


class Provider:
    """An identity provider: its discovery document and its key."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        numbers = self.key.public_key().public_numbers()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                key = {"kty": "RSA", "kid": "k1", "n": _b64(numbers.n), "e": _b64(numbers.e)}
                found: Any = {"keys": [key]} if self.path == "/jwks" else {"jwks_uri": f"{provider.url}/jwks"}
                body = json.dumps(found).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def token(self, **claims: Any) -> str:
        head = _part({"alg": "RS256", "kid": "k1", "typ": "JWT"})
        whole = {"iss": self.url, "sub": "repo:acme/web", "aud": "acme", "exp": int(time.time()) + 600, **claims}
        payload = f"{head}.{_part(whole)}"
        signature = self.key.sign(payload.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{payload}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _b64(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _part(data: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def provider(platform: Bare) -> Iterator[Provider]:
    made = Provider()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    oidc = "/access/api/v1/oidc"
    body = {"name": "ci", "issuer_url": made.url, "provider_type": "Generic OpenID Connect", "audience": "acme"}
    assert platform("POST", oidc, json=body).status_code == 201
    spec = {"username": "ci-bot", "scope": "applied-permissions/admin", "expires_in": 300}
    mapping = {"name": "web", "claims": {"sub": "repo:acme/*"}, "token_spec": spec, "priority": 1}
    assert platform("POST", f"{oidc}/ci/identity_mappings", json=mapping).status_code == 201
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join(10)


def exchange(platform: Bare, token: str) -> Any:
    body = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "subject_token": token,
        "provider_name": "ci",
    }
    return platform("POST", "/access/api/v1/oidc/token", auth=None, json=body)


def test_a_token_of_a_provider_is_exchanged(platform: Bare, provider: Provider) -> None:
    made = exchange(platform, provider.token())
    assert (made.status_code, made.json()["username"], made.json()["expires_in"]) == (200, "ci-bot", 300)
    headers = {"Authorization": f"Bearer {made.json()['access_token']}"}
    assert platform.api("GET", "system/status", auth=None, headers=headers).status_code == 200


def test_a_token_that_does_not_fit_is_refused(platform: Bare, provider: Provider) -> None:
    tampered = provider.token().split(".")
    tampered[1] = _part({"iss": provider.url, "sub": "repo:acme/x", "aud": "acme", "exp": int(time.time()) + 600})
    for token in (
        provider.token(exp=int(time.time()) - 5),
        provider.token(aud="other"),
        provider.token(sub="repo:else/web"),
        provider.token(iss="http://127.0.0.1:1"),
        ".".join(tampered),
        "a.b.c",
    ):
        assert exchange(platform, token).status_code == 401
