"""The release archive of the Pulumi CLI, from the address that the vendor's own install script uses."""

from __future__ import annotations

import platform
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from workshop import Progress, Unavailable

ADDRESS = "https://get.pulumi.com/releases/sdk/pulumi-v{version}-{system}-{machine}.tar.gz"
PATIENCE_SECONDS = 10
"""To connect, and between two pieces of the answer: a closed network must not cost minutes."""

MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def fetch(folder: Path, version: str, progress: Progress, address: str = ADDRESS) -> None:
    """Fill `folder` with every program of the archive. No checksum is pinned: HTTPS, and the version it then answers."""
    machine = MACHINES.get(platform.machine().lower())
    if machine is None:
        raise Unavailable(f"there is no archive for {platform.machine()}")
    url = address.format(version=version, system=platform.system().lower(), machine=machine)
    progress.say(f"Pulumi CLI {version}: asking for the official archive")
    try:
        with tempfile.TemporaryFile() as archive:
            _download(url, archive)
            _unpack(archive, folder)
    except (OSError, tarfile.TarError) as error:
        raise Unavailable(f"{url}: {_reason(error)}") from error


def _download(url: str, archive: IO[bytes]) -> None:
    with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - the address above, or a test's
        shutil.copyfileobj(answer, archive)
    archive.seek(0)


def _unpack(archive: IO[bytes], folder: Path) -> None:
    """Plain files only, by their last name: whatever path an archive claims, nothing leaves `folder`."""
    with tarfile.open(fileobj=archive) as content:
        for member in content:
            source = content.extractfile(member) if member.isfile() else None
            if source is None:
                continue
            target = folder / Path(member.name).name
            with target.open("wb") as program:
                shutil.copyfileobj(source, program)
            target.chmod(0o755)


def _reason(error: Exception) -> str:
    return str(error.reason) if isinstance(error, urllib.error.URLError) else str(error)
