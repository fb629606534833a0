"""Faults that live in the node. They are set over the private control route and nowhere else."""

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.counters import PEER_HEADER
from artifactory_sandbox.platform.web import Answer, Call, Dropped, Refused, Route

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_OF_DISKS = {"fill-disk", "free-disk", "break-mount", "mend-mount"}
_READS = {"GET", "HEAD", "OPTIONS"}


@dataclass(slots=True)
class _Fault:
    kind: str
    times: int
    match: str = ""
    method: str = ""
    after_writes: int = 0
    status: int = 503
    seconds: float = 0.0
    carried_out: bool = False
    text: str = ""
    peers: bool = False

    def meets(self, call: Call) -> bool:
        """Whether this call is one that the fault waits for."""
        if call.path.startswith("/__sandbox__") or (PEER_HEADER in call.headers and not self.peers):
            return False
        return self.match in call.path and self.method in {"", call.method}


class Faults:
    """Which faults are on.

    `answer` {status, text, times}, `delay` {seconds, times}, `drop` {after_writes, carried_out, times}: each may be narrowed
    by `match` (part of the path) and `method`, and counts calls of other nodes only with `peers`. `times` 0 is for ever.
    `clock` {skew} or {advance}, `fill-disk` {mount, percent}, `free-disk` {mount}, `break-mount` {mount}, `mend-mount` {mount},
    `expire-licence`, `purge-queue` {repository}, `heal`.
    """

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self._lock = threading.Lock()
        self._active: list[_Fault] = []
        self.disk_full = False

    def set(self, wanted: dict[str, Any]) -> None:
        """Switches a fault on; a 400 for one that is not known."""
        kind, options = str(wanted.get("kind")), {name: value for name, value in wanted.items() if name != "kind"}
        platform = self._platform
        if kind in {"answer", "delay", "drop"}:
            try:
                fault = _Fault(kind, **{"times": 1, **options})
            except TypeError as error:
                raise Refused(400, f"fault {kind}: {error}") from None
            with self._lock:
                self._active.append(fault)
        elif kind == "clock":
            if "skew" in options:
                platform.clock.skew(float(options["skew"]))
            platform.clock.advance(float(options.get("advance", 0)))
            platform.wake()
        elif kind in _OF_DISKS:
            self._disk(kind, options)
        elif kind == "expire-licence":
            platform.licences.expire(platform.node_id)
        elif kind == "purge-queue":
            platform.federation.purge(str(options.get("repository", "")) or None)
        elif kind == "heal":
            self._heal()
        else:
            raise Refused(400, f"no such fault: {kind}")

    def data(self) -> list[dict[str, Any]]:
        """The faults that wait for calls."""
        with self._lock:
            return [{"kind": fault.kind, "times": fault.times, "match": fault.match} for fault in self._active]

    async def before(self, call: Call, row: Route | None) -> None:
        """Runs the faults that stand before the handler."""
        del row
        if not self._active:
            return
        for fault in self._due(call, carried_out=False):
            if fault.kind == "delay":
                await asyncio.sleep(fault.seconds)
            elif fault.kind == "drop":
                raise Dropped
            else:
                raise Refused(fault.status, fault.text or "Injected by the sandbox")

    async def after(self, call: Call, answer: Answer) -> Answer:
        """Runs the faults that let the call be carried out and then lose the answer."""
        if self._active and self._due(call, carried_out=True):
            raise Dropped
        return answer

    def _due(self, call: Call, carried_out: bool) -> list[_Fault]:
        due = []
        with self._lock:
            for fault in [fault for fault in self._active if fault.carried_out == carried_out and fault.meets(call)]:
                if fault.after_writes > 0:
                    fault.after_writes -= call.method not in _READS
                    continue
                due.append(fault)
                fault.times -= 1
                if fault.times == 0:
                    self._active.remove(fault)
        return due

    def _disk(self, kind: str, options: dict[str, Any]) -> None:
        """All uploads, or what stands at or below a `mount`."""
        if "mount" not in options:
            if kind not in {"fill-disk", "free-disk"}:
                raise Refused(400, f"fault {kind}: which mount?")
            self.disk_full = kind == "fill-disk"
            return
        disks = self._platform.binaries.disks(str(options["mount"]))
        if not disks:
            raise Refused(400, f"fault {kind}: no binaries stand at {options['mount']}")
        for disk in disks:
            if kind in {"fill-disk", "free-disk"}:
                disk.fill(float(options.get("percent", 100)) if kind == "fill-disk" else None)
            else:
                disk.break_down(kind == "break-mount")

    def _heal(self) -> None:
        with self._lock:
            self._active.clear()
        self.disk_full = False
        for disk in self._platform.binaries.disks("/"):
            disk.fill(None)
            disk.break_down(False)
        self._platform.clock.skew(0)
        self._platform.wake()
