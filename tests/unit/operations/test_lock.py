"""Locks of killed runs: broken only when nobody of that run is left."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from artifactory_estate.estate.load import loads
from artifactory_estate.operations import lock
from artifactory_estate.operations.project import NAME, SCOPE, Project

ESTATE = """
estate: acme
state: {backend: "file://state"}
sites:
  lab: {platform: external, url: "http://lab.acme.example", credentials: {token: "env:LAB"}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, tmp_path / "estate.yaml", loads(ESTATE), {})


def lock_file(project: Project, pid: int, host: str = socket.gethostname()) -> Path:
    folder = Path(project.backend.removeprefix("file://")) / ".pulumi" / "locks" / "organization" / NAME / "lab"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{pid}.json"
    path.write_text(
        json.dumps({"pid": pid, "username": "somebody", "hostname": host, "timestamp": "2026-01-01T00:00:00Z"})
    )
    return path


@pytest.fixture
def process(project: Project) -> Iterator[subprocess.Popen[bytes]]:
    """A process of a run on `lab`: a provider that is still busy."""
    environment = {**os.environ, SCOPE: project.scope("lab")}
    running = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, env=environment
    )
    yield running
    running.kill()
    running.wait()


def gone() -> int:
    """The pid of a process that has ended."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


def test_a_lock_whose_owner_and_its_children_are_gone_is_broken(project: Project) -> None:
    path = lock_file(project, gone())
    lock.wait_or_break(project, "lab", wait_s=0)
    assert not path.exists()


def test_a_lock_whose_owner_lives_is_kept(project: Project, process: subprocess.Popen[bytes]) -> None:
    path = lock_file(project, process.pid)
    with pytest.raises(lock.Locked, match=r"another run still works on it.*pulumi cancel -s lab"):
        lock.wait_or_break(project, "lab", wait_s=0)
    assert path.exists()


def test_an_orphan_may_finish_and_is_ended_when_it_does_not(
    project: Project, process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "GRACE_S", 0.2)
    path, heard = lock_file(project, gone()), list[str]()
    lock.wait_or_break(project, "lab", wait_s=30, say=heard.append)
    assert process.wait(timeout=10) in {-signal.SIGTERM, -signal.SIGKILL}
    assert not path.exists() and "what a killed run left is still at work" in heard[0]


def test_a_lock_whose_owner_is_gone_but_whose_child_still_works_is_kept(
    project: Project, process: subprocess.Popen[bytes]
) -> None:
    path = lock_file(project, gone())
    with pytest.raises(lock.Locked, match=str(process.pid)):
        lock.wait_or_break(project, "lab", wait_s=0)
    assert path.exists()


def test_a_run_on_another_stack_is_nobody_of_ours(project: Project, process: subprocess.Popen[bytes]) -> None:
    lock.wait_or_break(project, "us-east", wait_s=0)
    assert process.poll() is None


def test_a_lock_of_another_host_is_never_ours_to_judge(project: Project) -> None:
    path = lock_file(project, gone(), host="elsewhere")
    with pytest.raises(lock.Locked, match="pulumi cancel -s lab"):
        lock.wait_or_break(project, "lab", wait_s=0)
    assert path.exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"pid": "x"}'])
def test_a_torn_lock_file_is_broken_like_one_without_an_owner(project: Project, text: str) -> None:
    path = lock_file(project, gone())
    path.write_text(text)
    lock.wait_or_break(project, "lab", wait_s=0)
    assert not path.exists()


def test_a_torn_lock_of_another_host_is_kept(project: Project) -> None:
    path = lock_file(project, gone())
    path.write_text('{"pid": "x", "hostname": "elsewhere"}')
    with pytest.raises(lock.Locked, match="elsewhere"):
        lock.wait_or_break(project, "lab", wait_s=0)
    assert path.exists()
