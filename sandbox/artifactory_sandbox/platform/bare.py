"""Platforms without a machine: no AWS, a directory as filestore, one port each."""

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from artifactory_sandbox import licence
from artifactory_sandbox.platform.binaries.chain import Binaries
from artifactory_sandbox.platform.binaries.file_system import FileSystem
from artifactory_sandbox.platform.platform import Platform
from artifactory_sandbox.platform.security.tokens import ADMIN_SCOPE
from artifactory_sandbox.platform.serve import Listener, bind, run
from artifactory_sandbox.platform.table import ROUTES
from artifactory_sandbox.platform.version import DEFAULT, Version
from artifactory_sandbox.platform.web.app import App

ADMIN_PASSWORD = "password"  # noqa: S105  what a fresh Artifactory has


@dataclass(frozen=True, slots=True)
class Place:
    """Which platforms run where. `nodes` of a platform share its database and its filestore."""

    root: Path
    address: str = "127.0.0.1"
    port: int = 0
    """Port of the first node of the first platform, the others follow; 0 takes free ones."""
    version: Version = DEFAULT
    rtfs: bool = True
    nodes: int = 1
    first_node: int = 0
    """Number of the first node that runs here; nodes before it run in another process."""
    database: str = ""
    """URL of a PostgreSQL database, in which each platform has a schema; without one each has a file."""
    schema: str = "platform"
    binaries: Binaries | None = None
    """Another chain than a directory."""

    def node(self, platform: int, number: int) -> tuple[Platform, Listener]:
        """A node of a platform, not yet started."""
        port = self.port + platform * self.nodes + number - self.first_node if self.port else 0
        node_id = f"node-{platform}-{number}" if number else f"node-{platform}"
        folder = self.root / f"platform-{platform}"
        return make(
            *(folder, self.address, port, self.version, self.rtfs, node_id, number),
            *(self._database(platform, folder), self.binaries),
        )

    def _database(self, platform: int, folder: Path) -> Path | str:
        if not self.database:
            return folder / "cluster.sqlite"
        parts = urlsplit(self.database)
        query = [*parse_qsl(parts.query), ("options", f"-csearch_path={self.schema}_{platform}")]
        return parts._replace(query=urlencode(query, quote_via=quote)).geturl()

    def platform(self, number: int) -> list[tuple[Platform, Listener]]:
        """The nodes of a platform."""
        return [self.node(number, self.first_node + n) for n in range(self.nodes)]


def make(
    folder: Path,
    address: str,
    port: int,
    version: Version,
    rtfs: bool,
    node_id: str,
    number: int = 0,
    database: Path | str = "",
    binaries: Binaries | None = None,
) -> tuple[Platform, Listener]:
    """A licensed node with a base URL, not yet started; what an earlier one left in the folder is kept."""
    listening = bind(address, port)
    url = f"http://{address}:{listening.getsockname()[1]}"
    filestore = folder / "filestore"
    platform = Platform(
        node_id=node_id,
        node_url=url,
        version=version,
        database=database or folder / "cluster.sqlite",
        binaries=binaries or Binaries("file-system", str(filestore), FileSystem(filestore)),
        temporary=folder / (f"work-{number}" if number else "work"),
        properties={},
        rtfs=rtfs,
    )
    _license(platform, number)
    platform.security.first_users(None)
    platform.repositories.first_repositories()
    if not platform.configuration.base_url or (port == 0 and number == 0):
        platform.configuration.base_url = url
    return platform, Listener(App(platform, ROUTES), listening)


def _license(platform: Platform, number: int) -> None:
    """A licence for this node; the pool holds two at least."""
    with platform.database.transaction():
        missing = max(2, number + 1) - len(platform.licences.state.all())
        if missing > 0:
            platform.licences.fill(licence.make(missing))
        platform.licences.claim()


def description(nodes: Sequence[Platform]) -> dict[str, Any]:
    """What the ready file says about a platform; `url` is its first node."""
    first = nodes[0]
    token = first.security.tokens.create("admin", ADMIN_SCOPE, 0, description="ready file")
    return {
        "url": first.node_url,
        "nodes": [node.node_url for node in nodes],
        "artifactory_url": f"{first.node_url}/artifactory",
        "admin_user": "admin",
        "admin_password": ADMIN_PASSWORD,
        "access_token": str(token["access_token"]),
    }


async def main(count: int, ready_file: Path, place: Place) -> None:
    """Runs until SIGTERM; the ready file appears, whole, when all of them answer."""
    platforms = [place.platform(n) for n in range(count)]
    nodes = [made for platform in platforms for made in platform]

    async def ready() -> None:
        for node, _ in nodes:
            node.start()
        described = [description([node for node, _ in platform]) for platform in platforms]
        write(ready_file, {"platforms": described, "pid": os.getpid()})

    try:
        await run([listener for _, listener in nodes], ready, asyncio.Event())
    finally:
        for node, _ in nodes:
            node.stop()


def write(path: Path, data: dict[str, Any]) -> None:
    """Writes a file that nobody sees half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.touch(mode=0o600)
    beside.write_text(json.dumps(data, indent=2))
    beside.replace(path)
