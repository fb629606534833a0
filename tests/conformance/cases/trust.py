"""Pairing, certificates, access federation (4.1 to 4.4)."""

from typing import Any

from tests.conformance.case import ABSENT, ANY, Call, Case, exactly, includes, matching

PAIRING = "/artifactory/api/v1/service_trust/pairing"
TARGETS = "/access/api/v1/system/federation"
MESH = "/mc/api/v1/federation"


def target(**fields: Any) -> Call:
    """A new target of access federation that nothing is sent to."""
    body = {"name": "$id", "url": "http://127.0.0.1:1/access", "active": False, **fields}
    return Call("POST", TARGETS, body)


def pair(token: Any, use: str = "federated-repo/*") -> Call:
    """Initiate Pairing."""
    return Call("PUT", f"{PAIRING}/{use}", {"pairing_token": token})


GET = Call("GET", f"{TARGETS}/$id")
TOKEN = Call("POST", f"{PAIRING}/federated-repo/*", keep={"token": "pairing_token"})

PAIRS = (
    Case(
        "4.1",
        "a token for both ways",
        Call("POST", f"{PAIRING}/federated-repo/*"),
        200,
        exactly({"pairing_token": matching(r"^[\w-]+\.[\w-]+\.[\w-]+$"), "expires_in": 300}),
    ),
    Case("4.1", "the star may be encoded", Call("POST", f"{PAIRING}/federated-repo/%2A"), 200, {"expires_in": 300}),
    Case(
        "4.1",
        "a token for receiving only",
        Call("POST", f"{PAIRING}/federated-repo/r"),
        200,
        {"pairing_token": ANY, "expires_in": 300},
    ),
    Case("4.1", "a token for cold storage", Call("POST", f"{PAIRING}/artifactory-cold"), 200, {"pairing_token": ANY}),
    *(
        Case(
            "4.1",
            f"a token of Access for {use}",
            Call("POST", f"/access/api/v1/service_trust/pairing/{use}"),
            200,
            {"pairing_token": ANY},
        )
        for use in ("mission-control", "bridge", "platform-federation")
    ),
    Case("4.1", "an unknown use case", Call("POST", f"{PAIRING}/nonsense"), 404),
    Case("4.1", "a use case of another service", Call("POST", f"{PAIRING}/mission-control"), 404),
    Case("4.1", "pairing for an unknown use case", pair("x.y.z", "nonsense"), 404),
    Case("4.1", "a malformed token", pair("nonsense"), 400),
    Case("4.1", "no token", Call("PUT", f"{PAIRING}/federated-repo/*", {}), 400),
    Case("4.1", "a token that is a number", pair(1), 400),
    Case("4.1", "a platform does not pair with itself", pair("$token"), 400, before=(TOKEN,)),
    Case("4.1", "a token of another use case", pair("$token", "artifactory-cold"), 400, before=(TOKEN,)),
    Case("4.1", "administrators only", Call("POST", f"{PAIRING}/federated-repo/*", caller="somebody"), 403),
    Case("4.1", "nobody anonymously", Call("POST", f"{PAIRING}/federated-repo/*", caller="anonymous"), 401),
    Case(
        "4.1",
        "revoking what is not there",
        Call("DELETE", "/artifactory/api/v1/service_trust/pairings/*", {"base_url": "http://nobody.example"}),
        404,
    ),
    Case(
        "4.1",
        "the newer spelling",
        Call("DELETE", f"{PAIRING}/federated-repo/*?force=false", {"base_url": "http://nobody.example"}),
        404,
    ),
    Case("4.1", "revoking without an address", Call("DELETE", "/artifactory/api/v1/service_trust/pairings/*", {}), 400),
    Case(
        "4.1",
        "an exchange without a pairing token",
        Call("POST", "/artifactory/api/v1/service_trust/exchange", {"base_url": "http://x.example"}),
        400,
    ),
    Case(
        "4.3",
        "the root certificate",
        Call("GET", "/access/api/v1/cert/root"),
        200,
        matching("^-----BEGIN CERTIFICATE-----"),
    ),
    Case("4.3", "is for administrators", Call("GET", "/access/api/v1/cert/root", caller="somebody"), 403),
)

FEDERATION = (
    Case(
        "4.4",
        "a target and its defaults",
        target(),
        201,
        {
            "name": "$id",
            "url": "http://127.0.0.1:1/access",
            "entities": ["users", "groups", "permissions", "tokens"],
            "permission_filters": {"include_patterns": [], "exclude_patterns": []},
            "active": False,
            "force_override": False,
        },
    ),
    Case(
        "4.4",
        "both spellings are understood, one is written",
        GET,
        200,
        {"force_override": True, "forceOverride": ABSENT, "permission_filters": {"include_patterns": ["a*"]}},
        before=(target(forceOverride=True, permissionFilters={"includePatterns": ["a*"]}),),
    ),
    Case("4.4", "entities in capital letters", GET, 200, {"entities": ["users"]}, before=(target(entities=["USERS"]),)),
    Case(
        "4.4",
        "a target is active unless told otherwise",
        Call("POST", TARGETS, {"name": "$id", "url": "http://127.0.0.1:1/access"}),
        201,
        {"active": True},
    ),
    Case("4.4", "it exists already", target(), 409, before=(target(),)),
    Case("4.4", "without a name", target(name=""), 400),
    Case("4.4", "without a url", target(url=None), 400),
    Case("4.4", "with a url that is none", target(url="nonsense"), 400),
    Case("4.4", "an unknown entity", target(entities=["nonsense"]), 400),
    Case("4.4", "all targets", Call("GET", TARGETS), 200, includes({"name": "$id"}), before=(target(),)),
    Case("4.4", "an unknown target", GET, 404, {"errors": [{"code": "NOT_FOUND", "message": ANY}]}),
    Case(
        "4.4",
        "a partial change",
        Call("PATCH", f"{TARGETS}/$id", {"entities": ["groups"]}),
        200,
        {"entities": ["groups"], "force_override": False},
        before=(target(),),
    ),
    Case("4.4", "the name stays", Call("PATCH", f"{TARGETS}/$id", {"name": "other"}), 400, before=(target(),)),
    Case(
        "4.4",
        "the url stays",
        Call("PATCH", f"{TARGETS}/$id", {"url": "http://other.example/access"}),
        400,
        before=(target(),),
    ),
    Case("4.4", "a change of an unknown target", Call("PATCH", f"{TARGETS}/$id", {"active": True}), 404),
    Case("4.4", "a deletion", Call("DELETE", f"{TARGETS}/$id"), 204, before=(target(),)),
    Case("4.4", "it is gone", GET, 404, before=(target(), Call("DELETE", f"{TARGETS}/$id"))),
    Case("4.4", "a deletion of an unknown target", Call("DELETE", f"{TARGETS}/$id"), 404),
    Case(
        "4.4",
        "a broadcast to a target that is switched off",
        Call("PUT", f"{TARGETS}/$id/full_broadcast"),
        304,
        before=(target(),),
    ),
    Case("4.4", "a broadcast to an unknown target", Call("PUT", f"{TARGETS}/$id/full_broadcast"), 404),
    Case(
        "4.4",
        "a server that does not answer is not trusted",
        Call("POST", f"{TARGETS}/validate_server", {"url": "http://127.0.0.1:1/access"}),
        412,
    ),
    Case("4.4", "administrators only", Call("GET", TARGETS, caller="somebody"), 403),
    Case("4.4", "the platforms that can take part", Call("GET", f"{MESH}/candidates"), 200, includes({"id": "JPD-1"})),
    Case(
        "4.4",
        "the star of this platform",
        Call("GET", f"{MESH}/JPD-1"),
        200,
        {"source": "JPD-1", "targets": ANY, "error": None},
    ),
    Case(
        "4.4",
        "every platform on demand",
        Call("GET", f"{MESH}?include_non_configured=true"),
        200,
        includes({"source": "JPD-1"}),
    ),
    Case(
        "4.4",
        "the star of an unknown platform",
        Call("GET", f"{MESH}/JPD-99"),
        404,
        {"errors": [{"message": ANY, "type": ANY}]},
    ),
    Case("4.4", "a mesh of one", Call("POST", f"{MESH}/create_mesh", {"jpd_ids": ["JPD-1"]}), 422),
    Case(
        "4.4",
        "a mesh with an unknown platform",
        Call("POST", f"{MESH}/create_mesh", {"jpd_ids": ["JPD-1", "JPD-99"]}),
        404,
    ),
    Case("4.4", "a star with targets that are none", Call("PUT", f"{MESH}/JPD-1", {"targets": "all"}), 422),
)

CASES = (*PAIRS, *FEDERATION)
