"""Who the client is: login, `whoami`, profile, lines for `.npmrc`."""

import base64
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from artifactory_sandbox.platform.security.authentication import bad_credentials
from artifactory_sandbox.platform.security.tokens import USER_SCOPE
from artifactory_sandbox.platform.web import Answer, Call, Refused, json_answer, text

_USER = "org.couchdb.user:"
_LOGIN_LIFE_S = 365 * 24 * 3600
_SCOPE = re.compile(r"@?[A-Za-z0-9~_-][A-Za-z0-9._~-]*\Z")


def whoami(call: Call) -> Answer:
    """The caller's name."""
    return json_answer({"username": call.caller.name})


def profile(call: Call) -> Answer:
    """The caller's account."""
    row = call.platform.security.state.user(call.caller.name)
    email = row["email"] if row else ""
    return json_answer(
        {
            "tfa": False,
            "name": call.caller.name,
            "email": email,
            "email_verified": bool(email),
            "fullname": "",
            "cidr_whitelist": None,
        }
    )


def change_profile(call: Call) -> Answer:
    """Accounts are not changed by way of the registry."""
    raise Refused(405, "The profile of a user cannot be changed by npm.")


def login(call: Call) -> Answer:
    """`npm login --auth-type=legacy`, `npm adduser`: a token for a name and password that are right; no user is made."""
    body = call.json_object()
    name, password = str(body.get("name", "")), str(body.get("password", ""))
    if not name or call.args["user"] != f"{_USER}{name}":
        raise Refused(400, "The name in the body is not the one in the address")
    given = base64.b64encode(f"{name}:{password}".encode()).decode()
    if not password:
        raise bad_credentials()
    caller = call.platform.security.authentication.caller(Headers({"authorization": f"Basic {given}"}))
    if not caller.known:
        raise bad_credentials()
    scope = caller.scope or USER_SCOPE  # a token that is used as password gives no more than it has
    made = call.platform.security.tokens.create(caller.name, scope, _LOGIN_LIFE_S, description="npm login")
    return json_answer(
        {"ok": f"user '{caller.name}' created", "id": f"{_USER}{caller.name}", "token": str(made["access_token"])}, 201
    )


def web_login(call: Call) -> Answer:
    """Login by browser needs a page that nobody could open here: clients fall back to name and password."""
    raise Refused(404, "Web login is not available, use a name and a password.")


def logout(call: Call) -> Answer:
    """Revokes the token that the client logged in with."""
    security = call.platform.security
    row = security.tokens.read(call.args["token"])
    if row is None or row["id"] != call.caller.token_id:
        raise Refused(404, "Token not found")
    security.state.delete_token(row["id"])
    return json_answer({"ok": True})


def lines(call: Call) -> Answer:
    """`api/npm/auth`: what stands in `.npmrc` for the credentials of this call."""
    kind, value = _given(call)
    found = f"_auth = {value}" if kind == "basic" else f"_authToken = {value}"
    return text(f"{found}\nalways-auth = true\nemail = {_email(call)}\n")


def scoped_lines(call: Call) -> Answer:
    """`api/npm/<repository>/auth/<scope>`: the same, for a scope of packages."""
    scope = call.args["scope"].removeprefix("@")
    if not _SCOPE.match(scope):
        raise Refused(400, f"Illegal scope: '{scope[:100]}'")
    address = f"{call.artifactory_url}/api/npm/{call.args['repo']}/"
    place = address.removeprefix(f"{urlsplit(address).scheme}:")
    kind, value = _given(call)
    found = [f"@{scope}:registry={address}"]
    if kind == "basic":
        name, _, password = base64.b64decode(value).decode().partition(":")
        found += [f"{place}:_password={base64.b64encode(password.encode()).decode()}", f"{place}:username={name}"]
    else:
        found.append(f"{place}:_authToken={value}")
    return text("\n".join([*found, f"{place}:email={_email(call)}", f"{place}:always-auth=true", ""]))


def _given(call: Call) -> tuple[str, str]:
    """Kind and value of the credentials, which were right."""
    kind, _, value = call.headers.get("authorization", "").partition(" ")
    return (kind.lower(), value.strip()) if value else ("bearer", call.headers.get("x-jfrog-art-api", ""))


def _email(call: Call) -> str:
    row = call.platform.security.state.user(call.caller.name)
    return str(row["email"] or "") if row else ""
