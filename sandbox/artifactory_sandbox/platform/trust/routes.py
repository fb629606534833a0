"""Pairing over HTTP (4.1)."""

from artifactory_sandbox.platform.trust.access import mission_control
from artifactory_sandbox.platform.trust.access import routes as access
from artifactory_sandbox.platform.trust.behaviour import FEDERATED, USE_CASES
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer, text

_SINCE = "7.29.7"


def create(call: Call) -> Answer:
    """Create Pairing Token."""
    _demand(call)
    return json_answer(call.platform.trust.pairing_token(_service(call), call.args["use_case"], call))


def initiate(call: Call) -> Answer:
    """Initiate Pairing with another platform's token."""
    _demand(call)
    token = call.json_object().get("pairing_token")
    if not isinstance(token, str):
        raise Refused(400, "pairing_token is required")
    call.platform.trust.pair(_service(call), call.args["use_case"], token, call)
    name = "Artifactory" if call.args["use_case"] in FEDERATED else f"service {call.args['use_case']}"
    return json_answer({"message": f"Trust with {name} was established successfully"})


def revoke(call: Call) -> Answer:
    """Revoke Pairing."""
    _demand(call)
    base_url = call.json_object().get("base_url")
    if not isinstance(base_url, str) or not base_url:
        raise Refused(400, "base_url is required")
    use_case = call.args["use_case"]
    if use_case != "*" and use_case not in USE_CASES[_service(call)]:
        raise Refused(404, f"Unknown use case: {use_case}")
    call.platform.trust.revoke(use_case, base_url)
    return text("OK")


def exchange(call: Call) -> Answer:
    """Between platforms: a pairing token for a lasting one."""
    return json_answer(call.platform.trust.exchange(call.json_object()))


def _service(call: Call) -> str:
    return call.path.split("/")[1]


def _demand(call: Call) -> None:
    if not call.platform.version.at_least(_SINCE):
        raise Refused(404, "Not Found")


_PATHS = tuple(f"/{service}/api/v1/service_trust" for service in ("artifactory", "access"))

ROUTES = (
    Route("POST", "/artifactory/api/v1/service_trust/exchange", "4.1", exchange, Needs.PEER),
    *(Route("POST", f"{path}/pairing/{{use_case:path}}", "4.1", create) for path in _PATHS),
    *(Route("PUT", f"{path}/pairing/{{use_case:path}}", "4.1", initiate) for path in _PATHS),
    *(Route("DELETE", f"{path}/pairing/{{use_case:path}}", "4.1", revoke) for path in _PATHS),
    *(Route("DELETE", f"{path}/pairings/{{use_case:path}}", "4.1", revoke) for path in _PATHS),
    *access.ROUTES,
    *mission_control.ROUTES,
)
