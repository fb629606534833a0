"""The system's own work: tasks, the schedule, garbage, pruning, backups, checksum replication."""

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.system.backups import Backups
from artifactory_sandbox.platform.system.garbage import Garbage
from artifactory_sandbox.platform.system.prune import Prune
from artifactory_sandbox.platform.system.schedule import Schedule
from artifactory_sandbox.platform.system.tasks import Tasks
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_CHECKSUM = "checksum-replication"
_DAY_MS = 86_400_000


class System:
    """Put together once a node."""

    def __init__(self, platform: "Platform") -> None:
        state = platform.configuration.state
        self._platform = platform
        self.tasks = Tasks(platform, state)
        self.schedule = Schedule(platform, state)
        self.garbage = Garbage(platform, state)
        self.prune = Prune(platform)
        self.backups = Backups(platform)
        self.tasks.forget_own()

    def tick(self) -> None:
        """What nobody calls for: a licence for this node, its key file, and jobs that have come due."""
        self._platform.licences.tick()
        self._platform.configuration.encryption.write_file()
        self.schedule.tick()

    def optimize(self) -> None:
        """Moves what a sharded filestore holds in the wrong place, in the background; a 412 where nothing is sharded."""
        rebalance = self._platform.binaries.rebalance
        if rebalance is None:
            raise Refused(412, f"The filestore '{self._platform.binaries.kind}' is not sharded: nothing to optimize")
        busy = Refused(409, "Storage optimization is already running")
        stack = ExitStack()
        stack.enter_context(self.tasks.running("optimize", "storage optimization", busy))

        def work() -> None:
            with stack:
                rebalance()

        threading.Thread(target=work, name=f"optimize-{self._platform.node_id}", daemon=True).start()

    def trust_checksums(self, allowed: bool, days: int) -> dict[str, Any]:
        """Whether sources may skip binaries that this filestore has, and for how many days (1.7)."""
        until = self._platform.clock.now() + days * _DAY_MS if allowed else 0
        self._platform.settings.set(_CHECKSUM, {"checkBinaryExistenceAllowed": allowed, "trustUntil": until})
        return self.checksums_trusted()

    def checksums_trusted(self) -> dict[str, Any]:
        """The setting as it was made."""
        found: dict[str, Any] = self._platform.settings.get(_CHECKSUM) or {
            "checkBinaryExistenceAllowed": False,
            "trustUntil": 0,
        }
        return found
