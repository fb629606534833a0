"""The registry by the repository path method, `/v2/<repo>/<image>/…`, and by the addresses that reverse proxies rewrite to."""

import functools
from collections.abc import Callable

from artifactory_sandbox.platform.packages.docker import blobs, images, listing, login, promote, uploads
from artifactory_sandbox.platform.packages.docker.place import Place, demand_registry, read, root_of
from artifactory_sandbox.platform.packages.docker.refusal import API_VERSION, refused, shaped
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer
from artifactory_sandbox.platform.web.route import Handler

_SECTION = "12.10.3"
_Work = Callable[[Call, Place], Answer]

_WORK: dict[tuple[str, str], _Work] = {
    ("POST", "uploads"): uploads.begin,
    ("GET", "upload"): uploads.status,
    ("PATCH", "upload"): uploads.add,
    ("PUT", "upload"): uploads.end,
    ("DELETE", "upload"): uploads.cancel,
    ("GET", "blobs"): blobs.get,
    ("DELETE", "blobs"): blobs.delete,
    ("GET", "manifests"): images.get,
    ("PUT", "manifests"): images.put,
    ("DELETE", "manifests"): images.delete,
    ("GET", "tags"): listing.tags,
    ("GET", "referrers"): listing.referrers,
    ("GET", "catalog"): listing.catalog,
}


def _registry(handler: Handler, scope: Callable[[Call], str] = lambda call: "") -> Handler:
    """A handler whose caller is settled here, and whose refusals have the registry's shape."""

    @functools.wraps(handler)
    def served(call: Call) -> Answer:
        try:
            login.log_in(call)
            answer = handler(call)
        except Refused as given:
            root, whole = root_of(call)
            refusal = given
            if given.status == 403 and not call.caller.known:
                refusal = Refused(401, "authentication required")
            raise shaped(call, refusal, root if not whole else "/v2", scope(call)) from None
        for name, value in API_VERSION.items():
            answer.headers.setdefault(name, value)
        return answer

    return served


def _scope(call: Call) -> str:
    """What a client has to ask a token for."""
    try:
        place = read(call)
    except Refused:
        return ""
    if place.kind == "catalog":
        return "registry:catalog:*"
    actions = "pull" if call.method in {"GET", "HEAD"} else "delete" if call.method == "DELETE" else "pull,push"
    return f"repository:{place.name}:{actions}"


def _image(call: Call) -> Answer:
    """One call about blobs, manifests, tags or uploads of an image."""
    place = read(call)
    kind = "upload" if place.kind == "uploads" and place.reference else place.kind
    work = _WORK.get(("GET" if call.method == "HEAD" else call.method, kind))
    if work is None:
        known = sorted(method for method, one in _WORK if one == kind)
        refusal = refused(405, "UNSUPPORTED", "The operation is unsupported.")
        refusal.headers["Allow"] = ", ".join(known)
        raise refusal
    return work(call, place)


def _ping(call: Call) -> Answer:
    """Whether this is a registry, and who calls."""
    if "repo" in call.args:
        demand_registry(call, call.args["repo"])
    if not call.caller.known:
        raise refused(401, "UNAUTHORIZED", "authentication required")
    return json_answer({})


def _catalog(call: Call) -> Answer:
    """The images of a repository, or of all that the caller may read."""
    if "repo" not in call.args:
        if not call.caller.known and not call.platform.configuration.anonymous:
            raise refused(401, "UNAUTHORIZED", "authentication required")
        return listing.whole_catalog(call)
    demand_registry(call, call.args["repo"])
    return listing.repository_catalog(call)


def _rows(root: str, image: str) -> list[Route]:
    whole, answered = _registry(_image, _scope), _registry(_ping)
    rest = f"{image}/{{rest:path}}"
    return [
        Route("GET", root, _SECTION, answered, Needs.PUBLIC),
        Route("GET", f"{root}/token", _SECTION, login.token, Needs.PUBLIC),
        Route("POST", f"{root}/token", _SECTION, login.token, Needs.PUBLIC),
        Route("GET", f"{root}/_catalog", _SECTION, _registry(_catalog), Needs.PUBLIC),
        Route("GET", rest, _SECTION, whole, Needs.PUBLIC),
        Route("DELETE", rest, _SECTION, whole, Needs.PUBLIC),
        *(Route(method, rest, _SECTION, whole, Needs.PUBLIC, body="file") for method in ("POST", "PUT", "PATCH")),
    ]


ROUTES = (
    *_rows("/v2", "/v2/{repo}"),
    *_rows("/artifactory/api/docker/v2", "/artifactory/api/docker/v2/{repo}"),
    *(
        row
        for kind in ("docker", "oci", "helmoci")
        for row in _rows(f"/artifactory/api/{kind}/{{repo}}/v2", f"/artifactory/api/{kind}/{{repo}}/v2")
    ),
    Route("POST", "/artifactory/api/docker/{repo}/v2/promote", _SECTION, promote.promote, Needs.USER),
)
