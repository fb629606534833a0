"""A move from a mount to a bucket and to the nodes' own disks, by the script that nodes run and the real AWS client."""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from artifactory_estate.base import EstateError, Refused
from artifactory_estate.base.lifecycle import Observation
from artifactory_estate.cloud.node_commands import NodeFailed
from artifactory_estate.filestore.declare import place_declaration
from artifactory_estate.filestore.lifecycle import Place
from artifactory_estate.filestore.moves import Move
from artifactory_estate.operations.filestore_move import _Mover
from tests.support.aws import REGION, running_aws
from tests.support.sandbox import eventually
from tests.unit.site.site_values import names, site_of

FORMER = {"kind": "nfs", "directory": "/mnt/old"}
NFS = {"filestore": {"kind": "nfs", "directory": "/mnt/old", "export": "nfs.acme.example:/old"}}
SITE, STORE = names().site_bucket, names().filestore_bucket


def to_s3(*, switch: bool = False) -> dict[str, Any]:
    return {"filestore": {"move_from": {**FORMER, "switch": switch}}}


TO_NODES = {
    "filestore": {"kind": "cluster-file-system", "move_from": FORMER},
    "nodes": {"count": 3, "max": 3, "data_volume": {"size_gib": 100}},
}
TO_S3 = to_s3()


@dataclass
class Machines:
    """Nodes that share `/mnt/old`, each with a data directory of its own."""

    folder: Path
    commands: int = 0
    dies_after: int | None = None
    said: list[str] = field(default_factory=list)

    def root(self, node: str) -> Path:
        root = self.folder / node
        if not root.exists():
            (root / "mnt").mkdir(parents=True)
            (root / "opt/jfrog/artifactory/var/data/artifactory").mkdir(parents=True)
            (self.folder / "old").mkdir(exist_ok=True)
            (root / "mnt/old").symlink_to(self.folder / "old")
        return root

    def put(self, content: bytes, instead: bytes | None = None) -> str:
        sha1 = hashlib.sha1(content).hexdigest()
        path = self.folder / "old" / sha1[:2] / sha1
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if instead is None else instead)
        return sha1

    def run(self, node: str, script: str) -> None:
        if self.commands == self.dies_after:
            raise NodeFailed(f"{node}: gone")
        self.commands += 1
        stubs = self.folder / "stubs"
        stubs.mkdir(exist_ok=True)
        (stubs / "chown").write_text("#!/bin/sh\n")
        (stubs / "chown").chmod(0o755)
        path = f"{stubs}:{Path(sys.executable).parent}:/usr/bin:/bin"
        environment = {**os.environ, "ESTATE_ROOT": str(self.root(node)), "PATH": path}
        done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NodeFailed(f"{node}: {done.stderr}")

    def mover(self, changes: dict[str, Any], nodes: tuple[str, ...] = ("i-1",), at_once: int = 256) -> _Mover:
        for node in nodes:
            self.root(node)
        return _Mover(
            site_of(**changes), names(), nodes, self.run, lambda _now, doing: self.said.append(doing), at_once
        )

    def at_node(self, node: str) -> set[str]:
        there = self.root(node) / "opt/jfrog/artifactory/var/data/artifactory/filestore"
        return {path.name for path in there.glob("*/*")}


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    with running_aws():
        s3 = boto3.client("s3", region_name=REGION)
        for bucket in (SITE, STORE):
            if bucket in {each["Name"] for each in s3.list_buckets()["Buckets"]}:
                stored = s3.list_objects_v2(Bucket=bucket).get("Contents", ())
                for each in stored:
                    s3.delete_object(Bucket=bucket, Key=each["Key"])
            else:
                s3.create_bucket(Bucket=bucket)
        made = Machines(tmp_path)
        made.root("i-1")
        yield made


def stored() -> dict[str, bytes]:
    s3 = boto3.client("s3", region_name=REGION)
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=STORE).get("Contents", ())]
    return {key: s3.get_object(Bucket=STORE, Key=key)["Body"].read() for key in keys}


def refused(before: dict[str, Any], after: dict[str, Any]) -> str:
    old, new = (place_declaration(names(), site_of(**each)) for each in (before, after))
    try:
        Place().update(old, new, Observation())
    except Refused as error:
        return str(error)
    return ""


def test_the_whole_way_from_a_mount_to_a_bucket(machines: Machines) -> None:
    first = [machines.put(f"binary {number}".encode()) for number in range(3)]
    assert refused(NFS, TO_S3) == ""
    assert "the binaries are in /mnt/old" in refused(TO_S3, to_s3(switch=True))
    found = machines.mover(TO_S3).move()
    assert (found.copied, found.finished, found.binaries) == (True, False, 3)
    assert {key.rpartition("/")[2] for key in stored()} == set(first)
    assert all(hashlib.sha1(content).hexdigest() == key[-40:] for key, content in stored().items())
    assert refused(TO_S3, to_s3(switch=True)) == ""
    late = machines.put(b"uploaded while the nodes switched")
    assert "remove it" in refused(to_s3(switch=True), {"filestore": {}})
    found = machines.mover(to_s3(switch=True)).move()
    assert (found.finished, found.binaries) == (True, 4) and f"filestore/{late[:2]}/{late}" in stored()
    assert refused(to_s3(switch=True), {"filestore": {}}) == ""


def test_a_jump_without_a_move_is_refused(machines: Machines) -> None:
    assert "sites.us-east.filestore.kind: the binaries are in /mnt/old" in refused(NFS, {"filestore": {}})
    assert refused(TO_S3, NFS) == ""


def test_a_killed_run_goes_on_where_it_stopped(machines: Machines) -> None:
    for number in range(3):
        machines.put(f"binary {number}".encode())
    machines.dies_after = 1
    with pytest.raises(NodeFailed):
        machines.mover(TO_S3, at_once=128).move()
    assert "nothing says" in refused(TO_S3, to_s3(switch=True))
    machines.dies_after = None
    assert machines.mover(TO_S3, at_once=128).move().binaries == 3
    assert machines.said == ["copying 00 to 7f", "copying 80 to ff", "verifying 00 to 7f", "verifying 80 to ff"]


def test_what_a_killed_run_still_copies_at_a_node_ends_first(machines: Machines) -> None:
    first = machines.put(b"binary 1")
    lock = machines.root("i-1") / "run/artifactory-estate-move"
    lock.parent.mkdir()
    with lock.open("w") as other, ThreadPoolExecutor(1) as pool:
        fcntl.flock(other, fcntl.LOCK_EX)
        moving = pool.submit(machines.mover(TO_S3).move)
        eventually("the second command waits", lambda: is_waited_for(lock), 60)
        assert not stored()
        late = machines.put(b"binary 2")
        fcntl.flock(other, fcntl.LOCK_UN)
        assert moving.result(timeout=120).binaries == 2
    assert {key.rpartition("/")[2] for key in stored()} == {first, late}


def is_waited_for(lock: Path) -> bool:
    inode = f":{lock.stat().st_ino} "
    return any("->" in line and inode in line for line in Path("/proc/locks").read_text().splitlines())


def test_damaged_binaries_are_named_and_stop_the_switch(machines: Machines) -> None:
    damaged = machines.put(b"right", instead=b"wrong")
    machines.put(b"fine")
    with pytest.raises(EstateError, match=f"damaged at /mnt/old, so not copied: {damaged}"):
        machines.mover(TO_S3).move()
    assert "nothing says" in refused(TO_S3, to_s3(switch=True)) and len(stored()) == 1
    machines.put(b"right")
    assert machines.mover(TO_S3).move().copied


def test_onto_as_many_nodes_as_there_are_copies(machines: Machines) -> None:
    names_ = {machines.put(f"binary {number}".encode()) for number in range(9)}
    nodes = ("i-1", "i-2", "i-3")
    machines.mover(TO_NODES, nodes).move()
    held = [machines.at_node(node) for node in nodes]
    assert {name: sum(name in each for each in held) for name in names_} == dict.fromkeys(names_, 2)


def shards(**more: Any) -> dict[str, Any]:
    return {"shard-a": {}, "shard-b": {}, "shard-c": {}, **more}


def sharded(shards: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Mounts, each at a directory of its name unless it says another."""
    mounts = {name: {"directory": f"/mnt/{name}", **shard} for name, shard in shards.items()}
    return {"filestore": {"kind": "sharding", "redundancy": 2, "shards": mounts, **more}}


def test_a_shard_with_the_only_copy_is_not_removed() -> None:
    three, two = shards(), {"shard-a": {}, "shard-b": {}}
    found = refused(sharded(three, redundancy=1), sharded(two, redundancy=1))
    assert "shard-c removed, with 1 copies of each binary" in found
    assert refused(sharded(three), sharded(two)) == ""
    assert refused(sharded(two, redundancy=1), sharded(three, redundancy=1)) == ""


def test_a_shard_elsewhere_is_as_good_as_removed() -> None:
    other = {"directory": "/srv/other"}
    found = refused(sharded(shards()), sharded(shards(**{"shard-a": other, "shard-b": {"directory": "/srv/b"}})))
    assert "shards: shard-a now at /srv/other, shard-b now at /srv/b, with 2 copies of each binary" in found
    assert refused(sharded(shards()), sharded(shards(**{"shard-a": other}))) == ""


def test_a_state_that_knows_shards_by_name_only_refuses_nothing_more() -> None:
    before, after = (
        place_declaration(names(), site_of(**sharded(shards(**{name: {"directory": "/srv/other"}}), redundancy=1)))
        for name in ("shard-a", "shard-b")
    )
    assert [*Place().preflight(before, after)]
    assert not [*Place().preflight(before.model_copy(update={"shards": {}}), after)]


def test_a_directory_of_every_node_is_drained_before_it_goes() -> None:
    def on_nodes(shards: dict[str, Any]) -> dict[str, Any]:
        own = {"kind": "sharding-cluster", "redundancy": 3, "shards": shards}
        return {"filestore": own, "nodes": {"count": 3, "max": 3, "data_volume": {"size_gib": 100}}}

    fewer = on_nodes({"shard-a": {}, "shard-b": {}})
    assert "Write write_enabled: false at shard-c" in refused(on_nodes(shards()), fewer)
    assert refused(on_nodes(shards(**{"shard-c": {"write_enabled": False}})), fewer) == ""


def test_a_bucket_that_may_not_be_deleted_stays_a_shard() -> None:
    def in_buckets(shards: dict[str, Any], *, allow_delete: bool = False) -> dict[str, Any]:
        own = {"kind": "s3-sharding", "redundancy": 2, "shards": shards, "bucket": {"allow_delete": allow_delete}}
        return {"filestore": own}

    fewer = {"shard-a": {}, "shard-b": {}}
    found = refused(in_buckets(shards()), in_buckets(fewer, allow_delete=True))
    assert "shard-c removed (S3 deletes no bucket that holds objects" in found and "run up, and remove it then" in found
    assert refused(in_buckets(shards(), allow_delete=True), in_buckets(fewer)) == ""
    assert refused(in_buckets(shards()), in_buckets(shards(**{"shard-c": {"path": "other"}}))) == ""


def test_another_move_begins_anew(machines: Machines) -> None:
    machines.mover(TO_S3).move()
    assert machines.mover(TO_NODES).journal == Move(source="/mnt/old", target="nodes:filestore")
