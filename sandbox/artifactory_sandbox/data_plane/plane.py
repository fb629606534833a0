"""The data plane: compares the machines that moto wants with those that run, and makes the difference go away.

Level-triggered: nothing is remembered but the machines; every round looks at moto anew. Rounds follow each changing AWS call
and a slow tick.
"""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifactory_sandbox.aws import backends
from artifactory_sandbox.aws.patches.hooks import TargetState
from artifactory_sandbox.aws.settings import ACCOUNT, NODE_KEY
from artifactory_sandbox.data_plane import boot, commands, environment, packages
from artifactory_sandbox.data_plane.addresses import Addresses
from artifactory_sandbox.data_plane.databases import Databases
from artifactory_sandbox.data_plane.disks import Disks
from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.data_plane.mounts import Mounts
from artifactory_sandbox.data_plane.refresh import Refreshes
from artifactory_sandbox.data_plane.replacement import replace_unhealthy
from artifactory_sandbox.data_plane.sql_clients import Rejected
from artifactory_sandbox.data_plane.units import Answer, Units, hands_to
from artifactory_sandbox.network.draining import Draining
from artifactory_sandbox.processes import Processes, end

TICK_S = 2.0
POSTGRESQL = "ESTATE_SANDBOX_POSTGRESQL"
"""Names an administrator's URL of a PostgreSQL that stands behind the databases of RDS; a file for each without it."""
BOOTS = 2
"""Machines that boot at the same time."""

_DRAINED_WITHIN_S = 120.0
_GONE = {"terminated", "shutting-down"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the data plane finds its neighbours; they are known only when they listen."""

    aws: Callable[[], str]
    control: Callable[[], str]
    proxy: Callable[[str], str]


class DataPlane:
    """Machines, databases and commands of one sandbox; the `Hooks` of moto's patches."""

    def __init__(
        self,
        directory: Path,
        stubs: Path,
        running: Processes,
        places: Places,
        region_answers: Callable[[str], bool],
        node_command: Sequence[str],
    ) -> None:
        self.machines: dict[str, Machine] = {}
        self.databases = Databases(directory / "databases", region_answers, os.environ.get(POSTGRESQL, ""))
        self.disks = Disks(directory)
        self.mounts = Mounts(self.disks)
        self.units = Units(
            running, self._unit_environment, self._script_environment, places.control, self.wake, node_command
        )
        self.target_states: Callable[[str, str], TargetState] = lambda _arn, _id: TargetState(
            "initial", "Elb.RegistrationInProgress"
        )
        self.draining: Draining | None = None
        self.bad_versions: set[str] = set()
        """Versions of Artifactory that cannot start once they are installed."""
        self._instances = directory / "instances"
        self._stubs = stubs
        self._processes = running
        self._places = places
        self._region_answers = region_answers
        self._addresses = Addresses()
        self._node_keys: dict[str, str] = {ACCOUNT: NODE_KEY}
        self._awake = threading.Event()
        self._round = threading.Lock()
        self._ending = threading.Event()
        self._refreshes = Refreshes(self.machines.get, self.target_state, self._ending)
        self._thread = threading.Thread(target=self._run, name="reconciler", daemon=True)

    def start(self) -> None:
        """Reconciles from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Ends reconciling and timers; processes are ended by whoever owns them."""
        self._ending.set()
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join()
        for machine in list(self.machines.values()):
            self.units.end_timers(machine)

    def wake(self) -> None:
        """Something changed: have a look soon."""
        self._awake.set()

    # what moto's patches ask

    def target_state(self, group_arn: str, instance_id: str) -> TargetState:
        """How a target is, as the load balancers probed it."""
        return self.target_states(group_arn, instance_id)

    def drains(self, group_arn: str, instance_id: str, deregistered: float, delay: float) -> bool:
        """Whether a target deregistered at that moment of `time.monotonic` may still answer something, `delay` seconds at
        most: requests are under way, or a front will send it more."""
        if self.draining is None or time.monotonic() > deregistered + delay:
            return False
        return self.draining.drains((group_arn, instance_id)) or self._is_followed(instance_id)

    def reachable_by_commands(self, instance_id: str) -> bool:
        """The agent runs from the moment user data starts."""
        machine = self.machines.get(instance_id)
        return (
            machine is not None
            and machine.state in {"booting", "running", "failed"}
            and self._region_answers(machine.region)
        )

    def run_command(self, command: Any) -> None:
        """Carries out a command of Systems Manager."""
        commands.carry_out(command, self.machines.get, self._script_environment, self._processes)

    def database_failed_over(self, identifier: str) -> None:
        """The endpoint stays; connections do not."""
        self.databases.fail_over(identifier)

    def start_refresh(self, account: str, region: str, group: str, preferences: dict[str, Any]) -> str:
        """Rolls the instances of an Auto Scaling group."""
        return self._refreshes.start(account, region, group, preferences)

    def refreshes(self, account: str, region: str, group: str) -> list[dict[str, Any]]:
        """What was rolled, and is."""
        return self._refreshes.of(account, region, group)

    # what a machine's stubs ask

    def command(self, machine: Machine, request: dict[str, Any]) -> Answer:
        """A command that a machine's script gave."""
        name, arguments = str(request["command"]), [str(word) for word in request["arguments"]]
        if name == "service":
            name, arguments = "systemctl", [arguments[-1], *arguments[:-1]]
        if name == "systemctl":
            return self.units.systemctl(machine, arguments)
        if name in {"dnf", "yum"}:
            return packages.dnf(machine, arguments, self.bad_versions)
        if name == "rpm":
            return packages.rpm(machine, arguments)
        if name in {"psql", "mysql", "sqlplus", "sqlcmd"}:
            return self._database_client(name, request)
        if self.mounts.knows(name):
            return self.mounts.command(machine, name, arguments)
        return Answer(0)

    def _database_client(self, name: str, request: dict[str, Any]) -> Answer:
        wanted = request["environment"]
        host, user, password = (wanted[key] for key in ("PGHOST", "PGUSER", "PGPASSWORD"))
        try:
            output = self.databases.run(host, user, password, request["statements"], name)
        except Rejected as error:
            return Answer(2, str(error))
        return Answer(0, output)

    # reconciling

    def _run(self) -> None:
        while not self._ending.is_set():
            self._awake.wait(TICK_S)
            self._awake.clear()
            if self._ending.is_set():
                return
            try:
                self.reconcile()
            except Exception:  # noqa: BLE001  one bad row must not end the thread
                _log.exception("reconciling failed; the next round tries again")

    def reconcile(self) -> None:
        """One round; rounds of several threads follow one another."""
        with self._round:
            self._reconcile()

    def _reconcile(self) -> None:
        replace_unhealthy(self.machines.get, self.target_state, self._region_answers)
        rows = list(backends.instances())
        wished = {row.id: (account, region, row) for account, region, row in rows if row.state not in _GONE}
        leaving = {row.id for _, _, row in rows if self._drains_first(row)}
        for machine in [machine for machine in self.machines.values() if machine.id not in leaving.union(wished)]:
            self._terminate(machine)
        for account, region, instance in wished.values():
            machine = self.machines.get(instance.id) or self._launch(account, region, instance)
            machine.tags = backends.tags_of(instance)
            powered = instance.state in {"running", "pending"} and self._region_answers(region)
            if not powered and machine.state not in {"stopped", "waiting"}:
                self._power_off(machine)
            elif powered and machine.state == "stopped":
                self._power_on(machine)
            if machine.state in {"booting", "running", "failed"}:
                self.disks.attached(machine)
        booting = sum(machine.state == "booting" for machine in self.machines.values())
        for machine in [machine for machine in self.machines.values() if machine.state == "waiting"][
            : max(0, BOOTS - booting)
        ]:
            if self._region_answers(machine.region):
                self._boot(machine, wished[machine.id][2])
        self.disks.forget()
        self.databases.sync()

    def _drains_first(self, row: Any) -> bool:
        """Whether its group took it out and it is answering still: Auto Scaling waits for that, a crash does not."""
        left: float | None = getattr(row, "left_its_group", None)
        if left is None or self.draining is None or time.monotonic() > left + _DRAINED_WITHIN_S:
            return False
        return self.draining.busy(row.id) or self._is_followed(row.id)

    def _is_followed(self, instance_id: str) -> bool:
        """Whether some front has the machine among its nodes."""
        machine = self.machines.get(instance_id)
        return machine is not None and any(hands_to(front, machine) for front in list(self.machines.values()))

    def _launch(self, account: str, region: str, instance: Any) -> Machine:
        machine = Machine(
            id=instance.id,
            account=account,
            region=region,
            zone=str(instance.availability_zone),
            private_ip=str(instance.private_ip),
            address=self._addresses.take(region, instance.id),
            root=self._instances / instance.id,
            tags=backends.tags_of(instance),
        )
        self.machines[machine.id] = machine
        return machine

    def _boot(self, machine: Machine, instance: Any) -> None:
        machine.state, machine.powered = "booting", time.monotonic()
        boot.prepare(machine)

        def done(reason: str) -> None:
            machine.reason = reason
            if machine.state == "booting":
                machine.state = "failed" if reason else "running"
                machine.booted = not reason
            self.wake()

        try:
            boot.run(machine, boot.decode(instance.user_data), self._processes, self._script_environment(machine), done)
        except (OSError, ValueError) as error:
            done(f"user data cannot be run: {error}")

    def _power_on(self, machine: Machine) -> None:
        if not machine.booted:
            machine.state = "waiting"
            return
        machine.state, machine.powered = "running", time.monotonic()
        self.mounts.power_on(machine)
        for unit in list(machine.units.values()):
            if unit.enabled:
                self.units.start(machine, unit.name)

    def _power_off(self, machine: Machine) -> None:
        machine.state = "stopped"
        machine.outages += 1
        self._end(machine)
        self.mounts.power_off(machine)

    def _terminate(self, machine: Machine) -> None:
        machine.state = "terminated"
        self._end(machine)
        self.mounts.gone(machine)
        del self.machines[machine.id]
        self._addresses.free(machine.id)
        _keep_logs(machine, self._instances.parent / "logs" / machine.id)
        shutil.rmtree(machine.root, ignore_errors=True)

    def _end(self, machine: Machine) -> None:
        """Power is off: no process of this machine goes on."""
        if (script := machine.script) is not None:
            end(script, grace=0)
        for unit in list(machine.units.values()):
            self.units.stop(machine, unit.name, grace=0)

    # environments

    def _script_environment(self, machine: Machine) -> dict[str, str]:
        where = {"stubs": self._stubs, "aws": self._places.aws(), "control": self._places.control()}
        return environment.for_scripts(machine, key=self.node_key(machine.account), **where)  # type: ignore[arg-type]

    def _unit_environment(self, machine: Machine) -> dict[str, str]:
        proxy = self._places.proxy(machine.site)
        return environment.for_units(machine, aws=self._places.aws(), proxy=proxy, key=self.node_key(machine.account))

    def node_key(self, account: str) -> str:
        """The access key that a machine of an account signs with; moto finds the account by it."""
        if account not in self._node_keys:
            sts = backends.backend("sts", account, "aws")
            role = sts.assume_role("aws", "machine", f"arn:aws:iam::{account}:role/machine", None, 43200, None)
            self._node_keys[account] = role.access_key_id
        return self._node_keys[account]


def _keep_logs(machine: Machine, directory: Path) -> None:
    """Logs outlive their machine: they say why it went."""
    for name in ("var/log", "opt/jfrog/artifactory/var/log"):
        found = machine.root / name
        if found.is_dir():
            shutil.copytree(found, directory / name, dirs_exist_ok=True)
