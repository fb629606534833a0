"""The nodes of one cluster, each a process of its own, without anything of a machine."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.clients.running import until

ADMIN = ("admin", "password")


@dataclass
class Node:
    """A process and where it listens."""

    process: subprocess.Popen[bytes]
    url: str
    token: str
    seconds_to_start: float
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """As the administrator unless told otherwise."""
        return self.session.request(method, f"{self.url}{path}", **{"auth": ADMIN, "timeout": 120, **options})

    def api(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.call(method, f"/artifactory/api/{path}", **options)

    @property
    def cpu_s(self) -> float:
        """Processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def most_memory_mib(self) -> float:
        """The most resident memory that it ever had."""
        return self._status("VmHWM") / 1024

    @property
    def files(self) -> int:
        """Open files and connections."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


@contextmanager
def cluster(folder: Path, nodes: int = 2, database: str = "") -> Iterator[list[Node]]:
    """Nodes over one database and one filestore in `folder`; what is there is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as ending:
        yield [ending.enter_context(running(folder, number, database)) for number in range(nodes)]


@contextmanager
def running(folder: Path, number: int, database: str = "") -> Iterator[Node]:
    """One node of a cluster."""
    ready = folder / f"node-{number}.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "artifactory_sandbox.platform", "bare", "--first-node", str(number)]
    command += ["--ready-file", str(ready), "--data", str(folder / "data")]
    command += ["--database", database] if database else []
    began = time.monotonic()
    with (folder / f"node-{number}.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(ready.exists, f"node {number} to start", 60, process)
        seconds = time.monotonic() - began
        said = json.loads(ready.read_text())["platforms"][0]
        yield Node(process, said["url"], said["access_token"], seconds)
    finally:
        end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Asks it to stop; waits."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)


def on_two_cores(processes: Sequence["subprocess.Popen[bytes]"]) -> list[int]:
    """Keeps processes, and what this one starts from now on, to two cores; which."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    for process in processes:
        os.sched_setaffinity(process.pid, cores)
    os.sched_setaffinity(0, cores)
    return cores


def many_files(wanted: int) -> None:
    """Lets this process open so many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
