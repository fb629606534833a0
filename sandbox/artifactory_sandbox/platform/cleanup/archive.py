"""Archiving: packages travel to the cold platform before they go here (12.9)."""

from typing import TYPE_CHECKING

from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.cleanup.packages import Package
from artifactory_sandbox.platform.lifecycle.sources import file_of
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_NONE = "No cold Artifactory is registered: archiving needs a JPD that is cold storage"


class Archive:
    """The cold platform is the first JPD that was registered with `is_cold_storage`."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform

    def demand(self) -> Row:
        """The cold platform; refuses when there is none."""
        for row in self._platform.mission_control.state.jpds():
            if row["cold"]:
                return row
        raise Refused(400, _NONE)

    def send(self, package: Package) -> None:
        """Copies a package, repository included; raises when one of its files did not arrive."""
        cold = self.demand()
        distributions = self._platform.lifecycle.distributions
        try:
            distributions.make_repository(cold["id"], package.repo, package.kind)
            for row in package.files:
                distributions.send(cold["id"], f"{row['repo']}/{row['path']}", file_of(self._platform, row))
        except (PeerFailed, MissingBinary) as error:
            raise Refused(400, f"Archiving of {package.repo}/{package.name} failed: {error}") from None
        data = {"repo_key": package.repo, "package_name": package.name, "package_version": package.version}
        self._platform.webhooks.fire("artifact_lifecycle", "archive", data)
