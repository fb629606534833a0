"""The real Pulumi engine on a file backend in a folder of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Engine:
    """A project in `folder` whose program is `program`, a folder with a `__main__.py`."""

    folder: Path
    program: Path
    stack: str = "test"
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not shutil.which("pulumi"):
            raise RuntimeError(
                'no pulumi on PATH: run the tests by `make test-engine`, or `eval "$(python3 tools/toolchain.py env)"` first'
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "state").mkdir(exist_ok=True)
        (self.folder / "Pulumi.yaml").write_text(
            f"name: artifactory-estate\nmain: {self.program}\nstackConfigDir: config\nruntime: python\n",
            encoding="utf-8",
        )
        self.run("stack", "init", self.stack)

    def env(self, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
            "ESTATE_PROJECT": str(self.folder),
            "PYTHONPATH": str(self.program),
            **self.environment,
            **more,
        }

    def run(self, *arguments: str, fails: bool = False, **env: str) -> str:
        """Run `pulumi …`; the output. `fails`: whether it must."""
        command = ["pulumi", *arguments, "--non-interactive"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen(command, cwd=self.folder, env=self.env(**env), start_new_session=True, **pipes) as done:
            try:
                text, _ = done.communicate(timeout=300)
            except BaseException:  # what it has started must not outlive it
                end_session(done.pid)
                raise
        assert (done.returncode != 0) == fails, f"pulumi {' '.join(arguments)} ended with {done.returncode}:\n{text}"
        return text

    def up(self, fails: bool = False, **env: str) -> str:
        return self.run("up", "--yes", "--skip-preview", "-s", self.stack, fails=fails, **env)

    def preview(self, *more: str, fails: bool = False, **env: str) -> str:
        return self.run("preview", "-s", self.stack, *more, fails=fails, **env)

    def refresh(self, *more: str, fails: bool = False, **env: str) -> str:
        return self.run("refresh", "--yes", "-s", self.stack, *more, fails=fails, **env)

    def destroy(self, fails: bool = False, **env: str) -> str:
        return self.run("destroy", "--yes", "-s", self.stack, fails=fails, **env)

    def resources(self) -> dict[str, dict[str, Any]]:
        """The checkpoint's resources by name."""
        exported = json.loads(self.run("stack", "export", "-s", self.stack))
        found = exported["deployment"].get("resources") or []
        return {resource["urn"].rsplit("::", 1)[1]: resource for resource in found}


def end_session(leader: int) -> None:
    """Kill every process of a session: the engine's plugins have process groups of their own."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            session = int(path.read_text(encoding="utf-8").rpartition(")")[2].split()[3])
            if session == leader:
                os.kill(int(path.parent.name), signal.SIGKILL)
