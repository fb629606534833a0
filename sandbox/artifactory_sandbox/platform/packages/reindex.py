"""Calculate … Repository Metadata: indexes are worked out at each call, so what is left to do is noting what packages say."""

from artifactory_sandbox.platform.packages import hooks, sources
from artifactory_sandbox.platform.web import Answer, Call, text


def reindex(call: Call, package_type: str, said: str, status: int = 200, note: bool = True) -> Answer:
    """Notes on every package of a repository what its properties lack; for who may manage it."""
    repo = call.args["repo"]
    sources.demand_type(call.platform, repo, package_type)
    call.platform.security.demand(call.caller, "manage", repo, "")
    for source in sources.sources(call.platform, call.caller, repo) if note else ():
        for row in sources.files(call.platform, source):
            hooks.described(call.platform, row)
    return text(said, status)
