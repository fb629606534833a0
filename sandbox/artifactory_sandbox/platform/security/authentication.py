"""Who calls: basic, bearer, `X-JFrog-Art-Api`, a token as password (0.3)."""

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from artifactory_sandbox.platform.security.state import SecurityState
from artifactory_sandbox.platform.security.tokens import ADMIN_SCOPE, Tokens, user_of
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

ROUNDS = 20_000
_GROUP_SCOPE = "applied-permissions/groups:"


class Authentication:
    """Reads the credentials of a call."""

    def __init__(self, platform: "Platform", state: SecurityState, tokens: Tokens) -> None:
        self._platform = platform
        self._state = state
        self._tokens = tokens
        self._known: dict[
            bytes, str
        ] = {}  # passwords that were right, by digest, so that each call need not stretch anew

    def caller(self, headers: Headers) -> Caller:
        """The caller; anonymous without credentials, a 401 for wrong ones."""
        if key := headers.get("x-jfrog-art-api"):
            return self._by_token(key, None)
        kind, _, value = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._by_token(value.strip(), None)
        if kind.lower() == "basic":
            name, password = _basic(value)
            return self._by_password(name, password)
        return Caller()

    def user(self, name: str) -> Caller | None:
        """A user as a caller, None when there is none."""
        row = self._state.user(name)
        if row is None:
            return None
        groups = self._state.groups_of(name)
        return Caller(name, bool(row["admin"]) or self._state.admin_group_among(groups), frozenset(groups))

    def _by_password(self, name: str, password: str) -> Caller:
        row = self._state.user(name.lower())
        if row is not None and row["hash"] and self._right(row, password):
            return self.user(name.lower()) or Caller()
        return self._by_token(password, name)

    def _by_token(self, token: str, name: str | None) -> Caller:
        row = self._tokens.read(token)
        if row is None or (name and user_of(row["subject"]) != name.lower()):
            raise bad_credentials()
        return self._caller_of(row)

    def _caller_of(self, row: Row) -> Caller:
        name, scopes = user_of(row["subject"]), row["scope"].split()
        if ADMIN_SCOPE in scopes:
            return Caller(name, True, frozenset(), row["id"], row["scope"])
        named = [scope.removeprefix(_GROUP_SCOPE) for scope in scopes if scope.startswith(_GROUP_SCOPE)]
        if named:
            groups = frozenset(group.strip('"') for group in ",".join(named).split(","))
            return Caller(name, self._state.admin_group_among(groups), groups, row["id"], row["scope"])
        user = self.user(name)
        if user is None:
            return Caller(name, False, frozenset(), row["id"], row["scope"])
        return Caller(name, user.admin, user.groups, row["id"], row["scope"])

    def _right(self, row: Row, password: str) -> bool:
        mark = hashlib.sha256(f"{row['name']}\0{row['salt']}\0{password}".encode()).digest()
        if self._known.get(mark) == row["hash"]:
            return True
        if not hmac.compare_digest(stretch(password, row["salt"]), row["hash"]):
            return False
        if len(self._known) > 1000:
            self._known.clear()
        self._known[mark] = row["hash"]
        return True


def new_password(password: str) -> tuple[str, str]:
    """Salt and hash."""
    salt = secrets.token_hex(8)
    return salt, stretch(password, salt)


def stretch(password: str, salt: str) -> str:
    """The stored form of a password."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), ROUNDS).hex()


def bad_credentials() -> Refused:
    """401 for wrong credentials."""
    refused = Refused(401, "Bad credentials")
    refused.headers["WWW-Authenticate"] = 'Basic realm="Artifactory Realm"'
    return refused


def login_needed() -> Refused:
    """401 for an anonymous caller."""
    refused = Refused(401, "Authentication is required")
    refused.headers["WWW-Authenticate"] = 'Basic realm="Artifactory Realm"'
    return refused


def _basic(value: str) -> tuple[str, str]:
    try:
        name, found, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        raise bad_credentials() from None
    if not found:
        raise bad_credentials()
    return name, password
