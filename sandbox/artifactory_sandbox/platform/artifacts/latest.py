"""`[RELEASE]` and `[INTEGRATION]` in a download's path: the newest version that is there (6.1)."""

import re

from artifactory_sandbox.platform.artifacts import members, versions
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Call, Refused

_TOKENS = ("[RELEASE]", "[INTEGRATION]")


def resolved(call: Call, repo: str, path: str) -> str:
    """The path with its tokens replaced; the path itself when it has none."""
    token = next((token for token in _TOKENS if token in path), None)
    if token is None:
        return path
    wants_integration = token == "[INTEGRATION]"  # noqa: S105  no secret
    top = path[: path.index(token)].rpartition("/")[0]
    pieces = [re.escape(piece) for piece in path.split(token)]
    expression = re.compile("([^/]+)".join(pieces) + r"\Z")
    best: tuple[versions.Key, str] | None = None
    for row in _files(call, repo, top):
        found = expression.match(row["path"])
        if found is None:
            continue
        if versions.is_integration(row["path"]) != wants_integration or (
            not wants_integration and len(set(found.groups())) > 1
        ):
            continue
        one = (versions.key("-".join(found.groups())), str(row["path"]))
        best = max(best, one) if best else one
    if best is None:
        raise Refused(404, f"Unable to find the latest version of '{repo}:{path}'")
    return best[1]


def _files(call: Call, repo: str, top: str) -> list[Row]:
    platform = call.platform
    config = platform.repositories.find(repo)
    stores = [(repo, platform.artifacts.store_of(repo))]
    if config is not None and config["rclass"] == "virtual":
        stores = [(member.key, member.store) for member in members.of(platform, config, top)]
    return [
        row
        for key, store in stores
        if store is not None and platform.security.may(call.caller, "read", key, top)
        for row in platform.artifacts.state.files(store, top)
    ]
