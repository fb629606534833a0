"""`api/deb`: reindexing, and a repository's files by the protocol's own address; `dists/` is served at the plain path (12.3.2)."""

from artifactory_sandbox.platform.artifacts import download
from artifactory_sandbox.platform.packages import hooks, sources
from artifactory_sandbox.platform.packages.debian import control, distributions
from artifactory_sandbox.platform.packages.reindex import reindex
from artifactory_sandbox.platform.web import Answer, Call, Needs, Route, text

_API = "/artifactory/api/deb"


def calculate(call: Call) -> Answer:
    """Calculate Debian Repository Metadata; without `writeProps` packages are not noted again."""
    waits = not call.flag("async", default=True)
    done = "completed successfully" if waits else "scheduled to run"
    said = f"Recalculating index for Debian repository {call.args['repo']} {done}."
    return reindex(call, "debian", said, 200 if waits else 202, call.flag("writeProps", default=True))


def index_cached(call: Call) -> Answer:
    """Calculate Cached Remote Debian Repository Coordinates."""
    repo = call.args["repo"]
    sources.demand_type(call.platform, repo, "debian")
    call.platform.security.demand(call.caller, "manage", repo, "")
    for source in sources.sources(call.platform, call.caller, repo):
        if source.rclass == "remote":
            distributions.note_cached(call.platform, source)
    return text(f"Debian cached packages index in repository {repo} has been invoked.", 202)


hooks.COMPUTED["debian"] = distributions.computed
hooks.DESCRIBED["debian"] = control.described

ROUTES = (
    Route("POST", f"{_API}/reindex/{{repo}}", "12.3.2", calculate, Needs.USER),
    Route("POST", f"{_API}/indexCached/{{repo}}", "12.3.2", index_cached, Needs.USER),
    Route("GET", f"{_API}/{{repo}}/{{path:path}}", "12.3.2", download.download, Needs.CALLER),
)
