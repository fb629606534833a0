"""Access tokens over HTTP (4.5)."""

from typing import Any
from urllib.parse import parse_qsl

from artifactory_sandbox.platform.security.tokens import ADMIN_SCOPE, USER_SCOPE, YEAR_S
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer, text

API = "/access/api/v1/tokens"
_OLD = "/artifactory/api/security/token"


def create(call: Call) -> Answer:
    """Create Token; form or JSON."""
    return json_answer(_create(call, _fields(call)))


def listed(call: Call) -> Answer:
    """Get Tokens: all for an administrator, else one's own."""
    state = call.platform.security.state
    rows = state.tokens(call.platform.clock.now() // 1000)
    mine = f"/users/{call.caller.name}"
    return json_answer({"tokens": [_shown(row) for row in rows if call.caller.admin or row["subject"].endswith(mine)]})


def get(call: Call) -> Answer:
    """Get Token by ID; a token too short to be kept is not found."""
    token_id = call.args["id"]
    if token_id == "me":  # noqa: S105
        token_id = call.caller.token_id or ""
    row = _row(call, token_id)
    return json_answer(_shown(row))


def revoke(call: Call) -> Answer:
    """Revoke Token by ID."""
    row = _row(call, call.args["id"])
    call.platform.security.state.delete_token(row["id"])
    return text("Revoked")


def revoke_value(call: Call) -> Answer:
    """Revoke Token by value, or by ID in the older call."""
    fields = _fields(call)
    security = call.platform.security
    if token_id := fields.get("token_id"):
        row: Row | None = _row(call, str(token_id))
    else:
        row = security.tokens.read(str(fields.get("token", "")))
    if row is None or not row["listed"]:
        raise Refused(404, "Token not found")
    _demand_own(call, row)
    security.state.delete_token(row["id"])
    return text("Revoked")


def _create(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    tokens, caller = call.platform.security.tokens, call.caller
    if fields.get("grant_type") == "refresh_token":
        return tokens.refresh(str(fields.get("refresh_token", "")))
    username = str(fields.get("username") or caller.name).lower()
    scope = str(fields.get("scope") or USER_SCOPE)
    lifetime = _seconds(fields.get("expires_in"))
    if not caller.admin:
        if username != caller.name:
            raise Refused(403, "Users can create tokens for themselves only")
        if ADMIN_SCOPE in scope.split() or lifetime == 0:
            raise Refused(403, "Only an administrator can create such a token")
    known = ("applied-permissions/", "artifact:", "system:", "api:", "member-of-groups:", "internal:")
    if not all(part.startswith(known) for part in scope.split()):
        raise Refused(400, f"Invalid scope: {scope}")
    return tokens.create(
        username,
        scope,
        YEAR_S if lifetime is None else lifetime,
        description=str(fields.get("description") or ""),
        refreshable=_true(fields.get("refreshable")),
        reference=_true(fields.get("include_reference_token")),
        force_revocable=_true(fields.get("force_revocable")),
        audience=str(fields.get("audience") or "*@*"),
    )


def _fields(call: Call) -> dict[str, Any]:
    if call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(call.text()))
    return call.json_object()


def _seconds(value: Any) -> int | None:
    if value is None or value == "":
        return None
    try:
        seconds = int(value)
    except (ValueError, TypeError):
        raise Refused(400, "expires_in is not a number") from None
    if seconds < 0:
        raise Refused(400, "expires_in cannot be negative")
    return seconds


def _true(value: Any) -> bool:
    return value is True or str(value).lower() == "true"


def _row(call: Call, token_id: str) -> Row:
    row = call.platform.security.state.token(token_id)
    if row is None or not row["listed"]:
        raise Refused(404, "Token not found")
    _demand_own(call, row)
    return row


def _demand_own(call: Call, row: Row) -> None:
    if not call.caller.admin and not row["subject"].endswith(f"/users/{call.caller.name}"):
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
    }
    if row["expiry"]:
        shown["expiry"] = row["expiry"]
    return shown


ROUTES = (
    Route("POST", API, "4.5", create, Needs.USER),
    Route("GET", API, "4.5", listed, Needs.USER),
    Route("GET", f"{API}/{{id}}", "4.5", get, Needs.USER),
    Route("DELETE", f"{API}/{{id}}", "4.5", revoke, Needs.USER),
    Route("POST", f"{API}/revoke", "4.5", revoke_value, Needs.USER),
    Route("DELETE", f"{API}/revoke", "4.5", revoke_value, Needs.USER),
    Route("POST", _OLD, "4.5", create, Needs.USER),
    Route("GET", _OLD, "4.5", listed, Needs.USER),
    Route("POST", f"{_OLD}/revoke", "4.5", revoke_value, Needs.USER),
)
