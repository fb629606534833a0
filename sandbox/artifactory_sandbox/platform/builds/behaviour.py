"""Publishing, reading, renaming and removing builds (12.10.4). A run is a JSON item; its rows follow the item."""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.artifacts.changes import Change
from artifactory_sandbox.platform.builds import documents, permissions
from artifactory_sandbox.platform.builds.state import BuildState, info_of
from artifactory_sandbox.platform.clock import iso_offset, parse_iso
from artifactory_sandbox.platform.repositories.behaviour import BUILD_INFO
from artifactory_sandbox.platform.repositories.references import project_exists
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

_SUFFIX = "-build-info"
_CODED = frozenset('/\\|*?":;%<>')


class Builds:
    """Runs of builds, by repository; `project` `default` or empty is the global one."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = BuildState(platform.database)

    def repository(self, project: str = "", named: str = "") -> str:
        """Key of the build-info repository of a project, or the one that is named."""
        if named:
            return named
        return BUILD_INFO if project in {"", "default"} else f"{project}{_SUFFIX}"

    def publish(self, info: Mapping[str, Any], repo: str, caller: Caller) -> Row:
        """Stores a run; the item. The same name, number and start replace what is there."""
        info = _present(_texts(info))
        name, number, started_ms = _identity(info)
        self._demand_repository(repo)
        permissions.demand(self._platform, caller, "write", repo, name)
        with self._platform.database.transaction():
            item = documents.put(self._platform, (repo, path_of(name, number, started_ms)), dict(info), caller.name)
            self.announce("uploaded", self.run(repo, name, number, str(info["started"])), caller.name)
        return item

    def append(self, run: Row, modules: list[Any], caller: Caller) -> None:
        """Append Build: adds modules to a run."""
        permissions.demand(self._platform, caller, "write", run["repo"], run["name"])
        if not all(isinstance(module, dict) for module in modules):
            raise Refused(400, "Error parsing json body: an array of modules is expected")
        self.add(run, "modules", modules, caller.name)

    def add(self, run: Row, field: str, added: list[Any], by: str) -> None:
        """Adds to a list of a run as it is now: whoever adds at the same time loses nothing."""
        with self._platform.database.transaction():
            info = info_of(self.run(run["repo"], run["name"], run["number"], run["started"]))
            info = {**info, field: [*(info.get(field) or []), *added]}
            documents.put(self._platform, (run["repo"], run["path"]), info, by)

    def run(self, repo: str, name: str, number: str, started: str = "") -> Row:
        """One run; a 404 when there is none."""
        found = self.state.run(repo, name, number, started)
        if found is None and started:
            moment = parse_iso(started)
            found = self.state.same_start(repo, name, number, moment) if moment is not None else None
        if found is None:
            when = f", build started: {started}" if started else ""
            raise Refused(404, f"No build was found for build name: {name}, build number: {number}{when}")
        return found

    def runs(self, repo: str, name: str) -> list[Row]:
        """All runs, the last one first; a 404 when there are none."""
        found = self.state.runs(repo, name)
        if not found:
            raise Refused(404, f"No build was found for build name: {name}")
        return found

    def delete(self, runs: Iterable[Row], caller: Caller, with_artifacts: bool) -> list[str]:
        """Removes runs, with the artifacts that bear their properties if wanted; `name#number` of each."""
        removed = []
        for run in runs:
            permissions.demand(self._platform, caller, "delete", run["repo"], run["name"])
            if with_artifacts:
                self._delete_artifacts(run, caller)
            with self._platform.database.transaction():
                self._platform.artifacts.delete(run["repo"], run["path"], Origin(caller.name))
                self.announce("deleted", run, caller.name)
            removed.append(f"{run['name']}#{run['number']}")
        return list(dict.fromkeys(removed))

    def discard(self, repo: str, name: str, rules: Mapping[str, Any], caller: Caller) -> list[str]:
        """Control Build Retention: keeps the last `count` runs and those since `minimumBuildDate`."""
        permissions.demand(self._platform, caller, "delete", repo, name)
        kept = {str(number) for number in rules.get("buildNumbersNotToBeDiscarded") or []}
        count, oldest = _limit(rules.get("count")), _moment(rules.get("minimumBuildDate"))
        gone = [
            run
            for place, run in enumerate(self.state.runs(repo, name))
            if run["number"] not in kept
            and ((count is not None and place >= count) or (oldest is not None and run["started_ms"] < oldest))
        ]
        return self.delete(gone, caller, bool(rules.get("deleteBuildArtifacts")))

    def rename(self, repo: str, name: str, wanted: str, caller: Caller) -> None:
        """Build Rename: every run, and the properties of its artifacts."""
        runs = self.runs(repo, name)
        permissions.demand(self._platform, caller, "delete", repo, name)
        permissions.demand(self._platform, caller, "write", repo, wanted)
        for run in runs:
            place = (repo, path_of(wanted, run["number"], run["started_ms"]))
            with self._platform.database.transaction():
                documents.put(self._platform, place, {**info_of(run), "name": wanted}, caller.name)
                self._platform.artifacts.delete(repo, run["path"], Origin(caller.name))
                for item in self.state.items_of(name, run["number"]):
                    self._platform.artifacts.set_properties(
                        item["repo"], item["path"], {"build.name": [wanted]}, Origin(caller.name), recursive=False
                    )

    def announce(self, event: str, run: Row, by: str) -> None:
        """Tells the webhooks: `uploaded`, `deleted` or `promoted`."""
        self._platform.webhooks.fire("build", event, described(run), build=run["name"], by=by)

    def changed(self, change: Change) -> None:
        """Follows what happens to the items of build-info repositories."""
        if not change.repo.endswith(_SUFFIX):
            return
        if change.kind == "delete":
            self.state.forget(change.repo, change.path)
        elif change.kind == "create" and not change.folder and change.path.endswith(".json"):
            self._index(change.repo, change.path)

    def forget_repository(self, repo: str) -> None:
        """The repository goes, and its runs with it."""
        if repo.endswith(_SUFFIX):
            self.state.forget(repo)

    def _index(self, repo: str, path: str) -> None:
        item = self._platform.artifacts.state.item(repo, path)
        if item is None:
            return
        try:
            info = json.loads(documents.content(self._platform, item))
            name, number, started_ms = _identity(info)
        except (ValueError, Refused):
            log.warning("%s/%s is no build-info", repo, path)
            return
        row = {
            "repo": repo,
            "path": path,
            "project": "" if repo == BUILD_INFO else repo.removesuffix(_SUFFIX),
            "name": name,
            "number": number,
            "started": str(info["started"]),
            "started_ms": started_ms,
            "url": info.get("url"),
            "json": json.dumps(info, ensure_ascii=False),
            **{field: item[field] for field in ("created", "created_by", "modified", "modified_by")},
        }
        self.state.put(row, info)

    def _delete_artifacts(self, run: Row, caller: Caller) -> None:
        for item in self.state.items_of(run["name"], run["number"]):
            if self._platform.security.may(caller, "delete", item["repo"], item["path"]):
                self._platform.artifacts.delete(item["repo"], item["path"], Origin(caller.name))

    def _demand_repository(self, repo: str) -> None:
        """The repository of a project is made when its first build comes."""
        repositories = self._platform.repositories
        if repositories.class_of(repo) in {"local", "federated"}:
            return
        if repo == BUILD_INFO or not repo.endswith(_SUFFIX):
            raise Refused(404, f"Build-info repository '{repo}' was not found.")
        project = repo.removesuffix(_SUFFIX)
        if not project_exists(self._platform, project):
            raise Refused(404, f"Project '{project}' was not found.")
        repositories.create(repo, {"rclass": "local", "packageType": "buildinfo", "projectKey": project})


def described(run: Row) -> dict[str, str]:
    """A run as events tell of it."""
    return {
        "build_name": run["name"],
        "build_number": run["number"],
        "build_started": iso_offset(run["started_ms"]),
        "build_repo": run["repo"],
    }


def path_of(name: str, number: str, started_ms: int) -> str:
    """Where a run is kept: `name/number-milliseconds.json`, each part percent-encoded where a path could not hold it.

    Clients look for it by a path that they encode themselves, so the letters are those that they encode (12.10.4).
    """
    return f"{_encoded(name)}/{_encoded(number)}-{started_ms}.json"


def _encoded(part: str) -> str:
    plain = "".join(" " if letter.isspace() else letter for letter in part)
    encoded = "".join(_code(letter) if letter in _CODED or not letter.isprintable() else letter for letter in plain)
    encoded = encoded.replace("%2F ", "%2F%20").replace(" %2F", "%20%2F")
    return encoded if encoded.strip(".") else encoded.replace(".", "%2E")


def _code(letter: str) -> str:
    return quote(letter, safe="", errors="replace")


def _present(value: Any) -> Any:
    """A document without the members that a client sent as null."""
    if isinstance(value, dict):
        return {name: _present(one) for name, one in value.items() if one is not None}
    return [_present(one) for one in value] if isinstance(value, list) else value


def _texts(info: Any) -> Any:
    """A build-info whose name and number are texts, also where a client sent a number."""
    if not isinstance(info, dict):
        return info
    plain = {name: str(info[name]) for name in ("name", "number") if type(info.get(name)) in (int, float)}
    return {**info, **plain}


def _identity(info: Any) -> tuple[str, str, int]:
    """Name, number and start of a build-info; a 400 when it lacks one."""
    if not isinstance(info, dict):
        raise Refused(400, "Error parsing json body: an object is expected")
    for field in ("name", "number", "started"):
        value = info.get(field)
        if not isinstance(value, str) or not value.strip():
            raise Refused(400, f"Build {field} is missing from the build info.")
    if len(info["name"]) > 255 or len(info["number"]) > 255:
        raise Refused(400, "Build name and number are limited to 255 characters.")
    if not isinstance(info.get("modules") or [], list):
        raise Refused(400, "Error parsing json body: modules must be an array")
    started = parse_iso(info["started"])
    if started is None or started < 0:
        raise Refused(
            400, f"Build start time '{info['started'][:60]}' is not a date of the form yyyy-MM-ddTHH:mm:ss.SSSZ."
        )
    return info["name"], info["number"], started


def _limit(count: Any) -> int | None:
    if isinstance(count, str) and count.isdecimal():
        count = int(count)
    if count in (None, -1, ""):
        return None
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise Refused(400, f"count is not a number of builds: {str(count)[:40]}")
    return count


def _moment(date: Any) -> int | None:
    """A date as milliseconds, or as text."""
    if date is None or date == "":
        return None
    found = parse_iso(date) if isinstance(date, str) else date
    if isinstance(found, bool) or not isinstance(found, int):
        raise Refused(400, f"minimumBuildDate is not a date: {str(date)[:40]}")
    return found
