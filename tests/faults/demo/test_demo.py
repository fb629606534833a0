"""The story of `make demo`, told as a user lets it be told: every step is proven, and nothing is left running."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from artifactory_estate.cli.sandbox import SAMPLE
from tests.support.processes import processes_in
from tests.support.sandbox import REPOSITORY, SandboxProject, eventually


def test_every_step_is_proven_and_nothing_stays(tmp_path: Path) -> None:
    project = SandboxProject(tmp_path / "project", (REPOSITORY / SAMPLE).read_text())
    (project.folder / SAMPLE).parent.mkdir(parents=True)
    shutil.copyfile(REPOSITORY / SAMPLE, project.folder / SAMPLE)
    command = [sys.executable, "-m", "artifactory_estate.cli.main", "sandbox", "demo"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(command, cwd=project.folder, env=project.environment(), timeout=580, check=False, **pipes)
    assert done.returncode == 0, done.stdout
    report = json.loads((project.folder / "report.json").read_text())
    assert report["result"] == "passed"
    assert [step["result"] for step in report["steps"]] == ["passed"] * 10
    assert 0 < report["service_away_s"] < report["seconds"]
    eventually("every process of the project has ended", lambda: not processes_in(project.folder), 20)
