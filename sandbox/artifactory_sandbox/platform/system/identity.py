"""Who this server is and what runs on it: ids, nodes, information, tasks, reachability of others (1.1)."""

import os
import platform as machine
import resource
import sys
from typing import Any

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, json_answer, text

API = "/artifactory/api"
_HIDDEN = ("password", "secret", "token", "key", "passphrase")


def service_id(call: Call) -> Answer:
    """Get Service ID."""
    return text(call.platform.service_id)


def status(call: Call) -> Answer:
    """The nodes of the cluster; `licenceHash` is spelled as the server spells it."""
    platform = call.platform
    hashes = {entry["nodeId"]: entry["licenseHash"] for entry in platform.licences.pool()}
    nodes = [
        {
            "id": node["id"],
            "state": node["state"],
            "version": str(node["version"]),
            "licenceHash": hashes.get(node["id"], ""),
            "url": node["url"],
            "startTime": node["started"],
            "lastHeartbeat": node["heartbeat"],
        }
        for node in platform.cluster.nodes()
    ]
    return json_answer({"isHa": platform.ha, "nodes": nodes})


def information(call: Call) -> Answer:
    """What the node runs on, as text; the values of secret properties are left out."""
    platform = call.platform
    usage = resource.getrusage(resource.RUSAGE_SELF)
    storage = {"filestore.type": platform.binaries.kind, "filestore.directory": platform.binaries.directory}
    blocks: dict[str, dict[str, Any]] = {
        "SYSTEM INFO": {
            "artifactory.version": platform.version,
            "artifactory.revision": platform.version.revision,
            "node.id": platform.node_id,
            "service.id": platform.service_id,
            "number of nodes": len(platform.cluster.nodes()),
        },
        "RUNTIME": {
            "processors": os.cpu_count() or 1,
            "os": f"{machine.system()} {machine.release()}",
            "runtime": f"python {sys.version.split()[0]}",
            "memory.peak.kilobytes": usage.ru_maxrss,
            "cpu.seconds": f"{usage.ru_utime + usage.ru_stime:.2f}",
            "pid": os.getpid(),
        },
        "STORAGE": storage,
        "SYSTEM PROPERTIES": {
            name: "***" if any(word in name.lower() for word in _HIDDEN) else value
            for name, value in sorted(platform.properties.items())
        },
    }
    lines = []
    for title, values in blocks.items():
        lines += [title, "=" * len(title), *(f"{name:<40} | {value}" for name, value in values.items()), ""]
    return text("\n".join(lines) + "\n")


def server_time(call: Call) -> Answer:
    """The node's clock."""
    return text(iso(call.platform.clock.now()))


def tasks(call: Call) -> Answer:
    """Get Background Tasks."""
    return json_answer({"tasks": call.platform.system.tasks.listed()})


_NO_PAGE = (301, 302, 303, 307, 308, 404)


def verify_connection(call: Call) -> Answer:
    """Whether this server reaches another. An endpoint is a base URL: there need not be a page behind it."""
    wanted = call.json_object()
    endpoint = wanted.get("endpoint")
    if not isinstance(endpoint, str) or not endpoint.startswith(("http://", "https://")):
        raise Refused(400, "Error connecting to endpoint: an http or https URL is needed")
    user, password = (str(wanted.get(name) or "") for name in ("username", "password"))
    try:
        auth = (user, password) if user or password else None
        call.platform.peers.call("GET", endpoint, auth=auth, allowed=_NO_PAGE)
    except (PeerFailed, ValueError) as error:
        raise Refused(400, f"Error connecting to endpoint: {error}") from None
    return text("Successfully connected to endpoint")


ROUTES = (
    Route("GET", f"{API}/system/service_id", "1.1", service_id),
    Route("GET", f"{API}/system/status", "1.1", status),
    Route("GET", f"{API}/system", "1.1", information),
    Route("GET", f"{API}/system/serverTime", "1.1", server_time),
    Route("GET", f"{API}/tasks", "1.1", tasks),
    Route("POST", f"{API}/system/verifyconnection", "1.1", verify_connection),
)
