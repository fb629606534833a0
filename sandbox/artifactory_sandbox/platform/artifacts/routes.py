"""Deploy, download, delete, copy, move (6.1, 6.2)."""

from artifactory_sandbox.platform.artifacts import folder, older, smart, storage, trash_routes, uploads, webdav
from artifactory_sandbox.platform.artifacts.deploy import deploy
from artifactory_sandbox.platform.artifacts.download import download
from artifactory_sandbox.platform.artifacts.rows import Origin
from artifactory_sandbox.platform.artifacts.transfer import copy, move
from artifactory_sandbox.platform.artifacts.trash import TRASH
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, empty, text

_ITEM = "/artifactory/{repo}/{path:path}"


def delete(call: Call) -> Answer:
    """Delete Item."""
    repo, path = call.args["repo"], call.args["path"]
    platform = call.platform
    rclass = platform.repositories.class_of(repo)
    if rclass == "virtual":
        raise Refused(405, f"Items of the virtual repository '{repo}' cannot be deleted.")
    store = platform.artifacts.store_of(repo)
    if store == TRASH and not call.caller.admin:
        raise Refused(403, "Forbidden")
    if store is not None:
        platform.security.demand(call.caller, "delete", repo, path)
        _demand_below(call, repo, store, path)
    if store is None or not platform.artifacts.delete(store, path, Origin(call.caller.name)):
        raise Refused(404, f"Could not locate artifact '{repo}:{path}' (Nothing to delete).")
    return empty(204)


def _demand_below(call: Call, repo: str, store: str, path: str) -> None:
    """Who deletes a folder needs the permission on all that is in it."""
    if call.caller.admin:
        return
    for row in call.platform.artifacts.state.tree(store, path):
        if not row["folder"]:
            call.platform.security.demand(call.caller, "delete", repo, row["path"])


def zap(call: Call) -> Answer:
    """Zap Cache: everything below a path of a remote repository is compared with the upstream at its next call."""
    repo, path = call.args["repo"].removesuffix(CACHE_SUFFIX), call.args["path"]
    config = call.platform.repositories.find(repo)
    if config is None or config["rclass"] != "remote":
        raise Refused(404, f"'{repo}' is no remote repository")
    call.platform.security.demand(call.caller, "delete", repo, path)
    caches = call.platform.artifacts.caches
    low, high = (path, f"{path}0") if path else ("", "\U0010ffff")
    caches.expire(repo + CACHE_SUFFIX, low, high)
    caches.forget_misses(repo)
    caches.forget_away(repo)
    return text(f"The caches of '{repo}:{path}' have been zapped\n")


ROUTES = (
    Route("PUT", _ITEM, "6.1", deploy, Needs.CALLER, body="file"),
    Route("GET", _ITEM, "6.1", download, Needs.CALLER),
    Route("DELETE", _ITEM, "6.1", delete, Needs.CALLER),
    Route("POST", "/artifactory/api/copy/{repo}/{path:path}", "6.2", copy, Needs.USER),
    Route("POST", "/artifactory/api/move/{repo}/{path:path}", "6.2", move, Needs.USER),
    Route("POST", "/artifactory/api/zap/{repo}/{path:path}", "2.8", zap, Needs.USER),
    *storage.ROUTES,
    *trash_routes.ROUTES,
    *uploads.ROUTES,
    *folder.ROUTES,
    *smart.ROUTES,
    *older.ROUTES,
    *webdav.ROUTES,
)
