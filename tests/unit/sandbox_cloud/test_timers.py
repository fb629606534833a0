"""Timers of a simulated machine: what they run and when, what ends them, and which files systemd would complain about."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from artifactory_sandbox.data_plane import boot
from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.data_plane.timers import Timer, read
from artifactory_sandbox.data_plane.units import Answer, Units
from artifactory_sandbox.processes import Processes

TIMER = "[Unit]\nDescription=Often\n[Timer]\n{spans}\nAccuracySec=1s\n[Install]\nWantedBy=timers.target\n"
SERVICE = "[Unit]\nDescription=A round\n[Service]\nType=oneshot\nExecStart=/usr/local/sbin/round 'of two'\n"
ROUND = """#!/bin/bash
mkdir "$ESTATE_ROOT/busy" || echo twice >>"$ESTATE_ROOT/said"
echo "$1" >>"$ESTATE_ROOT/said"
[[ ! -e $ESTATE_ROOT/long ]] || sleep 600
rmdir "$ESTATE_ROOT/busy"
exit 3
"""
ALWAYS = "OnBootSec=0\nOnUnitInactiveSec=0s"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine("i-1", "123456789012", "us-east-1", "us-east-1a", "10.0.0.4", "127.0.0.1", tmp_path, {})
    boot.prepare(made)
    for folder in ("etc/systemd/system", "usr/local/sbin"):
        (tmp_path / folder).mkdir(parents=True)
    script = tmp_path / "usr/local/sbin/round"
    script.write_text(ROUND)
    script.chmod(0o700)
    write(made, ALWAYS)
    return made


@pytest.fixture
def processes() -> Iterator[Processes]:
    made = Processes()
    yield made
    made.end_all()


@pytest.fixture
def units(machine: Machine, processes: Processes) -> Iterator[Units]:
    def environment(machine: Machine) -> dict[str, str]:
        return {**os.environ, "ESTATE_ROOT": str(machine.root)}

    made = Units(processes, environment, environment, lambda: "http://127.0.0.1:1", lambda: None)
    yield made
    made.end_timers(machine)


@pytest.fixture
def systemctl(machine: Machine, units: Units) -> Callable[..., Answer]:
    return lambda *words: units.systemctl(machine, words)


def write(machine: Machine, spans: str, timer: str = TIMER, service: str = SERVICE) -> None:
    folder = machine.root / "etc/systemd/system"
    (folder / "round.timer").write_text(timer.format(spans=spans))
    (folder / "round.service").write_text(service)


def said(machine: Machine) -> list[str]:
    file = machine.root / "said"
    return file.read_text().splitlines() if file.is_file() else []


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_over() -> bool:
    return not any(thread.name.startswith("round.timer") for thread in threading.enumerate())


def test_it_runs_the_service_again_and_again_but_once_at_a_time(
    machine: Machine, processes: Processes, systemctl: Callable[..., Answer]
) -> None:
    assert systemctl("enable", "--now", "round.timer").code == 0
    assert systemctl("is-active", "round.timer").output == "active"
    until(lambda: len(said(machine)) > 2)
    assert systemctl("disable", "--now", "round.timer").code == 0
    until(lambda: is_over() and not processes.pids())
    assert set(said(machine)) == {"of two"}
    assert systemctl("is-enabled", "round.timer").output == "disabled"
    assert systemctl("is-failed", "round.service").code == 0, "the last run ended with 3"


def test_stopping_it_leaves_a_run_that_is_under_way(
    machine: Machine, processes: Processes, systemctl: Callable[..., Answer]
) -> None:
    (machine.root / "long").touch()
    systemctl("start", "round.timer")
    until(lambda: said(machine))
    systemctl("stop", "round.timer")
    assert len(processes.pids()) == 1
    systemctl("stop", "round.service")
    until(lambda: is_over() and not processes.pids())


def test_without_power_nothing_goes_on_and_it_comes_back_with_it(
    machine: Machine, processes: Processes, units: Units, systemctl: Callable[..., Answer]
) -> None:
    """As `DataPlane` ends a machine, and starts what is enabled."""
    (machine.root / "long").touch()
    systemctl("enable", "--now", "round.timer")
    until(lambda: said(machine))
    for name in list(machine.units):
        units.stop(machine, name, grace=0)
    until(lambda: is_over() and not processes.pids())
    assert machine.unit("round.timer").enabled
    units.start(machine, "round.timer")
    until(lambda: machine.unit("round").starts == 2)


def test_what_is_not_due_does_not_run(machine: Machine, systemctl: Callable[..., Answer]) -> None:
    write(machine, "OnBootSec=1h\nOnUnitActiveSec=1h")
    systemctl("start", "round.timer")
    assert machine.unit("round").starts == 0
    systemctl("stop", "round.timer")
    machine.powered -= 3600
    systemctl("start", "round.timer")
    until(lambda: machine.unit("round").starts == 1)


@pytest.mark.parametrize(
    ("timer", "next_at"),
    [
        (Timer(0, None, None, ()), None),
        (Timer(0, None, 10, ()), 117),
        (Timer(0, 300, None, ()), 400),
        (Timer(0, 300, 10, ()), 117),
    ],
)
def test_the_next_run_counts_from_the_last_ones_start_or_end(timer: Timer, next_at: float | None) -> None:
    assert timer.next_after(started=100, ended=107) == next_at


def test_minutes_and_hours_are_read_and_programs_of_the_system_found(machine: Machine) -> None:
    write(machine, "OnBootSec=5min\nOnUnitActiveSec=2h", service=SERVICE.replace("/usr/local/sbin/round", "/bin/bash"))
    assert read(machine.root, "round.timer") == Timer(300, 7200, None, ("/bin/bash", "of two"))


@pytest.mark.parametrize(
    ("timer", "service", "refusal"),
    [
        (TIMER.replace("{spans}", "OnCalendar=daily"), SERVICE, "round.timer:4: Unknown key 'OnCalendar' in section [Timer]"),
        (TIMER.replace("[Unit]", "[Path]"), SERVICE, "/etc/systemd/system/round.timer:1: Unknown section 'Path'"),
        (TIMER.replace("{spans}", "OnBootSec=soon"), SERVICE, "Failed to parse OnBootSec= value: soon"),
        (TIMER.replace("{spans}", ""), SERVICE, "Timer unit lacks value setting. Refusing."),
        (TIMER, SERVICE.replace("Type=oneshot", "User=nobody"), "round.service:4: Unknown key 'User' in section [Service]"),
        (TIMER, SERVICE.replace("oneshot", "simple"), "the sandbox runs services of Type=oneshot"),
    ],
)  # fmt: skip
def test_what_it_does_not_know_is_refused(
    machine: Machine, systemctl: Callable[..., Answer], timer: str, service: str, refusal: str
) -> None:
    write(machine, ALWAYS, timer, service)
    answer = systemctl("enable", "--now", "round.timer")
    assert (answer.code, is_over()) == (1, True)
    assert refusal in answer.output and "has a bad unit file setting." in answer.output, answer.output
    assert systemctl("is-active", "round.timer").code == 3


@pytest.mark.parametrize("missing", ["round.timer", "round.service"])
def test_a_file_that_is_missing_is_not_found(machine: Machine, systemctl: Callable[..., Answer], missing: str) -> None:
    (machine.root / "etc/systemd/system" / missing).unlink()
    answer = systemctl("start", "round.timer")
    assert (answer.code, answer.output) == (5, f"Failed to start round.timer: Unit {missing} not found.")
