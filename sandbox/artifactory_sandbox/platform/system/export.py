"""Writing a system export or a backup below the node's folder (1.4, 1.8)."""

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.system import access_dump, replication_dump
from artifactory_sandbox.platform.system.descriptor_xml import to_xml
from artifactory_sandbox.platform.system.export_settings import Report, Settings
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

DESCRIPTOR, REPOSITORIES = "artifactory.config.xml", "etc/artifactory.repository.config.latest.json"
REPLICATIONS = "etc/artifactory.replications.json"
ACCESS, KEY = "etc/access.bootstrap.json", "etc/security/artifactory.key"
SIDECAR, FILE_INFO = ".artifactory-metadata", "artifactory-file.json"
FOLDER_INFO = "artifactory-folder.json"
CURRENT = "current"
_INVALID = "Invalid Export Directory"
_CHUNK = 1 << 20


def system(platform: "Platform", settings: Settings, base: Path, report: Report) -> Path:
    """Exports everything below `base`; the folder or archive that was made."""
    at = platform.clock.now()
    name = stamp(at)
    target = base if settings.incremental else base / name
    working = target if settings.incremental else base / f"{name}.tmp-{os.getpid()}"
    try:
        working.mkdir(parents=True, exist_ok=True)
        _Writer(platform, settings, working, report).write()
        if settings.incremental:
            return target
        if settings.archive:
            return _archive(working, base / f"{name}.zip")
        working.replace(_free(target))
    except OSError as error:
        shutil.rmtree(working, ignore_errors=True) if not settings.incremental else None
        raise Refused(500, f"Export failed: {error.strerror or error}") from None
    return target


def repository(platform: "Platform", key: str, settings: Settings, base: Path, report: Report) -> None:
    """Exports the content of one repository to `<base>/<key>`."""
    try:
        base.mkdir(parents=True, exist_ok=True)
        _Writer(platform, settings, base, report).write_repository(key, base / key)
    except OSError as error:
        raise Refused(500, f"Export failed: {error.strerror or error}") from None


def place(platform: "Platform", path: str) -> Path:
    """The folder that a body names; a 400 for one that is not on this server (1.8)."""
    if path.startswith(("$", "//", "\\\\")):
        raise Refused(400, _INVALID)
    found = platform.folders.place(path, _INVALID)
    if found.exists() and not found.is_dir():
        raise Refused(400, _INVALID)
    return found


def stamp(at: int) -> str:
    """`20260131.120000`."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y%m%d.%H%M%S")


def _free(target: Path) -> Path:
    number = 1
    found = target
    while found.exists():
        found, number = target.with_name(f"{target.name}-{number}"), number + 1
    return found


def _archive(folder: Path, target: Path) -> Path:
    target = _free(target)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    shutil.rmtree(folder)
    return target


class _Writer:
    def __init__(self, platform: "Platform", settings: Settings, base: Path, report: Report) -> None:
        self._platform = platform
        self._settings = settings
        self._base = base
        self._report = report

    def write(self) -> None:
        self._write_configuration()
        root = self._base / "repositories"
        root.mkdir(exist_ok=True)
        kept = set()
        for row in self._platform.repositories.state.texts():
            config = json.loads(row["config"])
            if row["rclass"] == "virtual" or config["key"] in self._settings.excluded:
                continue
            store = config["key"] + CACHE_SUFFIX if row["rclass"] == "remote" else config["key"]
            self._report.say(f"Exporting repository '{store}'")
            kept.add(store)
            self.write_repository(store, root / store)
        if self._settings.incremental:
            _remove_others(root, kept)
        if not kept and self._settings.fail_if_empty:
            self._report.problem("There is no repository to export")

    def write_repository(self, store: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        kept: set[Path] = {folder}
        for row in self._platform.artifacts.state.tree(store, ""):
            path = folder / row["path"] if row["path"] else folder
            try:
                kept |= set(self._write_item(row, path))
            except (OSError, MissingBinary) as error:
                self._report.problem(f"Could not export '{store}:{row['path']}': {error}")
        if self._settings.incremental:
            for path in sorted(folder.rglob("*"), reverse=True):
                if path not in kept and not (path.is_dir() and any(path.iterdir())):
                    path.rmdir() if path.is_dir() else path.unlink()

    def _write_item(self, row: Row, path: Path) -> Iterator[Path]:
        self._report.detail(f"Exporting '{row['repo']}:{row['path']}'")
        yield path
        if row["folder"]:
            path.mkdir(parents=True, exist_ok=True)
            side, info = path / SIDECAR, FOLDER_INFO
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            side, info = path.with_name(path.name + SIDECAR), FILE_INFO
            if not self._settings.exclude_content:
                self._write_content(row, path)
        if self._settings.metadata:
            side.mkdir(exist_ok=True)
            (side / info).write_text(json.dumps(self._metadata(row), indent=1))
            yield side
            yield side / info

    def _write_content(self, row: Row, path: Path) -> None:
        at = row["modified"] / 1000
        if self._settings.incremental and path.is_file():
            found = path.stat()
            if found.st_size == row["size"] and abs(found.st_mtime - at) < 1:
                return
        with self._platform.binaries.store.open(row["sha1"]) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
        os.utime(path, (at, at))

    def _metadata(self, row: Row) -> dict[str, Any]:
        names = ("created", "created_by", "modified", "modified_by")
        digests = () if row["folder"] else ("size", "sha1", "sha256", "md5")
        shown = {name: row[name] for name in (*names, *digests)}
        return {**shown, "properties": self._platform.artifacts.state.properties(row["id"])}

    def _write_configuration(self) -> None:
        platform, etc = self._platform, self._base / "etc"
        (etc / "security").mkdir(parents=True, exist_ok=True)
        configuration = platform.configuration
        xml = to_xml(configuration.encrypted(), configuration.revision)
        version = platform.version
        self._put(DESCRIPTOR, xml)
        self._put(f"etc/{DESCRIPTOR}", xml)
        said = {"version": version, "revision": version.revision, "timestamp": platform.clock.now()}
        self._put(
            "artifactory.properties", "".join(f"artifactory.{name}={value}\n" for name, value in said.items()).encode()
        )
        properties = "".join(f"{name}={value}\n" for name, value in platform.properties.items())
        self._put("etc/artifactory.system.properties", properties.encode())
        self._put(REPOSITORIES, json.dumps(self._definitions(), indent=1).encode())
        self._put(REPLICATIONS, json.dumps(replication_dump.dump(platform)).encode())
        self._put(ACCESS, json.dumps(access_dump.dump(platform)).encode())
        if key := configuration.encryption.key:
            self._put(KEY, f"{key}\n".encode())

    def _definitions(self) -> list[dict[str, Any]]:
        repositories, encrypt = self._platform.repositories.state, self._platform.configuration.encryption.encrypt
        listed = []
        for row in repositories.texts():
            config = json.loads(row["config"])
            if config["key"] not in self._settings.excluded:
                secrets = {name: encrypt(value) for name, value in repositories.secrets(config["key"]).items()}
                listed.append({"config": config, "secrets": secrets})
        return listed

    def _put(self, name: str, data: bytes) -> None:
        path = self._base / name
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(data)


def _remove_others(root: Path, kept: set[str]) -> None:
    for folder in root.iterdir():
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
