#!/usr/bin/env python3
"""Recompiles requirements/*.txt with hashes, for every platform and Python that pyproject.toml allows.

The compiler lives in a throwaway environment. Pins that still fit are kept; delete a file to move all of its pins.
No download address is written: where packages come from is the business of the machine that installs them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from workshop import Progress, run_logged

CHECKOUT = Path(__file__).resolve().parent.parent
COMPILER = "uv>=0.13,<0.14"
STYLE = ("--universal", "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--quiet")
FILES = {
    "runtime": ("pyproject.toml",),
    "sandbox": ("pyproject.toml", "--extra=sandbox"),
    "dev": ("pyproject.toml", "--extra=sandbox", "--extra=dev"),
    "build": ("requirements/build.in", "--constraint=requirements/dev.txt", "--python-version=3.11"),
    "clients": ("requirements/clients.in", "--python-version=3.11"),
    "scanner": ("requirements/scanner.in", "--python-version=3.11"),
}
"""In this order: build shares an environment with dev, so it has to agree with it."""


def main() -> None:
    progress = Progress()
    with tempfile.TemporaryDirectory() as folder:
        python = str(Path(folder) / "bin" / "python")
        run_logged("throwaway environment", [sys.executable, "-m", "venv", folder], progress)
        run_logged("compiler", [python, "-m", "pip", "install", "--quiet", COMPILER], progress)
        for name, source in FILES.items():
            output = f"--output-file=requirements/{name}.txt"
            compile_ = [python, "-m", "uv", "pip", "compile", *source, *STYLE, output]
            progress.say(f"requirements/{name}.txt")
            subprocess.run(compile_, cwd=CHECKOUT, check=True)


if __name__ == "__main__":
    main()
