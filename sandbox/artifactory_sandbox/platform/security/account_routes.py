"""What users do with their own accounts, and administrators with theirs: passwords, locks, API keys (12.5.1, 12.5.4)."""

from typing import Any

from artifactory_sandbox.platform.security import scopes
from artifactory_sandbox.platform.security.authentication import bad_credentials, login_needed
from artifactory_sandbox.platform.security.passwords import demand_text, encrypted, new_api_key, stretch
from artifactory_sandbox.platform.web import Answer, Call, Caller, Needs, Refused, Route, json_answer, text

_SECURITY = "/artifactory/api/security"
_AUTHORIZATION = f"{_SECURITY}/users/authorization"
_KEY = f"{_SECURITY}/apiKey"


def change_password(call: Call) -> Answer:
    """Change Password: the one call that also an expired password opens."""
    security, sent = call.platform.security, call.json_object()
    caller = security.authentication.caller(call.headers, call.path, expired_too=True)
    if not caller.known:
        raise login_needed()
    _demand_whole(caller)
    name = str(sent.get("userName") or caller.name).lower()
    if not caller.admin and name != caller.name:
        raise Refused(403, "Forbidden")
    new = demand_text(sent.get("newPassword1"))
    if new != sent.get("newPassword2"):
        raise Refused(400, "The new passwords do not match")
    row = security.identities.user(name)
    if name == caller.name and (
        row["hash"] is None or stretch(str(sent.get("oldPassword")), row["salt"]) != row["hash"]
    ):
        raise Refused(400, "The old password is wrong")
    security.identities.set_password(name, new)
    return text("Password has been successfully changed")


def expire(call: Call) -> Answer:
    """Expire Password of one user."""
    return _expire(call, [call.args["name"]], True)


def expire_several(call: Call) -> Answer:
    """Expire Password of the users in the body."""
    return _expire(call, _names(call), True)


def expire_all(call: Call) -> Answer:
    """Expire Password for All Users."""
    return _expire(call, None, True)


def unexpire(call: Call) -> Answer:
    """Unexpire Password of one user."""
    return _expire(call, [call.args["name"]], False)


def _expire(call: Call, names: list[str] | None, expired: bool) -> Answer:
    for name in names or ():
        call.platform.security.identities.user(name)
    call.platform.security.state.expire(None if names is None else [name.lower() for name in names], expired)
    whom = "all users" if names is None else ", ".join(names)
    return text(f"Password of {whom} has been {'expired' if expired else 'unexpired'} successfully")


def locked(call: Call) -> Answer:
    """Get Locked Out Users."""
    return json_answer(call.platform.security.state.locked())


def unlock(call: Call) -> Answer:
    """Unlock Locked Out User."""
    return _unlock(call, [call.args["name"]])


def unlock_several(call: Call) -> Answer:
    """Unlock the users in the body."""
    return _unlock(call, _names(call))


def unlock_all(call: Call) -> Answer:
    """Unlock All Locked Out Users."""
    call.platform.security.state.unlock(None)
    return text("All users were successfully unlocked")


def _unlock(call: Call, names: list[str]) -> Answer:
    for name in names:
        call.platform.security.identities.user(name)
    call.platform.security.state.unlock([name.lower() for name in names])
    return text(f"User(s) {', '.join(names)} successfully unlocked")


def encrypted_password(call: Call) -> Answer:
    """Get User Encrypted Password: it serves instead of the password."""
    _demand_whole(call.caller)
    row = call.platform.security.state.user(call.caller.name)
    if row is None or not row["hash"]:
        raise bad_credentials()
    return text(encrypted(row["hash"]))


def get_key(call: Call) -> Answer:
    """Get API Key; an empty object when there is none."""
    _demand_whole(call.caller)
    row = call.platform.security.state.user(call.caller.name)
    return json_answer({"apiKey": row["api_key"]} if row is not None and row["api_key"] else {})


def create_key(call: Call) -> Answer:
    """Create API Key; there is one at most."""
    _demand_user(call)
    row = call.platform.security.identities.user(call.caller.name)
    if row["api_key"]:
        raise Refused(400, f"Api key already exists for user: '{call.caller.name}'")
    return json_answer(_made(call), 201)


def regenerate_key(call: Call) -> Answer:
    """Regenerate API Key: the old one ends."""
    _demand_user(call)
    if not call.platform.security.identities.user(call.caller.name)["api_key"]:
        raise Refused(404, f"Api key doesn't exist for user: '{call.caller.name}'")
    return json_answer(_made(call))


def revoke_key(call: Call) -> Answer:
    """Revoke API Key: one's own, or everybody's with `deleteAll`."""
    _demand_whole(call.caller)
    state = call.platform.security.state
    if call.flag("deleteAll"):
        if not call.caller.admin:
            raise Refused(403, "Forbidden")
        return json_answer({"info": f"Successfully revoked {state.set_key(None, None)} API keys"})
    return _revoked(call, call.caller.name)


def revoke_key_of(call: Call) -> Answer:
    """Revoke User API Key."""
    call.platform.security.identities.user(call.args["name"])
    return _revoked(call, call.args["name"].lower())


def _revoked(call: Call, name: str) -> Answer:
    state = call.platform.security.state
    row = state.user(name)
    if row is None or not row["api_key"]:
        raise Refused(404, f"Api key doesn't exist for user: '{name}'")
    state.set_key(name, None)
    return json_answer({"info": f"API key for user: '{name}' has been successfully revoked"})


def _made(call: Call) -> dict[str, Any]:
    key = new_api_key()
    call.platform.security.state.set_key(call.caller.name, key)
    return {"apiKey": key}


def _demand_user(call: Call) -> None:
    _demand_whole(call.caller)
    if call.platform.security.state.user(call.caller.name) is None:
        raise Refused(400, f"'{call.caller.name}' is no user")


def _demand_whole(caller: Caller) -> None:
    """A 403 for a token that may less than its user: it must not come to be more."""
    if not scopes.is_user(caller.scope):
        raise Refused(403, "Forbidden")


def _names(call: Call) -> list[str]:
    found = call.json()
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise Refused(400, "Error parsing json body: a list of user names is expected")
    return found


ROUTES = (
    Route("POST", f"{_AUTHORIZATION}/changePassword", "12.5.1", change_password, Needs.PUBLIC),
    Route("POST", f"{_AUTHORIZATION}/expirePassword", "12.5.6", expire_several),
    Route("POST", f"{_AUTHORIZATION}/expirePassword/{{name}}", "12.5.6", expire),
    Route("POST", f"{_AUTHORIZATION}/expirePasswordForAllUsers", "12.5.6", expire_all),
    Route("POST", f"{_AUTHORIZATION}/unexpirePassword/{{name}}", "12.5.6", unexpire),
    Route("GET", f"{_SECURITY}/lockedUsers", "12.5.1", locked),
    Route("POST", f"{_SECURITY}/unlockUsers", "12.5.1", unlock_several),
    Route("POST", f"{_SECURITY}/unlockUsers/{{name}}", "12.5.1", unlock),
    Route("POST", f"{_SECURITY}/unlockAllUsers", "12.5.1", unlock_all),
    Route("GET", f"{_SECURITY}/encryptedPassword", "12.5.4", encrypted_password, Needs.USER),
    Route("GET", _KEY, "12.5.4", get_key, Needs.USER),
    Route("POST", _KEY, "12.5.4", create_key, Needs.USER),
    Route("PUT", _KEY, "12.5.4", regenerate_key, Needs.USER),
    Route("DELETE", _KEY, "12.5.4", revoke_key, Needs.USER),
    Route("DELETE", f"{_KEY}/{{name}}", "12.5.4", revoke_key_of),
)
