"""The private control routes of a node; no part of the simulated API, and not for clients."""

from collections.abc import Callable
from urllib.parse import urlsplit

from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer

_ROOT = "/__sandbox__"


def set_fault(call: Call) -> Answer:
    """Switches a fault on."""
    call.platform.faults.set(call.json_object())
    return json_answer(call.platform.faults.data())


def faults(call: Call) -> Answer:
    """Faults that are on."""
    return json_answer(call.platform.faults.data())


def counters(call: Call) -> Answer:
    """Calls since the last reset."""
    return json_answer(call.platform.counters.data())


def reset(call: Call) -> Answer:
    """Sets the counters to zero."""
    call.platform.counters.reset()
    return json_answer(call.platform.counters.data())


def unimplemented(call: Call) -> Answer:
    """Calls that nothing serves."""
    return json_answer(call.platform.counters.unimplemented_data())


def node(call: Call) -> Answer:
    """What this node is."""
    return json_answer(call.platform.describe())


def _private(handler: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
    """Only for who calls the node by its own address: nothing that comes through a load balancer or a web server."""

    def handle(call: Call) -> Answer:
        if call.headers.get("host") != urlsplit(call.platform.node_url).netloc:
            raise Refused(404, "Not Found")
        return handler(call)

    return handle


ROUTES = tuple(
    Route(method, f"{_ROOT}/{path}", "control", _private(handler), Needs.PUBLIC)
    for method, path, handler in (
        ("GET", "node", node),
        ("GET", "faults", faults),
        ("POST", "faults", set_fault),
        ("GET", "counters", counters),
        ("POST", "counters/reset", reset),
        ("GET", "unimplemented", unimplemented),
    )
)
