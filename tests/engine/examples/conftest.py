"""One sandbox for all examples: an AWS with a zone and a network, and two platforms that run already."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.examples.example import Sandbox

DOCUMENT = """\
estate: acme
state: {backend: "file://state"}
sites:
  us-east:
    platform: managed
    url: http://us-east.repo.acme.example
    aws: {account: "123456789012", region: us-east-1}
    nodes: {count: 1, max: 2}
    licences: "file:licences.txt"
  berlin:
    platform: external
    url: http://berlin.repo.acme.example
    credentials: {token: "file:berlin.token"}
  tokyo:
    platform: external
    url: http://tokyo.repo.acme.example
    credentials: {token: "file:tokyo.token"}
"""
"""What the sandbox prepares for: the examples bring their own declarations."""


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("sandbox")
    (folder / "estate.yaml").write_text(DOCUMENT, encoding="utf-8")
    _run(folder, "start", "--state", ".sandbox", "--document", "estate.yaml")
    try:
        yield Sandbox(folder)
    finally:
        _run(folder, "stop", "--state", ".sandbox")


def _run(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "artifactory_sandbox", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
