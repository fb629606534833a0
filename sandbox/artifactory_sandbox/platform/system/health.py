"""Pings, probes, the router's view of the node, versions of the services (1.1, 12.1)."""

from artifactory_sandbox.platform.system.addons import ADDONS
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, html, json_answer, text

API = "/artifactory/api"
_UNLICENSED = "Server state is offline: this node has no valid license."
_SERVICES = ("jfrt", "jfac", "jfmc", "jfob", "jfmd", "jfevt", "jffe", "jfcon")
_PINGED = ("event", "metadata", "observability", "jfconnect", "router", "frontend")
"""Services beside Artifactory whose ping is the router's own word; others have rows of their rooms."""


def ping(call: Call) -> Answer:
    """System Health Ping."""
    platform = call.platform
    if not platform.licences.valid:
        return text(_UNLICENSED, 503)
    if platform.faults.disk_full:
        return text("File system access failed: No space left on device", 500)
    return text("OK")


def ready(call: Call) -> Answer:
    """Readiness: whether calls would be answered."""
    if why := _unready(call):
        return json_answer({"errors": [{"code": "SERVICE_UNAVAILABLE", "message": why}]}, 503)
    return json_answer({"code": "OK"})


def _unready(call: Call) -> str:
    if not call.platform.licences.valid:
        return _UNLICENSED
    return "File system access failed: No space left on device" if call.platform.faults.disk_full else ""


def alive(call: Call) -> Answer:
    """Liveness: the process answers, whatever it is fit for."""
    del call
    return json_answer({"code": "OK"})


def ok(call: Call) -> Answer:
    """The ping of Access and the other services."""
    del call
    return text("OK")


def router_health(call: Call) -> Answer:
    """Router health: each service of this node."""
    platform = call.platform
    why = _unready(call)
    services = [*_SERVICES, *(["jfrtfs"] if platform.rtfs else [])]
    listed = [
        {
            "service_id": platform.artifactory_id_of(name),
            "node_id": platform.node_id,
            "state": "UNHEALTHY" if why and name == "jfrt" else "HEALTHY",
            "message": why if why and name == "jfrt" else "OK",
        }
        for name in services
    ]
    router = {"node_id": platform.node_id, "state": "HEALTHY", "message": "OK"}
    return json_answer({"router": router, "services": listed}, 503 if why else 200)


def topology(call: Call) -> Answer:
    """All nodes as this node's router sees them."""
    platform = call.platform
    routers, services = [], []
    for node in platform.cluster.nodes():
        running = node["state"] == "RUNNING"
        state = {"state": "HEALTHY" if running else "UNHEALTHY_PEER", "message": "OK" if running else "no heartbeat"}
        routers.append({"node_id": node["id"], "url": node["url"], **state})
        services += [
            {"service_id": platform.artifactory_id_of(name), "node_id": node["id"], **state} for name in _SERVICES
        ]
    return json_answer({"nodes": routers, "services": services})


def version(call: Call) -> Answer:
    """Version and Add-ons; `license` only where there is one."""
    platform = call.platform
    shown = {"version": str(platform.version), "revision": platform.version.revision, "addons": list(ADDONS)}
    if own := platform.licences.own():
        shown["license"] = own.hash
    return json_answer(shown, kind="system.Version")


def access_version(call: Call) -> Answer:
    """The version by another name (12.1.1)."""
    return json_answer({"name": str(call.platform.version), "revision": call.platform.version.revision})


def usage(call: Call) -> Answer:
    """Where clients report themselves."""
    sent = call.json_object()
    if not isinstance(sent.get("productId"), str) or not isinstance(sent.get("features", []), list):
        raise Refused(400, "productId is required")
    return text("")


def page(call: Call) -> Answer:
    """The page for people."""
    return html(f"<p>Node {call.platform.node_id}, version {call.platform.version}.</p>")


_V1 = "api/v1/system"

ROUTES = (
    Route("GET", "/", "0.3", page, Needs.PUBLIC),
    Route("GET", "/ui", "0.3", page, Needs.PUBLIC),
    Route("GET", "/ui/{rest:path}", "0.3", page, Needs.PUBLIC),
    Route("GET", f"{API}/system/ping", "1.1", ping, Needs.PUBLIC),
    Route("GET", f"{API}/v1/system/ping", "1.1", ping, Needs.PUBLIC),
    Route("GET", f"{API}/v1/system/readiness", "1.1", ready, Needs.PUBLIC),
    Route("GET", f"{API}/v1/system/liveness", "1.1", alive, Needs.PUBLIC),
    Route("GET", f"/router/{_V1}/health", "1.1", router_health, Needs.PUBLIC),
    Route("GET", f"/router/{_V1}/readiness", "1.1", ready, Needs.PUBLIC),
    Route("GET", f"/router/{_V1}/liveness", "1.1", alive, Needs.PUBLIC),
    Route("GET", "/router/api/v1/topology/health", "1.1", topology),
    Route("GET", f"/access/{_V1}/ping", "1.1", ok, Needs.PUBLIC),
    Route("GET", f"/access/{_V1}/readiness", "1.1", alive, Needs.PUBLIC),
    Route("GET", f"/access/{_V1}/liveness", "1.1", alive, Needs.PUBLIC),
    *(Route("GET", f"/{name}/{_V1}/ping", "1.1", ok, Needs.PUBLIC) for name in _PINGED),
    Route("GET", f"/access/{_V1}/version", "12.1.1", access_version, Needs.CALLER),
    Route("GET", f"{API}/system/version", "1.1", version, Needs.CALLER),
    Route("POST", f"{API}/system/usage", "12.1.1", usage, Needs.CALLER),
)
