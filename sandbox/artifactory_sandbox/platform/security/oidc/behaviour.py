"""Exchanging a provider's id token: its signature is checked with the provider's own keys, its claims with a mapping."""

import base64
import fnmatch
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.security import scopes
from artifactory_sandbox.platform.security.oidc.state import OidcState
from artifactory_sandbox.platform.security.scopes import USER_SCOPE
from artifactory_sandbox.platform.security.tokens import unverified_claims
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
TOKEN_TYPE = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105  a name
ISSUED_TYPE = "urn:ietf:params:oauth:token-type:access_token"
_LIFE_S = 3600
_DIGESTS = {"RS256": "SHA256", "RS384": "SHA384", "RS512": "SHA512", "ES256": "SHA256"}


class Oidc:
    """Providers, mappings, and the exchange."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = OidcState(platform.database)

    def provider(self, name: str) -> dict[str, Any]:
        """One provider; a 404 without."""
        found = self.state.provider(name)
        if found is None:
            raise Refused(404, f"Provider '{name[:100]}' not found")
        return found

    def exchange(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """A token of ours for one of a provider; a 400 for a wrong request, a 401 for a token that is not accepted."""
        if sent.get("grant_type") != GRANT:
            raise Refused(400, f"grant_type must be {GRANT}")
        if sent.get("subject_token_type", TOKEN_TYPE) != TOKEN_TYPE:
            raise Refused(400, f"subject_token_type must be {TOKEN_TYPE}")
        token, name = sent.get("subject_token"), sent.get("provider_name")
        if not isinstance(token, str) or not token or not isinstance(name, str) or not name:
            raise Refused(400, "subject_token and provider_name are required")
        provider = self.provider(name)
        claims = self._verified(provider, token)
        mapping = self._mapping(provider, claims, sent.get("identity_mapping_name"))
        return self._made(mapping, claims, sent)

    def _verified(self, provider: Mapping[str, Any], token: str) -> dict[str, Any]:
        claims = unverified_claims(token)
        if claims is None:
            raise Refused(401, "The subject token is no JWT")
        issuer = str(provider.get("token_issuer") or provider["issuer_url"]).rstrip("/")
        if str(claims.get("iss") or "").rstrip("/") != issuer:
            raise Refused(401, "The subject token is of another issuer")
        now = self._platform.clock.now() // 1000
        if not isinstance(claims.get("exp"), (int, float)) or claims["exp"] <= now or claims.get("nbf", 0) > now:
            raise Refused(401, "The subject token has expired")
        wanted, given = provider.get("audience"), claims.get("aud")
        if wanted and wanted not in (given if isinstance(given, list) else [given]):
            raise Refused(401, "The subject token is for another audience")
        if not _is_signed(token, self._keys(str(provider["issuer_url"]))):
            raise Refused(401, "The signature of the subject token is wrong")
        return claims

    def _keys(self, issuer: str) -> list[Mapping[str, Any]]:
        """The provider's public keys, from where its discovery document says."""
        try:
            found = self._platform.peers.call("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration").json()
            keys = self._platform.peers.call("GET", str(found["jwks_uri"])).json()["keys"]
        except (PeerFailed, ValueError, KeyError, TypeError) as error:
            raise Refused(401, f"The keys of the provider cannot be read: {type(error).__name__}") from None
        return [key for key in keys if isinstance(key, dict)]

    def _mapping(self, provider: Mapping[str, Any], claims: Mapping[str, Any], name: Any) -> dict[str, Any]:
        for mapping in self.state.mappings(provider["name"]):
            if (not name or mapping["name"] == name) and _fits(mapping["claims"], claims):
                return mapping
        raise Refused(401, "No identity mapping fits the claims of the subject token")

    def _made(self, mapping: Mapping[str, Any], claims: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
        spec = mapping["token_spec"]
        username = str(spec.get("username") or claims.get("sub") or "").lower()[:255]
        made = self._platform.security.tokens.create(
            username,
            str(spec.get("scope") or USER_SCOPE),
            int(spec.get("expires_in") or _LIFE_S),
            audience=str(spec.get("audience") or "*@*"),
            description=f"exchanged by {mapping['name']}",
            reference=sent.get("include_reference_token") is True,
            project=str(sent.get("project_key") or ""),
        )
        return {**made, "issued_token_type": ISSUED_TYPE, "username": username}


def checked_provider(sent: Mapping[str, Any]) -> dict[str, Any]:
    """A provider as it is stored."""
    name, issuer = sent.get("name"), sent.get("issuer_url")
    if not isinstance(name, str) or not name.strip() or len(name) > 255:
        raise Refused(400, "name is required")
    if not isinstance(issuer, str) or not issuer.startswith(("http://", "https://")):
        raise Refused(400, "issuer_url is required")
    made = {
        "name": name,
        "issuer_url": issuer,
        "provider_type": str(sent.get("provider_type") or "Generic OpenID Connect"),
    }
    for field in ("description", "audience", "token_issuer", "organization", "project_key"):
        if sent.get(field):
            made[field] = str(sent[field])
    proxied = sent.get("use_default_proxy", False)
    if not isinstance(proxied, bool):
        raise Refused(400, "use_default_proxy is true or false")
    return {**made, "use_default_proxy": proxied}


def checked_mapping(sent: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping as it is stored."""
    name, claims, spec = sent.get("name"), sent.get("claims"), sent.get("token_spec")
    if not isinstance(name, str) or not name.strip():
        raise Refused(400, "name is required")
    priority = sent.get("priority", 1)
    if isinstance(priority, bool) or not isinstance(priority, int):
        raise Refused(400, "priority is a number")
    claims = json.loads(claims) if isinstance(claims, str) and claims.startswith("{") else claims
    if not isinstance(claims, dict) or not isinstance(spec, dict):
        raise Refused(400, "claims and token_spec are objects")
    if unknown := scopes.read(str(spec.get("scope") or USER_SCOPE)).unknown:
        raise Refused(400, f"Invalid scope: {unknown[0][:100]}")
    lifetime = spec.get("expires_in") or _LIFE_S
    if isinstance(lifetime, bool) or not isinstance(lifetime, int) or lifetime < 0:
        raise Refused(400, "token_spec.expires_in is a number of seconds")
    description = str(sent.get("description") or "")
    return {"name": name, "description": description, "priority": priority, "claims": claims, "token_spec": spec}


def _fits(wanted: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """Every claim that is named must be there; `*` in a text stands for anything."""
    for name, value in wanted.items():
        given = claims.get(name)
        options = value if isinstance(value, list) else [value]
        found = given if isinstance(given, list) else [given]
        if not any(_same(option, one) for option in options for one in found):
            return False
    return True


def _same(wanted: Any, given: Any) -> bool:
    if isinstance(wanted, str) and isinstance(given, str):
        return fnmatch.fnmatchcase(given, wanted.replace("[", "[[]"))
    return bool(wanted == given)


def _is_signed(token: str, keys: list[Mapping[str, Any]]) -> bool:
    head, _, _ = token.partition(".")
    payload, _, signature = token.rpartition(".")
    try:
        described = json.loads(_bytes(head))
        wanted, algorithm = described.get("kid"), str(described.get("alg"))
        candidates = [key for key in keys if wanted is None or key.get("kid") == wanted]
        return any(_verifies(key, algorithm, payload.encode(), _bytes(signature)) for key in candidates)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _verifies(key: Mapping[str, Any], algorithm: str, data: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  several MB that most nodes never need
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils  # noqa: PLC0415

    if algorithm not in _DIGESTS:
        return False
    digest = getattr(hashes, _DIGESTS[algorithm])()
    try:
        if key.get("kty") == "RSA" and algorithm.startswith("RS"):
            rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key().verify(
                signature, data, padding.PKCS1v15(), digest
            )
        elif key.get("kty") == "EC" and algorithm == "ES256":
            half = len(signature) // 2
            packed = utils.encode_dss_signature(
                int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
            )
            public = ec.EllipticCurvePublicNumbers(_number(key["x"]), _number(key["y"]), ec.SECP256R1()).public_key()
            public.verify(packed, data, ec.ECDSA(digest))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _number(text: Any) -> int:
    return int.from_bytes(_bytes(str(text)), "big")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
