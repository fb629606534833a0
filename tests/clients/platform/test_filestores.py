"""Filestores of clusters, each node a process with a disk of its own: what is acknowledged outlives the node that took it."""

import hashlib
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from artifactory_sandbox import licence
from tests.clients.platform.machines import Node, cluster, pair, until
from tests.platform import machine
from tests.platform.running import running
from tests.platform.test_binaries_boot import built, template
from tests.support.aws import running_aws
from tests.support.postgres import Server

LOCAL_DISKS = '<config version="2"><chain template="cluster-file-system"/></config>'
S3 = """<config version="2"><chain template="{template}"/>{more}
<provider id="s3-storage-v3" type="s3-storage-v3"><bucketName>store</bucketName><region>us-east-1</region>
<testConnection>false</testConnection></provider></config>"""
SLOW = '<provider id="eventual-cluster-s3" type="eventual-cluster"><dispatcherInterval>{interval}</dispatcherInterval></provider>'
NEVER = 100_000_000


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Node]]:
    """Starts nodes of one cluster; `chain` is the binarystore.xml of those that follow."""
    with machine.control(tmp_path / "db.sqlite") as url, cluster(tmp_path, url, {}) as starting:

        def begin(name: str, number: int, licences: list[licence.Licence] | None = None) -> Node:
            monkeypatch.setattr(machine, "CHAIN", begin.chain)  # type: ignore[attr-defined]
            store = tmp_path / name / "opt/jfrog/artifactory/var/etc/artifactory/binarystore.xml"
            if store.exists():
                store.write_text(begin.chain)  # type: ignore[attr-defined]
            return starting(name, number, licences)

        begin.chain = LOCAL_DISKS  # type: ignore[attr-defined]
        yield begin


@pytest.fixture
def bucket() -> Iterator[str]:
    """A bucket named `store`, which the nodes' processes find by their environment."""
    with running_aws() as address:
        boto3.client("s3").create_bucket(Bucket="store")
        yield address


def upload(node: Node, path: str, size: int = 20_000) -> tuple[str, bytes]:
    data = os.urandom(size)
    answer = node.call("PUT", f"/artifactory/kept/{path}", data=data)
    assert answer.status_code == 201, answer.text
    return hashlib.sha1(data).hexdigest(), data


def on_disk(node: Node, sha1: str) -> bool:
    return (node.files.var / f"data/artifactory/filestore/{sha1[:2]}/{sha1}").is_file()


def kill(node: Node) -> None:
    """SIGKILL; its disk is gone too, as with an instance."""
    node.process.send_signal(signal.SIGKILL)
    node.process.wait()
    shutil.rmtree(node.files.root)


def make(node: Node) -> None:
    assert node.call("PUT", "/artifactory/api/repositories/kept", json={"rclass": "local"}).status_code == 200


def both(start: Callable[..., Node]) -> tuple[Node, Node]:
    """Two nodes that know each other's filestores, and a repository."""
    nodes = pair(start)
    make(nodes[0])
    for node in nodes:
        until(lambda node=node: others(node) == 1, "the other node's filestore to be known")  # type: ignore[misc]
    return nodes


def others(node: Node) -> int:
    """Filestores of other nodes that this one uses."""
    assert node.call("POST", "/artifactory/api/storageinfo/calculate").status_code == 202
    shown = node.call("GET", "/artifactory/api/storageinfo").json()["fileStoreSummary"]["binaryProviders"]
    return sum(row["type"] == "remote" and row["state"] == "ACTIVE" for row in shown)


def test_local_disks_in_twos_survive_the_loss_of_a_node(start: Callable[..., Node]) -> None:
    first, second = both(start)
    kept = {path: upload((first, second)[path % 2], str(path)) for path in range(10)}
    assert all(on_disk(first, sha1) and on_disk(second, sha1) for sha1, _ in kept.values())
    kill(first)
    for path, (_, data) in kept.items():
        assert second.call("GET", f"/artifactory/kept/{path}").content == data
    alone, data = upload(second, "alone")
    assert on_disk(second, alone)
    heir = start("n3", 3)
    until(heir.answers, "the replacement", 90)
    assert heir.call("GET", "/artifactory/kept/alone").content == data
    until(lambda: others(second) == 1, "the replacement's filestore to be known")
    assert second.call("POST", "/artifactory/api/system/storage/optimize").status_code == 202
    until(lambda: on_disk(heir, alone), "the copy of what the cluster wrote with one node")
    until(lambda: all(on_disk(heir, sha1) for sha1, _ in kept.values()), "the copies that the dead node had")
    kill(second)
    for path, (_, data) in kept.items():
        assert heir.call("GET", f"/artifactory/kept/{path}").content == data


def test_a_node_without_its_own_copy_reads_anothers_and_removal_reaches_all(start: Callable[..., Node]) -> None:
    first, second = both(start)
    sha1, data = upload(first, "a", 3_000_000)
    shutil.rmtree(second.files.var / "data/artifactory/filestore" / sha1[:2])
    assert second.call("GET", "/artifactory/kept/a").content == data
    part = second.call("GET", "/artifactory/kept/a", headers={"Range": "bytes=2000000-2000009"})
    assert part.content == data[2_000_000:2_000_010]
    assert first.call("GET", "/artifactory/api/internal/filestore").status_code in {401, 403}
    first.call("PATCH", "/artifactory/api/system/configuration", data="trashcanConfig: {enabled: false}")
    other, _ = upload(second, "b")
    first.call("DELETE", "/artifactory/kept/b")
    assert second.call("POST", "/artifactory/api/system/storage/gc").status_code == 200
    assert not on_disk(first, other)
    assert not on_disk(second, other)


def test_an_upload_that_waits_for_s3_survives_in_the_queue_of_another_node(
    start: Callable[..., Node], bucket: str
) -> None:
    start.chain = S3.format(template="cluster-s3-storage-v3", more=SLOW.format(interval=NEVER))  # type: ignore[attr-defined]
    first, second = both(start)
    sha1, data = upload(first, "waits")
    s3 = boto3.client("s3")
    assert s3.list_objects_v2(Bucket="store")["KeyCount"] == 0
    assert second.call("GET", "/artifactory/kept/waits").content == data
    kill(first)
    second.end()
    start.chain = S3.format(template="cluster-s3-storage-v3", more=SLOW.format(interval=100))  # type: ignore[attr-defined]
    again = start("n2", 4)
    until(again.answers, "the other node to come back", 90)
    until(lambda: s3.list_objects_v2(Bucket="store")["KeyCount"] == 1, "it to be sent")
    heir = start("n3", 3)
    until(heir.answers, "the replacement", 90)
    assert heir.call("GET", "/artifactory/kept/waits").content == data
    assert s3.list_objects_v2(Bucket="store")["Contents"][0]["Key"] == f"filestore/{sha1[:2]}/{sha1}"


def test_an_upload_that_waits_for_s3_on_one_disk_is_lost_with_it(start: Callable[..., Node], bucket: str) -> None:
    waiting = '<provider id="eventual" type="eventual"><dispatcherInterval>{}</dispatcherInterval></provider>'
    start.chain = S3.format(template="s3-storage-v3", more=waiting.format(NEVER))  # type: ignore[attr-defined]
    first, second = pair(start)
    make(first)
    sha1, data = upload(first, "waits")
    queued = first.files.var / f"data/artifactory/eventual/_add/{sha1}"
    assert queued.read_bytes() == data
    assert second.call("GET", "/artifactory/kept/waits").status_code == 404
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    start.chain = S3.format(template="s3-storage-v3", more=waiting.format(100))  # type: ignore[attr-defined]
    again = start("n1", 4)
    until(again.answers, "the same node with the same disk", 90)
    until(lambda: not queued.exists(), "it to be sent")
    assert second.call("GET", "/artifactory/kept/waits").content == data


def test_binaries_in_postgresql(tmp_path: Path, postgres_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_DATABASE", postgres_server.new())
    data = os.urandom(2_500_000)
    with running(tmp_path / "platform", binaries=built(tmp_path, template("full-db-direct"))) as (platform,):
        platform.make("kept")
        assert platform.put("kept/big", data).status_code == 201
        assert platform.put("kept/empty", b"").status_code == 201
        part = platform.get("kept/big", headers={"Range": "bytes=1048570-1048585"})
        assert (part.status_code, part.content) == (206, data[1048570:1048586])
        assert sorted(size for _, size in platform.platform.binaries.store.all()) == [0, len(data)]
