"""Folder download: everything below a folder as one archive (descriptor: `folderDownloadConfig`)."""

import io
import tarfile
import tempfile
import threading
import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from artifactory_sandbox.platform.artifacts import resolve
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.clock import http_date
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, Stored

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_MEDIA = {
    "zip": "application/zip",
    "tar": "application/x-tar",
    "tar.gz": "application/x-gzip",
    "tgz": "application/x-gzip",
}
_MB = 1024 * 1024
_slots = threading.Lock()
_running = 0


def download(call: Call) -> Answer:
    """Retrieve Folder or Repository Archive."""
    platform, repo, path = call.platform, call.args["repo"], call.args["path"]
    config = platform.configuration.value("folderDownloadConfig") or {}
    kind = call.first("archiveType", "zip").lower()
    if not config.get("enabled"):
        raise Refused(403, "Downloading folders as archive is disabled.")
    if not call.caller.known and not config.get("enabledForAnonymous"):
        raise Refused(403, "You must be logged in to download a folder or repository.")
    if kind not in _MEDIA:
        raise Refused(400, f"Unsupported archive type: {kind[:20]}")
    row = resolve.find(platform, call.caller, repo, path, fetch=False)
    if not row["folder"]:
        raise Refused(400, f"Expected a folder but found a file, at: {repo}:{path}")
    rows = _chosen(call, row)
    _check_limits(config, rows)
    with _Slot(int(config.get("maxConcurrentRequests") or 10)):
        file, size = _packed(call, rows, kind, row, call.flag("includeChecksumFiles"))
    name = f"{row['name'] or repo}.{kind}".replace('"', "_")
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Last-Modified": http_date(row["modified"])}
    return Answer(200, Stored(file, size), _MEDIA[kind], headers)


class _Slot:
    """One of so many archives at a time."""

    def __init__(self, most: int) -> None:
        self._most = most

    def __enter__(self) -> None:
        global _running  # noqa: PLW0603  one number a process
        with _slots:
            if _running >= self._most:
                raise Refused(400, "There are too many folder download requests currently running, try again later.")
            _running += 1

    def __exit__(self, *_: object) -> None:
        global _running  # noqa: PLW0603
        with _slots:
            _running -= 1


def _chosen(call: Call, row: Row) -> list[Row]:
    return [
        found
        for found in call.platform.artifacts.state.files(row["repo"], row["path"])
        if call.caller.admin or call.platform.security.may(call.caller, "read", row["repo"], found["path"])
    ]


def _check_limits(config: dict[str, Any], rows: list[Row]) -> None:
    files, size = int(config.get("maxFiles") or 5000), int(config.get("maxDownloadSizeMb") or 1024)
    if len(rows) > files:
        raise Refused(400, f"The number of artifacts under the path you have chosen exceeds the maximum of {files}.")
    if sum(row["size"] for row in rows) > size * _MB:
        raise Refused(
            400, f"The total size of the artifacts under the path you have chosen exceeds the maximum of {size} MB."
        )


def _packed(call: Call, rows: list[Row], kind: str, top: Row, sums: bool) -> tuple[BinaryIO, int]:
    file = cast(BinaryIO, tempfile.TemporaryFile(dir=call.platform.temporary))  # noqa: SIM115  closed by the server
    try:
        if kind == "zip":
            _zipped(call.platform, file, rows, top, sums)
        else:
            _tarred(call.platform, file, rows, top, sums, "w" if kind == "tar" else "w:gz")
        size = file.seek(0, 2)
        file.seek(0)
    except MissingBinary as error:
        file.close()
        raise Refused(404, f"Could not find the binary {error} in the filestore.") from None
    except BaseException:
        file.close()
        raise
    return file, size


def _names(row: Row, top: Row, sums: bool) -> tuple[str, list[tuple[str, bytes]]]:
    name = row["path"][len(top["path"]) :].lstrip("/")
    return name, [(f"{name}.{kind}", row[kind].encode()) for kind in ("md5", "sha1", "sha256")] if sums else []


def _zipped(platform: "Platform", file: BinaryIO, rows: list[Row], top: Row, sums: bool) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for row in rows:
            name, extra = _names(row, top, sums)
            with (
                platform.binaries.store.open(row["sha1"]) as source,
                packed.open(name, "w", force_zip64=True) as target,
            ):
                while chunk := source.read(_MB):
                    target.write(chunk)
            for side, value in extra:
                packed.writestr(side, value)


def _tarred(platform: "Platform", file: BinaryIO, rows: list[Row], top: Row, sums: bool, mode: str) -> None:
    with tarfile.open(fileobj=file, mode=mode) as packed:  # type: ignore[call-overload]
        for row in rows:
            name, extra = _names(row, top, sums)
            with platform.binaries.store.open(row["sha1"]) as source:
                packed.addfile(_info(name, row["size"], row["modified"]), source)
            for side, value in extra:
                packed.addfile(_info(side, len(value), row["modified"]), io.BytesIO(value))


def _info(name: str, size: int, modified: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = size, modified // 1000
    return info


ROUTES = (Route("GET", "/artifactory/api/archive/download/{repo}/{path:path}", "6.1", download, Needs.CALLER),)
