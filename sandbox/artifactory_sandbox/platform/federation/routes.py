"""Federation calls: conversion, triggers, recovery, the move to the federation service (3.1 to 3.4)."""

import json
from datetime import UTC, datetime

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.federation import monitoring_routes, wire
from artifactory_sandbox.platform.federation.gates import needs_rtfs, since
from artifactory_sandbox.platform.federation.members import Unpaired
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.repositories.package_types import PACKAGE_TYPES
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer, text

API = "/artifactory/api/federation"
REPORTS = "jfrog-full-sync-info"
_TRIGGERED = "Full sync triggered successfully"


def migrate(call: Call) -> Answer:
    """Convert Local Repository to Federated Repository (since 7.18.3)."""
    since(call, "7.18.3")
    call.platform.federation.migrate(call.args["repo"])
    return text("Migration finished successfully.")


def convert_to_local(call: Call) -> Answer:
    """Convert Federated Repositories to Local ones (since 7.103.0)."""
    since(call, "7.103.0")
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
    """Federated Repository Full Sync, also dry (since 7.18.3)."""
    since(call, "7.18.3")
    if call.flag("isDry"):
        return _dry(call)
    call.platform.federation.full_sync(call.args["repo"], call.first("mirror"))
    return text(_TRIGGERED)


def _dry(call: Call) -> Answer:
    platform, repo = call.platform, call.args["repo"]
    if not platform.federation.service or not platform.version.at_least("7.104.2"):
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
            digests = call.platform.artifacts.store_bytes(json.dumps({"results": results}).encode())
            call.platform.artifacts.put_file(REPORTS, path, digests, Origin(call.caller.name))
            paths.append(f"{REPORTS}/{path}")
    return json_answer({"message": "Dry full sync completed successfully.", "resultPaths": paths})


def force_full_sync(call: Call) -> Answer:
    """Force Full Sync (since 7.80.0)."""
    since(call, "7.80.0")
    call.platform.federation.full_sync(call.args["repo"], call.first("mirror"), force=True)
    return text(_TRIGGERED)


def config_sync(call: Call) -> Answer:
    """Synchronize Federated Member Configuration (since 7.27.6)."""
    since(call, "7.27.6")
    call.platform.federation.config_sync(call.args["repo"])
    return text("Configuration sync triggered successfully")


def inconsistent(call: Call) -> Answer:
    """Get List of Inconsistent Federated Repositories (since 7.108.3)."""
    since(call, "7.108.3")
    return json_answer(call.platform.federation.state.inconsistent())


def propagate_created_time(call: Call) -> Answer:
    """Propagate Creation Time Metadata (since 7.123.0)."""
    since(call, "7.123.0")
    needs_rtfs(call)
    wanted = call.first("enabled").lower()
    if wanted not in {"true", "false"}:
        raise Refused(400, "The parameter 'enabled' is required: true or false")
    call.platform.federation.propagates_created = wanted == "true"
    return text(f"Propagation of the creation time has been {'enabled' if wanted == 'true' else 'disabled'}.")


def recovery(call: Call) -> Answer:
    """Federation Recovery: the repository is a part of the path (since 7.71.1), or a parameter (since 7.109.2)."""
    since(call, "7.71.1" if "repo" in call.args else "7.109.2")
    key = call.args.get("repo") or call.first("repoKey")
    if key:
        call.platform.federation.get(key)
    call.platform.federation.recover(key)
    return text("Recovery triggered successfully")


def failures(call: Call) -> Answer:
    """Get List of Failed Binary Tasks (since 7.68.11)."""
    key = _needs_repo(call)
    limit, page = call.number("limit", 1000), call.number("page", 1)
    if limit < 1 or page < 1:
        raise Refused(400, "limit and page begin with 1")
    rows = call.platform.federation.binaries.state.failures(key, min(limit, 100_000), (page - 1) * limit)
    return json_answer(
        [
            {
                "sha1": row["sha1"],
                "repoKey": row["repo"],
                "creationTime": row["created"],
                "failuresCount": row["failures"],
            }
            for row in rows
        ]
    )


def replay(call: Call) -> Answer:
    """Replay Failed Binary Tasks."""
    key = _needs_repo(call)
    count = call.platform.federation.binaries.state.replay(key, call.first("sha1"))
    call.platform.wake()
    return json_answer({"replayTasks": count})


def delete_failures(call: Call) -> Answer:
    """Delete Failed Binary Tasks."""
    key = _needs_repo(call)
    return json_answer({"deletedTasks": call.platform.federation.binaries.state.drop(key, call.first("sha1"))})


def replace_url(call: Call) -> Answer:
    """Replace the address of a platform in the members of this one (since 7.55.1)."""
    since(call, "7.55.1")
    sent = call.json_object()
    old, new = (str(sent.get(name) or "").rstrip("/") for name in ("oldBaseUrl", "newBaseUrl"))
    if not old or not new.startswith(("http://", "https://")):
        raise Refused(400, "oldBaseUrl and newBaseUrl are required")
    call.platform.federation.replace_url(old, new)
    return text("OK")


def migration_status(call: Call) -> Answer:
    """How far the move to the federation service is."""
    return text(call.platform.federation.migration.status)


def rtfs(call: Call) -> Answer:
    """Whether the federation service is in use."""
    return text("true" if call.platform.federation.service else "false")


def migration_start(call: Call) -> Answer:
    """What the migrator plugin triggers (the sandbox's own: not documented)."""
    call.platform.federation.migration.start(call.flag("force"))
    return json_answer({"status": call.platform.federation.migration.status}, 202)


def migration_back(call: Call) -> Answer:
    """What the migrator plugin triggers to go back (the sandbox's own)."""
    call.platform.federation.migration.roll_back()
    return json_answer({"status": call.platform.federation.migration.status}, 202)


def service_ready(call: Call) -> Answer:
    """Whether the federation service answers (3.4)."""
    newer = call.platform.version.at_least("7.111.12")
    if not call.platform.rtfs or newer == call.path.startswith("/artifactory/service/"):
        raise Refused(404, "Not Found")
    return json_answer({"code": "OK"})


def enable_types(call: Call) -> Answer:
    """Re-enables federations of package types that the server disabled."""
    types = _types(call)
    call.platform.federation.switch_types(types, on=True)
    return text(f"Repos of type [{', '.join(types)}] enabled.")


def disable_types(call: Call) -> Answer:
    """The opposite, with which the sandbox makes the error that enabling mends."""
    types = _types(call)
    call.platform.federation.switch_types(types, on=False)
    return text(f"Repos of type [{', '.join(types)}] disabled.")


def _types(call: Call) -> list[str]:
    types = call.json()
    if not isinstance(types, list) or not types or not all(isinstance(one, str) for one in types):
        raise Refused(400, "Error parsing json body: an array of package types is expected")
    if unknown := [one for one in types if one != "*" and one not in PACKAGE_TYPES]:
        raise Refused(400, f"Unsupported package type: {unknown[0][:70]}")
    return types


def _needs_repo(call: Call) -> str:
    since(call, "7.68.11")
    key = call.first("repoKey")
    if not key:
        raise Refused(400, "repoKey is required")
    call.platform.federation.get(key)
    return key


_RTFS = "/rtfs/api/v1"

ROUTES = (
    Route("POST", f"{API}/migrate/{{repo}}", "3.1", migrate),
    Route("POST", f"{API}/convertToLocal", "3.1", convert_to_local),
    Route("POST", f"{API}/fullSync/{{repo}}", "3.2", full_sync),
    Route("POST", f"{API}/forceFullSync/{{repo}}", "3.2", force_full_sync),
    Route("POST", f"{API}/configSync/{{repo}}", "3.2", config_sync),
    Route("PUT", f"{API}/propagateCreatedTime", "3.2", propagate_created_time),
    Route("GET", f"{API}/inconsistentRepos", "3.2", inconsistent),
    Route("POST", f"{API}/recovery", "3.3", recovery),
    Route("POST", f"{API}/recovery/{{repo}}", "3.3", recovery),
    Route("GET", f"{API}/binaries/failures/list", "3.3", failures),
    Route("PUT", f"{API}/binaries/failures/replay", "3.3", replay),
    Route("DELETE", f"{API}/binaries/failures/delete", "3.3", delete_failures),
    Route("POST", f"{API}/replaceUrl", "3.4", replace_url),
    Route("GET", f"{API}/migration/status", "3.4", migration_status),
    Route("GET", f"{API}/rtfs", "3.4", rtfs),
    Route("POST", f"{API}/repos/enable", "3.4", enable_types),
    Route("POST", f"{API}/repos/disable", "internal", disable_types),
    Route("GET", f"{_RTFS}/system/readiness", "3.4", service_ready, Needs.NOTHING),
    Route("GET", f"/artifactory/service{_RTFS}/system/readiness", "3.4", service_ready, Needs.NOTHING),
    Route("POST", f"{_RTFS}/migration/start", "internal", migration_start),
    Route("POST", f"{_RTFS}/migration/rollback", "internal", migration_back),
    *monitoring_routes.ROUTES,
    *wire.ROUTES,
)
