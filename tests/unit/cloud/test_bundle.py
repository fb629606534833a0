"""A bundle: same files same bytes, applied to running nodes one at a time, current only when all have it."""

import hashlib
import io
import subprocess
import tarfile
from typing import Any

import boto3
import pytest

from artifactory_estate.cloud import node_commands
from artifactory_estate.cloud.bundle import POINTER, digest_of, key_of, pack
from artifactory_estate.cloud.lifecycle import Bundle, BundleDeclaration
from artifactory_estate.cloud.node_commands import Group, NodeFailed
from tests.support.aws import REGION

SCRIPT = '#!/bin/bash\n[[ x == x ]] && echo "applying $ESTATE_BUNDLE"\n'
FILES = {"bootstrap.sh": "#!/bin/bash\n", "system.yaml": "configVersion: 1\n"}


class Nodes:
    """Systems Manager, Auto Scaling and load balancer of a group, as far as the roll asks them."""

    def __init__(self, *instances: str) -> None:
        self.instances = list(instances)
        self.log: list[str] = []
        self.fails: set[str] = set()
        self.unhealthy: dict[str, int] = {}
        self.scripts: list[str] = []

    def client(self, service: str, **_: Any) -> "Nodes":
        self.service = service
        return self

    def describe_auto_scaling_groups(self, **_: Any) -> dict[str, Any]:
        nodes = [{"InstanceId": name, "LifecycleState": "InService"} for name in self.instances]
        nodes.append({"InstanceId": "i-leaving", "LifecycleState": "Terminating"})
        return {"AutoScalingGroups": [{"Instances": nodes, "TargetGroupARNs": ["arn:web"]}]}

    def send_command(self, **request: Any) -> dict[str, Any]:
        node = request["InstanceIds"][0]
        self.log.append(f"run {node}")
        self.scripts += request["Parameters"]["commands"]
        return {"Command": {"CommandId": f"command-{node}"}}

    def get_command_invocation(self, **request: Any) -> dict[str, Any]:
        failed = request["InstanceId"] in self.fails
        said = "starting\nFAILED: Artifactory stopped: bad binarystore.xml\n" if failed else "ready\n"
        return {"Status": "Failed" if failed else "Success", "StandardOutputContent": said}

    def describe_target_health(self, **_: Any) -> dict[str, Any]:
        node = self.log[-1].split()[-1]
        waits = self.unhealthy.get(node, 0)
        self.unhealthy[node] = waits - 1
        self.log.append(f"{'unhealthy' if waits > 0 else 'healthy'} {node}")
        state = {"State": "initial" if waits > 0 else "healthy"}
        return {"TargetHealthDescriptions": [{"Target": {"Id": node}, "TargetHealth": state}]}


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Nodes:
    made = Nodes("i-2", "i-1")
    monkeypatch.setattr(node_commands, "client", made.client)
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


def test_change_rolls_the_nodes_one_after_another_and_then_becomes_current(
    declared: BundleDeclaration, nodes: Nodes
) -> None:
    first = Bundle().create(declared)
    nodes.log.clear()
    nodes.unhealthy = {"i-1": 2}
    changed = declared.model_copy(update={"files": {**FILES, "system.yaml": "configVersion: 2\n"}})
    second = Bundle().update(declared, changed, first)
    assert nodes.log == ["run i-1", "unhealthy i-1", "unhealthy i-1", "healthy i-1", "run i-2", "healthy i-2"]
    said = subprocess.run(["/bin/sh", "-c", nodes.scripts[-1]], capture_output=True, text=True, check=True).stdout
    assert said == f"applying {second.digest}\n"
    assert objects(declared.bucket)[POINTER].decode() == second.digest


def test_no_change_runs_nothing(declared: BundleDeclaration, nodes: Nodes) -> None:
    observed = Bundle().create(declared)
    nodes.log.clear()
    Bundle().update(declared, declared, observed)
    assert nodes.log == []


def test_roll_stops_at_the_first_bad_node_and_new_nodes_take_the_old_bundle(
    declared: BundleDeclaration, nodes: Nodes
) -> None:
    first = Bundle().create(declared)
    nodes.log.clear()
    nodes.fails = {"i-1"}
    changed = declared.model_copy(update={"files": {"bootstrap.sh": "broken"}})
    with pytest.raises(NodeFailed, match=r"i-1: .* FAILED: Artifactory stopped: bad binarystore"):
        Bundle().update(declared, changed, first)
    assert nodes.log == ["run i-1"]
    assert objects(declared.bucket)[POINTER].decode() == first.digest


def test_next_run_finishes_an_interrupted_roll(declared: BundleDeclaration, nodes: Nodes) -> None:
    first = Bundle().create(declared)
    nodes.fails = {"i-2"}
    changed = declared.model_copy(update={"files": {"bootstrap.sh": "better"}})
    with pytest.raises(NodeFailed):
        Bundle().update(declared, changed, first)
    nodes.fails, nodes.log = set(), []
    second = Bundle().update(declared, changed, first)
    assert nodes.log == ["run i-1", "healthy i-1", "run i-2", "healthy i-2"]
    assert objects(declared.bucket)[POINTER].decode() == second.digest


def test_node_that_stays_unhealthy_stops_the_roll(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes.unhealthy = {"i-1": 10_000}
    clock = iter(range(0, 10_000_000, 10))
    monkeypatch.setattr("artifactory_estate.cloud.node_commands.time.monotonic", lambda: next(clock))
    with pytest.raises(NodeFailed, match="i-1: not healthy at the load balancer within 300 s"):
        Group("acme-nodes", REGION, None, sleep=lambda _: None).roll("script")
    assert "run i-2" not in nodes.log


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


def test_group_that_does_not_exist_yet_has_no_nodes(aws: str) -> None:
    assert Group("acme-nothing", REGION, None).nodes() == []
