"""Storing, finding, changing and removing items. Every change and the events about it are one transaction."""

import errno
import json
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts import archives, rows, targets, upkeep
from artifactory_sandbox.platform.artifacts.archive_state import ArchiveState
from artifactory_sandbox.platform.artifacts.cache_state import CacheState
from artifactory_sandbox.platform.artifacts.changes import Change, Download, How
from artifactory_sandbox.platform.artifacts.rows import Digests, Origin, digests_of
from artifactory_sandbox.platform.artifacts.smart import Reports
from artifactory_sandbox.platform.artifacts.state import ArtifactState
from artifactory_sandbox.platform.artifacts.statistics import Statistics
from artifactory_sandbox.platform.artifacts.trash import Trash
from artifactory_sandbox.platform.binaries.chain import CannotStore
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.system import quota
from artifactory_sandbox.platform.web import Refused, Upload
from artifactory_sandbox.platform.web.body import Hashing

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

__all__ = ["Artifacts", "Digests", "Origin", "Place", "Properties"]

Properties = Mapping[str, list[str]]
HOLD_S = 600.0
Place = tuple[str, str]
"""Repository and path."""


class Artifacts:
    """Items of local and federated repositories and of the caches of remote ones."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = ArtifactState(platform.database)
        self.caches = CacheState(platform.database)
        self.archives = ArchiveState(platform.database)
        self.statistics = Statistics(platform)
        self.reports = Reports(platform)
        self.trash = Trash(platform, self.state)
        self.on_download: list[Callable[[Download], None]] = []
        """Called after a client fetched a file, outside any transaction."""

    def make_root(self, repo: str) -> None:
        """The root folder of a repository."""
        if self.state.item(repo, "") is None:
            self.state.put(self._row(repo, "", Origin("_system_")))

    def store(self, upload: Upload) -> Digests:
        """Takes an upload into the filestore; returns when it is safe there."""
        platform = self._platform
        if platform.faults.disk_full or shutil.disk_usage(platform.temporary).free < upload.size:
            raise Refused(507, "No space left on device")
        quota.demand_room(platform)
        self.hold(upload.sha1)  # before the filestore is asked, so that no collection comes between
        try:
            platform.binaries.store.put(upload.sha1, upload.path)
        except CannotStore as error:
            raise Refused(507 if error.full else 500, f"Could not store the binary: {error}") from error
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise Refused(507, "No space left on device") from error
        self.state.put_binary(upload.sha1, upload.sha256, upload.md5, upload.size)
        return Digests(upload.sha1, upload.sha256, upload.md5, upload.size)

    def store_bytes(self, data: bytes) -> Digests:
        """Takes bytes that were made here into the filestore."""
        hashing = Hashing(self._platform.temporary)
        try:
            hashing.write(data)
        except BaseException:
            hashing.discard()
            raise
        upload = hashing.done()
        try:
            return self.store(upload)
        finally:
            upload.path.unlink(missing_ok=True)

    def hold(self, sha1: str) -> None:
        """Keeps garbage collection from a binary until a file points to it, for ten minutes at most."""
        self.state.lease(sha1, int((time.time() + HOLD_S) * 1000))

    def let_go(self, sha1: str) -> None:
        """Ends a hold: something else keeps the binary now, or nothing needs to."""
        self.state.end_lease(sha1)

    def known(self, kind: str, digest: str) -> Digests | None:
        """A binary that the filestore has already."""
        row = self.state.binary(kind, digest.lower())
        return Digests(row["sha1"], row["sha256"], row["md5"], row["size"]) if row else None

    def put_file(
        self,
        repo: str,
        path: str,
        digests: Digests,
        origin: Origin,
        properties: Properties | None = None,
        *,
        how: How = "",
        source: Place | None = None,
    ) -> Row:
        """Makes a path point at a binary, folders included; properties of an older file there are dropped."""
        archives.index(self._platform, digests.sha1, path)
        with self._platform.database.transaction():
            older = self.state.item(repo, path)
            if older is None:
                self._make_parents(repo, path, origin)
            elif older["folder"]:
                raise Refused(409, f"Cannot deploy a file over the folder '{repo}:{path}'")
            else:
                if older["sha1"] != digests.sha1:
                    self.trash.keep_overwritten(older, origin)
                self.state.clear_properties(older["id"])
            if not origin.federated:
                self._platform.security.projects.demand_quota(repo, digests.size - (older["size"] if older else 0))
            self.state.put(self._row(repo, path, origin, digests, older))
            self.state.end_lease(digests.sha1)
            item = self._item(repo, path)
            self._put_properties(item, properties)
            at = item["modified"]
            self._announce(
                Change(
                    *("create", repo, path, False, at, origin.federated, how, origin.by, source),
                    *(digests.size, digests.sha256, properties),
                )
            )
        return item

    def put_folder(
        self,
        repo: str,
        path: str,
        origin: Origin,
        properties: Properties | None = None,
        *,
        how: How = "",
        source: Place | None = None,
    ) -> Row:
        """Makes a folder and those above it. One that is there already is news to nobody, unless it gets something."""
        with self._platform.database.transaction():
            found = self.state.item(repo, path)
            if found is not None and not found["folder"]:
                raise Refused(400, f"Cannot create a folder over the file '{repo}:{path}'")
            if found is None:
                self._make_parents(repo, path, origin)
                self.state.put(self._row(repo, path, origin))
            item = self._item(repo, path)
            self._put_properties(item, properties)
            if found is None or properties or how:
                self._announce(
                    Change("create", repo, path, True, item["modified"], origin.federated, how, origin.by, source)
                )
        return item

    def delete(
        self,
        repo: str,
        path: str,
        origin: Origin,
        *,
        permanently: bool = False,
        how: How = "",
        target: Place | None = None,
    ) -> bool:
        """Removes an item with all below it, into the trash can where it takes them; False when there is none."""
        with self._platform.database.transaction():
            item = self.state.item(repo, path)
            if item is None:
                return False
            at = origin.modified or self._platform.clock.now()
            keep = not permanently and not how and self.trash.takes(repo, origin)
            for top in [path] if path else [child["path"] for child in self.state.children(repo, "")]:
                if keep:
                    self.trash.keep(repo, top, origin.by, at)
                else:
                    self.state.delete(repo, top)
            self._announce(
                Change(
                    *(
                        "delete",
                        repo,
                        path,
                        bool(item["folder"]),
                        at,
                        origin.federated,
                        how or ("trash" if keep else ""),
                    ),
                    *(origin.by, target, item["size"], item["sha256"] or ""),
                )
            )
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
                self.annotate(target, wanted, origin, at)

    def annotate(self, target: Row, wanted: Mapping[str, list[str] | None], origin: Origin, at: int) -> None:
        """Sets properties of one item, within the caller's transaction."""
        for name, values in wanted.items():
            self.state.set_property(target["id"], name, values or [])
        self.state.touch_properties(target["id"], at)
        self._announce(
            Change(
                *("properties", target["repo"], target["path"], bool(target["folder"]), at, origin.federated, ""),
                *(origin.by, None, target["size"], target["sha256"] or ""),
                {name: list(values or []) for name, values in wanted.items()},
            )
        )

    def declared(self, row: Row) -> dict[str, str]:
        """Checksums that the client of a file declared."""
        return dict(json.loads(row["original"]))

    def declare(self, row: Row, kind: str, value: str) -> None:
        """Notes what a client holds a checksum of a file to be."""
        self.state.set_original(row["id"], json.dumps({**json.loads(row["original"]), kind: value}))

    def replace_properties(self, repo: str, path: str, wanted: Properties, origin: Origin) -> None:
        """Makes the properties of one item exactly these; no event when they are already."""
        item = self.state.item(repo, path)
        if item is None or self.state.properties(item["id"]) == dict(wanted):
            return
        gone: dict[str, list[str] | None] = dict.fromkeys(self.state.properties(item["id"]))
        self.set_properties(repo, path, {**gone, **wanted}, origin, recursive=False)

    def copy(self, source: Place, target: Place, origin: Origin, move: bool) -> list[str]:
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
                self.copy_one(row, (to_repo, end), origin, move)
                if not row["folder"]:
                    made.append(f"{to_repo}/{end}")
            if move:
                self.delete(repo, path, origin, how="move", target=(to_repo, to_path))
        return made

    def copy_one(self, row: Row, target: Place, origin: Origin, move: bool, how: How = "") -> Row:
        """Copies one item, within the caller's transaction; what is below a folder is not copied."""
        kept = Origin(origin.by, row["created"], row["created_by"], None, origin.federated)
        properties = self.state.properties(row["id"])
        way: How = how or ("move" if move else "copy")
        source = (row["repo"], row["path"])
        if row["folder"]:
            return self.put_folder(*target, kept, properties, how=way, source=source)
        return self.put_file(*target, digests_of(row), kept, properties, how=way, source=source)

    def forget_repository(self, repo: str) -> int:
        """Removes everything in a repository without an event; the number of files."""
        self.caches.forget_misses(repo.removesuffix(CACHE_SUFFIX))
        self.caches.forget_away(repo.removesuffix(CACHE_SUFFIX))
        return self.state.delete(repo, "")

    def collect_garbage(self, spared: Collection[str] = ()) -> int:
        """Removes binaries that no file points to, but the `spared` ones; how many. What is in the trash can is in use."""
        removed = 0
        needed = self.archives.part_digests()
        for row in self.state.unused_binaries():
            if row["sha1"] in needed or row["sha1"] in spared:
                continue
            with self._platform.database.transaction():
                if self.state.leased(row["sha1"], int(time.time() * 1000)) or self.state.with_checksum(
                    "sha1", row["sha1"]
                ):
                    continue
                self.state.forget_binary(row["sha1"])
                self.state.end_lease(row["sha1"])
                self.archives.forget(row["sha1"])
                self._platform.binaries.store.remove(row["sha1"])
            removed += 1
        return removed

    def tick(self) -> None:
        """What nobody calls for: statistics that wait, the trash can's retention, unused files of caches."""
        self.statistics.flush()
        self.reports.flush()
        upkeep.run(self._platform)

    def store_of(self, repo: str) -> str | None:
        """Where a repository keeps its items: itself, or the cache of a remote one; None for virtual and unknown ones."""
        return targets.store_of(self._platform, repo)

    def deploy_target(self, repo: str) -> str:
        """The local repository that takes an upload; refuses what cannot (6.1)."""
        return targets.deploy_target(self._platform, repo)

    def downloaded(self, row: Row, by: str) -> None:
        """Counts a download and tells those who want to know."""
        if not row["id"]:
            return
        self.statistics.downloaded(row["id"], by)
        self.reports.note(row, by)
        if self.on_download:
            done = Download(row["repo"], row["path"], by, self._platform.clock.now(), row["size"], row["sha256"])
            for listener in self.on_download:
                listener(done)

    def _item(self, repo: str, path: str) -> Row:
        item = self.state.item(repo, path)
        if item is None:
            raise Refused(404, "Unable to find item")
        return item

    def _put_properties(self, item: Row, properties: Properties | None) -> None:
        for name, values in (properties or {}).items():
            self.state.set_property(item["id"], name, values)
        if properties:
            self.state.touch_properties(item["id"], item["modified"])

    def _make_parents(self, repo: str, path: str, origin: Origin) -> None:
        parts = path.split("/")[:-1]
        above = ["/".join(parts[:end]) for end in range(len(parts) + 1)] if path else []
        found = self.state.folders(repo, above) if above else {}
        for one in above:
            if not found.get(one, True):
                raise Refused(400, f"Cannot deploy below the file '{repo}:{one}'")
        own = Origin(origin.by, federated=origin.federated)
        missing = [self._row(repo, one, own) for one in above if one not in found]
        if missing:
            self.state.put_many(missing)

    def _row(
        self, repo: str, path: str, origin: Origin, digests: Digests | None = None, older: Row | None = None
    ) -> dict[str, Any]:
        return rows.item(self._platform.clock.now(), repo, path, origin, digests, older)

    def _announce(self, change: Change) -> None:
        self._platform.replication.changed(change)
        self._platform.federation.changed(change)
        self._platform.builds.changed(change)
        self._platform.webhooks.changed(change)
