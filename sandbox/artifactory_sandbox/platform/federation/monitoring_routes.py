"""Monitoring of federations, with the federation service (3.5) and without it (3.6)."""

from artifactory_sandbox.platform.federation import status
from artifactory_sandbox.platform.federation.gates import needs_legacy, needs_rtfs
from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, json_answer, text

API = "/artifactory/api/federation"


def binary_tasks(call: Call) -> Answer:
    """Binary tasks of a repository."""
    needs_rtfs(call)
    call.platform.federation.get(call.args["repo"])
    return json_answer(status.binary_tasks(call.platform, call.args["repo"]))


def reconnect(call: Call) -> Answer:
    """Re-establishes the connection of Artifactory with the federation service."""
    needs_rtfs(call)
    call.platform.federation.recover("")
    return text("Reconnected successfully")


def remove_member(call: Call) -> Answer:
    """Takes a dead member out."""
    needs_rtfs(call)
    url = call.text().strip()
    if not url.startswith(("http://", "https://")):
        raise Refused(400, f"Invalid member url: {url}")
    if not call.platform.federation.remove_member(url):
        raise Refused(400, f"No member with the url {url} was found")
    return text("Member removed successfully")


def prioritize(call: Call) -> Answer:
    """Set Priority; at most 10 repositories or a fifth of all."""
    needs_rtfs(call)
    level = call.first("priorityLevel").lower()
    if level not in {"high", "standard"}:
        raise Refused(400, f"Invalid priority level: {level}")
    federation = call.platform.federation
    repo = call.args["repo"]
    federation.get(repo)
    high = federation.state.priorities()
    most = min(10, max(1, len(call.platform.repositories.state.keys("federated")) // 5))
    if level == "high" and repo not in high and len(high) >= most:
        raise Refused(400, f"At most {most} repositories can have a high priority")
    federation.state.prioritize(repo, level == "high")
    return text(f"The repository priority has been changed to {level}.")


def state_summary(call: Call) -> Answer:
    """Get Federation State Summaries."""
    needs_rtfs(call)
    return json_answer({"federationStates": status.summary(call.platform)})


def state_list(call: Call) -> Answer:
    """Get Federation State Details."""
    needs_rtfs(call)
    wanted = {name.strip().upper() for name in call.first("status").split(",") if name.strip()}
    if unknown := wanted - set(status.SUMMARY):
        raise Refused(400, f"Invalid status: {sorted(unknown)[0]}")
    return json_answer({"federations": status.state_list(call.platform, wanted)})


def connection_states(call: Call) -> Answer:
    """Get Federation Connection Details."""
    needs_rtfs(call)
    call.platform.federation.get(call.args["repo"])
    return json_answer({"memberConnections": status.all_connections(call.platform, call.args["repo"])})


def legacy_state(call: Call) -> Answer:
    """Get Federation Sync State."""
    needs_legacy(call, "7.18.3")
    return json_answer(status.legacy_state(call.platform))


def legacy_repository(call: Call) -> Answer:
    """Get Federated Repository Status, both versions (since 7.49.3 and 7.82.2)."""
    second = call.path.startswith("/artifactory/api/v2/")
    needs_legacy(call, "7.82.2" if second else "7.49.3")
    call.platform.federation.get(call.args["repo"])
    return json_answer(status.legacy_repository(call.platform, call.args["repo"], second))


def mirrors_lag(call: Call) -> Answer:
    """Get Federation Mirror Lag Time."""
    needs_legacy(call)
    return json_answer(status.mirrors_lag(call.platform, call.number("thresholdTimeInMs", 0)))


def unavailable(call: Call) -> Answer:
    """Get Unavailable Mirrors."""
    needs_legacy(call)
    return json_answer(status.unavailable(call.platform))


ROUTES = (
    Route("POST", f"{API}/removeMember", "3.5", remove_member),
    Route("POST", f"{API}/reconnect", "3.5", reconnect),
    Route("PUT", f"{API}/prioritization/{{repo}}", "3.5", prioritize),
    Route("GET", f"{API}/status/stateSummary", "3.5", state_summary),
    Route("GET", f"{API}/status/stateList", "3.5", state_list),
    Route("GET", f"{API}/status/connectionStates/{{repo}}", "3.5", connection_states),
    Route("GET", f"{API}/status/repoState/{{repo}}/binaries", "3.5", binary_tasks),
    Route("GET", f"{API}/state", "3.6", legacy_state),
    Route("GET", f"{API}/status/repo/{{repo}}", "3.6", legacy_repository),
    Route("GET", "/artifactory/api/v2/federation/status/repo/{repo}", "3.6", legacy_repository),
    Route("GET", f"{API}/status/mirrorsLag", "3.6", mirrors_lag),
    Route("GET", f"{API}/status/unavailableMirrors", "3.6", unavailable),
)
