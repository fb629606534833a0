"""`python -m artifactory_sandbox start|stop|status`."""

import argparse
import gc
import json
import logging
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from artifactory_sandbox.aws import settings
from artifactory_sandbox.document import Document, Unreadable, read
from artifactory_sandbox.processes import alive
from artifactory_sandbox.state import StateDirectory

READY_S = 60.0
STOP_S = 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code of the process."""
    wanted = _parser().parse_args(arguments)
    state = StateDirectory(wanted.state.resolve())
    if wanted.command == "status":
        return status(state)
    if wanted.command == "stop":
        return stop(state)
    if running := state.read():
        _say(f"a sandbox runs already (process {running['pid']}), control {running['control']}")
        return 1
    return run(state, wanted.document, wanted.node) if wanted.foreground else start(state, wanted.document, wanted.node)


def start(state: StateDirectory, document: Path | None, node: str = "") -> int:
    """Starts a sandbox that outlives this process; returns when it is ready."""
    state.path.mkdir(parents=True, exist_ok=True)
    state.clear()
    command = [sys.executable, "-m", "artifactory_sandbox", "start", "--foreground", "--state", str(state.path)]
    command += ["--document", str(document)] if document else []
    command += ["--node", node] if node else []
    with state.log.open("wb") as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + READY_S
    while (ready := state.read()) is None:
        if child.poll() is not None or time.monotonic() > deadline:
            if child.poll() is None:
                child.terminate()
                child.wait()
            _say(f"the sandbox did not start:\n{_tail(state.log)}")
            return 1
        time.sleep(0.05)
    _say(
        f"sandbox ready (process {ready['pid']}): control {ready['control']}, AWS {ready['aws_endpoint']}, proxy {ready['proxy']}"
    )
    _say(f"  simulated, not JFrog Artifactory; environment in {state.path / 'env'}")
    return 0


def run(state: StateDirectory, document: Path | None, node: str = "") -> int:
    """Runs a sandbox in this process until SIGTERM or SIGINT."""
    state.path.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        known = read(document.resolve(), Path.cwd()) if document else Document()
    except Unreadable as error:
        _say(str(error))
        return 2
    _without_proxies()
    settings.pin()
    gc.disable()  # a quarter of the time that a start takes, for nothing: what it makes stays
    from artifactory_sandbox.data_plane.units import NODE_COMMAND  # noqa: PLC0415  moto reads its settings while it is imported
    from artifactory_sandbox.supervisor import Sandbox  # noqa: PLC0415

    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    sandbox = Sandbox(state, known, shlex.split(node) or NODE_COMMAND)
    try:
        sandbox.start()
        gc.freeze()
        gc.enable()
        ending.wait()
    finally:
        sandbox.stop()
    return 0


def stop(state: StateDirectory) -> int:
    """Ends the sandbox of a directory and waits until its process is gone."""
    running = state.read()
    if running is None:
        state.clear()
        _say("no sandbox runs here")
        return 0
    pid = int(running["pid"])
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_S
    while alive(pid):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    state.clear()
    _say("sandbox stopped")
    return 0


def status(state: StateDirectory) -> int:
    """Prints the description of the running sandbox as JSON; exit code 3 when none runs."""
    running = state.read()
    _say(json.dumps(running or {"running": False}, indent=2))
    return 0 if running else 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="artifactory_sandbox", description="an estate on a laptop: simulated, not JFrog Artifactory"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, says in (
        ("start", "start and return when ready"),
        ("stop", "end every process"),
        ("status", "where it listens"),
    ):
        command = commands.add_parser(name, help=says)
        command.add_argument(
            "--state", type=Path, default=Path(".sandbox"), help="directory of the sandbox (default .sandbox)"
        )
        if name == "start":
            command.add_argument("--document", type=Path, help="estate document to prepare for")
            command.add_argument(
                "--node",
                default="",
                help="command line of the program that plays a node (default: the simulated platform)",
            )
            command.add_argument("--foreground", action="store_true", help="stay in this process until SIGTERM")
    return parser


def _without_proxies() -> None:
    for name in [name for name in os.environ if name.lower() in {"http_proxy", "https_proxy", "all_proxy"}]:
        del os.environ[name]


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
