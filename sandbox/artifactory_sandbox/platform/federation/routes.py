"""Federation calls (3)."""

import json
from datetime import UTC, datetime

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.federation import status, wire
from artifactory_sandbox.platform.federation.members import Unpaired
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, json_answer, text
from artifactory_sandbox.platform.web.body import Hashing

API = "/artifactory/api/federation"
REPORTS = "jfrog-full-sync-info"
_TRIGGERED = "Full sync triggered successfully"


def migrate(call: Call) -> Answer:
    """Convert Local Repository to Federated Repository."""
    call.platform.federation.migrate(call.args["repo"])
    return text("Migration finished successfully.")


def convert_to_local(call: Call) -> Answer:
    """Convert Federated Repositories to Local ones (since 7.103.0)."""
    _since(call, "7.103.0")
    keys = call.json()
    if not isinstance(keys, list) or not keys:
        raise Refused(400, "Error parsing json body: an array of repository keys is expected")
    if any(call.platform.repositories.find(str(key)) is None for key in keys):
        raise Refused(404, "Repository not found")
    reasons = {str(key): call.platform.federation.convert_to_local(str(key)) for key in keys}
    bad = {key: reason for key, reason in reasons.items() if reason}
    if bad:
        return json_answer({"failedConversionRepositories": bad}, 400 if len(bad) == len(keys) else 200)
    return text(f"Successfully converted from federated to local repositories: [{', '.join(map(str, keys))}]")


def full_sync(call: Call) -> Answer:
    """Federated Repository Full Sync, also dry."""
    if call.flag("isDry"):
        return _dry(call)
    call.platform.federation.full_sync(call.args["repo"], call.first("mirror"))
    return text(_TRIGGERED)


def _dry(call: Call) -> Answer:
    platform, repo = call.platform, call.args["repo"]
    if not platform.rtfs or not platform.version.at_least("7.104.2"):
        raise Refused(400, "A dry full sync needs the Artifactory Federation Service")
    platform.federation.get(repo)
    if platform.repositories.find(REPORTS) is None:
        platform.repositories.create(REPORTS, {"rclass": "local", "repoLayoutRef": "simple-default"})
    paths = []
    for row in platform.federation.state.remote(repo):
        if call.first("mirror") in {"", row["url"]}:
            try:
                found = platform.federation.delivery.missing_there(repo, row["url"])
            except (PeerFailed, Unpaired) as error:
                raise Refused(500, f"Dry full sync failed: {error}") from None
            day = datetime.fromtimestamp(platform.clock.now() / 1000, UTC).date().isoformat()
            path = f"comparison-results/{repo}-mirror-comparison-{day}.json"
            results = [
                {
                    "name": entry["path"].rpartition("/")[2],
                    "type": "folder" if entry["folder"] else "file",
                    "fullPath": entry["path"],
                }
                for entry in found
            ]
            _store_report(call, path, json.dumps({"results": results}).encode())
            paths.append(f"{REPORTS}/{path}")
    return json_answer({"message": "Dry full sync completed successfully.", "resultPaths": paths})


def _store_report(call: Call, path: str, data: bytes) -> None:
    hashing = Hashing(call.platform.temporary)
    hashing.write(data)
    upload = hashing.done()
    try:
        digests = call.platform.artifacts.store(upload)
        call.platform.artifacts.put_file(REPORTS, path, digests, Origin(call.caller.name))
    finally:
        upload.path.unlink(missing_ok=True)


def force_full_sync(call: Call) -> Answer:
    """Force Full Sync (since 7.80.0)."""
    _since(call, "7.80.0")
    call.platform.federation.full_sync(call.args["repo"], call.first("mirror"))
    return text(_TRIGGERED)


def config_sync(call: Call) -> Answer:
    """Synchronize Federated Member Configuration (since 7.27.6)."""
    _since(call, "7.27.6")
    call.platform.federation.config_sync(call.args["repo"])
    return text("Configuration sync triggered successfully")


def inconsistent(call: Call) -> Answer:
    """Get List of Inconsistent Federated Repositories (since 7.108.3)."""
    _since(call, "7.108.3")
    return json_answer(call.platform.federation.state.inconsistent())


def recovery(call: Call) -> Answer:
    """Federation Recovery; the repository as path or as parameter."""
    key = call.args.get("repo") or call.first("repoKey")
    if key:
        call.platform.federation.get(key)
    call.platform.federation.recover(key)
    return text("Recovery triggered successfully")


def failures(call: Call) -> Answer:
    """Failed binary tasks: there are none, since binaries travel with their events here."""
    _needs_repo(call)
    return json_answer([])


def replay(call: Call) -> Answer:
    """Replay Failed Binary Tasks."""
    key = _needs_repo(call)
    call.platform.federation.recover(key)
    return json_answer({"replayTasks": 0})


def delete_failures(call: Call) -> Answer:
    """Delete Failed Binary Tasks."""
    _needs_repo(call)
    return json_answer({"deletedTasks": 0})


def replace_url(call: Call) -> Answer:
    """Replace the address of a platform in the members of this one (since 7.55.1)."""
    _since(call, "7.55.1")
    sent = call.json_object()
    old, new = (str(sent.get(name) or "").rstrip("/") for name in ("oldBaseUrl", "newBaseUrl"))
    if not old or not new.startswith(("http://", "https://")):
        raise Refused(400, "oldBaseUrl and newBaseUrl are required")
    call.platform.federation.replace_url(old, new)
    return text("OK")


def migration_status(call: Call) -> Answer:
    """Whether the federation service has taken over."""
    return text("MIGRATION_COMPLETED" if call.platform.rtfs else "Status not configured")


def rtfs(call: Call) -> Answer:
    """Whether the federation service is in use."""
    return text("true" if call.platform.rtfs else "false")


def remove_member(call: Call) -> Answer:
    """Takes a dead member out."""
    _needs_rtfs(call)
    url = call.text().strip()
    if not url.startswith(("http://", "https://")):
        raise Refused(400, f"Invalid member url: {url}")
    if not call.platform.federation.remove_member(url):
        raise Refused(400, f"No member with the url {url} was found")
    return text("Member removed successfully")


def prioritize(call: Call) -> Answer:
    """Set Priority; at most 10 repositories or a fifth of all."""
    _needs_rtfs(call)
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
    _needs_rtfs(call)
    return json_answer({"federationStates": status.summary(call.platform)})


def state_list(call: Call) -> Answer:
    """Get Federation State Details."""
    _needs_rtfs(call)
    wanted = {name.strip() for name in call.first("status").split(",") if name.strip()}
    return json_answer({"federations": status.state_list(call.platform, wanted)})


def connection_states(call: Call) -> Answer:
    """Get Federation Connection Details."""
    _needs_rtfs(call)
    call.platform.federation.get(call.args["repo"])
    return json_answer({"memberConnections": status.all_connections(call.platform, call.args["repo"])})


def legacy_state(call: Call) -> Answer:
    """Get Federation Sync State."""
    _needs_legacy(call)
    return json_answer(status.legacy_state(call.platform))


def legacy_repository(call: Call) -> Answer:
    """Get Federated Repository Status, both versions."""
    _needs_legacy(call)
    call.platform.federation.get(call.args["repo"])
    second = call.path.startswith("/artifactory/api/v2/")
    return json_answer(status.legacy_repository(call.platform, call.args["repo"], second))


def mirrors_lag(call: Call) -> Answer:
    """Get Federation Mirror Lag Time."""
    _needs_legacy(call)
    return json_answer(status.mirrors_lag(call.platform, call.number("thresholdTimeInMs", 0)))


def unavailable(call: Call) -> Answer:
    """Get Unavailable Mirrors."""
    _needs_legacy(call)
    return json_answer(status.unavailable(call.platform))


def _needs_repo(call: Call) -> str:
    key = call.first("repoKey")
    if not key:
        raise Refused(400, "repoKey is required")
    call.platform.federation.get(key)
    return key


def _needs_rtfs(call: Call) -> None:
    if not call.platform.rtfs:
        raise Refused(405, "The Artifactory Federation Service (RTFS) is not enabled")


def _needs_legacy(call: Call) -> None:
    if call.platform.rtfs:
        raise Refused(405, "Not available while the Artifactory Federation Service (RTFS) is enabled")


def _since(call: Call, version: str) -> None:
    if not call.platform.version.at_least(version):
        raise Refused(404, "Not Found")


_BINARIES = "binaries travel with their events, so that there are no tasks of their own"

ROUTES = (
    Route("POST", f"{API}/migrate/{{repo}}", "3.1", migrate),
    Route("POST", f"{API}/convertToLocal", "3.1", convert_to_local),
    Route("POST", f"{API}/fullSync/{{repo}}", "3.2", full_sync),
    Route("POST", f"{API}/forceFullSync/{{repo}}", "3.2", force_full_sync),
    Route("POST", f"{API}/configSync/{{repo}}", "3.2", config_sync),
    Route("GET", f"{API}/inconsistentRepos", "3.2", inconsistent),
    Route("POST", f"{API}/recovery", "3.3", recovery),
    Route("POST", f"{API}/recovery/{{repo}}", "3.3", recovery),
    Route("GET", f"{API}/binaries/failures/list", "3.3", failures, partly=_BINARIES),
    Route("PUT", f"{API}/binaries/failures/replay", "3.3", replay, partly=_BINARIES),
    Route("DELETE", f"{API}/binaries/failures/delete", "3.3", delete_failures, partly=_BINARIES),
    Route("POST", f"{API}/replaceUrl", "3.4", replace_url),
    Route("GET", f"{API}/migration/status", "3.4", migration_status),
    Route("GET", f"{API}/rtfs", "3.4", rtfs),
    Route("POST", f"{API}/removeMember", "3.5", remove_member),
    Route("PUT", f"{API}/prioritization/{{repo}}", "3.5", prioritize),
    Route("GET", f"{API}/status/stateSummary", "3.5", state_summary),
    Route("GET", f"{API}/status/stateList", "3.5", state_list),
    Route("GET", f"{API}/status/connectionStates/{{repo}}", "3.5", connection_states),
    Route("GET", f"{API}/state", "3.6", legacy_state),
    Route("GET", f"{API}/status/repo/{{repo}}", "3.6", legacy_repository),
    Route("GET", "/artifactory/api/v2/federation/status/repo/{repo}", "3.6", legacy_repository),
    Route("GET", f"{API}/status/mirrorsLag", "3.6", mirrors_lag),
    Route("GET", f"{API}/status/unavailableMirrors", "3.6", unavailable),
    *wire.ROUTES,
)
