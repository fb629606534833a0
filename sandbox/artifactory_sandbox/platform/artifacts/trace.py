"""`?trace`: how a path was resolved, as text in place of the file (6.1)."""

from artifactory_sandbox.platform.artifacts import members, resolve
from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.web import Answer, Call, Refused, text


def trace(call: Call, repo: str, path: str) -> Answer:
    """The steps of a resolution, and its result; the status is 200 even when nothing was found."""
    platform = call.platform
    lines = [f"Request ID: {platform.node_id}-{platform.clock.now():x}", "Repo Path ID: " + f"{repo}:{path}"]
    lines += [
        f"Method Name: {call.method}",
        f"User: {call.caller.name}",
        f"Time: {iso(platform.clock.now())}",
        "Steps:",
    ]
    config = platform.repositories.find(repo)
    if config is not None and config["rclass"] == "virtual":
        lines.append(f"{_now(call)} Preparing the virtual repository {repo}")
        lines += [
            f"{_now(call)} Appending {member.config['rclass']} repository {member.key}"
            for member in members.of(platform, config, path)
        ]
    try:
        row = resolve.find(platform, call.caller, repo, path, fetch=True)
    except Refused as refused:
        lines.append(f"{_now(call)} Sending error with status {refused.status} and message '{refused.message}'")
        return text("\n".join(lines) + "\n")
    lines.append(f"{_now(call)} Found the resource in {row['repo']}:{row['path']}")
    if row["folder"]:
        lines.append(f"{_now(call)} It is a folder")
    else:
        lines.append(f"{_now(call)} Responding with the artifact: {row['size']} bytes, sha1 {row['sha1']}")
    return text("\n".join(lines) + "\n")


def _now(call: Call) -> str:
    return iso(call.platform.clock.now())
