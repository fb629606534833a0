"""Pairing: a token made here is taken to another platform, which exchanges it for a lasting one (4.1)."""

import json
import uuid
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.security.tokens import unverified_claims
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.trust.access.behaviour import AccessFederation
from artifactory_sandbox.platform.trust.circle import Circle, signed
from artifactory_sandbox.platform.trust.state import TrustState
from artifactory_sandbox.platform.web import Call, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

PAIRING_S = 300
MASTER_S = 31_536_000
BOTH_WAYS, RECEIVE_ONLY = "federated-repo/*", "federated-repo/r"
COLD = "artifactory-cold"
USE_CASES = {
    "artifactory": (BOTH_WAYS, RECEIVE_ONLY, COLD),
    "access": ("mission-control", "bridge", "platform-federation"),
}
FEDERATED = (BOTH_WAYS, RECEIVE_ONLY)
EXCHANGE = "/artifactory/api/v1/service_trust/exchange"
_PAIRING_SCOPE = "internal:service-trust/pairing/"
_INVALID = "Invalid pairing token"
_FOREIGN = "foreign-token-issuers"


class Trust:
    """Whom this platform trusts, and who trusts it."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = TrustState(platform.database)
        self.circle = Circle(platform)
        self.access = AccessFederation(platform)

    def own_url(self, call: Call | None = None) -> str:
        """The address under which other platforms know this one, without `/artifactory`."""
        known = self._platform.configuration.federation_url.removesuffix("/artifactory")
        return known or (call.base_url if call else self._platform.node_url)

    def pairing_token(self, service: str, use_case: str, call: Call) -> dict[str, Any]:
        """Create Pairing Token: one use, five minutes."""
        self._demand_use_case(service, use_case)
        now = self._platform.clock.now() // 1000
        base = self.own_url(call)
        extra = {"base_url": base, "exchange_url": f"{base}{EXCHANGE}", "revocable": "true"}
        claims = {
            "sub": f"{self._platform.service_id}/users/{call.caller.name}",
            "scp": f"{_PAIRING_SCOPE}{use_case}:x",
            "aud": "*@*",
            "iss": self._platform.service_id,
            "iat": now,
            "exp": now + PAIRING_S,
            "jti": str(uuid.uuid4()),
            "ext": json.dumps(extra),
        }
        return {"pairing_token": self._platform.security.tokens.sign(claims), "expires_in": PAIRING_S}

    def pair(self, service: str, use_case: str, token: str, call: Call) -> None:
        """Initiate Pairing: takes another platform's token to it and keeps what it gives for it."""
        self._demand_use_case(service, use_case)
        claims = unverified_claims(token) or {}
        made_for = str(claims.get("scp", "")).removeprefix(_PAIRING_SCOPE).removesuffix(":x")
        if made_for not in USE_CASES[service] or not (
            use_case == made_for or (use_case == BOTH_WAYS and made_for in FEDERATED)
        ):
            raise Refused(400, _INVALID)
        base, exchange = _addresses(claims)
        if not base or not exchange or claims.get("iss") == self._platform.service_id:
            raise Refused(400, f"{_INVALID}: a platform cannot be paired with itself")
        offered = BOTH_WAYS if made_for in FEDERATED else made_for
        granted_id, granted = self._master_token(base, offered)
        offer = {
            "pairing_token": token,
            "base_url": self.own_url(call),
            "service_id": self._platform.service_id,
            "token": granted,
        }
        try:
            answer = self._platform.peers.call("POST", exchange, json=offer).json()
            ours = (str(answer["token"]), str(answer["scope"]))
            theirs_id = str(answer["service_id"])
        except (PeerFailed, ValueError, KeyError, TypeError) as error:
            raise Refused(400, f"Pairing with {base} failed: {error}") from None
        self._keep(base, theirs_id, ours, (granted_id, offered), exchange)

    def exchange(self, offer: dict[str, Any]) -> dict[str, Any]:
        """The other side of pairing: a pairing token of ours for a lasting one."""
        claims = self._platform.security.tokens.claims(str(offer.get("pairing_token", ""))) or {}
        made_for = str(claims.get("scp", "")).removeprefix(_PAIRING_SCOPE).removesuffix(":x")
        if made_for not in (*USE_CASES["artifactory"], *USE_CASES["access"]):
            raise Refused(400, _INVALID)
        now = self._platform.clock.now()
        if int(claims["exp"]) * 1000 <= now:
            raise Refused(400, "The pairing token has expired")
        base = _clean(str(offer.get("base_url", "")))
        if not base or not offer.get("token"):
            raise Refused(400, f"{_INVALID}: base_url and token are required")
        if not self.state.use(str(claims["jti"]), now):
            raise Refused(400, "The pairing token was used already")
        granted_id, granted = self._master_token(base, made_for)
        ours = (str(offer["token"]), BOTH_WAYS if made_for in FEDERATED else made_for)
        self._keep(base, str(offer.get("service_id", "")), ours, (granted_id, made_for), f"{base}{EXCHANGE}")
        own = self.own_url()
        return {"token": granted, "scope": made_for, "service_id": self._platform.service_id, "base_url": own}

    def revoke(self, use_case: str, base_url: str) -> None:
        """Revoke Pairing: of one use case, or with `*` every one with a platform."""
        base = _clean(base_url)
        gone = False
        if use_case in {"*", *FEDERATED}:
            gone = self.state.delete(base)
        if use_case not in FEDERATED:
            gone = self.state.delete_service(base, use_case) or gone
        if not gone:
            raise Refused(404, f"No pairing was found for {base_url}")

    def with_member(self, member_url: str) -> Row | None:
        """Trust with the platform of a member `https://host/artifactory/repo`; None without, or when its token is over."""
        base = _clean(member_url.rstrip("/").rpartition("/")[0])
        row = self.state.of(base)
        if row is None or self._platform.clock.now() - row["since"] > MASTER_S * 1000:
            return None
        return row

    def peer(self, call: Call) -> Row:
        """The platform that makes a call with a token of ours; 401 for anybody else."""
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        claims = self._platform.security.tokens.claims(token) if kind.lower() == "bearer" else None
        row = self.state.by_granted(str(claims.get("jti"))) if claims else None
        if row is None or (claims and int(claims["exp"]) * 1000 <= self._platform.clock.now()):
            raise Refused(401, "The token is not one of trust with this platform")
        return row

    def sending_peer(self, call: Call) -> Row:
        """The same, and it may send; 403 for one that may only receive."""
        row = self.peer(call)
        if row["granted_scope"] != BOTH_WAYS:
            raise Refused(403, "This platform may receive only")
        return row

    def bound(self, token: str, use_case: str) -> str | None:
        """The base URL of the platform that holds a token of ours for a use case."""
        claims = self._platform.security.tokens.claims(token) or {}
        if not claims or int(claims.get("exp", 0)) * 1000 <= self._platform.clock.now():
            return None
        held = (row for row in self.state.services() if row["use_case"] == use_case)
        return next((str(row["base_url"]) for row in held if row["granted"] == claims.get("jti")), None)

    def token_for(self, url: str, use_case: str) -> str | None:
        """The token that a platform gave us for a use case."""
        base = _clean(url.rstrip("/").removesuffix("/access"))
        row = self.state.service(base, use_case)
        return str(row["token"]) if row else None

    def keep_token_issuer(self, source: str, certificate: str) -> None:
        """A platform lets us verify the tokens that it sends (4.4)."""
        with self._platform.database.transaction():
            known = self._platform.settings.get(_FOREIGN, {})
            if known.get(source) != certificate:
                self._platform.settings.set(_FOREIGN, {**known, source: certificate})

    def foreign_claims(self, token: str) -> dict[str, Any] | None:
        """What a token says that another platform of the federation made; None when none of them did."""
        payload, _, signature = token.rpartition(".")
        for certificate in self._platform.settings.get(_FOREIGN, {}).values():
            if signed(certificate, payload, signature):
                return unverified_claims(token)
        return None

    def described(self) -> list[dict[str, Any]]:
        """The tokens as the descriptor shows them; their values never."""
        return [
            {
                "accessToken": "********",
                "baseUrl": row["base_url"],
                "exchangeUrl": row["exchange_url"],
                "expirationInMillis": MASTER_S * 1000,
                "lastRefreshDateMillis": row["since"],
                "tokenId": row["granted"],
                "tokenType": "master",
                "scope": f"internal:{row['scope']}",
            }
            for row in self.state.all()
        ] + [
            {
                "accessToken": "********",
                "baseUrl": row["base_url"],
                "exchangeUrl": f"{row['base_url']}{EXCHANGE}",
                "expirationInMillis": MASTER_S * 1000,
                "lastRefreshDateMillis": row["since"],
                "tokenId": row["granted"],
                "tokenType": "master",
                "scope": f"internal:{row['use_case']}",
            }
            for row in self.state.services()
        ]

    def _keep(self, base: str, service_id: str, ours: tuple[str, str], theirs: tuple[str, str], exchange: str) -> None:
        now = self._platform.clock.now()
        if theirs[1] in FEDERATED:
            self.state.put(_clean(base), service_id, ours, theirs, exchange, now)
            self._platform.federation.trust_changed(_clean(base))
        else:
            self.state.put_service(_clean(base), theirs[1], service_id, ours[0], theirs[0], now)

    def _master_token(self, base: str, scope: str) -> tuple[str, str]:
        now = self._platform.clock.now() // 1000
        token_id = str(uuid.uuid4())
        claims = {"sub": base, "scp": f"internal:{scope}", "iat": now, "exp": now + MASTER_S, "jti": token_id}
        return token_id, self._platform.security.tokens.sign(claims)

    def _demand_use_case(self, service: str, use_case: str) -> None:
        if use_case not in USE_CASES.get(service, ()):
            raise Refused(404, f"Unknown use case: {use_case}")


def _addresses(claims: dict[str, Any]) -> tuple[str, str]:
    """Where a pairing token comes from, and where it is exchanged; empty when it says nothing of it."""
    try:
        extra = json.loads(str(claims.get("ext", "{}")))
    except ValueError:
        return "", ""
    if not isinstance(extra, dict):
        return "", ""
    base, exchange = str(extra.get("base_url", "")), str(extra.get("exchange_url", ""))
    return (base, exchange) if exchange.startswith(("http://", "https://")) else ("", "")


def _clean(url: str) -> str:
    return url.rstrip("/").removesuffix("/artifactory").lower()
