"""`remote`: the other live nodes of the cluster as members, each a node's own filestore over HTTP (1.8)."""

import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import requests

from artifactory_sandbox.platform.binaries.chain import CannotStore, MissingBinary, Part, Place
from artifactory_sandbox.platform.binaries.disk import Room
from artifactory_sandbox.platform.binaries.shard import Member, MemberFailed
from artifactory_sandbox.platform.peers import PeerFailed

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

PATH = "/artifactory/api/internal/filestore"
SECRET_HEADER = "X-Cluster-Secret"  # noqa: S105  a name
_SECRET = "cluster-secret"  # noqa: S105  a name
_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Of the provider; in seconds."""

    zone: str = "remote"
    connect_seconds: float = 5
    socket_seconds: float = 15
    retries: int = 2
    check_seconds: float = 15


class Remote(Part):
    """The members of now, looked up in the cluster once a second."""

    def __init__(self, id_: str, settings: Settings) -> None:
        self._id = id_
        self._settings = settings
        self._platform: Platform | None = None
        self._nodes: dict[str, OtherNode] = {}
        self._looked = 0.0

    def attach(self, platform: "Platform") -> None:
        """Whose cluster it is."""
        self._platform = platform

    def members(self) -> list[Member]:
        """The other nodes that are alive."""
        if self._platform is None:
            return []
        if time.monotonic() - self._looked >= _LOOK_EVERY_S:
            self._looked = time.monotonic()
            self._look(self._platform)
        return list(self._nodes.values())

    def places(self) -> Sequence[Place]:
        """The nodes."""
        return [
            Place(node.id, "remote", node.url, node.zone, node.usable())
            for node in self.members()
            if isinstance(node, OtherNode)
        ]

    def _look(self, platform: "Platform") -> None:
        alive = {
            row["id"]: row["url"]
            for row in platform.cluster.nodes()
            if row["state"] == "RUNNING" and row["id"] != platform.node_id
        }
        nodes = {id_: node for id_, node in self._nodes.items() if alive.get(id_) == node.url}
        for id_ in sorted(alive.keys() - nodes.keys()):
            nodes[id_] = OtherNode(f"{self._id}-{id_}", alive[id_], platform, self._settings)
        self._nodes = nodes


class OtherNode:
    """One other node. One that gave no answer is left alone for a while."""

    writable = True

    def __init__(self, id_: str, url: str, platform: "Platform", settings: Settings) -> None:
        self.id = id_
        self.url = url
        self.zone = settings.zone
        self._platform = platform
        self._settings = settings
        self._again = 0.0

    def usable(self) -> bool:
        """Unless it has just failed."""
        return time.monotonic() >= self._again

    def room(self) -> Room | None:
        """Is not asked."""
        return None

    def put(self, sha1: str, file: Path) -> None:
        """Sends the file."""
        with file.open("rb") as source:
            self._ask("PUT", f"/{sha1}", data=source)

    def open(self, sha1: str, start: int = 0) -> BinaryIO:
        """Its stream."""
        return cast(BinaryIO, self._ask("GET", f"/{sha1}", stream=True, params={"start": str(start)}).raw)

    def has(self, sha1: str) -> bool:
        """Asks."""
        try:
            self._ask("HEAD", f"/{sha1}")
        except MissingBinary:
            return False
        return True

    def remove(self, sha1: str) -> None:
        """Asks."""
        self._ask("DELETE", f"/{sha1}")

    def all(self) -> list[tuple[str, int]]:
        """A line for each."""
        lines = (line.split() for line in self._ask("GET", "").text.splitlines())
        return [(sha1, int(size)) for sha1, size in lines]

    def modified(self, sha1: str) -> int | None:
        """Is not asked."""
        return None

    def _ask(self, method: str, path: str, **more: Any) -> requests.Response:
        settings = self._settings
        for left in reversed(range(settings.retries + 1)):
            try:
                return self._platform.peers.call(
                    method,
                    f"{self.url}{PATH}{path}",
                    headers={SECRET_HEADER: secret(self._platform)},
                    timeout=(settings.connect_seconds, settings.socket_seconds),
                    proxy="",
                    **more,
                )
            except PeerFailed as error:
                if error.status == 404:
                    raise MissingBinary(path) from error
                if error.status == 507:
                    raise CannotStore(f"{self.id}: {error}", full=True) from error
                if left and error.status == 0 and "data" not in more:
                    continue
                self._again = time.monotonic() + settings.check_seconds
                log.error("%s failed, it is asked again in %g s: %s", self.id, settings.check_seconds, error)
                raise MemberFailed(str(error)) from error
        raise AssertionError


def secret(platform: "Platform") -> str:
    """What the nodes of a cluster know each other by; made once."""
    return str(platform.settings.once(_SECRET, lambda: secrets.token_hex(16)))
