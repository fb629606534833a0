"""Login by other means: exchanged tokens of identity providers, and the browser (12.1.1, 12.5.4)."""

import uuid
from typing import Any

from artifactory_sandbox.platform.security import scopes
from artifactory_sandbox.platform.security.oidc.behaviour import Oidc, checked_mapping, checked_provider
from artifactory_sandbox.platform.security.scopes import USER_SCOPE
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer

API = "/access/api/v1/oidc"
_MAPPINGS = f"{API}/{{name}}/identity_mappings"
_LOGIN = "/access/api/v2/authentication/jfrog_client_login"
_SESSIONS = "login-sessions"
_SESSION_MS, _MOST = 300_000, 500


def exchange(call: Call) -> Answer:
    """Exchanges a provider's id token for a token of ours."""
    return json_answer(_oidc(call).exchange(call.json_object()))


def providers(call: Call) -> Answer:
    """Get All Providers."""
    return json_answer(_oidc(call).state.providers())


def provider(call: Call) -> Answer:
    """Get a Provider."""
    return json_answer(_oidc(call).provider(call.args["name"]))


def add_provider(call: Call) -> Answer:
    """Create a Provider."""
    made = checked_provider(call.json_object())
    if _oidc(call).state.provider(made["name"]) is not None:
        raise Refused(409, f"Provider '{made['name']}' already exists")
    _oidc(call).state.put_provider(made)
    return json_answer(made, 201)


def change_provider(call: Call) -> Answer:
    """Update a Provider."""
    current = _oidc(call).provider(call.args["name"])
    made = checked_provider({**current, **call.json_object(), "name": current["name"]})
    _oidc(call).state.put_provider(made)
    return json_answer(made)


def remove_provider(call: Call) -> Answer:
    """Delete a Provider, with its mappings."""
    if not _oidc(call).state.delete_provider(call.args["name"]):
        raise Refused(404, f"Provider '{call.args['name']}' not found")
    return empty()


def mappings(call: Call) -> Answer:
    """Get All Identity Mappings of a provider."""
    return json_answer(_oidc(call).state.mappings(_oidc(call).provider(call.args["name"])["name"]))


def mapping(call: Call) -> Answer:
    """Get an Identity Mapping."""
    return json_answer(_mapping(call))


def add_mapping(call: Call) -> Answer:
    """Create an Identity Mapping."""
    owner = _oidc(call).provider(call.args["name"])["name"]
    made = checked_mapping(call.json_object())
    if _oidc(call).state.mapping(owner, made["name"]) is not None:
        raise Refused(409, f"Identity mapping '{made['name']}' already exists")
    _oidc(call).state.put_mapping(owner, made)
    return json_answer(made, 201)


def change_mapping(call: Call) -> Answer:
    """Update an Identity Mapping."""
    made = checked_mapping({**_mapping(call), **call.json_object(), "name": call.args["mapping"]})
    _oidc(call).state.put_mapping(call.args["name"], made)
    return json_answer(made)


def remove_mapping(call: Call) -> Answer:
    """Delete an Identity Mapping."""
    _mapping(call)
    _oidc(call).state.delete_mapping(call.args["name"], call.args["mapping"])
    return empty()


def ask_login(call: Call) -> Answer:
    """A client wants to log in by way of a browser, under a session that it makes up."""
    session = call.json_object().get("session")
    try:
        name = str(uuid.UUID(str(session)))
    except ValueError:
        raise Refused(400, "session is a UUID") from None
    now = call.platform.clock.now()
    with call.platform.database.transaction():
        known = _sessions(call)
        if len(known) >= _MOST:
            raise Refused(429, "Too many login sessions")
        call.platform.settings.set(_SESSIONS, {**known, name: {"at": now, "user": ""}})
    return json_answer({"session": name})


def confirm_login(call: Call) -> Answer:
    """What the page in the browser does once the user has logged in: the session is that user's."""
    name = call.args["session"]
    if not scopes.is_user(call.caller.scope):
        raise Refused(403, "Forbidden")
    with call.platform.database.transaction():
        known = _sessions(call)
        if name not in known:
            raise Refused(404, "Login session not found")
        call.platform.settings.set(_SESSIONS, {**known, name: {**known[name], "user": call.caller.name}})
    return empty()


def take_login(call: Call) -> Answer:
    """The token of a session, once; a 400 until the user has logged in."""
    name = call.args["session"]
    with call.platform.database.transaction():
        known = _sessions(call)
        user = str(known.get(name, {}).get("user") or "")
        if not user:
            raise Refused(400, "The login is not complete yet")
        known.pop(name)
        call.platform.settings.set(_SESSIONS, known)
    made = call.platform.security.tokens.create(user, USER_SCOPE, description="login by browser", refreshable=True)
    return json_answer(made)


def _sessions(call: Call) -> dict[str, Any]:
    since = call.platform.clock.now() - _SESSION_MS
    return {name: one for name, one in call.platform.settings.get(_SESSIONS, {}).items() if one["at"] > since}


def _mapping(call: Call) -> dict[str, Any]:
    found = _oidc(call).state.mapping(_oidc(call).provider(call.args["name"])["name"], call.args["mapping"])
    if found is None:
        raise Refused(404, f"Identity mapping '{call.args['mapping']}' not found")
    return found


def _oidc(call: Call) -> Oidc:
    return call.platform.security.oidc


ROUTES = (
    Route("POST", f"{API}/token", "12.1.1", exchange, Needs.NOTHING),
    Route("GET", API, "12.1.1", providers),
    Route("POST", API, "12.1.1", add_provider),
    Route("GET", f"{API}/{{name}}", "12.1.1", provider),
    Route("PUT", f"{API}/{{name}}", "12.1.1", change_provider),
    Route("DELETE", f"{API}/{{name}}", "12.1.1", remove_provider),
    Route("GET", _MAPPINGS, "12.1.1", mappings),
    Route("POST", _MAPPINGS, "12.1.1", add_mapping),
    Route("GET", f"{_MAPPINGS}/{{mapping}}", "12.1.1", mapping),
    Route("PUT", f"{_MAPPINGS}/{{mapping}}", "12.1.1", change_mapping),
    Route("DELETE", f"{_MAPPINGS}/{{mapping}}", "12.1.1", remove_mapping),
    Route("POST", f"{_LOGIN}/request", "12.5.4", ask_login, Needs.NOTHING),
    Route("PUT", f"{_LOGIN}/confirm/{{session}}", "12.5.4", confirm_login, Needs.USER),
    Route("GET", f"{_LOGIN}/token/{{session}}", "12.5.4", take_login, Needs.NOTHING),
)
