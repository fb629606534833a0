"""Metrics over HTTP (8)."""

from collections.abc import Callable, Iterable

from artifactory_sandbox.platform.metrics import artifactory, federation, node
from artifactory_sandbox.platform.metrics.text import Family, rendered
from artifactory_sandbox.platform.platform import Platform
from artifactory_sandbox.platform.system import scopes
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route

_SCOPE = "system:metrics:r"
_ACCEPTED = ("*/*", "text/*", "text/plain", "application/openmetrics-text")


def _answer(families: Callable[[Platform], Iterable[Family]]) -> Callable[[Call], Answer]:
    def handle(call: Call) -> Answer:
        """Get the Open Metrics; empty while they are switched off."""
        scopes.demand(call, _SCOPE)
        accepted = call.headers.get("accept", "*/*").lower()
        if not any(kind in accepted for kind in _ACCEPTED):
            raise Refused(406, "Not Acceptable")
        platform = call.platform
        shown = rendered(families(platform), platform.clock.now()) if platform.metrics.enabled else b""
        return Answer(200, shown, "text/plain")

    return handle


def _rtfs(platform: Platform) -> Iterable[Family]:
    if not platform.rtfs:
        raise Refused(404, "Not Found")
    return federation.families(platform)


ROUTES = tuple(
    Route("GET", path, "8", _answer(families), Needs.USER)
    for path, families in (
        ("/artifactory/api/v1/metrics", artifactory.families),
        ("/rtfs/api/v1/metrics", _rtfs),
        *(
            (f"/{name}/api/v1/metrics", node.families)
            for name in ("access", "mc", "metadata", "event", "observability")
        ),
    )
)
