"""The quota of the filestore's disk (1.3, `quotaConfig`)."""

import shutil
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_FULL = (
    "Datastore disk usage is too high. Contact your Artifactory administrator to add additional storage space or change"
    " the disk quota limits."
)


def demand_room(platform: "Platform") -> None:
    """A 413 for an upload while the disk is fuller than the limit; an object store has none."""
    quota = platform.configuration.value("quotaConfig")
    if not quota or not quota["enabled"] or platform.binaries.endless:
        return
    disk = shutil.disk_usage(platform.temporary.parent)
    if 100 * disk.used / disk.total > quota["diskSpaceLimitPercentage"]:
        raise Refused(413, _FULL)
