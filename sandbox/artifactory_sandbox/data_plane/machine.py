"""A simulated EC2 instance: a directory for its root, a loopback address, units that systemctl starts."""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen
from typing import Any, Literal

MachineState = Literal["waiting", "booting", "running", "failed", "stopped", "terminated"]
"""`waiting` for a place to boot, `failed` when user data ended with an error."""


@dataclass(slots=True)
class Unit:
    """A service or a timer of systemd's on one machine."""

    name: str
    enabled: bool = False
    state: Literal["inactive", "active", "failed"] = "inactive"
    process: "Popen[bytes] | None" = None
    reason: str = ""
    starts: int = 0
    timer: threading.Event | None = None
    """Of a timer that was started; set: it is over."""

    @property
    def pid(self) -> int | None:
        """The process that runs for it, if one does."""
        process = self.process  # another thread may take it away
        return process.pid if process is not None and process.poll() is None else None


@dataclass(slots=True)
class Machine:
    """One instance as the data plane runs it."""

    id: str
    account: str
    region: str
    zone: str
    private_ip: str
    address: str
    root: Path
    tags: dict[str, str]
    state: MachineState = "waiting"
    booted: bool = False
    powered: float = field(default_factory=time.monotonic)
    """When its power came on, of `time.monotonic`."""
    outages: int = 0
    reason: str = ""
    launched: datetime = field(default_factory=lambda: datetime.now(UTC))
    units: dict[str, Unit] = field(default_factory=dict)
    script: "Popen[bytes] | None" = None
    packages: set[str] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def site(self) -> str:
        """The site it belongs to, empty when it carries no site's tag."""
        return self.tags.get("artifactory-estate-site", "")

    @property
    def estate(self) -> str:
        """The estate it belongs to."""
        return self.tags.get("artifactory-estate", "")

    @property
    def boot_log(self) -> Path:
        """Where cloud-init writes what user data said."""
        return self.root / "var/log/cloud-init-output.log"

    def unit(self, name: str) -> Unit:
        """The unit of a name, with or without `.service`."""
        return self.units.setdefault(name.removesuffix(".service"), Unit(name.removesuffix(".service")))

    @property
    def start_failure(self) -> str:
        """Why it does not serve, empty when nothing failed."""
        return self.reason or next(
            (unit.reason for unit in self.units.values() if unit.state == "failed" and unit.reason), ""
        )

    def data(self) -> dict[str, Any]:
        """What the control API says of it."""
        return {
            "id": self.id,
            "site": self.site,
            "estate": self.estate,
            "account": self.account,
            "region": self.region,
            "zone": self.zone,
            "private_ip": self.private_ip,
            "address": self.address,
            "root": str(self.root),
            "state": self.state,
            "reason": self.start_failure,
            "units": {
                unit.name: {
                    "state": unit.state,
                    "enabled": unit.enabled,
                    "pid": unit.pid,
                    "starts": unit.starts,
                    "reason": unit.reason,
                }
                for unit in self.units.values()
            },
        }
