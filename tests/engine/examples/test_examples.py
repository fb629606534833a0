"""Every example program: made true by the real engine, found true the second time, taken away again."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.examples.example import EXAMPLES, Example, Sandbox

Run = Callable[[str, dict[str, str]], Example]


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path) -> Run:
    """Makes the named example true and sees that a second `up` changes nothing."""

    def make(name: str, configuration: dict[str, str]) -> Example:
        example = Example(tmp_path / name, EXAMPLES / name, environment=sandbox.environment)
        example.configure(configuration)
        example.up()
        example.unchanged()
        return example

    return make


def test_each_example_is_run_here() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    examples = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())
    assert len(examples) == 7
    assert [name for name in examples if not re.search(rf'run\(\s*"{name}"', here)] == []


def test_versioned_filestore(run: Run, sandbox: Sandbox) -> None:
    example = run("versioned_filestore", {"bucket": "acme-binaries"})
    s3 = sandbox.aws("s3")
    assert example.outputs() == {"bucket": "acme-binaries"}
    assert s3.get_bucket_versioning(Bucket="acme-binaries")["Status"] == "Enabled"
    s3.put_object(Bucket="acme-binaries", Key="filestore/aa/aa", Body=b"binary")
    example.gone()
    assert "acme-binaries" not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}


def test_database(run: Run, sandbox: Sandbox) -> None:
    wanted = ("vpc", "clients", "subnets[0]", "subnets[1]")
    example = run("database", {name: sandbox.network[name] for name in wanted})
    rds = sandbox.aws("rds")
    made = rds.describe_db_instances(DBInstanceIdentifier="acme-metadata")["DBInstances"][0]
    assert example.outputs()["host"] == made["Endpoint"]["Address"]
    example.gone()
    assert rds.describe_db_instances()["DBInstances"] == []
    snapshots = rds.describe_db_snapshots()["DBSnapshots"]
    assert [found["DBSnapshotIdentifier"].startswith("acme-metadata-final-") for found in snapshots] == [True]


def test_load_balancer(run: Run, sandbox: Sandbox) -> None:
    certificate = sandbox.aws("acm").request_certificate(DomainName="repo.acme.example")["CertificateArn"]
    network = {name: value for name, value in sandbox.network.items() if name != "clients"}
    example = run("load_balancer", {**network, "certificate": certificate})
    lb = sandbox.aws("elbv2")
    assert [found["LoadBalancerName"] for found in lb.describe_load_balancers()["LoadBalancers"]] == ["acme-repo-alb"]
    assert len(example.outputs()["target groups"]) == 2
    example.gone()
    assert lb.describe_load_balancers()["LoadBalancers"] == [] == lb.describe_target_groups()["TargetGroups"]


def test_repositories(run: Run) -> None:
    example = run("repositories", {"url": "http://berlin.repo.acme.example"})
    assert example.outputs() == {"repositories": 4}
    example.gone()


def test_federation(run: Run) -> None:
    example = run(
        "federation", {"berlin": "http://berlin.repo.acme.example", "tokyo": "http://tokyo.repo.acme.example"}
    )
    assert example.outputs() == {"waits for a later run": []}
    example.gone()


def test_disaster_recovery_pair(run: Run, sandbox: Sandbox) -> None:
    for region in ("eu-central-1", "ap-northeast-1"):
        where = {"LocationConstraint": region}
        sandbox.aws("s3", region).create_bucket(Bucket=f"acme-journal-{region}", CreateBucketConfiguration=where)
    example = run(
        "disaster_recovery_pair",
        {
            "master": "http://berlin.repo.acme.example",
            "target": "http://tokyo.repo.acme.example",
            "journals": "acme-journal",
        },
    )
    assert example.outputs()["waits for a later run"] == []
    written = sandbox.aws("s3").list_objects_v2(Bucket="acme-journal-eu-central-1")["Contents"]
    assert [found["Key"] for found in written] == ["disaster-recovery/berlin.json"]
    example.gone()
    assert sandbox.aws("s3").list_objects_v2(Bucket="acme-journal-eu-central-1")["KeyCount"] == 0


def test_site(run: Run, sandbox: Sandbox) -> None:
    example = run("site", {"account": "123456789012", "package": "sandbox", "sha256": "0" * 64, "nodes": "1"})
    assert example.outputs()["url"] == "http://us-east.repo.acme.example"
    example.gone()
    groups = sandbox.aws("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert groups == []
