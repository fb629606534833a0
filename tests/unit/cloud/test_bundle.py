"""A bundle: same files same bytes, applied to running nodes one at a time, current only when all have it."""

import hashlib
import io
import json
import subprocess
import tarfile

import boto3
import pytest

from artifactory_estate.cloud import node_commands, target_groups
from artifactory_estate.cloud.bundle import POINTER, digest_of, key_of, pack
from artifactory_estate.cloud.lifecycle import Bundle, BundleDeclaration, BundleObservation
from artifactory_estate.cloud.node_commands import NodeFailed
from tests.support.aws import REGION
from tests.unit.cloud.rolled import Nodes

SCRIPT = '#!/bin/bash\n[[ x == x ]] && echo "applying $ESTATE_BUNDLE"\n'
FILES = {"bootstrap.sh": "#!/bin/bash\n", "system.yaml": "configVersion: 1\n"}


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Nodes:
    made = Nodes("i-2", "i-1")
    for module in (node_commands, target_groups):
        monkeypatch.setattr(module, "client", made.client)
    monkeypatch.setattr(node_commands, "_POLL_S", 0)
    return made


@pytest.fixture
def declared(bucket: str) -> BundleDeclaration:
    return BundleDeclaration(bucket=bucket, region=REGION, files=FILES, script=SCRIPT, group="acme-nodes")


def objects(bucket: str) -> dict[str, bytes]:
    s3 = boto3.client("s3", region_name=REGION)
    found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {item["Key"]: s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in found}


def test_archive_depends_on_the_files_alone() -> None:
    assert pack(FILES) == pack(dict(reversed(FILES.items())))
    assert digest_of(FILES) != digest_of({**FILES, "system.yaml": "configVersion: 2\n"})
    with tarfile.open(fileobj=io.BytesIO(pack(FILES))) as archive:
        assert [(entry.name, entry.mtime, entry.mode) for entry in archive] == [
            ("bootstrap.sh", 0, 0o755),
            ("system.yaml", 0, 0o644),
        ]


def test_bundle_is_named_by_its_digest_and_pointed_to(declared: BundleDeclaration, nodes: Nodes) -> None:
    nodes.instances.clear()
    observed = Bundle().create(declared)
    found = objects(declared.bucket)
    assert found[POINTER].decode() == observed.digest
    assert hashlib.sha256(found[key_of(observed.digest)]).hexdigest() == observed.digest


def ran(bucket: str, digest: str, *nodes: str) -> None:
    """What the nodes' own bootstrap says when it is done."""
    s3 = boto3.client("s3", region_name=REGION)
    for node in nodes:
        report = {"instance": node, "status": "ready", "bundle": digest, "reason": ""}
        s3.put_object(Bucket=bucket, Key=f"nodes/{node}.json", Body=json.dumps(report))


def changed_to(declared: BundleDeclaration, text: str) -> BundleDeclaration:
    return declared.model_copy(update={"files": {**FILES, "system.yaml": text}})


def test_change_rolls_the_nodes_one_after_another_and_then_becomes_current(
    declared: BundleDeclaration, nodes: Nodes
) -> None:
    changed = changed_to(declared, "configVersion: 2\n")
    ran(declared.bucket, digest_of(changed.files), "i-1")
    second = Bundle().update(declared, changed, BundleObservation())
    assert (
        nodes.log == ["out i-2", "run i-2", "in i-2"] * 2
    )  # before and after it became current, for want of its report
    said = subprocess.run(["/bin/sh", "-c", nodes.scripts[-1]], capture_output=True, text=True, check=True).stdout
    assert said == f"applying {second.digest}\n"
    assert objects(declared.bucket)[POINTER].decode() == second.digest


def test_nodes_that_run_it_and_serve_are_left_alone(declared: BundleDeclaration, nodes: Nodes) -> None:
    ran(declared.bucket, digest_of(declared.files), "i-1", "i-2")
    Bundle().create(declared)
    assert nodes.log == []
    nodes.states["i-1"] = "unhealthy"
    Bundle().create(declared)
    assert nodes.log == ["out i-1", "run i-1", "in i-1"]


def test_roll_stops_at_the_first_bad_node_and_new_nodes_take_the_old_bundle(
    declared: BundleDeclaration, nodes: Nodes
) -> None:
    first = Bundle().create(declared)
    nodes.log.clear()
    nodes.fails = {"i-1"}
    with pytest.raises(NodeFailed, match=r"i-1: .* FAILED: Artifactory stopped: bad binarystore"):
        Bundle().update(declared, changed_to(declared, "broken"), first)
    assert nodes.log == ["out i-1", "run i-1"]
    assert objects(declared.bucket)[POINTER].decode() == first.digest


def test_next_run_finishes_an_interrupted_roll(declared: BundleDeclaration, nodes: Nodes) -> None:
    first = Bundle().create(declared)
    nodes.fails = {"i-2"}
    changed = changed_to(declared, "better")
    with pytest.raises(NodeFailed):
        Bundle().update(declared, changed, first)
    ran(declared.bucket, digest_of(changed.files), "i-1")
    nodes.fails, nodes.log = set(), []
    second = Bundle().update(declared, changed, first)
    assert nodes.log[:2] == ["run i-2", "in i-2"] and "run i-1" not in nodes.log
    assert objects(declared.bucket)[POINTER].decode() == second.digest


def test_read_sees_nodes_that_do_not_serve(declared: BundleDeclaration, nodes: Nodes) -> None:
    observed = Bundle().create(declared)
    del nodes.states["i-2"]
    found = Bundle().read(declared, observed)
    assert found and found[1].pending == ("i-2 does not serve",)


def test_read_sees_a_pointer_that_somebody_moved(declared: BundleDeclaration, nodes: Nodes) -> None:
    observed = Bundle().create(declared)
    assert Bundle().read(declared, observed) == (declared, observed)
    boto3.client("s3", region_name=REGION).put_object(Bucket=declared.bucket, Key=POINTER, Body=b"0" * 64)
    found = Bundle().read(declared, observed)
    assert found
    assert found[1].pending == ("the current bundle is not the declared one",)


def test_read_and_delete_of_what_is_gone(declared: BundleDeclaration, nodes: Nodes) -> None:
    observed = Bundle().create(declared)
    Bundle().delete(declared, observed)
    assert Bundle().read(declared, observed) is None
    elsewhere = declared.model_copy(update={"bucket": "no-such-bucket-at-all"})
    assert Bundle().read(elsewhere, observed) is None
    Bundle().delete(elsewhere, observed)
