"""systemd's timers: `X.timer` and `X.service` below a machine's /etc/systemd/system, and the runs of the service.

Every timer that a machine enables runs, in real time: nothing here is sped up, as health checks are. Measured on two cores: two
fronts that look every ten seconds take 5 % of one, a node's metrics every five minutes are not seen. Known are the settings
that the estate's own units have, for a service of one run (`Type=oneshot`); any other is refused with the line that systemd
logs, which goes on without it.
"""

import re
import shlex
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from artifactory_sandbox.data_plane.machine import Machine, Unit
from artifactory_sandbox.processes import Processes

SUFFIX = ".timer"
_FOLDER = "etc/systemd/system"
_SPANS = ("OnBootSec", "OnUnitActiveSec", "OnUnitInactiveSec")
_KNOWN: Mapping[str, Mapping[str, frozenset[str]]] = {
    SUFFIX: {
        "Unit": frozenset({"Description"}),
        "Timer": frozenset({*_SPANS, "AccuracySec"}),
        "Install": frozenset({"WantedBy"}),
    },
    ".service": {"Unit": frozenset({"Description"}), "Service": frozenset({"Type", "ExecStart"})},
}
_SPAN = re.compile(r"([0-9]+)\s*(s|min|h|)")
_SECONDS = {"": 1, "s": 1, "min": 60, "h": 3600}


class NotLoaded(Exception):
    """What systemd says of a unit that it does not start; `code` is systemctl's."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Timer:
    """When a service runs, in seconds after the machine's start, its own last start and its own last end; None: not so."""

    after_boot: float | None
    after_start: float | None
    after_end: float | None
    command: tuple[str, ...]

    def next_after(self, started: float, ended: float) -> float | None:
        """The moment of the run after one that began and ended then; None: there is no other."""
        both = ((started, self.after_start), (ended, self.after_end))
        return min((base + span for base, span in both if span is not None), default=None)


class Timers:
    """The timers of all machines. `environment` gives that of a service's run."""

    def __init__(self, running: Processes, environment: Callable[[Machine], dict[str, str]]) -> None:
        self._processes = running
        self._environment = environment

    def start(self, machine: Machine, unit: Unit) -> None:
        """Runs the service of a timer whenever it is due, until `end` or the end of the machine. Raises `NotLoaded`."""
        timer = read(machine.root, unit.name)
        unit.timer, unit.state = threading.Event(), "active"
        unit.starts += 1
        service = machine.unit(unit.name.removesuffix(SUFFIX))
        name = f"{unit.name}-{machine.id}"
        threading.Thread(target=self._keep, args=(machine, service, timer, unit.timer), name=name, daemon=True).start()

    @staticmethod
    def end(machine: Machine, unit: Unit) -> None:
        """No run begins after this; one under way goes on, as systemd's does."""
        with machine.lock:
            if unit.timer is not None:
                unit.timer.set()

    def _keep(self, machine: Machine, service: Unit, timer: Timer, ended: threading.Event) -> None:
        due = None if timer.after_boot is None else machine.powered + timer.after_boot
        while not ended.wait(None if due is None else max(0.0, due - time.monotonic())):
            began = time.monotonic()
            process = self._run(machine, service, timer, ended)
            if process is None:
                return
            service.state = "failed" if process.wait() else "inactive"
            service.process = None
            due = timer.next_after(began, time.monotonic())

    def _run(self, machine: Machine, service: Unit, timer: Timer, ended: threading.Event) -> "Popen[bytes] | None":
        with machine.lock:
            if ended.is_set():
                return None
            service.starts += 1
            service.process = self._processes.start(
                timer.command,
                env=self._environment(machine),
                cwd=machine.root,
                output=machine.root / "var/log" / f"{service.name}.log",
            )
            return service.process


def read(root: Path, name: str) -> Timer:
    """The timer and its service from their files. Raises `NotLoaded`."""
    own = dict(_settings(root, name, name))
    service = name.removesuffix(SUFFIX) + ".service"
    run = dict(_settings(root, service, name))
    boot, start, end = (_seconds(own[key], key, name) if key in own else None for key in _SPANS)
    if boot is start is end is None:
        raise NotLoaded(f"{name}: Timer unit lacks value setting. Refusing.\n{_bad(name, name)}")
    if run.get("Type") != "oneshot" or "ExecStart" not in run:
        raise NotLoaded(f"{service}: the sandbox runs services of Type=oneshot with ExecStart.\n{_bad(name, service)}")
    program, *arguments = shlex.split(run["ExecStart"])
    below = root / program.lstrip("/")
    return Timer(boot, start, end, (str(below) if below.is_file() else program, *arguments))


def _settings(root: Path, name: str, started: str) -> Iterator[tuple[str, str]]:
    try:
        lines = (root / _FOLDER / name).read_text().splitlines()
    except FileNotFoundError:
        raise NotLoaded(f"Failed to start {started}: Unit {name} not found.", 5) from None
    known, section = _KNOWN[Path(name).suffix], ""
    for number, line in enumerate(map(str.strip, lines), start=1):
        where = f"/{_FOLDER}/{name}:{number}"
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            section = line.strip("[]")
            if section not in known:
                raise NotLoaded(f"{where}: Unknown section '{section}'.\n{_bad(started, name)}")
            continue
        key, _, value = (part.strip() for part in line.partition("="))
        if key not in known.get(section, ()):
            raise NotLoaded(f"{where}: Unknown key '{key}' in section [{section}].\n{_bad(started, name)}")
        yield key, value


def _seconds(text: str, key: str, name: str) -> float:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise NotLoaded(f"{name}: Failed to parse {key}= value: {text}\n{_bad(name, name)}")
    return float(found[1]) * _SECONDS[found[2]]


def _bad(started: str, name: str) -> str:
    return f"Failed to start {started}: Unit {name} has a bad unit file setting."
