"""The other end of a replication: where it is, and how it is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

from artifactory_sandbox.platform.peers import TIMEOUT_S
from artifactory_sandbox.platform.repositories.reach import way_of

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

WIRE = "/api/internal/replication"


@dataclass(frozen=True, slots=True)
class Far:
    """`https://host/artifactory` and the repository there; `timeout` and `proxy` as in `peers`."""

    platform: "Platform"
    base: str
    repo: str
    auth: tuple[str, str] | None
    timeout: tuple[float, float] = TIMEOUT_S
    proxy: str | None = None

    @staticmethod
    def of(
        platform: "Platform", url: str, auth: tuple[str, str] | None, config: Mapping[str, Any] | None = None
    ) -> "Far":
        """Splits `https://host/artifactory/repo`; the rest of how to get there is in the configuration."""
        config = config or {}
        base, _, repo = url.rstrip("/").rpartition("/")
        way = way_of(platform, config)
        return Far(platform, base, repo, auth, way["timeout"], way["proxy"])

    def item(self, path: str) -> str:
        """Address of an item."""
        return f"{self.base}/{quote(self.repo)}/{quote(path)}"

    def storage(self, path: str = "") -> str:
        """Address of what is known about an item."""
        return f"{self.base}/api/storage/{quote(self.repo)}/{quote(path)}"

    def call(self, method: str, url: str, **options: Any) -> requests.Response:
        """A call with the credentials of the replication; raises `PeerFailed`."""
        return self.platform.peers.call(method, url, auth=self.auth, timeout=self.timeout, proxy=self.proxy, **options)
