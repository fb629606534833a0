"""A bundle as one archive that another platform imports (12.8.2, 12.8.3)."""

import json
import re
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.lifecycle import sources
from artifactory_sandbox.platform.lifecycle.mappings import check_mappings, mapped
from artifactory_sandbox.platform.lifecycle.state import LifecycleState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused
from artifactory_sandbox.platform.web.body import Hashing

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_CHUNK = 256 * 1024
_HEAD = "release-bundle.json"
_HEAD_LIMIT = 64 * 1024 * 1024
_SHA1 = re.compile(r"[0-9a-f]{40}\Z")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}\Z")
_BAD = "The archive is no exported release bundle"


class Exports:
    """An archive holds the record of a bundle and each binary once, by SHA-1."""

    def __init__(self, platform: "Platform", state: LifecycleState) -> None:
        self._platform = platform
        self.state = state

    def ask(self, bundle: Row, sent: Mapping[str, Any]) -> None:
        """Asks for an archive, paths mapped if wanted."""
        if bundle["status"] != "COMPLETED":
            raise Refused(400, f"Release Bundle {bundle['name']}/{bundle['version']} is {bundle['status']}")
        changes = sent.get("modifications") or {}
        mappings = check_mappings(changes.get("mappings") if isinstance(changes, dict) else None)
        self.state.set_export(bundle["id"], "IN_PROGRESS", json.dumps(mappings))
        self._platform.wake()

    def status(self, bundle: Row, base: str) -> dict[str, Any]:
        """How an export stands, and where the archive is."""
        found = self.state.export(bundle["id"])
        if found is None:
            return {"status": "NOT_TRIGGERED"}
        if found["status"] != "COMPLETED":
            return {"status": found["status"]}
        place = f"{bundle['repo']}/{found['path']}"
        return {"status": "COMPLETED", "relative_download_url": place, "download_url": f"{base}/{place}"}

    def make(self, bundle_id: int) -> None:
        """Writes the archive into the bundle's folder."""
        bundle, asked = self.state.by_id(bundle_id), self.state.export(bundle_id)
        if bundle is None or asked is None or asked["status"] != "IN_PROGRESS":
            return
        path = f"{bundle['name']}/{bundle['version']}/{bundle['name']}-{bundle['version']}.zip"
        hashing = Hashing(self._platform.temporary)
        try:
            with tempfile.NamedTemporaryFile(dir=self._platform.temporary, suffix=".zip") as archive:
                self._write(bundle, Path(archive.name), json.loads(asked["path"]))
                while chunk := archive.read(_CHUNK):
                    hashing.write(chunk)
            upload = hashing.done()
        except (MissingBinary, OSError):
            hashing.discard()
            self.state.set_export(bundle_id, "FAILED", "")
            return
        try:
            digests = self._platform.artifacts.store(upload)
            self._platform.artifacts.put_file(bundle["repo"], path, digests, Origin(bundle["created_by"]))
            self.state.set_export(bundle_id, "COMPLETED", path)
        finally:
            upload.path.unlink(missing_ok=True)

    def take(self, archive: Path, by: str) -> Row:
        """Imports an archive: the bundle, and its files at their places; a 400 for anything else."""
        try:
            with zipfile.ZipFile(archive) as opened:
                if opened.getinfo(_HEAD).file_size > _HEAD_LIMIT:
                    raise Refused(400, _BAD)
                head = json.loads(opened.read(_HEAD))
                files = _checked(head)
                repo = sources.repository()
                if self.state.bundle(repo, head["name"], head["version"]) is not None:
                    raise Refused(400, "Bundle already exists")
                stored = {sha1: self._stored(opened, sha1) for sha1 in {file["sha1"] for file in files}}
        except (
            zipfile.BadZipFile,
            KeyError,
            ValueError,
            TypeError,
            AttributeError,
            NotImplementedError,
            OSError,
            EOFError,
        ):
            raise Refused(400, _BAD) from None
        return self._keep(head, files, stored, by)

    def _write(self, bundle: Row, path: Path, mappings: list[dict[str, str]]) -> None:
        files = [dict(row) for row in self.state.files(bundle["id"])]
        for file in files:
            file["repo"], _, file["path"] = mapped(f"{file['repo']}/{file['path']}", mappings).partition("/")
        head = {"name": bundle["name"], "version": bundle["version"], "files": files}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as made:
            made.writestr(_HEAD, json.dumps(head))
            for sha1 in sorted({file["sha1"] for file in files}):
                with self._platform.binaries.store.open(sha1) as data, made.open(f"binaries/{sha1}", "w") as entry:
                    while chunk := data.read(_CHUNK):
                        entry.write(chunk)

    def _stored(self, opened: zipfile.ZipFile, sha1: str) -> Digests:
        """Takes one binary into the filestore; its name must be true."""
        hashing = Hashing(self._platform.temporary)
        try:
            with opened.open(f"binaries/{sha1}") as entry:
                while chunk := entry.read(_CHUNK):
                    hashing.write(chunk)
        except BaseException:
            hashing.discard()
            raise
        upload = hashing.done()
        try:
            if upload.sha1 != sha1:
                raise Refused(400, f"{_BAD}: the checksum of a file is wrong")
            return self._platform.artifacts.store(upload)
        finally:
            upload.path.unlink(missing_ok=True)

    def _keep(
        self, head: Mapping[str, Any], files: list[dict[str, Any]], stored: Mapping[str, Digests], by: str
    ) -> Row:
        platform, repo = self._platform, sources.repository()
        platform.lifecycle.demand_repository(repo, "")
        rows = [
            {
                **{name: file[name] for name in ("repo", "path", "package_type", "properties")},
                **{name: getattr(stored[file["sha1"]], name) for name in ("sha1", "sha256", "md5", "size")},
            }
            for file in files
        ]
        with platform.database.transaction():
            bundle = self.state.add(
                {
                    **{"repo": repo, "project": "", "name": head["name"], "version": head["version"], "key_name": ""},
                    **{"status": "COMPLETED", "request": json.dumps({"sources": []}), "created_by": by},
                    "created": platform.clock.now(),
                }
            )
            self.state.set_files(bundle["id"], rows)
            platform.lifecycle.keep(bundle, rows)
            for row in rows:
                if platform.repositories.class_of(row["repo"]) in {"local", "federated"}:
                    properties = json.loads(row["properties"])
                    platform.artifacts.put_file(row["repo"], row["path"], stored[row["sha1"]], Origin(by), properties)
            data = {"release_bundle_name": head["name"], "release_bundle_version": head["version"]}
            platform.webhooks.fire("destination", "received", data, bundle=head["name"], by=by)
        return bundle


def _checked(head: Any) -> list[dict[str, Any]]:
    """The files of an archive's record; raises for whatever could harm."""
    if not _NAME.match(head["name"]) or not _NAME.match(head["version"]) or not isinstance(head["files"], list):
        raise ValueError(_BAD)
    files = []
    for file in head["files"]:
        repo, path = str(file["repo"]), str(file["path"])
        parts = f"{repo}/{path}".split("/")
        if "/" in repo or any(part in {"", ".", ".."} for part in parts) or any(ord(letter) < 32 for letter in path):
            raise ValueError(_BAD)
        properties = json.loads(file["properties"])
        if not _SHA1.match(str(file["sha1"])) or not all(
            isinstance(values, list) and all(isinstance(value, str) for value in values)
            for values in properties.values()
        ):
            raise ValueError(_BAD)
        files.append({**file, "package_type": str(file["package_type"])})
    return files
