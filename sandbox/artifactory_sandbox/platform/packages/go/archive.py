"""Module archives: what a valid one holds, and the go.mod in it."""

import re
import zipfile
from pathlib import Path
from typing import BinaryIO

from artifactory_sandbox.platform.web import Refused

_LARGEST = 500 * 1024 * 1024
_MOD_LIMIT = 16 * 1024 * 1024
_AT_TOP = re.compile(r"[^@]+@[^/]+/go\.mod\Z")
_MODULE = re.compile(r"^\s*module\s+\"?([^\s\"/][^\s\"]*)\"?", re.MULTILINE)


def check(path: Path, module: str, version: str) -> None:
    """Refuses an archive that the go command would refuse: every file lies below `module@version/`."""
    top = f"{module}@{version}/"
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            wrong = next((entry.filename for entry in entries if not _fits(entry.filename, top)), None)
            declared = _module_in(archive, top)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, UnicodeDecodeError):
        raise _invalid(module, version, "it is no zip archive") from None
    if wrong is not None:
        raise _invalid(module, version, f"the file '{wrong[:200]}' is not below '{top}'")
    if not entries:
        raise _invalid(module, version, "it is empty")
    if sum(entry.file_size for entry in entries) > _LARGEST:
        raise _invalid(module, version, f"its files have more than {_LARGEST} bytes")
    folded = [entry.filename.lower() for entry in entries]
    if len(set(folded)) != len(folded):
        raise _invalid(module, version, "two of its files differ in case only")
    if declared not in {"", module}:
        raise _invalid(module, version, f"its go.mod is of the module '{declared[:200]}'")


def mod(file: BinaryIO) -> bytes | None:
    """The go.mod at the top of an archive; None when it has none."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if name.endswith("/go.mod") and _AT_TOP.match(name)]
            return archive.read(names[0])[:_MOD_LIMIT] if names else None
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return None


def _fits(name: str, top: str) -> bool:
    return name.startswith(top) and ".." not in name.split("/") and "\\" not in name


def _module_in(archive: zipfile.ZipFile, top: str) -> str:
    try:
        with archive.open(f"{top}go.mod") as file:
            found = _MODULE.search(file.read(_MOD_LIMIT).decode())
    except KeyError:
        return ""
    return found[1] if found else ""


def _invalid(module: str, version: str, why: str) -> Refused:
    return Refused(400, f"Invalid Go module archive of {module}@{version}: {why}")
