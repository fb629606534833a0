"""User data, run once on a new machine as cloud-init would: a script or a cloud-config, with its output kept."""

import base64
import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from artifactory_sandbox.data_plane import cloud_config
from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.processes import Processes

_DIRECTORIES = ("root", "tmp", "run", "var/log", "var/lib", "etc", "opt", "home")


def prepare(machine: Machine) -> None:
    """Makes the root's first directories, and cloud-init's note of who the machine is."""
    for name in (*_DIRECTORIES, "var/lib/cloud/data"):
        (machine.root / name).mkdir(parents=True, exist_ok=True)
    (machine.root / "var/lib/cloud/data/instance-id").write_text(f"{machine.id}\n")


def decode(user_data: Any) -> bytes:
    """The bytes of user data as moto keeps it: base64, perhaps gzipped; nothing for none."""
    if user_data is None:
        return b""
    raw = base64.b64decode(user_data.as_bytes() if hasattr(user_data, "as_bytes") else user_data)
    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw


def run(
    machine: Machine, script: bytes, running: Processes, environment: dict[str, str], done: Callable[[str], None]
) -> None:
    """Starts the script, or what the cloud-config runs; `done` is called with the reason it failed, or an empty text."""
    if not script:
        done("")
        return
    if script.startswith(cloud_config.HEADER):
        try:
            script = cloud_config.apply(machine.root, script)
        except cloud_config.NotUnderstood as error:
            done(f"user data is not understood: {error}")
            return
    if not script.startswith(b"#!"):
        done("user data is neither a script nor a cloud-config: the sandbox runs `#!` and `#cloud-config`")
        return
    path = _script_path(machine)
    path.write_bytes(script)
    path.chmod(0o700)
    interpreter = script.splitlines()[0][2:].decode(errors="replace").split()
    program = shutil.which(Path(interpreter[0]).name) or interpreter[0]

    def ended(code: int) -> None:
        machine.script = None
        done("" if code == 0 else f"user data ended with code {code}: {last_line(machine.boot_log)}")

    machine.script = running.start(
        [program, *interpreter[1:], str(path)], env=environment, cwd=machine.root, output=machine.boot_log, ended=ended
    )


def last_line(log: Path) -> str:
    """The last line of a log that says something."""
    try:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        return ""
    return lines[-1][:500] if lines else ""


def _script_path(machine: Machine) -> Path:
    path = machine.root / "var/lib/cloud/instance/scripts/user-data"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
