"""Systems Manager's commands, carried out on the machines."""

import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.processes import Processes, end

_LIMIT = 24_000
"""Characters of output that GetCommandInvocation gives."""

_SHELL = "AWS-RunShellScript"


def carry_out(
    command: Any,
    machines: Callable[[str], Machine | None],
    environment: Callable[[Machine], dict[str, str]],
    running: Processes,
) -> None:
    """Starts every invocation of a command, each in a thread; the invocations say Pending, InProgress, then how it ended."""
    for invocation in command.invocations:
        machine = machines(invocation["InstanceId"])
        threading.Thread(
            target=_run,
            args=(command, invocation, machine, environment, running),
            name=f"ssm-{command.command_id}",
            daemon=True,
        ).start()


def _run(
    command: Any,
    invocation: dict[str, Any],
    machine: Machine | None,
    environment: Callable[[Machine], dict[str, str]],
    running: Processes,
) -> None:
    began = time.monotonic()
    invocation.update(Status="InProgress", StatusDetails="InProgress", ExecutionStartDateTime=_now())
    if machine is None or command.document_name != _SHELL:
        reason = f"the sandbox carries out {_SHELL} only" if machine else "Undeliverable"
        _finish(invocation, began, "Failed", 1, "", reason)
        return
    lines = command.parameters.get("commands", [])
    timeout = float(command.parameters.get("executionTimeout", ["3600"])[0])
    directory = machine.root / "var/lib/amazon/ssm" / command.command_id
    directory.mkdir(parents=True, exist_ok=True)
    script, output, errors = directory / "script.sh", directory / "stdout", directory / "stderr"
    script.write_text("\n".join(lines) + "\n")
    wrapped = ["/bin/sh", "-c", f'exec /bin/sh "{script}" >"{output}" 2>"{errors}"']
    process = running.start(wrapped, env=environment(machine), cwd=machine.root)
    try:
        code = process.wait(timeout)
        status = "Success" if code == 0 else "Failed"
    except subprocess.TimeoutExpired:
        end(process)
        code, status = -1, "TimedOut"
    _finish(invocation, began, status, code, _read(output), _read(errors))


def _finish(invocation: dict[str, Any], began: float, status: str, code: int, output: str, errors: str) -> None:
    invocation.update(
        StandardOutputContent=output,
        StandardErrorContent=errors,
        ResponseCode=code,
        ExecutionElapsedTime=f"PT{time.monotonic() - began:.3f}S",
        ExecutionEndDateTime=_now(),
        StatusDetails=status,
    )
    invocation["Status"] = status  # last: whoever sees it sees the rest


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")[:_LIMIT]
    except OSError:
        return ""


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
