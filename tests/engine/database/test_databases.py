"""Every engine's database through the real engine and the stand-in of AWS."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

import artifactory_sandbox.aws_plugin as plugin
from tests.support.aws import REGION, running_aws
from tests.support.engine import Engine

BIN = Path(plugin.__file__).parent / "bin"
ENGINES = {
    "acme-postgresql": "postgres",
    "acme-aurora-postgresql-1": "aurora-postgresql",
    "acme-aurora-postgresql-2": "aurora-postgresql",
    "acme-aurora-postgresql-3": "aurora-postgresql",
    "acme-mysql": "mysql",
    "acme-mariadb": "mariadb",
    "acme-oracle": "oracle-se2",
    "acme-mssql": "sqlserver-se",
}


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with running_aws():
        environment = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "AWS_REGION": REGION}
        made = Engine(tmp_path_factory.mktemp("databases"), Path(__file__).parent / "program", environment=environment)
        made.up()
        yield made


def test_every_engine_is_made_and_stays_as_it_is(databases: Engine) -> None:
    databases.refresh("--expect-no-changes")
    databases.preview("--expect-no-changes")
    listed = boto3.client("rds", region_name=REGION).describe_db_instances()["DBInstances"]
    ours = {one["DBInstanceIdentifier"]: one for one in listed if one["DBInstanceIdentifier"].startswith("acme-")}
    assert {name: one["Engine"] for name, one in ours.items()} == ENGINES
    assert all(one["StorageEncrypted"] and not one["PubliclyAccessible"] for one in ours.values())
    outputs = json.loads(databases.run("stack", "output", "--json", "-s", databases.stack))
    assert ".cluster-" in outputs["aurora-postgresql"]["host"]
    assert all(":secret:rds!" in one["secret"] for one in outputs.values())


def test_destroying_leaves_snapshots_and_nothing_else(databases: Engine) -> None:
    databases.destroy()
    client = boto3.client("rds", region_name=REGION)
    left = [one["DBInstanceIdentifier"] for one in client.describe_db_instances()["DBInstances"]]
    assert not set(left) & set(ENGINES)
    snapshots = [one["DBSnapshotIdentifier"] for one in client.describe_db_snapshots()["DBSnapshots"]]
    assert sum(name.startswith("acme-oracle-final-") for name in snapshots) == 1
