"""Who calls: basic, bearer, `X-JFrog-Art-Api`, a token or an API key as password (0.3)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from artifactory_sandbox.platform.security import scopes
from artifactory_sandbox.platform.security.directory import Account, Directory
from artifactory_sandbox.platform.security.passwords import API_KEY_LENGTH, encrypted, stretch
from artifactory_sandbox.platform.security.policies import Policies, expired
from artifactory_sandbox.platform.security.state import SecurityState
from artifactory_sandbox.platform.security.tokens import REFERENCE_LENGTH, Tokens
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

ANONYMOUS = "anonymous"
REALM = 'Basic realm="Artifactory Realm"'
_LOGIN_EVERY_MS = 60_000
_SERVICES = {"access": "jfac", "artifactory": "jfrt", "mc": "jfmc"}


class Authentication:
    """Reads the credentials of a call: a small query for the marks, one for a token; users come from memory."""

    def __init__(
        self, platform: "Platform", state: SecurityState, directory: Directory, tokens: Tokens, policies: Policies
    ) -> None:
        self._platform = platform
        self._state = state
        self._directory = directory
        self._tokens = tokens
        self._policies = policies
        self._right: dict[bytes, str] = {}  # passwords that were right, by digest, so that each call need not stretch
        self._seen: dict[str, int] = {}

    def caller(self, headers: Headers, path: str = "", *, expired_too: bool = False) -> Caller:
        """The caller; anonymous without credentials, a 401 for wrong ones. `path` says for which service a token must be."""
        service = _SERVICES.get(path.split("/", 2)[1] if path.startswith("/") else "", "")
        if key := headers.get("x-jfrog-art-api"):
            return self._by_key(key.strip(), None, service)
        kind, _, value = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._by_key(value.strip(), None, service)
        if kind.lower() == "basic":
            name, password = _basic(value)
            return self._by_password(name.strip().lower(), password, service, expired_too)
        return self._anonymous()

    def user(self, name: str) -> Caller | None:
        """A user as a caller, None when there is none."""
        marks = self._state.marks()
        account = self._directory.account(name, marks)
        return None if account is None else self._as_caller(name, account, marks)

    def _anonymous(self) -> Caller:
        marks = self._state.marks()
        account = self._directory.account(ANONYMOUS, marks)
        return Caller(ANONYMOUS, False, account.groups if account else frozenset(), marks=marks)

    def _by_password(self, name: str, password: str, service: str, expired_too: bool) -> Caller:
        marks = self._state.marks()
        account = self._directory.account(name, marks) if name else None
        if account is None or not account.row["hash"] or not self._is_right(name, account, password):
            if _looks_like_key(password):
                return self._by_key(password, name, service)
            self._count_failure(account, self._policies.switches.attempts)
            raise bad_credentials()
        if account.row["locked"]:
            raise refused_login("Your account is locked due to recurring login failures. Contact your administrator.")
        if account.row["status"] != "enabled":
            raise bad_credentials()
        if not expired_too and expired(account.row, self._platform.clock.now(), self._policies.switches.max_age_days):
            raise refused_login(
                "Your credentials have expired, You must change your password before trying to login again"
            )
        if account.row["failures"]:
            self._state.unlock([name])
        self._note_login(name)
        return self._as_caller(name, account, marks)

    def _by_key(self, key: str, name: str | None, service: str) -> Caller:
        marks = self._state.marks()
        if key.startswith("AKCp") and len(key) == API_KEY_LENGTH:
            owner = self._state.user_by_key(key)
            account = self._directory.account(owner, marks) if owner else None
            if owner is None or account is None or account.row["locked"] or (name and name != owner):
                raise bad_credentials()
            return self._as_caller(owner, account, marks)
        row = self._tokens.read(key, service)
        if row is None and self._tokens.over(key):
            raise refused_login("Invalid token, expired")
        if row is None or (name and row["username"] != name):
            raise bad_credentials()
        return self._of_token(row, marks)

    def _of_token(self, row: Row, marks: Mapping[str, str]) -> Caller:
        name, text = row["username"], row["scope"]
        scope = scopes.read(text)
        if scope.admin:
            return Caller(name, True, frozenset(), row["id"], text, marks)
        account = self._directory.account(name, marks)
        if account is not None and account.row["status"] != "enabled":
            raise bad_credentials()
        groups, admin = set(scope.groups), False
        if account is not None and (scope.user or scope.all_groups):
            groups |= account.groups
            admin = scope.user and account.admin
        admin = admin or self._directory.administers(frozenset(groups), marks)
        return Caller(name, admin, frozenset(groups), row["id"], text, marks)

    @staticmethod
    def _as_caller(name: str, account: Account, marks: Mapping[str, str]) -> Caller:
        return Caller(name, account.admin, account.groups, marks=marks)

    def _is_right(self, name: str, account: Account, password: str) -> bool:
        row = account.row
        digest = hashlib.sha256(f"{name}\0{row['salt']}\0{password}".encode("utf-8", "replace")).digest()
        if self._right.get(digest) == row["hash"]:
            return True
        if not hmac.compare_digest(stretch(password, row["salt"]), row["hash"]) and not (
            password.startswith("AP") and hmac.compare_digest(password.encode(), encrypted(row["hash"]).encode())
        ):
            return False
        if len(self._right) > 1000:
            self._right.clear()
        self._right[digest] = row["hash"]
        return True

    def _count_failure(self, account: Account | None, attempts: int) -> None:
        if account is not None and attempts and account.row["name"] != ANONYMOUS:
            name = str(account.row["name"])
            self._state.failed(name, attempts)
            if not account.row["locked"] and name in self._state.locked():
                self._platform.webhooks.fire("user", "locked", {"username": name}, by=name)

    def _note_login(self, name: str) -> None:
        now = self._platform.clock.now()
        if now - self._seen.get(name, 0) >= _LOGIN_EVERY_MS or now < self._seen.get(name, 0):
            self._seen[name] = now
            self._state.logged_in(name, now)


def bad_credentials() -> Refused:
    """401 for wrong credentials."""
    return refused_login("Bad credentials")


def login_needed() -> Refused:
    """401 for an anonymous caller."""
    return refused_login("Authentication is required")


def refused_login(message: str) -> Refused:
    """401 with the challenge that clients wait for."""
    refused = Refused(401, message)
    refused.headers["WWW-Authenticate"] = REALM
    return refused


def _looks_like_key(password: str) -> bool:
    return password.count(".") == 2 or len(password) in {REFERENCE_LENGTH, API_KEY_LENGTH}


def _basic(value: str) -> tuple[str, str]:
    try:
        name, found, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise bad_credentials() from None
    if not found:
        raise bad_credentials()
    return name, password
