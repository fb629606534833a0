"""Health, version, identity, base URL, replication block (1.1, 1.5, 1.6)."""

import secrets
from urllib.parse import urlsplit

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, html, json_answer, text

API = "/artifactory/api"
_ADDONS = (
    *("aql", "build", "docker", "federated", "filestore", "ha", "layouts", "license", "multipush", "properties"),
    *("replication", "rest", "search", "smart-repo", "sso", "vcs", "watch", "webstart", "xray"),
)


def ping(call: Call) -> Answer:
    """System Health Ping."""
    platform = call.platform
    if not platform.licences.valid:
        return text("Server state is offline: this node has no valid license.", 503)
    if platform.faults.disk_full:
        return text("File system access failed: No space left on device", 500)
    return text("OK")


def probe(call: Call) -> Answer:
    """Readiness and liveness."""
    if call.platform.licences.valid:
        return json_answer({"code": "OK"})
    return json_answer({"errors": [{"code": "SERVICE_UNAVAILABLE", "message": "no valid license"}]}, 503)


def alive(call: Call) -> Answer:
    """A probe of a service that needs no licence."""
    del call
    return json_answer({"code": "OK"})


def ok(call: Call) -> Answer:
    """The ping of Access, Mission Control and the federation service."""
    del call
    return text("OK")


def router_health(call: Call) -> Answer:
    """Router health: each service of this node."""
    platform = call.platform
    state, message = ("HEALTHY", "OK") if platform.licences.valid else ("UNHEALTHY", "no valid license")
    services = ["jfrt", "jfac", "jfmc", "jfob", "jfmd", "jfevt", "jffe", *(["jfrtfs"] if platform.rtfs else [])]
    listed = [
        {
            "service_id": platform.artifactory_id_of(name),
            "node_id": platform.node_id,
            "state": state if name == "jfrt" else "HEALTHY",
            "message": message if name == "jfrt" else "OK",
        }
        for name in services
    ]
    router = {"node_id": platform.node_id, "state": "HEALTHY", "message": "OK"}
    return json_answer({"router": router, "services": listed}, 200 if state == "HEALTHY" else 503)


def topology(call: Call) -> Answer:
    """All nodes as the router sees them."""
    nodes = [
        {"node_id": node["id"], "state": "HEALTHY" if node["state"] == "RUNNING" else "UNHEALTHY", "url": node["url"]}
        for node in call.platform.cluster.nodes()
    ]
    return json_answer({"nodes": nodes})


def version(call: Call) -> Answer:
    """Version and Add-ons."""
    platform = call.platform
    shown = {"version": str(platform.version), "revision": platform.version.revision, "addons": list(_ADDONS)}
    if own := platform.licences.own():
        shown["license"] = own.hash
    return json_answer(shown, kind="system.Version")


def access_version(call: Call) -> Answer:
    """The version by another name (12.1.1)."""
    return json_answer({"name": str(call.platform.version), "revision": call.platform.version.revision})


def usage(call: Call) -> Answer:
    """Where clients report themselves."""
    del call
    return text("")


def service_id(call: Call) -> Answer:
    """Get Service ID."""
    return text(call.platform.service_id)


def status(call: Call) -> Answer:
    """The nodes of the cluster."""
    hashes = {entry["nodeId"]: entry["licenseHash"] for entry in call.platform.licences.pool()}
    nodes = [
        {
            "id": node["id"],
            "state": node["state"],
            "version": node["version"],
            "licenceHash": hashes.get(node["id"], ""),
        }
        for node in call.platform.cluster.nodes()
    ]
    return json_answer({"isHa": True, "nodes": nodes})


def system_info(call: Call) -> Answer:
    """A text with what the node runs on."""
    platform = call.platform
    lines = {"artifactory.version": platform.version, "node.id": platform.node_id, "filestore": platform.binaries.kind}
    return text("\n".join(f"{name}: {value}" for name, value in {**lines, **platform.properties}.items()) + "\n")


def server_time(call: Call) -> Answer:
    """The node's clock."""
    return text(iso(call.platform.clock.now()))


def base_url(call: Call) -> Answer:
    """Update Custom URL Base; an empty body clears it."""
    url = call.text().strip().strip('"')
    platform = call.platform
    if url and not urlsplit(url).netloc:
        raise Refused(400, f"Invalid URL base: {url}")
    if not platform.version.at_least("7.55.1") and platform.federation.has_remote_members():
        raise Refused(400, "The URL base cannot be changed while federated repositories have remote members.")
    platform.configuration.base_url = url
    return text(f'URL base has been successfully updated to "{url}".\n')


def replications(call: Call) -> Answer:
    """Get Global System Replication Configuration."""
    configuration = call.platform.configuration
    shown = {f"block{kind}Replications": configuration.blocked(kind) for kind in ("Pull", "Push")}
    return json_answer(shown)


def block(call: Call) -> Answer:
    """Block System Replication."""
    return _switch(call, on=True)


def unblock(call: Call) -> Answer:
    """Unblock System Replication."""
    return _switch(call, on=False)


def _switch(call: Call, on: bool) -> Answer:
    push, pull = (call.first(name, "true").lower() == "true" for name in ("push", "pull"))
    call.platform.configuration.block(push, pull, on)
    call.platform.wake()
    if not push and not pull:
        return text("No action taken.")
    kind = "" if push and pull else "push " if push else "pull "
    if not on:
        return text(f"Successfully unblocked all {kind}replications.")
    return text(f"Successfully blocked all {kind}replications, no {kind}replication will be triggered.")


def verify_connection(call: Call) -> Answer:
    """Whether this server reaches another."""
    wanted = call.json_object()
    endpoint = str(wanted.get("endpoint", ""))
    auth = (str(wanted.get("username") or ""), str(wanted.get("password") or ""))
    try:
        call.platform.peers.call("GET", endpoint, auth=auth if any(auth) else None)
    except PeerFailed as error:
        raise Refused(400, f"Error connecting to endpoint: {error}") from None
    return text("Successfully connected to endpoint")


def encrypt(call: Call) -> Answer:
    """Activate Artifactory Key Encryption."""
    call.platform.settings.set("artifactory-key", secrets.token_hex(16))
    return text("DONE")


def decrypt(call: Call) -> Answer:
    """Deactivate Artifactory Key Encryption; a 409 in plain text when there is no key."""
    if not call.platform.settings.get("artifactory-key", "new installation"):
        raise Refused(409, "Cannot decrypt without artifactory key file", "text")
    call.platform.settings.set("artifactory-key", "")
    return text("DONE")


def page(call: Call) -> Answer:
    """The page for people."""
    return html(f"<p>Node {call.platform.node_id}, version {call.platform.version}.</p>")


ROUTES = (
    Route("GET", "/", "0.3", page, Needs.PUBLIC),
    Route("GET", "/ui", "0.3", page, Needs.PUBLIC),
    Route("GET", "/ui/{rest:path}", "0.3", page, Needs.PUBLIC),
    Route("GET", f"{API}/system/ping", "1.1", ping, Needs.PUBLIC),
    Route("GET", f"{API}/v1/system/readiness", "1.1", probe, Needs.PUBLIC),
    Route("GET", f"{API}/v1/system/liveness", "1.1", alive, Needs.PUBLIC),
    Route("GET", "/router/api/v1/system/health", "1.1", router_health, Needs.PUBLIC),
    Route("GET", "/router/api/v1/system/ping", "1.1", ok, Needs.PUBLIC),
    Route("GET", "/router/api/v1/system/readiness", "1.1", probe, Needs.PUBLIC),
    Route("GET", "/router/api/v1/system/liveness", "1.1", alive, Needs.PUBLIC),
    Route("GET", "/router/api/v1/topology/health", "1.1", topology),
    Route("GET", "/access/api/v1/system/ping", "1.1", ok, Needs.PUBLIC),
    Route("GET", "/access/api/v1/system/version", "12.1.1", access_version, Needs.CALLER),
    Route("GET", f"{API}/system/version", "1.1", version, Needs.CALLER),
    Route("POST", f"{API}/system/usage", "12.1.1", usage, Needs.CALLER),
    Route("GET", f"{API}/system/service_id", "1.1", service_id),
    Route("GET", f"{API}/system/status", "1.1", status),
    Route("GET", f"{API}/system", "1.1", system_info),
    Route("GET", f"{API}/system/serverTime", "1.1", server_time),
    Route("PUT", f"{API}/system/configuration/baseUrl", "1.6", base_url),
    Route("GET", f"{API}/system/replications", "1.5", replications),
    Route("POST", f"{API}/system/replications/block", "1.5", block),
    Route("POST", f"{API}/system/replications/unblock", "1.5", unblock),
    Route("POST", f"{API}/system/verifyconnection", "1.1", verify_connection),
    Route(
        "POST", f"{API}/system/encrypt", "1.9", encrypt, partly="the switch is kept, the descriptor is not encrypted"
    ),
    Route("POST", f"{API}/system/decrypt", "1.9", decrypt),
)
