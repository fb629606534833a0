"""Password and lock policies, environments, vaults (12.5.6)."""

from tests.conformance.calls.security import ACCESS_ERROR, ENVIRONMENTS, EXPIRATION, LOCK, VAULT, VAULT_CONFIG
from tests.conformance.case import ANY, Call, Case, exactly, includes, matching

CASES: tuple[Case, ...] = (
    Case(
        "12.5.6",
        "password expiration",
        Call("GET", EXPIRATION),
        200,
        {"enabled": False, "passwordMaxAge": ANY, "notifyByEmail": ANY},
    ),
    Case(
        "12.5.6",
        "set password expiration",
        Call("PUT", EXPIRATION, {"enabled": False, "passwordMaxAge": 60, "notifyByEmail": True}),
        200,
    ),
    Case(
        "12.5.6",
        "a wrong age",
        Call("PUT", EXPIRATION, {"enabled": True, "passwordMaxAge": "soon"}),
        400,
        {"errors": ANY},
    ),
    Case("12.5.6", "user lock policy", Call("GET", LOCK), 200, {"enabled": False, "loginAttempts": ANY}),
    Case("12.5.6", "off with 0 attempts", Call("PUT", LOCK, {"enabled": False, "loginAttempts": 0}), 200),
    Case(
        "12.5.6", "on with 0 attempts", Call("PUT", LOCK, {"enabled": True, "loginAttempts": 0}), 400, {"errors": ANY}
    ),
    Case(
        "12.5.6",
        "environments",
        Call("GET", ENVIRONMENTS),
        200,
        includes(exactly({"name": "DEV"}), exactly({"name": "PROD"})),
    ),
    Case("12.5.6", "a new environment", Call("POST", ENVIRONMENTS, {"name": "E$id"}), 201, {"name": "E$id"}),
    Case(
        "12.5.6",
        "one that is there",
        Call("POST", ENVIRONMENTS, {"name": "DEV"}),
        409,
        ACCESS_ERROR,
    ),
    Case("12.5.6", "a name that is none", Call("POST", ENVIRONMENTS, {"name": "1-$id"}), 400, ACCESS_ERROR),
    Case("12.5.6", "a name that is too long", Call("POST", ENVIRONMENTS, {"name": "e" * 33}), 400, ACCESS_ERROR),
    Case(
        "12.5.6",
        "rename",
        Call("POST", f"{ENVIRONMENTS}/E$id/rename", {"new_name": "F$id"}),
        200,
        before=(Call("POST", ENVIRONMENTS, {"name": "E$id"}),),
    ),
    Case(
        "12.5.6",
        "delete",
        Call("DELETE", f"{ENVIRONMENTS}/E$id"),
        204,
        before=(Call("POST", ENVIRONMENTS, {"name": "E$id"}),),
    ),
    Case("12.5.6", "delete of none", Call("DELETE", f"{ENVIRONMENTS}/E$id"), 404, ACCESS_ERROR),
    Case("12.5.6", "a vault", Call("PUT", f"{VAULT}/$id", VAULT_CONFIG), 200),
    Case(
        "12.5.6",
        "a vault without mounts",
        Call("PUT", f"{VAULT}/$id", {"config": {"url": "https://v.example"}}),
        400,
        ACCESS_ERROR,
    ),
    Case(
        "12.5.6",
        "secrets of vaults come back hashed",
        Call("GET", VAULT),
        200,
        includes(
            {"key": "$id", "type": "HashicorpVault", "config": {"auth": {"secretId": matching("^[0-9a-f]{64}$")}}}
        ),
        before=(Call("PUT", f"{VAULT}/$id", VAULT_CONFIG),),
    ),
    Case(
        "12.5.6",
        "delete of a vault",
        Call("DELETE", f"{VAULT}/$id"),
        204,
        before=(Call("PUT", f"{VAULT}/$id", VAULT_CONFIG),),
    ),
    Case("12.5.6", "delete of no vault", Call("DELETE", f"{VAULT}/$id"), 404, ACCESS_ERROR),
)
