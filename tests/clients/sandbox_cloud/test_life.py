"""Start, stop, and what is left when the sandbox is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.sandbox_cloud.conftest import DOCUMENT
from tests.clients.sandbox_cloud.running import NODE, Fleet, Running, until


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Running]:
    document = tmp_path / "estate.yaml"
    document.write_text(DOCUMENT)
    running = Running(tmp_path, document, "--node", f"{sys.executable} {NODE}")
    yield running
    running.run("stop")


def left(pids: list[int]) -> list[int]:
    """Those of the processes that still run (a zombie does not)."""
    found = []
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.append(pid)
        except OSError:
            continue
    return found


def boot_with_a_long_script(own: Running) -> list[int]:
    """A machine whose command runs on and on, below a shell; every process id of the sandbox then."""
    fleet = Fleet(own, "east", "us-east-1", "east.repo.acme.example", size=1)
    member = next(iter(fleet.wait_healthy(1)))
    marker = own.state / "instances" / member / "tmp/long"
    own.aws("ssm").send_command(
        InstanceIds=[member],
        DocumentName="AWS-RunShellScript",
        Parameters={"commands": [f"(sleep 300; true) & touch {marker}; wait"]},
    )
    until(marker.exists, "the long command runs")
    return own.children()


def test_stop_leaves_no_process_and_keeps_the_logs(own: Running) -> None:
    pids = boot_with_a_long_script(own)
    assert len(pids) >= 6
    assert "sandbox stopped" in own.run("stop")
    assert left(pids) == []
    assert not (own.state / "sandbox.json").exists()
    assert list(own.state.glob("instances/*/var/log/cloud-init-output.log"))
    assert "no sandbox runs here" in own.run("stop")


def test_a_killed_supervisor_leaves_no_process_and_can_be_started_again(own: Running) -> None:
    pids = boot_with_a_long_script(own)
    os.kill(int(own.description["pid"]), signal.SIGKILL)
    until(lambda: not left(pids), "every process is gone", seconds=5)
    assert (own.state / "sandbox.json").exists()
    again = Running(own.directory, own.directory / "estate.yaml")
    assert again.description["pid"] != own.description["pid"]


def test_a_document_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    document = tmp_path / "estate.yaml"
    document.write_text("sites: [1]")
    line = [
        sys.executable,
        "-m",
        "artifactory_sandbox",
        "start",
        "--state",
        str(tmp_path / "state"),
        "--document",
        str(document),
    ]
    began = time.monotonic()
    failed = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert failed.returncode == 1
    assert "it has no `sites`" in failed.stdout
    assert time.monotonic() - began < 20
