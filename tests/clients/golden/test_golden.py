"""Part `golden` of the long tests: every reviewed file boots a node, which keeps what it is given over a restart."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from artifactory_sandbox import licence
from tests.clients.golden.rooms import ROOMS, Golden, goldens
from tests.clients.platform.machines import Node, cluster, until
from tests.platform import machine
from tests.support.aws import running_aws
from tests.support.evidence import Evidence

SAMPLE = "filestore-s3-storage-v3"
"""Booted by every run of the tests."""
WITHIN_S = 90.0
ALL = goldens()


@pytest.fixture
def aws() -> Iterator[None]:
    """A bucket store for the nodes."""
    with running_aws():
        yield


def boot(folder: Path, golden: Golden, evidence: Evidence) -> None:
    """Starts, uploads, restarts, downloads; the node has ignored nothing of the file."""
    room = ROOMS[golden.room]
    with machine.control(folder / "db.sqlite") as control, cluster(folder, control, {}) as starting:

        def start(number: int) -> Node:
            node = starting("n1", number, licence.make(1))
            until(
                lambda: node.answers() or node.process.poll() is not None, f"the node on {golden.path.name}", WITHIN_S
            )
            assert node.process.poll() is None, node.end()[1].decode()
            return node

        files = written(folder, room.version)
        room.place(files, golden.path.read_text())
        first = start(1)
        sent = {}
        assert first.call("PUT", "/artifactory/api/repositories/kept", json={"rclass": "local"}).status_code == 200
        for size in (0, 1_000, 300_000):
            sent[size] = os.urandom(size)
            answer = first.call("PUT", f"/artifactory/kept/{size}", data=sent[size])
            assert answer.status_code == 201, answer.text
            assert answer.json()["checksums"]["sha256"] == hashlib.sha256(sent[size]).hexdigest()
        first.end()
        again = start(2)
        for size, data in sent.items():
            assert again.call("GET", f"/artifactory/kept/{size}").content == data
        assert again.call("POST", "/artifactory/api/system/storage/gc").status_code == 200
        again.end()
    logged = (files.logs / "artifactory-service.log").read_text()
    ignored = [line for line in logged.splitlines() if "does not read" in line or "has no effect" in line]
    assert ignored == []
    evidence.note(f"{golden.id}: {len(sent)} artifacts kept over a restart.")


def written(folder: Path, version: str) -> "machine.Files":
    """A whole node, not yet started."""
    files = machine.write(folder / "n1", "n1", licence.make(1))
    (files.root / "mnt").mkdir(exist_ok=True)
    if version:
        (files.home / "app").mkdir(parents=True, exist_ok=True)
        (files.home / "app/version.txt").write_text(f"{version}\n")
    return files


def test_a_reviewed_file_boots(tmp_path: Path, aws: None) -> None:
    """The sample of every run."""
    (sample,) = [golden for golden in ALL if golden.id == SAMPLE]
    boot(tmp_path, sample, Evidence())


@pytest.mark.long(part="golden")
@pytest.mark.parametrize("golden", ALL, ids=[golden.id for golden in ALL])
def test_every_reviewed_file_boots(tmp_path: Path, aws: None, golden: Golden, evidence: Evidence) -> None:
    """Reviewed files, each booted by the sandbox."""
    boot(tmp_path, golden, evidence)
