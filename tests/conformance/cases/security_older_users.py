"""Users by the older calls (4.6, 12.5.1)."""

from tests.conformance.calls.security import (
    AS_USER,
    OLD,
    PASSWORD,
    USERS,
    group,
    user,
)
from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching

CASES: tuple[Case, ...] = (
    Case(
        "4.6",
        "put creates",
        Call("PUT", f"{OLD}/users/$id", {"email": "$id@acme.example", "password": PASSWORD}),
        201,
    ),
    Case(
        "4.6",
        "put replaces: what is absent takes its default",
        Call("GET", f"{OLD}/users/$id"),
        200,
        {"name": "$id", "email": "new@acme.example", "admin": False, "profileUpdatable": True, "groups": ["readers"]},
        before=(
            user(admin=True, profile_updatable=False),
            Call("PUT", f"{OLD}/users/$id", {"email": "new@acme.example", "password": PASSWORD}),
        ),
    ),
    Case("4.6", "put without mail", Call("PUT", f"{OLD}/users/$id", {"password": PASSWORD}), 400, {"errors": ANY}),
    Case(
        "12.5.1",
        "both views show one user",
        Call("GET", f"{OLD}/users/$id"),
        200,
        {
            "name": "$id",
            "disableUIAccess": True,
            "internalPasswordDisabled": False,
            "realm": "internal",
            "password": ABSENT,
        },
        before=(user(disable_ui_access=True),),
    ),
    Case(
        "12.5.1",
        "the other way round",
        Call("GET", f"{USERS}/$id"),
        200,
        {"username": "$id", "disable_ui_access": True, "groups": ["$id"]},
        before=(
            group(),
            Call(
                "PUT",
                f"{OLD}/users/$id",
                {"email": "x@acme.example", "password": PASSWORD, "disableUIAccess": True, "groups": ["$id"]},
            ),
        ),
    ),
    Case("4.6", "post updates", Call("POST", f"{OLD}/users/$id", {"email": "x@acme.example"}), 200, before=(user(),)),
    Case("4.6", "post of nobody", Call("POST", f"{OLD}/users/$id", {"email": "x@acme.example"}), 404, {"errors": ANY}),
    Case("4.6", "get of nobody", Call("GET", f"{OLD}/users/$id"), 404, {"errors": [{"status": 404, "message": ANY}]}),
    Case(
        "12.5.1",
        "the list",
        Call("GET", f"{OLD}/users"),
        200,
        includes(exactly({"name": "$id", "uri": f"$url{OLD}/users/$id", "realm": "internal"})),
        before=(user(),),
    ),
    Case(
        "4.6",
        "delete answers text",
        Call("DELETE", f"{OLD}/users/$id"),
        200,
        matching("has been removed"),
        headers={"Content-Type": matching("text/plain")},
        before=(user(),),
    ),
    Case("4.6", "delete of nobody", Call("DELETE", f"{OLD}/users/$id"), 404, {"errors": ANY}),
    Case("12.5.1", "nobody is locked", Call("GET", f"{OLD}/lockedUsers"), 200, ANY),
    Case("12.5.1", "unlock", Call("POST", f"{OLD}/unlockUsers/$id"), 200, before=(user(),)),
    Case(
        "12.5.1",
        "an expired password",
        Call("GET", f"{OLD}/apiKey", caller=AS_USER),
        401,
        {"errors": [{"status": 401, "message": matching("expired")}]},
        before=(user(), Call("POST", f"{OLD}/users/authorization/expirePassword/$id")),
    ),
    Case(
        "12.5.1",
        "an expired password can be changed",
        Call(
            "POST",
            f"{OLD}/users/authorization/changePassword",
            {"userName": "$id", "oldPassword": PASSWORD, "newPassword1": "N3wPassword", "newPassword2": "N3wPassword"},
            AS_USER,
        ),
        200,
        before=(user(), Call("POST", f"{OLD}/users/authorization/expirePassword/$id")),
    ),
    Case(
        "12.5.1",
        "two new passwords that differ",
        Call(
            "POST",
            f"{OLD}/users/authorization/changePassword",
            {"userName": "$id", "oldPassword": PASSWORD, "newPassword1": "N3wPassword", "newPassword2": "other"},
            AS_USER,
        ),
        400,
        before=(user(),),
    ),
    Case(
        "0.3",
        "the encrypted password serves as one",
        Call("GET", f"{OLD}/encryptedPassword", caller=AS_USER),
        200,
        matching("^AP"),
        before=(user(),),
    ),
)
