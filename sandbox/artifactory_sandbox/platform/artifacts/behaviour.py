"""Storing, finding, changing and removing items. Every change and the events about it are one transaction."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.changes import Change
from artifactory_sandbox.platform.artifacts.mime import media_type
from artifactory_sandbox.platform.artifacts.state import ArtifactState
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused, Upload

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

Properties = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who changes something and when it first happened; `federated` when another member did."""

    by: str
    created: int | None = None
    created_by: str = ""
    modified: int | None = None
    federated: bool = False


@dataclass(frozen=True, slots=True)
class Digests:
    """Checksums of a binary that the filestore has, and what the client had declared."""

    sha1: str
    sha256: str
    md5: str
    size: int
    declared: Mapping[str, str] = field(default_factory=dict)


class Artifacts:
    """Items of local and federated repositories and of the caches of remote ones."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = ArtifactState(platform.database)

    def make_root(self, repo: str) -> None:
        """The root folder of a repository."""
        if self.state.item(repo, "") is None:
            self.state.put(self._row(repo, "", Origin("_system_")))

    def store(self, upload: Upload) -> Digests:
        """Takes an upload into the filestore; returns when it is safe there."""
        platform = self._platform
        if platform.faults.disk_full or shutil.disk_usage(platform.temporary).free < upload.size:
            raise Refused(507, "No space left on device")
        platform.binaries.store.put(upload.sha1, upload.path)
        self.state.put_binary(upload.sha1, upload.sha256, upload.md5, upload.size)
        return Digests(upload.sha1, upload.sha256, upload.md5, upload.size)

    def known(self, kind: str, digest: str) -> Digests | None:
        """A binary that the filestore has already."""
        row = self.state.binary(kind, digest.lower())
        return Digests(row["sha1"], row["sha256"], row["md5"], row["size"]) if row else None

    def put_file(
        self, repo: str, path: str, digests: Digests, origin: Origin, properties: Properties | None = None
    ) -> Row:
        """Makes a path point at a binary, folders included; properties of an older file there are dropped."""
        with self._platform.database.transaction():
            older = self.state.item(repo, path)
            if older is not None and older["folder"]:
                raise Refused(400, f"Cannot deploy a file over the folder '{repo}:{path}'")
            self._make_parents(repo, path, origin)
            if older is not None:
                self.state.delete(repo, path)
            self.state.put(self._row(repo, path, origin, digests))
            item = self._item(repo, path)
            for name, values in (properties or {}).items():
                self.state.set_property(item["id"], name, values)
            if properties:
                self.state.touch_properties(item["id"], item["modified"])
            self._announce(Change("create", repo, path, False, item["modified"], origin.federated))
        return item

    def put_folder(self, repo: str, path: str, origin: Origin, properties: Properties | None = None) -> Row:
        """Makes a folder and those above it."""
        with self._platform.database.transaction():
            found = self.state.item(repo, path)
            if found is not None and not found["folder"]:
                raise Refused(400, f"Cannot create a folder over the file '{repo}:{path}'")
            self._make_parents(repo, path, origin)
            if found is None:
                self.state.put(self._row(repo, path, origin))
            item = self._item(repo, path)
            for name, values in (properties or {}).items():
                self.state.set_property(item["id"], name, values)
            self._announce(Change("create", repo, path, True, item["modified"], origin.federated))
        return item

    def delete(self, repo: str, path: str, origin: Origin) -> bool:
        """Removes an item with all below it; False when there is none."""
        with self._platform.database.transaction():
            item = self.state.item(repo, path)
            if item is None:
                return False
            if path:
                self.state.delete(repo, path)
            else:
                for child in self.state.children(repo, ""):
                    self.state.delete(repo, child["path"])
            at = origin.modified or self._platform.clock.now()
            self._announce(Change("delete", repo, path, bool(item["folder"]), at, origin.federated))
        return True

    def set_properties(
        self, repo: str, path: str, wanted: Mapping[str, list[str] | None], origin: Origin, recursive: bool = True
    ) -> None:
        """Sets properties by name; None or an empty list removes one."""
        with self._platform.database.transaction():
            item = self.state.item(repo, path)
            if item is None:
                raise Refused(404, "Unable to find item")
            at = origin.modified or self._platform.clock.now()
            targets = self.state.tree(repo, path) if recursive and item["folder"] else [item]
            for target in targets:
                for name, values in wanted.items():
                    self.state.set_property(target["id"], name, values or [])
                self.state.touch_properties(target["id"], at)
                change = Change("properties", repo, target["path"], bool(target["folder"]), at, origin.federated)
                self._announce(change)

    def replace_properties(self, repo: str, path: str, wanted: Properties, origin: Origin) -> None:
        """Makes the properties of one item exactly these; no event when they are already."""
        item = self.state.item(repo, path)
        if item is None or self.state.properties(item["id"]) == dict(wanted):
            return
        gone: dict[str, list[str] | None] = dict.fromkeys(self.state.properties(item["id"]))
        self.set_properties(repo, path, {**gone, **wanted}, origin, recursive=False)

    def copy(self, source: tuple[str, str], target: tuple[str, str], origin: Origin, move: bool) -> list[str]:
        """Copies or moves an item with all below it, properties too; the paths that were made."""
        (repo, path), (to_repo, to_path) = source, target
        made = []
        with self._platform.database.transaction():
            item = self.state.item(repo, path)
            if item is None:
                raise Refused(404, f"Could not find item at {repo}:{path}")
            existing = self.state.item(to_repo, to_path)
            if existing is not None and existing["folder"] and not (item["folder"] and path == ""):
                to_path = f"{to_path}/{item['name']}".strip("/")
            for row in self.state.tree(repo, path):
                end = f"{to_path}{row['path'][len(path) :]}".strip("/")
                properties = self.state.properties(row["id"])
                kept = Origin(origin.by, row["created"], row["created_by"], None, origin.federated)
                if row["folder"]:
                    self.put_folder(to_repo, end, kept, properties)
                else:
                    self.put_file(to_repo, end, _digests(row), kept, properties)
                    made.append(f"{to_repo}/{end}")
            if move:
                self.delete(repo, path, origin)
        return made

    def forget_repository(self, repo: str) -> int:
        """Removes everything in a repository without an event; the number of files."""
        return self.state.delete(repo, "")

    def collect_garbage(self) -> int:
        """Removes binaries that no file points to; how many."""
        removed = 0
        for row in self.state.unused_binaries():
            with self._platform.database.transaction():
                if self.state.with_checksum("sha1", row["sha1"]):
                    continue
                self.state.forget_binary(row["sha1"])
            self._platform.binaries.store.remove(row["sha1"])
            removed += 1
        return removed

    def store_of(self, repo: str) -> str | None:
        """Where a repository keeps its items: itself, or the cache of a remote one; None for virtual and unknown ones."""
        repositories = self._platform.repositories
        rclass = repositories.state.class_of(repo)
        if rclass in {"local", "federated"}:
            return repo
        if rclass == "remote":
            return repo + CACHE_SUFFIX
        if rclass is None and repositories.class_of(repo) == "remote":
            return repo
        return None

    def deploy_target(self, repo: str) -> str:
        """The local repository that takes an upload; refuses what cannot (6.1)."""
        config = self._platform.repositories.find(repo)
        if config is not None and config["rclass"] == "virtual":
            target = config["defaultDeploymentRepo"]
            if not target:
                raise Refused(
                    405, f"No default deployment repository is configured for the virtual repository '{repo}'."
                )
            config = self._platform.repositories.find(target)
        if config is None or config["rclass"] not in {"local", "federated"}:
            raise Refused(404, f"Could not find a local repository named {repo} to deploy to.")
        if config.get("blackedOut"):
            raise Refused(403, f"The repository '{config['key']}' is blacked out.")
        key: str = config["key"]
        return key

    def _item(self, repo: str, path: str) -> Row:
        item = self.state.item(repo, path)
        if item is None:
            raise Refused(404, "Unable to find item")
        return item

    def _make_parents(self, repo: str, path: str, origin: Origin) -> None:
        parts = path.split("/")[:-1] if path else []
        for end in range(len(parts) + 1):
            above = "/".join(parts[:end])
            found = self.state.item(repo, above) if path else None
            if found is not None and not found["folder"]:
                raise Refused(400, f"Cannot deploy below the file '{repo}:{above}'")
            if path and found is None:
                self.state.put(self._row(repo, above, Origin(origin.by, federated=origin.federated)))

    def _row(self, repo: str, path: str, origin: Origin, digests: Digests | None = None) -> dict[str, Any]:
        now = self._platform.clock.now()
        parent, _, name = path.rpartition("/")
        modified = origin.modified or now
        return {
            "repo": repo,
            "path": path,
            "parent": parent,
            "name": name,
            "depth": path.count("/") + 1 if path else 0,
            "folder": int(digests is None),
            "size": digests.size if digests else 0,
            "md5": digests.md5 if digests else None,
            "sha1": digests.sha1 if digests else None,
            "sha256": digests.sha256 if digests else None,
            "original": json.dumps(dict(digests.declared) if digests else {}),
            "mime": media_type(name) if digests else None,
            "created": origin.created or modified,
            "created_by": origin.created_by or origin.by,
            "modified": modified,
            "modified_by": origin.by,
            "updated": now,
        }

    def _announce(self, change: Change) -> None:
        self._platform.replication.changed(change)
        self._platform.federation.changed(change)


def _digests(row: Row) -> Digests:
    return Digests(row["sha1"], row["sha256"], row["md5"], row["size"], json.loads(row["original"]))
