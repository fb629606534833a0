"""Users of Access (4.6, 12.5.1)."""

from tests.conformance.calls.security import ACCESS_ERROR, AS_USER, BAD_LOGIN, OLD, PASSWORD, USERS, group, user
from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes

CASES: tuple[Case, ...] = (
    Case(
        "12.5.1",
        "create answers the whole user with its effective groups",
        user(groups=["$id"]),
        201,
        exactly(
            {
                "username": "$id",
                "email": "$id@acme.example",
                "admin": False,
                "profile_updatable": True,
                "disable_ui_access": False,
                "internal_password_disabled": False,
                "groups": includes("$id", "readers"),
                **dict.fromkeys(("effective_admin", "realm", "status", "watch_manager", "policy_manager"), ANY),
                **dict.fromkeys(("policy_viewer", "reports_manager", "manage_resources", "manage_webhook"), ANY),
            }
        ),
        before=(group(),),
    ),
    Case("4.6", "a user that is there", user(), 409, ACCESS_ERROR, before=(user(),)),
    Case(
        "4.6", "a user without mail", Call("POST", USERS, {"username": "$id", "password": PASSWORD}), 400, ACCESS_ERROR
    ),
    Case("12.5.1", "a name with other letters", user("$id space"), 400, ACCESS_ERROR),
    Case("12.5.1", "a password against the policy", user(password="password"), 400, ACCESS_ERROR),
    Case("4.6", "an unknown group", user(groups=["$id-none"]), 400, ACCESS_ERROR),
    Case("4.6", "get", Call("GET", f"{USERS}/$id"), 200, {"username": "$id", "password": ABSENT}, before=(user(),)),
    Case("4.6", "get of nobody", Call("GET", f"{USERS}/$id"), 404, ACCESS_ERROR),
    Case(
        "12.12", "anonymous is there from the start", Call("GET", f"{USERS}/anonymous"), 200, {"username": "anonymous"}
    ),
    Case(
        "4.6",
        "the list shows name, address, realm and status",
        Call("GET", f"{USERS}?limit=5000"),
        200,
        {"users": includes({"username": "$id", "uri": f"$url{USERS}/$id", "realm": "internal", "status": "enabled"})},
        before=(user(),),
    ),
    Case(
        "4.6",
        "a page ends with a cursor",
        Call("GET", f"{USERS}?limit=1"),
        200,
        {"users": [{"username": ANY}], "cursor": ANY},
    ),
    Case(
        "4.6",
        "a page goes on after the cursor",
        Call("GET", f"{USERS}?limit=1&cursor=$id-a"),
        200,
        {"users": [{"username": "$id-b"}]},
        before=(user("$id-a"), user("$id-b")),
    ),
    Case(
        "4.6",
        "patch changes what is sent and answers the whole user",
        Call("PATCH", f"{USERS}/$id", {"username": "$id", "email": "new@acme.example"}),
        200,
        {"username": "$id", "email": "new@acme.example", "groups": includes("readers"), "admin": False},
        before=(user(),),
    ),
    Case("4.6", "patch of nobody", Call("PATCH", f"{USERS}/$id", {"email": "x@acme.example"}), 404, ACCESS_ERROR),
    Case(
        "4.6",
        "a wrong type",
        Call("PATCH", f"{USERS}/$id", {"admin": "perhaps"}),
        400,
        ACCESS_ERROR,
        before=(user(),),
    ),
    Case(
        "4.6",
        "the new password counts",
        Call("GET", f"{OLD}/apiKey", caller="$id:N3wPassword"),
        200,
        before=(user(), Call("PATCH", f"{USERS}/$id", {"password": "N3wPassword"})),
    ),
    Case(
        "4.6",
        "the old password does not",
        Call("GET", f"{OLD}/apiKey", caller=AS_USER),
        401,
        BAD_LOGIN,
        before=(user(), Call("PATCH", f"{USERS}/$id", {"password": "N3wPassword"})),
    ),
    Case(
        "4.6",
        "adding and removing groups answers the effective ones",
        Call("PATCH", f"{USERS}/$id/groups", {"add": ["$id"], "remove": ["readers"]}),
        200,
        {"groups": ["$id"]},
        before=(user(), group()),
    ),
    Case("4.6", "delete", Call("DELETE", f"{USERS}/$id"), 204, before=(user(),)),
    Case("4.6", "delete of nobody", Call("DELETE", f"{USERS}/$id"), 404, ACCESS_ERROR),
    Case(
        "12.5.4",
        "an invitation makes a user",
        Call("POST", "/access/api/v1/users/invite", {"invited_email": "$id@acme.example", "source": "cli"}),
        200,
    ),
    Case(
        "4.6",
        "no user reads users",
        Call("GET", USERS, caller="somebody"),
        403,
        {"errors": [{"code": "FORBIDDEN", "message": ANY}]},
    ),
)
