"""Deploy, download, delete, copy, move (6.1, 6.2)."""

from artifactory_sandbox.platform.artifacts import storage
from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.artifacts.deploy import deploy
from artifactory_sandbox.platform.artifacts.download import download
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, json_answer

_ITEM = "/artifactory/{repo}/{path:path}"


def delete(call: Call) -> Answer:
    """Delete Item."""
    repo, path = call.args["repo"], call.args["path"]
    platform = call.platform
    rclass = platform.repositories.class_of(repo)
    if rclass == "virtual":
        raise Refused(405, f"Items of the virtual repository '{repo}' cannot be deleted.")
    store = platform.artifacts.store_of(repo)
    if store is not None:
        platform.security.demand(call.caller, "delete", repo, path)
    if store is None or not platform.artifacts.delete(store, path, Origin(call.caller.name)):
        raise Refused(404, f"Could not locate artifact '{repo}:{path}' (Nothing to delete).")
    return empty(204)


def copy(call: Call) -> Answer:
    """Copy Item."""
    return _transfer(call, move=False)


def move(call: Call) -> Answer:
    """Move Item."""
    return _transfer(call, move=True)


def _transfer(call: Call, move: bool) -> Answer:
    platform, repo, path = call.platform, call.args["repo"], call.args["path"]
    to_repo, _, to_path = call.first("to").strip("/").partition("/")
    if not to_repo:
        raise Refused(400, "Missing parameter 'to'")
    source = platform.artifacts.store_of(repo)
    if source is None or platform.artifacts.state.item(source, path) is None:
        raise Refused(404, f"Could not find item at {repo}:{path}")
    target = platform.artifacts.deploy_target(to_repo)
    platform.security.demand(call.caller, "delete" if move else "read", repo, path)
    platform.security.demand(call.caller, "write", target, to_path)
    word, past = ("moving", "moved") if move else ("copying", "copied")
    done = f"{word} {repo}:{path} to {target}:{to_path} completed successfully"
    if call.flag("dry"):
        return _messages(f"Dry Run for {done}")
    made = platform.artifacts.copy((source, path), (target, to_path), Origin(call.caller.name), move)
    return _messages(f"{done}, {len(made)} artifacts and their folders were {past}")


def _messages(text: str) -> Answer:
    return json_answer({"messages": [{"level": "INFO", "message": text}]}, kind="storage.CopyOrMoveResult")


ROUTES = (
    Route("PUT", _ITEM, "6.1", deploy, Needs.CALLER, body="file", partly="no archive explosion"),
    Route("GET", _ITEM, "6.1", download, Needs.CALLER, partly="no redirect to the object store"),
    Route("DELETE", _ITEM, "6.1", delete, Needs.CALLER, partly="no trash can"),
    Route("POST", "/artifactory/api/copy/{repo}/{path:path}", "6.2", copy, Needs.USER),
    Route("POST", "/artifactory/api/move/{repo}/{path:path}", "6.2", move, Needs.USER),
    *storage.ROUTES,
)
