"""Starting a cluster of two nodes as a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.clients.running import until
from tests.conformance.runner import Cluster


@contextmanager
def cluster_over(folder: Path, database: str = "") -> Iterator[Cluster]:
    """Two nodes over one database and one filestore in `folder`; `database`: URL of another database than SQLite."""
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "artifactory_sandbox.platform", "bare", "--count", "1", "--nodes", "2"]
    command += ["--ready-file", str(ready), "--data", str(folder / "data")]
    if database:
        command += ["--database", database]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        until(ready.exists, "the cluster to start", 60, process)
        made = Cluster(json.loads(ready.read_text())["platforms"][0]["nodes"], process)
        made.make_somebody()
        yield made
    finally:
        process.terminate()
        process.wait(30)
