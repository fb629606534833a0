"""The trash can (1.7): what is deleted or overwritten in local repositories, until it is restored or its time is over."""

import json
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.rows import Origin
from artifactory_sandbox.platform.artifacts.state import ArtifactState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

TRASH = "auto-trashcan"
DAY_MS = 86_400_000
_PREFIX = "trash."
_OVERWRITES = "artifactory.send.overwrites.to.trashcan"


class Trash:
    """Items of `auto-trashcan`: the path is the repository they were in, then the path there."""

    def __init__(self, platform: "Platform", state: ArtifactState) -> None:
        self._platform = platform
        self._state = state

    def takes(self, repo: str, origin: Origin) -> bool:
        """Whether what is deleted there is kept: caches have an upstream, and the server's own housekeeping keeps nothing."""
        if repo == TRASH or (origin.by == "_system_" and not origin.federated):
            return False
        if self._platform.repositories.state.class_of(repo) not in {"local", "federated"}:
            return False
        return self._platform.configuration.value("trashcanConfig.enabled") is not False

    def keep(self, repo: str, path: str, by: str, at: int) -> None:
        """Moves an item with all below it; what the can had at those paths goes."""
        state = self._state
        for row in state.tree(repo, path):
            self._keep_one(row, f"{repo}/{row['path']}", by, at)
        state.delete(repo, path)

    def keep_overwritten(self, row: Row, origin: Origin) -> None:
        """Keeps the older version of a file that is being overwritten."""
        wanted = self._platform.properties.get(_OVERWRITES, "true").lower() != "false"
        if wanted and self.takes(row["repo"], origin):
            self._keep_one(row, f"{row['repo']}/{row['path']}", origin.by, self._platform.clock.now())

    def _keep_one(self, row: Row, place: str, by: str, at: int) -> None:
        state = self._state
        older = state.item(TRASH, place)
        if older is not None and not (older["folder"] and row["folder"]):
            state.delete(TRASH, place)
            older = None
        self._make_folders(place, at)
        if older is None:
            state.put(_moved(dict(row), TRASH, place))
        kept = state.item(TRASH, place)
        if kept is None:
            return
        for name, values in state.properties(row["id"]).items():
            state.set_property(kept["id"], name, values)
        rclass = self._platform.repositories.state.class_of(row["repo"]) or "local"
        marks = {
            "time": str(at),
            "deletedBy": by,
            "originalRepository": row["repo"],
            "originalRepositoryType": rclass,
            "originalPath": row["path"],
        }
        for name, value in marks.items():
            state.set_property(kept["id"], _PREFIX + name, [value])
        state.touch_properties(kept["id"], at)

    def _make_folders(self, place: str, at: int) -> None:
        parts = place.split("/")[:-1]
        above = ["/".join(parts[:end]) for end in range(len(parts) + 1)]
        found = self._state.folders(TRASH, above)
        self._state.put_many(_folder(one, at) for one in above if one not in found)

    def restore(self, path: str, to: str, origin: Origin) -> None:
        """Puts an item back, to where it was or to `to` (repository and path); 404 for what is not in the can."""
        row = self._state.item(TRASH, path)
        if row is None or not path:
            raise Refused(404, f"Could not find item at {TRASH}:{path}")
        repo, _, rest = (to.strip("/") or path).partition("/")
        target = self._platform.artifacts.deploy_target(repo)
        artifacts = self._platform.artifacts
        with self._platform.database.transaction():
            for one in self._state.tree(TRASH, path):
                end = f"{rest}{one['path'][len(path) :]}".strip("/")
                made = artifacts.copy_one(one, (target, end), origin, True, how="restore")
                for name in self._state.properties(made["id"]):
                    if name.startswith(_PREFIX):
                        self._state.set_property(made["id"], name, [])
            self._state.delete(TRASH, path)
            self._drop_empty(path)

    def clean(self, path: str) -> bool:
        """Removes an item for good; False when it is not there."""
        if self._state.item(TRASH, path) is None or not path:
            return False
        with self._platform.database.transaction():
            self._state.delete(TRASH, path)
            self._drop_empty(path)
        return True

    def empty(self) -> int:
        """Removes everything for good; the number of files."""
        with self._platform.database.transaction():
            return self._state.delete(TRASH, "")

    def expire(self) -> int:
        """Removes what is older than the retention; the number of files."""
        days = float(self._platform.configuration.value("trashcanConfig.retentionPeriodDays") or 0)
        if days <= 0:
            return 0
        before = self._platform.clock.now() - int(days * DAY_MS)
        old = self._state.older_in_trash(TRASH, _PREFIX + "time", str(before).zfill(13))
        for row in old:
            self.clean(row["path"])
        return len(old)

    def _drop_empty(self, path: str) -> None:
        while path := path.rpartition("/")[0]:
            if self._state.children(TRASH, path):
                return
            self._state.delete(TRASH, path)


def _moved(row: dict[str, Any], repo: str, path: str) -> dict[str, Any]:
    parent, _, name = path.rpartition("/")
    return {**row, "repo": repo, "path": path, "parent": parent, "name": name, "depth": path.count("/") + 1}


def _folder(path: str, at: int) -> dict[str, Any]:
    empty = {
        "folder": 1,
        "size": 0,
        "md5": None,
        "sha1": None,
        "sha256": None,
        "original": json.dumps({}),
        "mime": None,
    }
    times = {"created": at, "modified": at, "updated": at, "created_by": "_system_", "modified_by": "_system_"}
    depth = path.count("/") + 1 if path else 0
    return {**_moved({}, TRASH, path), "depth": depth, **empty, **times}
