"""The repository calls of Artifactory as REST reference 2.1 to 2.6 tells them, in memory, behind a real server.

For tests of our own decisions, fast and killable. What the product promises is tested against the simulated platform.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from tests.support.wire import Dropped, Reply, Seen

_API = "/artifactory/api/"
_BATCH = f"{_API}v2/repositories/batch"
_DEFAULTS = {
    "local": {"xrayIndex": False, "blackedOut": False, "propertySets": []},
    "remote": {"username": "", "storeArtifactsLocally": True, "blockMismatchingMimeTypes": False},
    "virtual": {"repositories": [], "defaultDeploymentRepo": ""},
    "federated": {"members": []},
}


class Rejected(Exception):
    """Answered with this status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class FakeArtifactory:
    """State is `repositories` (configuration by key) and `files` (sizes by storage key)."""

    def __init__(self, version: str = "7.111.4") -> None:
        self.version = version
        self.repositories: dict[str, dict[str, Any]] = {}
        self.files: dict[str, list[int]] = {}
        self.made: list[str] = []
        """Every key made, so that one made twice shows."""
        self.dies_after: int | None = None
        """Writes that are still carried out; each later one ends the connection before it is."""
        self.forgets_answer = False
        """The next write is carried out and its answer lost."""
        self.has_batch = True
        self.has_configurations = True

    def __call__(self, seen: Seen) -> Reply:
        writes = seen.method in ("PUT", "DELETE") or (seen.method == "POST" and not seen.path.endswith("/aql"))
        if writes and self.dies_after is not None:
            if self.dies_after == 0:
                raise Dropped
            self.dies_after -= 1
        try:
            reply = self._route(seen)
        except Rejected as error:
            return Reply(error.status, {"errors": [{"status": error.status, "message": str(error)}]})
        if writes and self.forgets_answer:
            self.forgets_answer = False
            raise Dropped
        return reply

    def _route(self, seen: Seen) -> Reply:
        if seen.path == f"{_API}system/version":
            return Reply(body={"version": self.version, "revision": "1", "addons": []})
        if seen.path == f"{_API}search/aql":
            return self._search(seen.body.decode())
        if seen.path == _BATCH:
            return self._batch(seen)
        if seen.path.startswith("/access/api/v1/projects/_/attach/repositories/"):
            return Reply(204)
        key = unquote(seen.path.removeprefix(f"{_API}repositories").removeprefix("/"))
        if not key or (key == "configurations" and self.has_configurations):
            return self._all(full=bool(key))
        return self._single(seen, key)

    def _all(self, full: bool) -> Reply:
        if not full:
            return Reply(body=[{"key": key, "type": r["rclass"].upper()} for key, r in self.repositories.items()])
        classes: dict[str, list[Any]] = {"LOCAL": [], "REMOTE": [], "VIRTUAL": [], "FEDERATED": []}
        for item in self.repositories.values():
            classes[item["rclass"].upper()].append({**item, "password": "AM.encrypted"})
        return Reply(body=classes)

    def _batch(self, seen: Seen) -> Reply:
        if not self.has_batch:
            raise Rejected(404, "Not Found")
        items = seen.json
        if len(items) > 100:
            raise Rejected(400, "too many repositories")
        before = json.loads(json.dumps(self.repositories))
        try:
            for item in items:
                self._create(item["key"], item) if seen.method == "PUT" else self._update(item["key"], item)
        except Rejected:
            self.repositories = before
            raise
        self.made += [item["key"] for item in items if seen.method == "PUT"]
        return Reply(201 if seen.method == "PUT" else 200)

    def _single(self, seen: Seen, key: str) -> Reply:
        if seen.method == "PUT":
            self._create(key, seen.json)
            self.made.append(key)
            return Reply(body=f"Successfully created repository '{key}'")
        if seen.method == "POST":
            self._update(key, seen.json)
            return Reply(body=f"Repository {key} update successfully.")
        if seen.method == "DELETE":
            return self._delete(key)
        if key not in self.repositories:
            raise Rejected(400, "Bad Request")
        return Reply(body=self.repositories[key])

    def _create(self, key: str, item: Mapping[str, Any]) -> None:
        if key.casefold() in {other.casefold() for other in self.repositories}:
            raise Rejected(400, f"error when validating repository name: {key} : Repository key already exists")
        if item["rclass"] == "remote" and not item.get("url"):
            raise Rejected(400, "URL is required")
        self._check(item)
        common = {"description": "", "includesPattern": "**/*", "excludesPattern": "", "environments": []}
        common |= {"repoLayoutRef": "maven-2-default", "notes": "", "projectKey": ""}
        self.repositories[key] = {**common, **_DEFAULTS[item["rclass"]], **item, "key": key}

    def _update(self, key: str, item: Mapping[str, Any]) -> None:
        if key not in self.repositories:
            raise Rejected(404, f"No repository '{key}' was found.")
        self._check(item)
        target = self.repositories[key]
        for name, value in item.items():
            if name in ("rclass", "packageType", "key"):
                continue
            if name == "defaultDeploymentRepo":
                if value:
                    target[name] = value if value in self.repositories else ""
            elif value in (None, []) and isinstance(target.get(name), list):
                pass  # an empty list keeps the old one
            elif value is not None or name in target:
                target[name] = "" if value is None else value

    def _check(self, item: Mapping[str, Any]) -> None:
        if item.get("repoLayoutRef") == "unknown":
            raise Rejected(400, "Unable to find repository layout by the name: unknown")
        for member in item.get("repositories") or ():
            if member not in self.repositories:
                raise Rejected(400, f"Repository '{member}' does not exist")

    def _delete(self, key: str) -> Reply:
        there = self.repositories.pop(key, None) is not None
        self.files.pop(key, None)
        for other in self.repositories.values():
            if key in other.get("repositories", ()):
                other["repositories"] = [member for member in other["repositories"] if member != key]
            if other.get("defaultDeploymentRepo") == key:
                other["defaultDeploymentRepo"] = ""
        text = f"Repository '{key}' and all its content have been removed successfully." if there else "does not exist"
        return Reply(200 if there else 404, {"repoKey": key, "statusMsg": text, "success": there})

    def _search(self, query: str) -> Reply:
        criteria = json.loads(query.removeprefix("items.find(").partition(").include(")[0])
        keys = [one["repo"] for one in criteria.get("$or", [criteria])]
        files = [
            {"repo": key, "name": f"f{n}", "size": size}
            for key in keys
            for n, size in enumerate(self.files.get(key, []))
        ]
        return Reply(body={"results": files[:1000], "range": {"total": len(files[:1000])}})
