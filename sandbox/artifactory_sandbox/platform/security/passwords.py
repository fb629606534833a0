"""Passwords and API keys: how they are kept, what they must be (12.5.1, 12.5.6)."""

import hashlib
import hmac
import secrets

from artifactory_sandbox.platform.web import Refused

ROUNDS = 20_000
LONGEST = 1024
API_KEY_LENGTH = 73
_LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def new_password(password: str) -> tuple[str, str]:
    """Salt and hash."""
    salt = secrets.token_hex(8)
    return salt, stretch(password, salt)


def stretch(password: str, salt: str) -> str:
    """The stored form of a password."""
    return hashlib.pbkdf2_hmac("sha256", password.encode("utf-8", "replace"), salt.encode(), ROUNDS).hex()


def encrypted(hashed: str) -> str:
    """What Get Encrypted Password gives: it can be used instead of the password until that changes."""
    number = int.from_bytes(hmac.digest(b"encrypted password", hashed.encode(), "sha256"), "big")
    letters = ""
    while number:
        number, rest = divmod(number, len(_LETTERS))
        letters += _LETTERS[rest]
    return f"AP{letters[:38]}"


def new_api_key() -> str:
    """An API key in the form of the real server's."""
    return "AKCp" + "".join(secrets.choice(_LETTERS) for _ in range(API_KEY_LENGTH - 4))


def demand_text(password: object) -> str:
    """The password of a request; a 400 for what is no text."""
    if not isinstance(password, str) or not password or len(password) > LONGEST:
        raise Refused(400, f"A password of 1 to {LONGEST} characters is required")
    return password


def demand_policy(password: str) -> None:
    """The default policy of Access: 8 characters, one upper-case, one lower-case, one digit."""
    kinds = (str.isupper, str.islower, str.isdigit)
    if len(password) < 8 or not all(any(kind(letter) for letter in password) for kind in kinds):
        raise Refused(
            400,
            "The password must have at least 8 characters, with an upper-case letter, a lower-case letter and a digit",
        )
