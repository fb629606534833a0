"""Access tokens: made, read, refreshed, revoked (4.5, 12.5.4)."""

import base64
import json
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.security.scopes import ADMIN_SCOPE, USER_SCOPE
from artifactory_sandbox.platform.security.token_state import TokenState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.trust.circle import PROOF
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

__all__ = ["ADMIN_SCOPE", "USER_SCOPE", "YEAR_S", "Tokens", "unverified_claims", "user_of"]

YEAR_S = 31_536_000
PERSISTENCY_THRESHOLD_S = 10_800
REFERENCE_LENGTH = 64
_DEFAULT_EXPIRY = "token-default-expiry"


class Tokens:
    """Signed with the root key of the cluster, so any node accepts what another one made; revoked by their row."""

    def __init__(self, platform: "Platform", state: TokenState) -> None:
        self._platform = platform
        self.state = state

    @property
    def default_expiry(self) -> int:
        """Seconds that a token lives when nothing is asked for."""
        return int(self._platform.settings.get(_DEFAULT_EXPIRY, YEAR_S))

    @default_expiry.setter
    def default_expiry(self, seconds: int) -> None:
        self._platform.settings.set(_DEFAULT_EXPIRY, seconds)

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
        project: str = "",
    ) -> dict[str, Any]:
        """The answer of Create Token; `expires_in` 0 never ends."""
        now = self._platform.clock.now() // 1000
        lasting = not 0 < expires_in < PERSISTENCY_THRESHOLD_S
        row: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "subject": f"{self._platform.artifactory_id_of('jfac')}/users/{username}",
            "username": username,
            "scope": scope,
            "audience": audience,
            "issued": now,
            "expiry": now + expires_in if expires_in else None,
            "description": description,
            "refreshable": refreshable,
            "refresh": str(uuid.uuid4()) if refreshable else None,
            "reference": _reference() if reference else None,
            "listed": force_revocable or lasting,
            "revocable": force_revocable or lasting or refreshable,
            "project": project,
            "last_used": 0,
        }
        self.state.put_token(row)
        made = {
            "token_id": row["id"],
            "access_token": self._value(row, force_revocable),
            "expires_in": expires_in,
            "scope": scope,
            "token_type": "Bearer",
        }
        if refreshable:
            made["refresh_token"] = row["refresh"]
        if reference:
            made["reference_token"] = row["reference"]
        return made

    def refresh(self, refresh_token: str, access_token: str = "") -> dict[str, Any]:
        """A new token for a refresh token; the old one ends."""
        row = self.state.token_by_refresh(refresh_token) if refresh_token else None
        claims = self.claims(access_token) if access_token.count(".") == 2 else None
        if row is None or (access_token and claims is not None and claims.get("jti") != row["id"]):
            raise Refused(400, "Invalid refresh token")
        with self._platform.database.transaction():
            if not self.state.delete_token(row["id"]):
                raise Refused(400, "Invalid refresh token")
            return self.create(
                row["username"],
                row["scope"],
                row["expiry"] - row["issued"] if row["expiry"] else 0,
                description=row["description"],
                refreshable=True,
                reference=row["reference"] is not None,
                audience=row["audience"],
                project=row["project"],
            )

    def read(self, token: str, service: str = "") -> Row | None:
        """The row of a valid token, by value or by reference; None when it is wrong, over, revoked, or not for `service`."""
        if token.count(".") == 2:
            claims = self.claims(token) or self._platform.trust.foreign_claims(token)
            row = self.state.token(str(claims.get("jti"))) if claims else self._platform.trust.circle.vouched(token)
        else:
            row = self.state.token_by_reference(token) if len(token) == REFERENCE_LENGTH else None
        now = self._platform.clock.now() // 1000
        if row is None or (row["expiry"] and row["expiry"] <= now):
            return None
        if service and not self._meant_for(row["audience"], service):
            return None
        return row

    def over(self, token: str) -> bool:
        """Whether a token of this cluster is refused because its time is over."""
        claims = self.claims(token) if token.count(".") == 2 else None
        return bool(claims and claims.get("exp") and int(claims["exp"]) <= self._platform.clock.now() // 1000)

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT."""
        circle = self._platform.trust.circle
        head = _pack({"ver": "2", "typ": "JWT", "alg": "RS256", "kid": circle.key_id})
        payload = f"{head}.{_pack(claims)}"
        return f"{payload}.{circle.sign(payload)}"

    def claims(self, token: str) -> dict[str, Any] | None:
        """What a token of this cluster says; None when the signature is wrong."""
        payload, _, signature = token.rpartition(".")
        return unverified_claims(token) if self._platform.trust.circle.own(payload, signature) else None

    def _value(self, row: dict[str, Any], force_revocable: bool) -> str:
        claims: dict[str, Any] = {
            "sub": row["subject"],
            "scp": row["scope"],
            "aud": row["audience"],
            "iss": self._platform.artifactory_id_of("jfac"),
            "iat": row["issued"],
            **({"exp": row["expiry"]} if row["expiry"] else {}),
            "jti": row["id"],
        }
        extra = {
            **({"revocable": "true"} if force_revocable else {}),
            **({"project_key": row["project"]} if row["project"] else {}),
        }
        if extra:
            claims["ext"] = json.dumps(extra)
        if proof := self._platform.trust.circle.vouch(claims):
            claims[PROOF] = proof
        return self.sign(claims)

    def _meant_for(self, audience: str, service: str) -> bool:
        own = self._platform.artifactory_id_of(service)
        named = set(audience.split())
        return not named or bool(named & {"*", "*@*", f"{service}@*", own, f"*@{own.partition('@')[2]}"})


def unverified_claims(token: str) -> dict[str, Any] | None:
    """What a token says, whoever made it; None when it is not a JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    return _unpacked(parts[1]) or None


def _unpacked(part: str) -> dict[str, Any]:
    """A part of a JWT; empty when it cannot be read."""
    try:
        data = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, UnicodeError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def user_of(subject: str) -> str:
    """The user's name in a subject such as `jfac@01…/users/admin`."""
    return subject.rpartition("/users/")[2]


def _reference() -> str:
    """64 letters that begin as those of the real server do."""
    return _encode(b"reftkn:01:" + secrets.token_bytes(38))


def _pack(data: dict[str, Any]) -> str:
    return _encode(json.dumps(data, separators=(",", ":")).encode())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
