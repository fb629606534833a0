"""systemd's part: enable, start, stop, ask. `artifactory`, `nginx` and `httpd` mean something; others only have a state.

`artifactory` is the simulated node, a process. The web servers are played by the node too, each while its file
`run/<name>.pid` is there. A timer runs its service (`timers`).
A unit that ends by itself stays `failed`: nothing restarts it.
"""

import json
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from artifactory_sandbox import processes
from artifactory_sandbox.data_plane import timers
from artifactory_sandbox.data_plane.machine import Machine, Unit
from artifactory_sandbox.data_plane.timers import NotLoaded, Timers
from artifactory_sandbox.processes import Processes

NODE = "artifactory"
WEB_SERVERS = frozenset({"nginx", "httpd"})
FRONT_COMMAND = (sys.executable, "-m", "artifactory_sandbox.platform", "front")
"""A web server on a machine without a node; beside one, the node plays it."""
NODE_COMMAND = (sys.executable, "-m", "artifactory_sandbox.platform", "node")
_QUIET = {"daemon-reload", "daemon-reexec", "reset-failed", "mask", "unmask", "preset"}
_INSTALLED_BY = {NODE: "opt/jfrog/artifactory/app", **{name: f"etc/{name}" for name in WEB_SERVERS}}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command line answers."""

    code: int
    output: str = ""


class Units:
    """Carries systemctl out. `environment` gives a unit's environment, `changed` is called when a unit started or ended;
    `scripts` is the environment of what a timer runs."""

    def __init__(
        self,
        running: Processes,
        environment: Callable[[Machine], dict[str, str]],
        scripts: Callable[[Machine], dict[str, str]],
        control: Callable[[], str],
        changed: Callable[[], None],
        command: Sequence[str] = NODE_COMMAND,
    ) -> None:
        self._processes = running
        self._environment = environment
        self._timers = Timers(running, scripts)
        self._control = control
        self._changed = changed
        self._command = tuple(command)

    def systemctl(self, machine: Machine, args: Sequence[str]) -> Answer:
        """One call of systemctl, with its exit codes: 0 done, 3 not active, 1 failed, 5 no such unit."""
        flags = {arg for arg in args if arg.startswith("-")}
        words = [arg for arg in args if not arg.startswith("-")]
        verb, names = (words[0], words[1:]) if words else ("", [])
        if verb in _QUIET:
            return Answer(0)
        if verb not in _VERBS:
            return Answer(1, f"Unknown command verb '{verb}' (the sandbox knows {', '.join(sorted(_VERBS))})")
        if not names:
            return Answer(1, "Too few arguments.")
        with machine.lock:
            answers = [self._one(machine, verb, name.removesuffix(".service"), "--now" in flags) for name in names]
        output = "\n".join(answer.output for answer in answers if answer.output)
        shown = "" if flags & {"-q", "--quiet"} and verb in {"is-active", "is-enabled", "is-failed"} else output
        return Answer(max(answer.code for answer in answers), shown)

    def start(self, machine: Machine, name: str) -> Answer:
        """Starts a unit; one that runs is left alone."""
        unit = machine.unit(name)
        if unit.state == "active":
            return Answer(0)
        if unit.name.endswith(timers.SUFFIX):
            return self._start_timer(machine, unit)
        needs = _INSTALLED_BY.get(unit.name)
        if needs and not (machine.root / needs).exists():
            return Answer(5, f"Failed to start {unit.name}.service: Unit {unit.name}.service not found.")
        unit.reason = ""
        unit.state = "active"
        unit.starts += 1
        if unit.name in WEB_SERVERS:
            _write(_pid_file(machine, unit), "1\n")
            if not (machine.root / _INSTALLED_BY[NODE]).exists():
                where = ["--root", str(machine.root), "--address", machine.address]
                self._start_process(machine, unit, [*FRONT_COMMAND, *where], "front.log")
        if unit.name == NODE:
            self._start_node(machine, unit)
        self._changed()
        return Answer(0)

    def stop(self, machine: Machine, name: str, grace: float = processes.GRACE_S) -> Answer:
        """Stops a unit; grace 0 kills it, as a crash would."""
        unit = machine.unit(name)
        self._timers.end(machine, unit)
        process, unit.process = unit.process, None
        unit.state = "inactive"
        if unit.name in WEB_SERVERS:
            _pid_file(machine, unit).unlink(missing_ok=True)
        if process is not None:
            processes.end(process, grace)
        self._changed()
        return Answer(0)

    def kill(self, machine: Machine, name: str = NODE) -> bool:
        """SIGKILL to a unit's process; systemd sees it fail. False when none runs."""
        process = machine.unit(name).process
        if process is None or process.poll() is not None:
            return False
        processes.end(process, grace=0)
        return True

    def end_timers(self, machine: Machine) -> None:
        """Nothing more is run on a machine by itself."""
        for unit in list(machine.units.values()):
            self._timers.end(machine, unit)

    def _start_timer(self, machine: Machine, unit: Unit) -> Answer:
        try:
            self._timers.start(machine, unit)
        except NotLoaded as refused:
            return Answer(refused.code, str(refused))
        return Answer(0)

    def _one(self, machine: Machine, verb: str, name: str, now: bool) -> Answer:
        unit = machine.unit(name)
        if verb in {"enable", "disable"}:
            unit.enabled = verb == "enable"
            verb = {"enable": "start", "disable": "stop"}[verb] if now else "done"
        if verb == "try-restart":
            verb = "restart" if unit.state == "active" else "done"
        if verb in {"start", "stop"}:
            return self.start(machine, name) if verb == "start" else self.stop(machine, name)
        if verb in _RESTARTS:
            return self._restart(machine, unit, verb)
        return Answer(0) if verb == "done" else _state(unit, verb)

    def _restart(self, machine: Machine, unit: Unit, verb: str) -> Answer:
        if verb == "reload" and unit.name in WEB_SERVERS and unit.state == "active":
            _write(_pid_file(machine, unit), f"{unit.starts}\n")
            return Answer(0)
        self.stop(machine, unit.name)
        return self.start(machine, unit.name)

    def _start_node(self, machine: Machine, unit: Unit) -> None:
        where = ["--root", str(machine.root), "--address", machine.address, "--control", self._control()]
        self._start_process(machine, unit, [*self._command, *where], "artifactory-node.log")

    def _start_process(self, machine: Machine, unit: Unit, command: Sequence[str], log_name: str) -> None:
        log = machine.root / "var/log" / log_name
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")
        unit.process = self._processes.start(
            command,
            env=self._environment(machine),
            cwd=machine.root,
            output=log,
            ended=lambda code: self._node_ended(machine, unit, code, log),
        )

    def _node_ended(self, machine: Machine, unit: Unit, code: int, log: Path) -> None:
        with machine.lock:
            process = unit.process
            if process is None or process.poll() is None:
                return  # stopped on purpose, or started again meanwhile
            unit.process = None
            unit.reason = fatal_reason(log) or (f"ended with code {code}" if code else "")
            unit.state = "failed" if code else "inactive"
        self._changed()


_RESTARTS = {"restart", "reload", "reload-or-restart"}
_QUESTIONS = {"is-active", "is-enabled", "is-failed", "status"}
_VERBS = {"enable", "disable", "start", "stop", "try-restart"} | _RESTARTS | _QUESTIONS


def _state(unit: Unit, verb: str) -> Answer:
    """The answer to a question about a unit."""
    if verb == "is-enabled":
        return Answer(0 if unit.enabled else 1, "enabled" if unit.enabled else "disabled")
    if verb == "is-failed":
        return Answer(0 if unit.state == "failed" else 1, unit.state)
    text = unit.state if verb == "is-active" else f"{unit.name}.service - {unit.state}\n{unit.reason}".strip()
    return Answer(0 if unit.state == "active" else 3, text)


def hands_to(front: Machine, node: Machine) -> bool:
    """Whether a web server that runs on `front` hands requests to `node` of the same site, by its file."""
    address = re.compile(rf"(?<![0-9.]){re.escape(node.private_ip)}:")
    for name in WEB_SERVERS & front.units.keys() if front.site == node.site else ():
        with suppress(FileNotFoundError):  # the machine may be going
            text = (front.root / _INSTALLED_BY[name] / "conf.d/artifactory.conf").read_text()
            if front.units[name].state == "active" and address.search(text):
                return True
    return False


def fatal_reason(log: Path) -> str:
    """The reason that a node gave before it ended: the last line `{"fatal": "reason"}` of its output."""
    with suppress(OSError):
        for line in reversed(log.read_text(errors="replace").splitlines()[-50:]):
            if line.startswith('{"fatal"'):
                with suppress(ValueError, KeyError):
                    return str(json.loads(line)["fatal"])
    return ""


def _pid_file(machine: Machine, unit: Unit) -> Path:
    return machine.root / "run" / f"{unit.name}.pid"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
