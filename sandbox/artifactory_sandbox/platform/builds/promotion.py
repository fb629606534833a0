"""Build promotion: moves or copies what a run made to another repository, sets properties, notes the status (12.10.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.builds import contents, permissions
from artifactory_sandbox.platform.builds.contents import Found
from artifactory_sandbox.platform.clock import iso_offset, parse_iso
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_TEXTS = ("status", "comment", "ciUser", "timestamp", "sourceRepo", "targetRepo")
_DEFAULTS: Mapping[str, bool] = {
    "dryRun": False,
    "copy": False,
    "artifacts": True,
    "dependencies": False,
    "failFast": True,
}


@dataclass
class Promotion:
    """A checked request."""

    texts: Mapping[str, str]
    flags: Mapping[str, bool]
    scopes: list[str]
    properties: Mapping[str, list[str]]
    sources: list[str] = field(default_factory=list)
    """Repositories to take from; all when empty."""
    messages: list[dict[str, str]] = field(default_factory=list)

    def say(self, text: str, level: str = "ERROR") -> None:
        """Adds a message to the answer."""
        self.messages.append({"level": level, "message": text})


def read(sent: Mapping[str, Any]) -> Promotion:
    """A promotion request with its defaults."""
    for name in _TEXTS:
        if not isinstance(sent.get(name) or "", str):
            raise Refused(400, f"Error parsing json body: {name} must be a text")
    flags = {}
    for name, default in _DEFAULTS.items():
        value = sent.get(name)
        if value is not None and not isinstance(value, bool):
            raise Refused(400, f"Error parsing json body: {name} must be true or false")
        flags[name] = default if value is None else value
    scopes = sent.get("scopes") or []
    if not isinstance(scopes, list):
        raise Refused(400, "Error parsing json body: scopes must be an array")
    if sent.get("timestamp") and parse_iso(str(sent["timestamp"])) is None:
        raise Refused(400, f"Unable to parse the given promotion timestamp: {str(sent['timestamp'])[:60]}")
    properties = _properties(sent.get("properties") or {})
    texts = {name: str(sent.get(name) or "") for name in _TEXTS}
    sources = [texts["sourceRepo"]] if texts["sourceRepo"] else []
    return Promotion(texts, flags, [str(scope) for scope in scopes], properties, sources)


def promote(platform: "Platform", run: Row, wanted: Promotion, caller: Caller) -> Promotion:
    """Does it, or with `dryRun` only tells; with `failFast` nothing is done when anything would fail."""
    permissions.demand(platform, caller, "write", run["repo"], run["name"])
    target = _target(platform, wanted.texts["targetRepo"])
    files = _files(platform, run, wanted)
    chosen = [one for one in files if _allowed(platform, one, target, wanted, caller)]
    if wanted.flags["dryRun"] or (wanted.messages and wanted.flags["failFast"]):
        return wanted
    with platform.database.transaction():
        for one in chosen:
            _transfer(platform, one, target, wanted, caller)
        _note_status(platform, run, target, wanted, caller)
    return wanted


def _target(platform: "Platform", repo: str) -> str:
    """The local repository behind the target; empty when the promotion moves nothing."""
    if not repo:
        return ""
    if platform.repositories.class_of(repo) is None:
        raise Refused(400, f"Cannot find target repository by the key '{repo}'.")
    return platform.artifacts.deploy_target(repo)


def _files(platform: "Platform", run: Row, wanted: Promotion) -> list[Found]:
    for source in wanted.sources:
        if platform.repositories.class_of(source) is None:
            raise Refused(400, f"Cannot find source repository by the key '{source}'.")
    repos = [member for source in wanted.sources for member in platform.repositories.members_of(source)]
    found = contents.found(
        platform,
        run,
        artifacts=wanted.flags["artifacts"],
        dependencies=wanted.flags["dependencies"],
        repos=[key for repo in repos if (key := platform.artifacts.store_of(repo))],
        scopes=wanted.scopes,
    )
    for one in found:
        if one.item is None and (wanted.texts["targetRepo"] or wanted.properties):
            kind = "dependency" if one.dependency else "artifact"
            wanted.say(f"Unable to find {kind} '{one.name}' of build '{run['name']}' #{run['number']}.")
    return [one for one in found if one.item is not None]


def _allowed(platform: "Platform", one: Found, target: str, wanted: Promotion, caller: Caller) -> bool:
    item = one.item
    if item is None:
        return False
    may = platform.security.may
    needs = [("read", item["repo"]), *([("write", target)] if target else [])]
    if target and not wanted.flags["copy"] and item["repo"] != target:
        needs.append(("delete", item["repo"]))
    if wanted.properties:
        needs.append(("annotate", target or item["repo"]))
    for action, repo in needs:
        if not may(caller, action, repo, item["path"]):
            wanted.say(f"User '{caller.name}' doesn't have permissions to {action} '{repo}/{item['path']}'.")
            return False
    return True


def _transfer(platform: "Platform", one: Found, target: str, wanted: Promotion, caller: Caller) -> None:
    item, origin = one.item, Origin(caller.name)
    if item is None:
        return
    repo, path = item["repo"], item["path"]
    if target and repo != target:
        platform.artifacts.copy((repo, path), (target, path), origin, move=not wanted.flags["copy"])
        repo = target
    if wanted.properties:
        platform.artifacts.set_properties(repo, path, dict(wanted.properties), origin, recursive=False)


def _note_status(platform: "Platform", run: Row, target: str, wanted: Promotion, caller: Caller) -> None:
    texts = wanted.texts
    if not texts["status"] and not target:
        wanted.say("Skipping promotion status update: status wasn't provided.", "WARN")
    else:
        now = parse_iso(texts["timestamp"]) if texts["timestamp"] else platform.clock.now()
        entry = {
            "status": texts["status"],
            "comment": texts["comment"],
            "repository": texts["targetRepo"],
            "timestamp": iso_offset(now or 0),
            "user": caller.name,
            "ciUser": texts["ciUser"],
            "timestampDate": now,
        }
        platform.builds.add(run, "statuses", [entry], caller.name)
    platform.builds.announce("promoted", run, caller.name)


def _properties(sent: Any) -> dict[str, list[str]]:
    if not isinstance(sent, dict):
        raise Refused(400, "Error parsing json body: properties must be an object")
    return {
        str(name): [str(one) for one in value] if isinstance(value, list) else [str(value)]
        for name, value in sent.items()
    }
