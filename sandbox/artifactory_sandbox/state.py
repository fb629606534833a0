"""A sandbox's directory and the file that says where it listens."""

import json
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifactory_sandbox.processes import alive


@dataclass(frozen=True, slots=True)
class StateDirectory:
    """`DIR`: sandbox.json, env, supervisor.log, instances/, databases/, external/, logs/, stubs/."""

    path: Path

    @property
    def description(self) -> Path:
        """Written when everything answers, removed at the end."""
        return self.path / "sandbox.json"

    @property
    def log(self) -> Path:
        """What the supervisor says."""
        return self.path / "supervisor.log"

    @property
    def stubs(self) -> Path:
        """Commands of the machines."""
        return self.path / "stubs"

    def read(self) -> dict[str, Any] | None:
        """The description of the sandbox that runs here; None when none does. What a dead one left is ignored."""
        try:
            data: dict[str, Any] = json.loads(self.description.read_text())
        except (OSError, ValueError):
            return None
        return data if alive(int(data["pid"])) else None

    def write(self, data: dict[str, Any]) -> None:
        """Writes sandbox.json and env, each whole."""
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in data["env"].items())
        _write(self.path / "env", exports)
        _write(self.description, json.dumps(data, indent=2) + "\n")

    def clear(self) -> None:
        """Takes the description away; logs stay."""
        self.description.unlink(missing_ok=True)
        (self.path / "env").unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(text)
    beside.replace(path)
