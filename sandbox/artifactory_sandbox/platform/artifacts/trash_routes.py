"""Trash can calls (1.7)."""

from artifactory_sandbox.platform.artifacts.rows import Origin
from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, empty, text

_TRASH = "/artifactory/api/trash"


def empty_trash(call: Call) -> Answer:
    """Empty Trash Can."""
    call.platform.artifacts.trash.empty()
    return text("Trash can emptied successfully\n", 202)


def restore(call: Call) -> Answer:
    """Restore Item from Trash Can."""
    call.platform.artifacts.trash.restore(call.args["path"], call.first("to"), Origin(call.caller.name))
    return text("Successfully restored trash items\n", 202)


def clean(call: Call) -> Answer:
    """Delete Item from Trash Can."""
    if not call.platform.artifacts.trash.clean(call.args["path"]):
        raise Refused(404, f"Could not find item at auto-trashcan:{call.args['path']}")
    return empty(204)


ROUTES = (
    Route("POST", f"{_TRASH}/empty", "1.7", empty_trash),
    Route("POST", f"{_TRASH}/restore/{{path:path}}", "1.7", restore),
    Route("DELETE", f"{_TRASH}/clean/{{path:path}}", "1.7", clean),
)
