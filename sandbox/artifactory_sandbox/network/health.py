"""Target health: each target group's own check, against the machine that stands for the target, with the interval shortened."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from artifactory_sandbox.aws import backends
from artifactory_sandbox.aws.patches.hooks import TargetState
from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.network.draining import Draining
from artifactory_sandbox.network.tls import UNVERIFIED

SPEED = 15
"""How many times faster than declared targets are probed: every 2 s where AWS would wait 30."""

_FASTEST_S, _SLOWEST_S, _TICK_S = 0.5, 2.0, 0.25
_INITIAL = TargetState("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
_UNUSED = TargetState(
    "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
)
_STOPPED = TargetState("unused", "Target.InvalidState", "Target is in the stopped state")
_HEALTHY = TargetState("healthy")
_NO_ANSWER = ("Target.FailedHealthChecks", "Health checks failed")


@dataclass(slots=True)
class _Target:
    state: TargetState = _INITIAL
    passed: int = 0
    failed: int = 0
    due: float = 0.0
    probing: bool = False
    outages: int = 0


class Health:
    """Probes every target of every group that a load balancer uses."""

    def __init__(self, machines: Callable[[str], Machine | None], region_answers: Callable[[str], bool]) -> None:
        self.requests = Draining()
        self._machines = machines
        self._region_answers = region_answers
        self._targets: dict[tuple[str, str], _Target] = {}

    def state(self, group_arn: str, instance_id: str) -> TargetState:
        """How a target is now."""
        found, machine = self._targets.get((group_arn, instance_id)), self._machines(instance_id)
        if found is None or (machine is not None and machine.outages != found.outages):
            return _INITIAL
        return found.state

    async def run(self) -> None:
        """Probes until it is cancelled."""
        probes: set[asyncio.Task[None]] = set()
        while True:
            known = set()
            for _, region, group in backends.target_groups():
                for target in list(group.targets.values()):
                    key = (group.arn, target["Id"])
                    known.add(key)
                    entry = self._targets.setdefault(key, _Target())
                    if self._is_due(entry, group, target, region):
                        entry.probing = True
                        probe = asyncio.create_task(self._probe(entry, group, target))
                        probes.add(probe)
                        probe.add_done_callback(probes.discard)
            for gone in self._targets.keys() - known:
                del self._targets[gone]
            await asyncio.sleep(_TICK_S)

    def _is_due(self, entry: _Target, group: Any, target: dict[str, Any], region: str) -> bool:
        machine = self._machines(target["Id"])
        if machine is not None and machine.outages != entry.outages:
            entry.state, entry.outages = _INITIAL, machine.outages  # what was known before says nothing about after
        if not group.load_balancer_arns:
            entry.state = _UNUSED
        elif machine is not None and machine.state == "stopped" and self._region_answers(region):
            entry.state = _STOPPED
        elif entry.state in {_UNUSED, _STOPPED}:
            entry.state = _INITIAL
        idle = entry.state in {_UNUSED, _STOPPED} or entry.probing or not self._region_answers(region)
        return not idle and time.monotonic() >= entry.due

    async def _probe(self, entry: _Target, group: Any, target: dict[str, Any]) -> None:
        machine = self._machines(target["Id"])
        port = int(target["Port"] if group.health_check_port in {None, "traffic-port"} else group.health_check_port)
        timeout = min(float(group.health_check_timeout_seconds or 5), 10.0)
        try:
            failure = await asyncio.wait_for(probe(machine.address, port, group), timeout) if machine else _NO_ANSWER
        except TimeoutError:
            failure = ("Target.Timeout", "Request timed out")
        except (OSError, ValueError, asyncio.IncompleteReadError):
            failure = _NO_ANSWER
        finally:
            entry.probing = False
            interval = float(group.health_check_interval_seconds or 30) / SPEED
            entry.due = time.monotonic() + min(max(interval, _FASTEST_S), _SLOWEST_S)
        _judge(entry, group, failure)


def _judge(entry: _Target, group: Any, failure: tuple[str, str] | None) -> None:
    """A new target is healthy after one good answer; later changes take the thresholds of the group."""
    entry.passed, entry.failed = (entry.passed + 1, 0) if failure is None else (0, entry.failed + 1)
    if failure is None and (entry.state is _INITIAL or entry.passed >= int(group.healthy_threshold_count or 3)):
        entry.state = _HEALTHY
    elif failure is not None and entry.failed >= int(group.unhealthy_threshold_count or 2):
        entry.state = TargetState("unhealthy", *failure)


async def probe(address: str, port: int, group: Any) -> tuple[str, str] | None:
    """One health check; None when it passed, else (reason, description)."""
    secure = UNVERIFIED if group.health_check_protocol == "HTTPS" else None
    reader, writer = await asyncio.open_connection(address, port, ssl=secure)
    try:
        if group.health_check_protocol not in {"HTTP", "HTTPS"}:
            return None
        path = group.health_check_path or "/"
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {address}:{port}\r\nUser-Agent: ELB-HealthChecker/2.0\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        line = (await reader.readuntil(b"\r\n")).decode("latin-1").split(None, 2)
        status = int(line[1])
    finally:
        writer.close()
    if _matches(status, (getattr(group, "matcher", None) or {}).get("HttpCode") or "200"):
        return None
    return ("Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{status}]")


def _matches(status: int, codes: str) -> bool:
    ranges = [re.fullmatch(r"\s*(\d{3})(?:-(\d{3}))?\s*", part) for part in str(codes).split(",")]
    return any(found is not None and int(found[1]) <= status <= int(found[2] or found[1]) for found in ranges)
