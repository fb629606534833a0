"""Restoring a system export, or the content of repositories, from a folder of the node (1.8)."""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.system import access_dump, replication_dump
from artifactory_sandbox.platform.system.descriptor_xml import from_xml
from artifactory_sandbox.platform.system.export import (
    ACCESS,
    DESCRIPTOR,
    FILE_INFO,
    FOLDER_INFO,
    KEY,
    REPLICATIONS,
    REPOSITORIES,
    SIDECAR,
)
from artifactory_sandbox.platform.system.export_settings import Report, Settings
from artifactory_sandbox.platform.web import Refused
from artifactory_sandbox.platform.web.body import Hashing

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_INVALID = "Invalid Import Directory"
_CHUNK = 1 << 20
_MOST = 64 << 30


@contextmanager
def opened(platform: "Platform", path: str) -> Iterator[Path]:
    """The folder that a body names, an archive unpacked for as long as the block runs; a 400 when it is not there."""
    found = platform.folders.place(path, _INVALID)
    if found.is_dir():
        yield found
        return
    if not found.is_file() or not zipfile.is_zipfile(found):
        raise Refused(400, f"The import path '{path}' does not exist or is neither a folder nor an archive")
    platform.temporary.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=platform.temporary, prefix="import-") as folder:
        _unpack(found, Path(folder))
        yield Path(folder)


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as opened_archive:
        entries = opened_archive.infolist()
        for entry in entries:
            if not (folder / entry.filename).resolve().is_relative_to(folder.resolve()):
                raise Refused(400, f"The archive holds the path '{entry.filename[:200]}' that leads out of it")
        if sum(entry.file_size for entry in entries) > min(_MOST, shutil.disk_usage(folder).free):
            raise Refused(400, "The archive is too large for this server")
        opened_archive.extractall(folder)


def system(platform: "Platform", settings: Settings, base: Path, report: Report) -> None:
    """Replaces configuration, repositories and content; Access is merged. Everything is read before anything goes."""
    tree, _ = from_xml(_bytes(base / DESCRIPTOR, base / "etc" / DESCRIPTOR))
    definitions = _definitions(base)
    access, replications = _access(platform, base), _replications(base)
    if not definitions and settings.fail_if_empty:
        raise Refused(400, "The import holds no repository")
    platform.configuration.whole(tree)
    platform.configuration.encryption.take(_key(base))
    for row in platform.repositories.state.texts():
        platform.repositories.delete(json.loads(row["config"])["key"])
    report.say("Importing configuration")
    platform.configuration.replace(tree, None)
    if access:
        access_dump.restore(platform, access)
    decrypt = platform.configuration.encryption.decrypt
    for entry in definitions:
        _make(platform, entry["config"], {name: decrypt(value) for name, value in entry["secrets"].items()})
    platform.repositories.first_repositories()
    replication_dump.restore(platform, replications)
    reader = Reader(platform, settings, report)
    for entry in definitions:
        config = entry["config"]
        store = config["key"] + CACHE_SUFFIX if config["rclass"] == "remote" else config["key"]
        if (folder := base / "repositories" / store).is_dir():
            reader.read_repository(store, folder)
    platform.wake()


def repositories(platform: "Platform", base: Path, key: str, settings: Settings, report: Report) -> None:
    """Content for one repository, or for each folder that is named like one."""
    reader = Reader(platform, settings, report)
    if key:
        _demand_store(platform, key)
        reader.read_repository(key, base)
        return
    for folder in sorted(path for path in base.iterdir() if path.is_dir()):
        if platform.repositories.class_of(folder.name) in {"local", "federated", "remote"}:
            reader.read_repository(folder.name, folder)
        else:
            report.problem(f"There is no repository '{folder.name}'")


def _demand_store(platform: "Platform", key: str) -> None:
    rclass = platform.repositories.class_of(key)
    if rclass is None:
        raise Refused(400, f"No repository '{key}' was found.")
    if rclass == "virtual" or platform.repositories.state.class_of(key) == "remote":
        raise Refused(400, f"Content cannot be imported to the {rclass} repository '{key}'.")


def _make(platform: "Platform", config: dict[str, Any], secrets: dict[str, str]) -> None:
    if config["rclass"] == "federated":
        config = platform.federation.prepared({**config, "members": []})  # remote members are dropped (1.8)
    platform.repositories.insert(config)
    platform.repositories.state.put(config, secrets)


def _definitions(base: Path) -> list[dict[str, Any]]:
    found = _json(base / REPOSITORIES)
    if not isinstance(found, list):
        raise Refused(400, f"{REPOSITORIES} is not valid")
    for entry in found:
        config = entry.get("config") if isinstance(entry, dict) else None
        if not isinstance(config, dict) or not all(isinstance(config.get(name), str) for name in _NEEDED):
            raise Refused(400, f"{REPOSITORIES} is not valid")
        entry["secrets"] = {str(name): str(value) for name, value in (entry.get("secrets") or {}).items()}
    return found


_NEEDED = ("key", "rclass", "packageType")


def _access(platform: "Platform", base: Path) -> dict[str, list[dict[str, Any]]]:
    if not (base / ACCESS).is_file():
        return {}
    found: dict[str, list[dict[str, Any]]] = _json(base / ACCESS)
    if why := access_dump.problem(platform, found):
        raise Refused(400, f"{ACCESS} is not valid: {why}")
    return found


def _replications(base: Path) -> list[dict[str, Any]]:
    if not (base / REPLICATIONS).is_file():
        return []
    found: list[dict[str, Any]] = _json(base / REPLICATIONS)
    if why := replication_dump.problem(found):
        raise Refused(400, f"{REPLICATIONS} is not valid: {why}")
    return found


def _key(base: Path) -> str:
    return (base / KEY).read_text().strip() if (base / KEY).is_file() else ""


def _bytes(*paths: Path) -> bytes:
    for path in paths:
        if path.is_file():
            return path.read_bytes()
    raise Refused(400, f"The import path holds no {paths[0].name}")


def _json(path: Path) -> Any:
    try:
        return json.loads(_bytes(path))
    except (ValueError, RecursionError):
        raise Refused(400, f"{path.name} is not valid JSON") from None


class Reader:
    """Puts files back, with what is known about them."""

    def __init__(self, platform: "Platform", settings: Settings, report: Report) -> None:
        self._platform = platform
        self._settings = settings
        self._report = report

    def read_repository(self, store: str, folder: Path) -> None:
        """Everything below a folder; what does not work is reported and the rest goes on."""
        self._report.say(f"Importing repository '{store}'")
        self._platform.artifacts.make_root(store)
        for path, relative in _walk(folder):
            try:
                self._read(store, path, relative)
            except (OSError, ValueError, KeyError, TypeError) as error:
                self._report.problem(f"Could not import '{store}:{relative}': {error}")
            except Refused as refused:
                self._report.problem(f"Could not import '{store}:{relative}': {refused.message}")

    def _read(self, store: str, path: Path, relative: str) -> None:
        self._report.detail(f"Importing '{store}:{relative}'")
        artifacts = self._platform.artifacts
        if path.is_dir():
            known = self._known(path / SIDECAR / FOLDER_INFO)
            artifacts.put_folder(store, relative, _origin(known), _properties(known))
            return
        known = self._known(path.with_name(path.name + SIDECAR) / FILE_INFO)
        digests = self._content(path) if path.is_file() else self._referenced(known)
        artifacts.put_file(store, relative, digests, _origin(known), _properties(known))

    def _content(self, path: Path) -> Digests:
        hashing = Hashing(self._platform.temporary)
        with path.open("rb") as source:
            while chunk := source.read(_CHUNK):
                hashing.write(chunk)
        upload = hashing.done()
        try:
            return self._platform.artifacts.store(upload)
        finally:
            upload.path.unlink(missing_ok=True)

    def _referenced(self, known: dict[str, Any]) -> Digests:
        """A binary that a skeleton export left out: it must be in the filestore already (1.8)."""
        artifacts = self._platform.artifacts
        sha1, sha256, md5, size = str(known["sha1"]), str(known["sha256"]), str(known["md5"]), int(known["size"])
        if found := artifacts.known("sha1", sha1):
            return found
        if not self._platform.binaries.store.has(sha1):
            raise ValueError(f"the binary {sha1} is not in the filestore")
        artifacts.state.put_binary(sha1, sha256, md5, size)
        return Digests(sha1, sha256, md5, size)

    def _known(self, path: Path) -> dict[str, Any]:
        if not self._settings.metadata or not path.is_file():
            return {}
        found = json.loads(path.read_bytes())
        if not isinstance(found, dict):
            raise ValueError("its metadata is no object")
        return found


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Items in order; a file without content is known by its sidecar alone. Links are left out."""
    for path in sorted(folder.iterdir(), key=lambda found: found.name):
        if path.is_symlink() or path.name == SIDECAR:
            continue
        if path.name.endswith(SIDECAR):
            content = path.with_name(path.name.removesuffix(SIDECAR))
            if not content.exists():
                yield content, content.name
            continue
        yield path, path.name
        if path.is_dir():
            yield from ((below, f"{path.name}/{relative}") for below, relative in _walk(path))


def _origin(known: dict[str, Any]) -> Origin:
    by = str(known.get("modified_by") or "_system_")
    if "created" not in known:
        return Origin(by)
    return Origin(by, int(known["created"]), str(known.get("created_by") or by), int(known["modified"]))


def _properties(known: dict[str, Any]) -> dict[str, list[str]]:
    return {str(name): [str(one) for one in values] for name, values in (known.get("properties") or {}).items()}
