"""API keys (12.5.4)."""

from tests.conformance.calls.security import AS_USER, BAD_LOGIN, OLD, STATUS, user
from tests.conformance.case import ANY, Call, Case, exactly

CASES: tuple[Case, ...] = (
    Case("12.5.4", "no API key", Call("GET", f"{OLD}/apiKey", caller=AS_USER), 200, exactly({}), before=(user(),)),
    Case("12.5.4", "create", Call("POST", f"{OLD}/apiKey", {}, AS_USER), 201, {"apiKey": ANY}, before=(user(),)),
    Case(
        "12.5.4",
        "get",
        Call("GET", f"{OLD}/apiKey", caller=AS_USER),
        200,
        exactly({"apiKey": "$key"}),
        before=(user(), Call("POST", f"{OLD}/apiKey", {}, AS_USER, keep={"key": "apiKey"})),
    ),
    Case(
        "12.5.4",
        "regenerate",
        Call("PUT", f"{OLD}/apiKey", {}, AS_USER),
        200,
        {"apiKey": ANY},
        before=(user(), Call("POST", f"{OLD}/apiKey", {}, AS_USER)),
    ),
    Case(
        "12.5.4",
        "a revoked one is refused",
        Call("GET", STATUS, caller="anonymous", headers={"X-JFrog-Art-Api": "$key"}),
        401,
        BAD_LOGIN,
        before=(
            user(),
            Call("POST", f"{OLD}/apiKey", {}, AS_USER, keep={"key": "apiKey"}),
            Call("DELETE", f"{OLD}/apiKey", caller=AS_USER),
        ),
    ),
)
