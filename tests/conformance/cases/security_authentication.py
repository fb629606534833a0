"""Who calls: basic, bearer, keys, anonymous (0.3, 0.4)."""

from tests.conformance.calls.security import AS_USER, BAD_LOGIN, NEEDS_LOGIN, OLD, REALM, STATUS, USERS, token, user
from tests.conformance.case import Call, Case

CASES: tuple[Case, ...] = (
    Case("0.3", "basic", Call("GET", STATUS), 200),
    Case("0.3", "a token as bearer", Call("GET", STATUS, caller="bearer:$token"), 200, before=(token(),)),
    Case(
        "0.3",
        "a reference token as bearer",
        Call("GET", STATUS, caller="bearer:$token"),
        200,
        before=(token(keep="reference_token", include_reference_token=True),),
    ),
    Case("0.3", "a token as password", Call("GET", STATUS, caller="admin:$token"), 200, before=(token(),)),
    Case(
        "0.3",
        "an API key in its own header",
        Call("GET", "/artifactory/api/repositories", caller="anonymous", headers={"X-JFrog-Art-Api": "$key"}),
        200,
        before=(user(), Call("POST", f"{OLD}/apiKey", {}, AS_USER, keep={"key": "apiKey"})),
    ),
    Case(
        "0.3",
        "an API key as password",
        Call("GET", "/artifactory/api/repositories", caller="$id:$key"),
        200,
        before=(user(), Call("POST", f"{OLD}/apiKey", {}, AS_USER, keep={"key": "apiKey"})),
    ),
    Case(
        "0.4",
        "a wrong password",
        Call("GET", STATUS, caller="admin:wrong"),
        401,
        BAD_LOGIN,
        headers={"WWW-Authenticate": REALM},
    ),
    Case("0.4", "an unknown user", Call("GET", STATUS, caller="$id:password"), 401, BAD_LOGIN),
    Case("0.4", "a token of nobody", Call("GET", STATUS, caller="bearer:a.b.c"), 401, BAD_LOGIN),
    Case(
        "0.4",
        "nobody where a login is needed",
        Call("GET", STATUS, caller="anonymous"),
        401,
        NEEDS_LOGIN,
        headers={"WWW-Authenticate": REALM},
    ),
    Case(
        "0.4",
        "a user where an administrator is needed",
        Call("GET", STATUS, caller="somebody"),
        403,
        {"errors": [{"status": 403, "message": "Forbidden"}]},
    ),
    Case(
        "12.1.1", "errors of Access name a code", Call("GET", f"{USERS}/$id"), 404, {"errors": [{"code": "NOT_FOUND"}]}
    ),
)
