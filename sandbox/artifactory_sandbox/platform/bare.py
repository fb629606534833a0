"""Platforms without a machine: no AWS, a directory as filestore, one port each."""

import asyncio
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from artifactory_sandbox import licence
from artifactory_sandbox.platform.binaries.chain import Binaries
from artifactory_sandbox.platform.binaries.file_system import FileSystem
from artifactory_sandbox.platform.platform import Platform
from artifactory_sandbox.platform.security.tokens import ADMIN_SCOPE
from artifactory_sandbox.platform.serve import Listener, bind, run
from artifactory_sandbox.platform.table import ROUTES
from artifactory_sandbox.platform.version import Version
from artifactory_sandbox.platform.web.app import App

ADMIN_PASSWORD = "password"  # noqa: S105  what a fresh Artifactory has


def make(
    folder: Path, address: str, port: int, version: Version, rtfs: bool, node_id: str
) -> tuple[Platform, Listener]:
    """A licensed platform with a base URL, not yet started; what an earlier one left in the folder is kept."""
    listening = bind(address, port)
    url = f"http://{address}:{listening.getsockname()[1]}"
    filestore = folder / "filestore"
    platform = Platform(
        node_id=node_id,
        node_url=url,
        version=version,
        database=folder / "cluster.sqlite",
        binaries=Binaries("file-system", str(filestore), FileSystem(filestore)),
        temporary=folder / "work",
        properties={},
        rtfs=rtfs,
    )
    if not platform.licences.state.all():
        platform.licences.fill(licence.make(2))
    platform.licences.claim()
    platform.security.first_users(None)
    platform.repositories.first_repositories()
    if not platform.configuration.base_url or port == 0:
        platform.configuration.base_url = url
    return platform, Listener(App(platform, ROUTES), listening)


def description(platform: Platform) -> dict[str, str]:
    """What the ready file says about a platform."""
    token = platform.security.tokens.create("admin", ADMIN_SCOPE, 0, description="ready file")
    return {
        "url": platform.node_url,
        "artifactory_url": f"{platform.node_url}/artifactory",
        "admin_user": "admin",
        "admin_password": ADMIN_PASSWORD,
        "access_token": str(token["access_token"]),
    }


async def main(
    count: int, ready_file: Path, data: Path | None, version: Version, rtfs: bool, address: str, port: int
) -> None:
    """Runs until SIGTERM; the ready file appears, whole, when all of them answer."""
    with tempfile.TemporaryDirectory(prefix="artifactory-sandbox-") as temporary:
        root = data or Path(temporary)
        made = [
            make(root / f"platform-{n}", address, port + n if port else 0, version, rtfs, f"node-{n}")
            for n in range(count)
        ]
        platforms = [platform for platform, _ in made]

        async def ready() -> None:
            for platform in platforms:
                platform.start()
            write(ready_file, {"platforms": [description(platform) for platform in platforms], "pid": os.getpid()})

        try:
            await run([listener for _, listener in made], ready, asyncio.Event())
        finally:
            for platform in platforms:
                platform.stop()


def write(path: Path, data: dict[str, Any]) -> None:
    """Writes a file that nobody sees half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.touch(mode=0o600)
    beside.write_text(json.dumps(data, indent=2))
    beside.replace(path)
