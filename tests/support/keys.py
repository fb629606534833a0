"""Keys for tests: a GPG pair (passphrase `open sesame`), and PEM pairs made when they are asked for."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

GPG_PASSPHRASE = "open sesame"
GPG_FINGERPRINT = "06C5134E3E3766B36C85684458A26831534AAEC4"
GPG_PUBLIC = """-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawF7ZhYJKwYBBAHaRw8BAQdALkgIv/qix29gpMuCF93cUlj8kF5AyPrx0cET
LOXtYWO0JFNhbmRib3ggU2lnbmVyIDxzaWduZXJAYWNtZS5leGFtcGxlPoiWBBMW
CAA+FiEEBsUTTj43ZrNshWhEWKJoMVNKrsQFAmsBe2YCGwMFCRLMAwAFCwkIBwIG
FQoJCAsCBBYCAwECHgECF4AACgkQWKJoMVNKrsRwRwD+JlEgCIuWerZmZ0ht/MtY
/ncxv1gKffB3RsvLAv5IjrkBAKdme3O0wdf1GSEs6smfndoC7pnzlbeq+CTo1OG7
7KoK
=yGJz
-----END PGP PUBLIC KEY BLOCK-----
"""
GPG_PRIVATE = """-----BEGIN PGP PRIVATE KEY BLOCK-----

lIYEawF7ZhYJKwYBBAHaRw8BAQdALkgIv/qix29gpMuCF93cUlj8kF5AyPrx0cET
LOXtYWP+BwMC/PPItyGokuj/mFgHs6pzsLtNBvv1NCUZIsy1rf2eds43+yNsy/3W
w3qdfSvfwJyQwg8ZZs2iJAslgDNGUQjmp5AXGZQ/KXg2UNCByRbBwbQkU2FuZGJv
eCBTaWduZXIgPHNpZ25lckBhY21lLmV4YW1wbGU+iJYEExYIAD4WIQQGxRNOPjdm
s2yFaERYomgxU0quxAUCawF7ZgIbAwUJEswDAAULCQgHAgYVCgkICwIEFgIDAQIe
AQIXgAAKCRBYomgxU0quxHBHAP4mUSAIi5Z6tmZnSG38y1j+dzG/WAp98HdGy8sC
/kiOuQEAp2Z7c7TB1/UZISzqyZ+d2gLumfOVt6r4JOjU4bvsqgo=
=IKUc
-----END PGP PRIVATE KEY BLOCK-----
"""


@cache
def rsa_pair(passphrase: str = "", number: int = 0) -> tuple[str, str]:
    """Public and private PEM; another `number` is another pair."""
    del number
    key = rsa.generate_private_key(65537, 1024)
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    return public.decode(), key.private_bytes(pem, form, secret).decode()


@cache
def certificate(name: str = "client.acme.example") -> tuple[str, str]:
    """A self-signed certificate with its private key, and its fingerprint."""
    key = rsa.generate_private_key(65537, 1024)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC).replace(microsecond=0)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return (made.public_bytes(pem) + private).decode(), made.fingerprint(hashes.SHA256()).hex(":").upper()
