"""Access tokens: made, read, revoked (4.5)."""

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.security.state import SecurityState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

YEAR_S = 31_536_000
PERSISTENCY_THRESHOLD_S = 10_800
ADMIN_SCOPE = "applied-permissions/admin"
USER_SCOPE = "applied-permissions/user"


class Tokens:
    """Signed with a secret of the cluster, so any node accepts what another one made; revoked by their row."""

    def __init__(self, platform: "Platform", state: SecurityState) -> None:
        self._platform = platform
        self._state = state
        self._secret = bytes.fromhex(platform.settings.once("token-secret", lambda: secrets.token_hex(32)))

    def create(
        self,
        username: str,
        scope: str = USER_SCOPE,
        expires_in: int = YEAR_S,
        *,
        description: str = "",
        refreshable: bool = False,
        reference: bool = False,
        force_revocable: bool = False,
        audience: str = "*@*",
    ) -> dict[str, Any]:
        """The answer of Create Token; `expires_in` 0 never ends."""
        now = self._platform.clock.now() // 1000
        row: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "subject": f"{self._platform.artifactory_id_of('jfac')}/users/{username}",
            "scope": scope,
            "issued": now,
            "expiry": now + expires_in if expires_in else None,
            "description": description,
            "refreshable": refreshable,
            "refresh": str(uuid.uuid4()) if refreshable else None,
            "reference": _reference() if reference else None,
            "listed": force_revocable or not 0 < expires_in < PERSISTENCY_THRESHOLD_S,
        }
        self._state.put_token(row)
        token = self.sign(
            {
                "sub": row["subject"],
                "scp": scope,
                "aud": audience,
                "iss": self._platform.artifactory_id_of("jfac"),
                "iat": now,
                **({"exp": row["expiry"]} if row["expiry"] else {}),
                "jti": row["id"],
            }
        )
        made = {
            "token_id": row["id"],
            "access_token": token,
            "expires_in": expires_in,
            "scope": scope,
            "token_type": "Bearer",
        }
        if refreshable:
            made["refresh_token"] = row["refresh"]
        if reference:
            made["reference_token"] = row["reference"]
        return made

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """A new token for a refresh token; the old one ends."""
        row = self._state.token_by_refresh(refresh_token)
        if row is None:
            raise Refused(401, "Invalid refresh token")
        self._state.delete_token(row["id"])
        lifetime = row["expiry"] - row["issued"] if row["expiry"] else 0
        return self.create(
            user_of(row["subject"]), row["scope"], lifetime, description=row["description"], refreshable=True
        )

    def read(self, token: str) -> Row | None:
        """The row of a valid token, given by value or by reference; None when it is wrong, expired or revoked."""
        if token.count(".") == 2:
            claims = self.claims(token)
            row = self._state.token(str(claims.get("jti"))) if claims else None
        else:
            row = self._state.token_by_reference(token)
        if row is None or (row["expiry"] and row["expiry"] <= self._platform.clock.now() // 1000):
            return None
        return row

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT."""
        head = _pack({"ver": "2", "typ": "JWT", "alg": "HS256", "kid": hashlib.sha256(self._secret).hexdigest()[:24]})
        payload = f"{head}.{_pack(claims)}"
        return f"{payload}.{self._signature(payload)}"

    def claims(self, token: str) -> dict[str, Any] | None:
        """What a token of this cluster says; None when the signature is wrong."""
        payload, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._signature(payload).encode(), signature.encode("utf-8", "replace")):
            return None
        return unverified_claims(token)

    def _signature(self, payload: str) -> str:
        return _encode(hmac.digest(self._secret, payload.encode("utf-8", "replace"), "sha256"))


def unverified_claims(token: str) -> dict[str, Any] | None:
    """What a token says, whoever made it; None when it is not a JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        data = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, UnicodeDecodeError):
        return None
    return data if isinstance(data, dict) else None


def user_of(subject: str) -> str:
    """The user's name in a subject such as `jfac@01…/users/admin`."""
    return subject.rpartition("/users/")[2]


def _reference() -> str:
    return _encode(b"reftkn:01:" + secrets.token_bytes(24))


def _pack(data: dict[str, Any]) -> str:
    return _encode(json.dumps(data, separators=(",", ":")).encode())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
