"""The virtual environment of the checkout: hashed requirements, then the project itself, editable."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from workshop import Progress, Stop, locked, run_logged

LEVELS = ("runtime", "sandbox", "dev")
"""Each holds the one before it; requirements/<level>.txt."""

STAMP = "installed.json"


class PythonEnvironment:
    """`.venv` of one checkout. Installing what is there already costs no pip and well under a second."""

    def __init__(self, checkout: Path, cache: Path) -> None:
        self.checkout = checkout
        self.folder = checkout / ".venv"
        self.python = self.folder / "bin" / "python"
        self._lock = cache / f"venv-{hashlib.sha256(os.fsencode(checkout)).hexdigest()[:16]}.lock"

    def install(self, level: str, progress: Progress) -> None:
        """Bring the environment to `level`, or leave it when it is there; never takes a higher level away."""
        with locked(self._lock, progress):
            stamp = self._stamp()
            level = max(level, stamp.get("level", level), key=LEVELS.index)
            wanted = {"level": level, "digest": self.digest(level), "checkout": str(self.checkout)}
            if stamp == wanted and self._runs():
                progress.say(f"Python environment: unchanged ({level})")
                return
            if stamp.get("checkout") not in (None, wanted["checkout"]) or not self._runs():
                shutil.rmtree(self.folder, ignore_errors=True)
                _create(self.folder, progress)
            self._pip(level, progress)
            (self.folder / STAMP).write_text(json.dumps(wanted))

    def digest(self, level: str) -> str:
        """Of everything that decides what `install` would do."""
        content = hashlib.sha256(sys.version.encode())
        for path in (*self._requirements(level), self.checkout / "pyproject.toml"):
            content.update(path.read_bytes())
        return content.hexdigest()

    def _requirements(self, level: str) -> tuple[Path, Path]:
        folder = self.checkout / "requirements"
        return folder / f"{level}.txt", folder / "build.txt"

    def _stamp(self) -> dict[str, str]:
        try:
            stamp: dict[str, str] = json.loads((self.folder / STAMP).read_text())
        except (OSError, ValueError):
            return {}
        return stamp

    def _runs(self) -> bool:
        """False after the interpreter it was made from has gone, or when it never was one."""
        try:
            return subprocess.run([self.python, "-c", ""], capture_output=True, check=False).returncode == 0
        except OSError:
            return False

    def _pip(self, level: str, progress: Progress) -> None:
        """What is installed is what was hashed; the project's own build uses the hashed backend, no network."""
        (self.folder / STAMP).unlink(missing_ok=True)
        pip = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]
        hashed = [f"--requirement={path}" for path in self._requirements(level)]
        run_logged(f"Python environment: hashed requirements ({level})", [*pip, "--require-hashes", *hashed], progress)
        editable = ["--no-deps", "--no-build-isolation", "--editable", str(self.checkout)]
        run_logged("Python environment: the project itself", [*pip, *editable], progress)


def _create(folder: Path, progress: Progress) -> None:
    try:
        run_logged(
            f"Python environment: new, Python {sys.version.split()[0]}",
            [sys.executable, "-m", "venv", str(folder)],
            progress,
        )
    except Stop as failure:
        raise Stop(f"{failure}\nOn Debian and Ubuntu the package python3-venv is needed.") from failure
