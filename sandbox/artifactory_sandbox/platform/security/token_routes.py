"""Access tokens over HTTP (4.5, 12.5.4)."""

import fnmatch
from typing import Any
from urllib.parse import parse_qsl

from artifactory_sandbox.platform.security import scopes
from artifactory_sandbox.platform.security.authentication import login_needed
from artifactory_sandbox.platform.security.scopes import USER_SCOPE
from artifactory_sandbox.platform.security.tokens import Tokens
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer, text

API = "/access/api/v1/tokens"
_OLD = "/artifactory/api/security/token"
_BELOW = f"/artifactory{API}"
"""Where clients look that know the address of Artifactory only."""
_EXPIRY = "/access/api/v1/config/token/default_expiry"
_LONGEST_AUDIENCE = 255
_GRANTS = ("client_credentials", "refresh_token", "password", "")


def create(call: Call) -> Answer:
    """Create Token, or Refresh Token; form or JSON."""
    fields = _fields(call)
    grant = str(fields.get("grant_type") or "")
    if grant not in _GRANTS:
        raise Refused(400, f"Unsupported grant type: {grant[:50]}")
    if grant == "refresh_token":
        made = _tokens(call).refresh(str(fields.get("refresh_token") or ""), str(fields.get("access_token") or ""))
        return json_answer(made)
    if not call.caller.known:
        raise login_needed()
    return json_answer(_created(call, fields))


def create_old(call: Call) -> Answer:
    """The older Create Token: the same, but a refusal also reads as OAuth's."""
    try:
        return create(call)
    except Refused as refused:
        if refused.status == 401:
            raise
        said = {"error": "invalid_request", "error_description": refused.message}
        errors = [{"status": refused.status, "message": refused.message}]
        raise Refused(refused.status, refused.message, "json", {"errors": errors, **said}) from None


def listed(call: Call) -> Answer:
    """Get Tokens: all for an administrator, else one's own; by user, description and whether they can be refreshed."""
    username = call.first("username").lower() if call.caller.admin else call.caller.name
    rows = _tokens(call).state.tokens(call.platform.clock.now() // 1000, username)
    wanted, refreshable = call.first("description"), call.first("refreshable").lower()
    if wanted:
        rows = [row for row in rows if fnmatch.fnmatchcase(row["description"], wanted.replace("[", "[[]"))]
    if refreshable in {"true", "false"}:
        rows = [row for row in rows if bool(row["refreshable"]) == (refreshable == "true")]
    if call.first("order_by") == "expiry":
        rows.sort(key=lambda row: row["expiry"] or 2**62)
    if call.flag("descending_order"):
        rows.reverse()
    return json_answer({"tokens": [_shown(row) for row in rows]})


def get(call: Call) -> Answer:
    """Get Token by ID; a token too short to be kept is not found. `me` is the one that the call is made with."""
    token_id = call.args["id"]
    if token_id == "me":  # noqa: S105  a word of the path
        token_id = call.caller.token_id or ""
    return json_answer(_shown(_row(call, token_id)))


def revoke(call: Call) -> Answer:
    """Revoke Token by ID."""
    row = _row(call, call.args["id"])
    _tokens(call).state.delete_token(row["id"])
    return text("Revoked")


def revoke_value(call: Call) -> Answer:
    """Revoke Token by value or by what refreshes it, or by ID in the older call, which answers 200 whatever it finds."""
    fields = _fields(call)
    tokens = _tokens(call)
    token = str(fields.get("token") or "")
    if token_id := fields.get("token_id"):
        row = tokens.state.token(str(token_id))
    else:
        row = tokens.read(token) or (tokens.state.token_by_refresh(token) if token else None)
    if row is None or not row["revocable"]:
        if call.path.startswith("/access/"):
            raise Refused(404, "Token not found")
        return text("Token not found")
    _demand_own(call, row)
    tokens.state.delete_token(row["id"])
    return text("Revoked" if call.path.startswith("/access/") else "Token revoked")


def get_expiry(call: Call) -> Answer:
    """Get Token Default Expiry Value, in seconds."""
    return json_answer({"default_token_expiration": _tokens(call).default_expiry})


def put_expiry(call: Call) -> Answer:
    """Put Token Default Expiry Value."""
    seconds = _seconds(call.json_object().get("default_token_expiration"))
    if seconds is None:
        raise Refused(400, "default_token_expiration is required")
    _tokens(call).default_expiry = seconds
    return json_answer({"default_token_expiration": seconds})


def _created(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    caller, tokens = call.caller, _tokens(call)
    username = _username(fields.get("username") or caller.name)
    scope = _text(fields, "scope", scopes.LIMIT).strip() or USER_SCOPE
    audience = _text(fields, "audience", _LONGEST_AUDIENCE).strip() or "*@*"
    lifetime = _seconds(fields.get("expires_in"))
    project = _text(fields, "project_key", 32)
    read = scopes.read(scope)
    if read.unknown:
        raise Refused(400, f"Invalid scope: {read.unknown[0][:100]}")
    if project and not call.platform.security.projects.exists(project):
        raise Refused(404, f"Project '{project}' not found")
    if not caller.admin:
        _demand_allowed(call, username, read, project)
        if lifetime == 0 or (lifetime or 0) > tokens.default_expiry > 0:
            raise Refused(403, "Only an administrator can create a token that lives that long")
    return tokens.create(
        username,
        scope,
        tokens.default_expiry if lifetime is None else lifetime,
        description=_text(fields, "description", 1024),
        refreshable=_true(fields.get("refreshable")),
        reference=_true(fields.get("include_reference_token")),
        force_revocable=_true(fields.get("force_revocable")),
        audience=audience,
        project=project,
    )


def _demand_allowed(call: Call, username: str, scope: scopes.Scope, project: str) -> None:
    """A user makes tokens for itself, with no more than it has; an administrator of a project, for the project's roles."""
    caller = call.caller
    manages = project and call.platform.security.projects.administers(caller, project, "manage_members")
    if manages and scope.roles and not (scope.admin or scope.groups) and {key for key, _ in scope.roles} == {project}:
        return
    if username != caller.name:
        raise Refused(403, "Users can create tokens for themselves only")
    if scope.admin or scope.system or not scope.groups <= caller.groups:
        raise Refused(403, "Only an administrator can create such a token")
    if not scope.roles <= call.platform.security.roles_of(caller):
        raise Refused(403, "Only an administrator can create such a token")
    may_all = call.platform.security.may_all
    if not all(may_all(caller, word, item.repository, item.pattern) for item in scope.items for word in item.words):
        raise Refused(403, "Only an administrator can create such a token")
    if scope.user and not scopes.is_user(caller.scope):
        raise Refused(403, "A token cannot be used to create one that may do more")


def _username(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 255 or any(ord(letter) < 32 for letter in value):
        raise Refused(400, "username is a text of up to 255 characters")
    return value.strip().lower()


def _text(fields: dict[str, Any], name: str, longest: int) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest:
        raise Refused(400, f"{name} is a text of up to {longest} characters")
    return value


def _fields(call: Call) -> dict[str, Any]:
    kind = call.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(call.text()))
    return call.json_object()


def _seconds(value: Any) -> int | None:
    if value is None or value == "":
        return None
    try:
        if isinstance(value, (bool, float)):
            raise TypeError
        seconds = int(value)
    except (ValueError, TypeError):
        raise Refused(400, "expires_in is not a number of seconds") from None
    if not 0 <= seconds < 2**40:
        raise Refused(400, "expires_in cannot be negative")
    return seconds


def _true(value: Any) -> bool:
    return value is True or str(value).lower() == "true"


def _row(call: Call, token_id: str) -> Row:
    row = _tokens(call).state.token(token_id)
    if row is None or not row["listed"] or (row["expiry"] and row["expiry"] <= call.platform.clock.now() // 1000):
        raise Refused(404, "Token not found")
    _demand_own(call, row)
    return row


def _demand_own(call: Call, row: Row) -> None:
    if not call.caller.admin and row["username"] != call.caller.name:
        raise Refused(403, "Forbidden")


def _shown(row: Row) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "token_id": row["id"],
        "subject": row["subject"],
        "issued_at": row["issued"],
        "issuer": row["subject"].partition("/")[0],
        "description": row["description"],
        "refreshable": bool(row["refreshable"]),
        "scope": row["scope"],
        "last_used": row["last_used"],
    }
    if row["expiry"]:
        shown["expiry"] = row["expiry"]
    if row["project"]:
        shown["project_key"] = row["project"]
    return shown


def _tokens(call: Call) -> Tokens:
    return call.platform.security.tokens


ROUTES = (
    Route("POST", API, "4.5", create, Needs.NOTHING),
    Route("GET", API, "4.5", listed, Needs.USER),
    Route("GET", f"{API}/{{id}}", "4.5", get, Needs.USER),
    Route("DELETE", f"{API}/{{id}}", "4.5", revoke, Needs.USER),
    Route("POST", f"{API}/revoke", "4.5", revoke_value, Needs.USER),
    Route("DELETE", f"{API}/revoke", "4.5", revoke_value, Needs.USER),
    Route("GET", _EXPIRY, "4.5", get_expiry),
    Route("PUT", _EXPIRY, "4.5", put_expiry),
    Route("POST", _BELOW, "4.5", create_old, Needs.NOTHING),
    Route("POST", f"{_BELOW}/revoke", "4.5", revoke_value, Needs.USER),
    Route("DELETE", f"{_BELOW}/revoke", "4.5", revoke_value, Needs.USER),
    Route("POST", _OLD, "4.5", create_old, Needs.NOTHING),
    Route("GET", _OLD, "12.5.4", listed, Needs.USER),
    Route("POST", f"{_OLD}/revoke", "12.5.4", revoke_value, Needs.USER),
)
