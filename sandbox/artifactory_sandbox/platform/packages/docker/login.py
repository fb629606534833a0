"""Who calls a registry, and the tokens that its clients exchange their credentials for."""

import base64
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.packages.docker.refusal import API_VERSION, refused
from artifactory_sandbox.platform.web import Answer, Call, Caller, Refused, json_answer

LIFETIME_S = 3600
_BASIC = 'Basic realm="Artifactory Realm"'
_OFFLINE = "Server state is offline: this node has no valid license."


def log_in(call: Call) -> None:
    """Settles who calls: basic, an access token, or a registry token; raises a 401 for wrong ones."""
    if not call.platform.licences.valid:
        raise Refused(503, _OFFLINE)
    kind, _, value = call.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and (caller := _by_registry_token(call, value.strip())):
        call.caller = caller
    else:
        call.caller = call.platform.security.authentication.caller(call.headers)


def token(call: Call) -> Answer:
    """The token endpoint: basic credentials, the form of OAuth 2, or nobody where anonymous access is on."""
    try:
        log_in(call)
        caller = _of_form(call) if call.method == "POST" else call.caller
        if not caller.known and not call.platform.configuration.anonymous:
            raise refused(401, "UNAUTHORIZED", "authentication required")
    except Refused as given:
        made = given if given.shape == "json" else refused(given.status, "UNAUTHORIZED", given.message)
        if made.status == 401:
            made.headers["WWW-Authenticate"] = _BASIC
        raise made from None
    return json_answer(_made(call, caller), headers=API_VERSION)


def _made(call: Call, caller: Caller) -> dict[str, Any]:
    now = call.platform.clock.now()
    tokens = call.platform.security.tokens
    held = {"name": caller.name, "admin": caller.admin, "groups": sorted(caller.groups), "token": caller.token_id}
    signed = tokens.sign(
        {
            "sub": f"{call.platform.artifactory_id_of('jfac')}/users/{caller.name}",
            "aud": call.first("service") or urlsplit(call.base_url).netloc,
            "iss": call.platform.artifactory_id_of("jfrt"),
            "iat": now // 1000,
            "exp": now // 1000 + LIFETIME_S,
            "jti": secrets.token_hex(16),
            "registry": {**held, "scope": caller.scope},
        }
    )
    return {"token": signed, "access_token": signed, "expires_in": LIFETIME_S, "issued_at": iso(now)}


def _of_form(call: Call) -> Caller:
    form = {name: values[0] for name, values in parse_qs(call.text(), keep_blank_values=True).items()}
    kind = form.get("grant_type", "")
    if kind == "password":
        both = base64.b64encode(f"{form.get('username', '')}:{form.get('password', '')}".encode()).decode()
        given = f"Basic {both}"
    elif kind == "refresh_token":
        given = f"Bearer {form.get('refresh_token', '')}"
    elif kind == "":
        return call.caller
    else:
        raise refused(400, "UNSUPPORTED", f"unsupported grant_type: {kind[:50]}")
    return call.platform.security.authentication.caller(Headers({"authorization": given}))


def _by_registry_token(call: Call, text: str) -> Caller | None:
    """The caller of a token that `token` made; None when it is of another kind, a 401 when it has ended."""
    security = call.platform.security
    claims = security.tokens.claims(text) if text.count(".") == 2 else None
    held = claims.get("registry") if claims else None
    if claims is None or not isinstance(held, dict):
        return None
    if int(claims["exp"]) <= call.platform.clock.now() // 1000:
        raise refused(401, "UNAUTHORIZED", "the token has expired")
    if held["token"]:
        if security.state.token(held["token"]) is None:
            raise refused(401, "UNAUTHORIZED", "the token has been revoked")
        return Caller(held["name"], held["admin"], frozenset(held["groups"]), held["token"], held["scope"])
    if held["name"] == Caller().name:
        return Caller()
    user = security.authentication.user(held["name"])
    if user is None:
        raise refused(401, "UNAUTHORIZED", "the user is gone")
    return user
