"""Metadata of modules out of the items, of members and of upstreams; what arriving files become."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.maven import layout, metadata
from artifactory_sandbox.platform.packages.maven.layout import METADATA, SNAPSHOT, File
from artifactory_sandbox.platform.packages.maven.metadata import Metadata, Pom
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

TYPES = ("maven", "gradle", "ivy", "sbt")
_SYSTEM = Origin("_system_")
_SIDES = re.compile(r"\.(?:sha1|md5|sha256|sha512)\Z")
_POM_LIMIT = 16 * 1024 * 1024


def _read_pom(file: BinaryIO) -> Pom | None:
    return metadata.pom(file.read(_POM_LIMIT))


_POMS = sources.Remembered(_read_pom)


def document(platform: Platform, found: list[Source], folder: str) -> Metadata | None:
    """The metadata of a folder: computed where files are kept, asked of upstreams, merged."""
    parts = []
    for source in found:
        kind = "handleSnapshots" if folder.endswith(SNAPSHOT) else "handleReleases"
        if not source.config.get(kind, True) and folder.endswith(SNAPSHOT):
            continue
        if source.rclass == "remote":
            row = sources.upstream(platform, source, f"{folder}/{METADATA}", f"{folder}/{METADATA}")
            one = metadata.parsed(sources.content(platform, row)) if row is not None else None
        else:
            one = computed(platform, source, folder)
        if one is not None and not one.empty:
            parts.append(one)
    return metadata.merged(parts)


def computed(platform: Platform, source: Source, folder: str) -> Metadata | None:
    """What the files of one repository say; None when they say nothing."""
    if folder.endswith(SNAPSHOT):
        return _of_snapshot(platform, source, folder)
    depth = folder.count("/") + 1
    rows = [row for row in sources.files(platform, source, folder) if row["name"].endswith(".pom")]
    poms = [(row, file) for row in rows if (file := layout.read(row["path"])) and file.extension == "pom"]
    own = [(row, file) for row, file in poms if row["depth"] == depth + 2]
    if own:
        group, artifact = own[0][1].group, own[0][1].artifact
        updated = max(int(row["created"]) for row, _ in own)
        return Metadata(group, artifact, versions={file.version for _, file in own}, updated=_moment(updated))
    plugins = {}
    for row, file in poms:
        said = _POMS.of(platform, row) if row["depth"] == depth + 3 else None
        if said is not None and said.packaging == "maven-plugin":
            plugins[file.artifact] = (said.name or file.artifact, _prefix(file.artifact))
    return Metadata(plugins=plugins) if plugins else None


def _of_snapshot(platform: Platform, source: Source, folder: str) -> Metadata | None:
    rows = sources.files(platform, source, folder)
    found = [(row, file) for row in rows if (file := layout.read(row["path"])) and file.folder == folder]
    if not any(file.extension == "pom" for _, file in found):
        return None
    first = found[0][1]
    made = Metadata(first.group, first.artifact, first.version)
    made.updated = _moment(max(int(row["created"]) for row, _ in found))
    builds = [file.build for _, file in found if file.build is not None and file.extension == "pom"]
    if not builds:
        made.build = ("", 1)
        return made
    made.build = max(builds)
    newest: dict[tuple[str, str], File] = {}
    for _, file in found:
        kind = (file.classifier, file.extension)
        if file.build is not None and (kind not in newest or newest[kind].build < file.build):  # type: ignore[operator]
            newest[kind] = file
    for kind, file in newest.items():
        at = file.build[0].replace(".", "") if file.build else ""
        made.files[kind] = (file.value, at)
    return made


def kept_path(platform: Platform, store: str, path: str) -> str:
    """Where a snapshot goes: under a build's name, over the last one, or as it came, as the repository says."""
    side = _SIDES.search(path)
    ending = side[0] if side else ""
    file = layout.read(path.removesuffix(ending))
    behaviour = (platform.repositories.find(store) or {}).get("snapshotVersionBehavior", "deployer")
    if file is None or not file.snapshot or behaviour == "deployer":
        return path
    if behaviour == "non-unique":
        return file.built(None).path + ending
    if file.build is not None:
        return path
    if side is not None:  # the checksum of what came just before
        builds = [one.build for one in _builds(platform, store, file) if one.built(None) == file and one.build]
        return file.built(max(builds)).path + ending if builds else path
    return file.built(_next_build(platform, store, file)).path


def _builds(platform: Platform, store: str, of: File) -> list[File]:
    """Every file of a snapshot version that has a build."""
    files = (layout.read(row["path"]) for row in platform.artifacts.state.files(store, of.folder))
    return [file for file in files if file is not None and file.build is not None]


def _next_build(platform: Platform, store: str, wanted: File) -> tuple[str, int]:
    """The newest build while it lacks this file, so that the files of one deployment stay together; else the next one."""
    builds = _builds(platform, store, wanted)
    newest = max((file.build for file in builds if file.build), default=None)
    if newest is not None and wanted.built(newest) not in builds and not _closed(builds, newest):
        return newest
    now = datetime.fromtimestamp(platform.clock.now() / 1000, UTC).strftime("%Y%m%d.%H%M%S")
    return now, newest[1] + 1 if newest else 1


def _closed(builds: list[File], newest: tuple[str, int]) -> bool:
    """Whether a build has its project file already, which clients send last."""
    return any(file.build == newest and file.extension == "pom" for file in builds)


def inconsistency(said: Pom | None, path: str) -> str | None:
    """Why a project file does not belong to its path; None when it does, or when the path is not of the layout."""
    file = layout.read(path)
    if file is None or file.extension != "pom":
        return None
    if said is None:
        return f"Failed to read the POM '{path}': it is no valid project file."
    if "${" in said.group + said.artifact + said.version:
        return None
    expected = f"{said.group.replace('.', '/')}/{said.artifact}/{said.version}"
    if file.folder == expected:
        return None
    return (
        f"The target deployment path '{path}' does not match the POM's expected path prefix '{expected}'. "
        "Please verify your POM content for correctness and make sure the source path is a valid Maven repository root path."
    )


def arrived(platform: Platform, row: Row) -> None:
    """After a project file came: the stored metadata follows, and builds of a snapshot beyond the limit go."""
    file = layout.read(row["path"])
    if file is None:
        return
    if file.snapshot and file.build is not None:
        _limit_snapshots(platform, row["repo"], file)
    if file.extension == "pom":
        artifact = file.folder.rpartition("/")[0]
        for folder in (artifact, file.folder) if file.snapshot else (artifact,):
            calculate(platform, row["repo"], folder)


def calculate(platform: Platform, store: str, folder: str) -> bool:
    """Stores the metadata of one folder; whether there is any."""
    shown = computed(platform, Source(store, "local", store, {}), folder)
    if shown is None:
        return False
    data = metadata.written(shown)
    older = platform.artifacts.state.item(store, f"{folder}/{METADATA}")
    if older is None or older["folder"] or sources.content(platform, older) != data:
        sources.put_bytes(platform, store, f"{folder}/{METADATA}", data, _SYSTEM)
    return True


def _limit_snapshots(platform: Platform, store: str, last: File) -> None:
    most = int((platform.repositories.find(store) or {}).get("maxUniqueSnapshots") or 0)
    if most < 1:
        return
    rows = platform.artifacts.state.files(store, last.folder)
    found = [(row, file) for row in rows if (file := layout.read(row["path"])) and file.build is not None]
    builds = sorted({file.build for _, file in found if file.build is not None}, reverse=True)
    gone = set(builds[most:])
    for row, file in found:
        if file.build in gone:
            platform.artifacts.delete(store, row["path"], _SYSTEM)


def newest_file(platform: Platform, found: list[Source], path: str) -> str | None:
    """The path of the newest build of a snapshot that is asked for by its plain name; None when there is none."""
    file = layout.read(path)
    if file is None or not file.snapshot or file.build is not None:
        return None
    shown = document(platform, found, file.folder)
    if shown is None:  # without a project file there is no metadata, but there may be builds
        stores = [source.store for source in found if source.rclass != "remote"]
        kept = [one for store in stores for one in _builds(platform, store, file) if one.built(None) == file]
        return max(kept, key=lambda one: one.build or ("", 0)).path if kept else None
    value = shown.files.get((file.classifier, file.extension))
    if value is not None:
        return f"{file.folder}/{file.artifact}-{value[0]}{f'-{file.classifier}' if file.classifier else ''}.{file.extension}"
    return file.built(shown.build).path if shown.build and shown.build[0] else None


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y%m%d%H%M%S")


def _prefix(artifact: str) -> str:
    """The prefix that a plug-in has by convention."""
    if artifact.startswith("maven-") and artifact.endswith("-plugin"):
        return artifact.removeprefix("maven-").removesuffix("-plugin")
    return artifact.removesuffix("-maven-plugin")
