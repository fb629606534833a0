"""The data plane: compares the machines that moto wants with those that run, and makes the difference go away.

Level-triggered: nothing is remembered but the machines; every round looks at moto anew. Rounds follow each changing AWS call
and a slow tick.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifactory_sandbox.aws import backends
from artifactory_sandbox.aws.patches.hooks import TargetState
from artifactory_sandbox.aws.settings import ACCOUNT, NODE_KEY
from artifactory_sandbox.data_plane import boot, commands, environment, packages
from artifactory_sandbox.data_plane.addresses import Addresses
from artifactory_sandbox.data_plane.databases import Databases, Rejected
from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.data_plane.refresh import Refreshes
from artifactory_sandbox.data_plane.units import Answer, Units
from artifactory_sandbox.processes import Processes, end

TICK_S = 2.0
BOOTS = 2
"""Machines that boot at the same time."""

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
        self.databases = Databases(directory / "databases", region_answers)
        self.units = Units(running, self._unit_environment, places.control, self.wake, node_command)
        self.target_states: Callable[[str, str], TargetState] = lambda _arn, _id: TargetState(
            "initial", "Elb.RegistrationInProgress"
        )
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
        """Ends reconciling; processes are ended by whoever owns them."""
        self._ending.set()
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        """Something changed: have a look soon."""
        self._awake.set()

    # what moto's patches ask

    def target_state(self, group_arn: str, instance_id: str) -> TargetState:
        """How a target is, as the load balancers probed it."""
        return self.target_states(group_arn, instance_id)

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

    def start_refresh(self, account: str, region: str, group: str) -> str:
        """Rolls the instances of an Auto Scaling group."""
        return self._refreshes.start(account, region, group)

    def refreshes(self, account: str, region: str, group: str) -> list[dict[str, Any]]:
        """What was rolled, and is."""
        return self._refreshes.of(account, region, group)

    # what a machine's stubs ask

    def command(self, machine: Machine, request: dict[str, Any]) -> Answer:
        """A command that a machine's script gave."""
        name, arguments = str(request["command"]), [str(word) for word in request["arguments"]]
        if name == "systemctl":
            return self.units.systemctl(machine, arguments)
        if name == "service":
            return self.units.systemctl(machine, [arguments[-1], *arguments[:-1]])
        if name in {"dnf", "yum"}:
            return packages.dnf(machine, arguments)
        if name == "rpm":
            return packages.rpm(machine, arguments)
        if name == "psql":
            return self._psql(request)
        return Answer(0)

    def _psql(self, request: dict[str, Any]) -> Answer:
        wanted = request["environment"]
        try:
            output = self.databases.run(wanted["PGHOST"], wanted["PGUSER"], wanted["PGPASSWORD"], request["statements"])
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
        wished = {
            row.id: (account, region, row) for account, region, row in backends.instances() if row.state not in _GONE
        }
        for machine in [machine for machine in self.machines.values() if machine.id not in wished]:
            self._terminate(machine)
        for account, region, instance in wished.values():
            machine = self.machines.get(instance.id) or self._launch(account, region, instance)
            machine.tags = backends.tags_of(instance)
            powered = instance.state in {"running", "pending"} and self._region_answers(region)
            if not powered and machine.state not in {"stopped", "waiting"}:
                self._power_off(machine)
            elif powered and machine.state == "stopped":
                self._power_on(machine)
        booting = sum(machine.state == "booting" for machine in self.machines.values())
        for machine in [machine for machine in self.machines.values() if machine.state == "waiting"][
            : max(0, BOOTS - booting)
        ]:
            if self._region_answers(machine.region):
                self._boot(machine, wished[machine.id][2])
        self.databases.forget(
            {f"{account}/{region}/{row.db_instance_identifier}" for account, region, row in backends.databases()}
        )

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
        machine.state = "booting"
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
        machine.state = "running"
        for unit in list(machine.units.values()):
            if unit.enabled:
                self.units.start(machine, unit.name)

    def _power_off(self, machine: Machine) -> None:
        machine.state = "stopped"
        machine.outages += 1
        self._end(machine)

    def _terminate(self, machine: Machine) -> None:
        machine.state = "terminated"
        self._end(machine)
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
