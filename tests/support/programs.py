"""Third-party client programs, as `tools/toolchain.py clients` found or installed them."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parents[2] / ".clients"


def program(name: str) -> Path:
    """Where a program is; a Python one of the clients' own environment is called `client <name>`.

    A missing one fails the test, unless the machine is without root or the program is one that not every machine can
    have: there it is skipped, with what would help.
    """
    row = _report().get(name, {"missing": "it is not in the list of tools/clients.py"})
    if "path" in row:
        return Path(row["path"])
    if os.geteuid() == 0 and "optional" not in row:
        pytest.fail(f"{name} is missing: {row['missing']}")
    pytest.skip(f"{name} is missing: {row['missing']}")


def node_modules() -> Path:
    """The folder from which `require` finds the npm packages under test."""
    return CLIENTS / "node" / "node_modules"


def run(
    arguments: Sequence[str | Path],
    home: Path,
    stdin: str = "",
    environ: Mapping[str, str] | None = None,
    within_s: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Runs a client in a home of its own, out of reach of the user's configuration, with no proxy to loopback."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "NO_PROXY": "127.0.0.1",
        "LANG": "C.UTF-8",
        **(environ or {}),
    }
    return subprocess.run(
        [str(one) for one in arguments],
        input=stdin,
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )


@cache
def _report() -> dict[str, dict[str, str]]:
    try:
        found: dict[str, dict[str, str]] = json.loads((CLIENTS / "programs.json").read_text())
    except OSError:
        pytest.fail("run: python3 tools/toolchain.py clients")
    return found
