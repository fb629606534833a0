"""What the data plane adds to moto's services: databases, replication, instance refresh."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.sandbox_cloud.running import Fleet, Running, until

STATEMENTS = (
    r"SELECT 'CREATE ROLE app LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') \gexec",
    "ALTER ROLE app WITH LOGIN PASSWORD 'it''s; a \"secret\"';",
    "GRANT app TO CURRENT_USER;",
    r"SELECT 'CREATE DATABASE app OWNER app ENCODING ''UTF8''' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'app') \gexec",
)


@pytest.fixture(scope="module")
def database(sandbox: Running) -> Iterator[dict[str, Any]]:
    rds = sandbox.aws("rds")
    made = rds.create_db_instance(
        DBInstanceIdentifier="east", Engine="postgres", EngineVersion="15.4", DBInstanceClass="db.m6g.large", AllocatedStorage=20,
        MasterUsername="owner", MasterUserPassword="master-password",
    )["DBInstance"]  # fmt: skip
    yield made
    rds.delete_db_instance(DBInstanceIdentifier="east", SkipFinalSnapshot=True)


def psql(sandbox: Running, fleet: Fleet, host: str, password: str) -> dict[str, Any]:
    """Runs the statements twice on a machine, as its bootstrap would."""
    lines = ["psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 <<'SQL'", *STATEMENTS, "SQL"]
    exports = [f"export PGHOST={host} PGUSER=owner PGPASSWORD={password} PGDATABASE=postgres"]
    ssm, member = sandbox.aws("ssm"), fleet.members[0]["InstanceId"]
    script = [*exports, *lines, *lines]
    command = ssm.send_command(
        InstanceIds=[member], DocumentName="AWS-RunShellScript", Parameters={"commands": ["set -e", *script]}
    )
    found = lambda: ssm.get_command_invocation(CommandId=command["Command"]["CommandId"], InstanceId=member)  # noqa: E731
    return until(lambda: (row := found())["Status"] in {"Success", "Failed"} and row, "psql ends")


def test_a_bootstrap_makes_the_user_that_nodes_log_in_with(
    sandbox: Running, east: Fleet, database: dict[str, Any]
) -> None:
    host = database["Endpoint"]["Address"]

    def log_in(user: str, password: str) -> bool:
        return bool(sandbox.control(f"/databases/{host}/login", {"user": user, "password": password})["allowed"])

    assert not log_in("app", 'it\'s; a "secret"')
    assert (
        psql(sandbox, east, host, "wrong")["StandardErrorContent"]
        .strip()
        .endswith('password authentication failed for user "owner"')
    )
    done = psql(sandbox, east, host, "master-password")
    assert (done["Status"], done["StandardErrorContent"]) == ("Success", "")
    assert (log_in("app", 'it\'s; a "secret"'), log_in("app", "other"), log_in("owner", "master-password")) == (
        True,
        False,
        True,
    )
    found = sandbox.control(f"/databases/{host}")
    assert (found["reachable"], found["databases"]) == (True, ["app", "postgres"])


def test_a_database_goes_with_its_region(sandbox: Running, database: dict[str, Any]) -> None:
    host = database["Endpoint"]["Address"]
    sandbox.fault("database-down", database="east")
    assert not sandbox.control(f"/databases/{host}")["reachable"]
    sandbox.fault("heal")
    assert sandbox.control(f"/databases/{host}")["reachable"]
    assert "error" in sandbox.control("/databases/nowhere.example")


def test_new_versions_are_replicated_and_older_ones_are_not(sandbox: Running) -> None:
    source, target = sandbox.aws("s3"), sandbox.aws("s3", "us-west-2")
    source.create_bucket(Bucket="from-here")
    target.create_bucket(Bucket="to-there", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    for client, bucket in ((source, "from-here"), (target, "to-there")):
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    source.put_object(Bucket="from-here", Key="filestore/old", Body=b"old")
    rule = {
        "ID": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": "filestore/"},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": "arn:aws:s3:::to-there"},
    }
    source.put_bucket_replication(
        Bucket="from-here", ReplicationConfiguration={"Role": "arn:aws:iam::123456789012:role/r", "Rules": [rule]}
    )
    version = source.put_object(Bucket="from-here", Key="filestore/new", Body=b"new", Metadata={"a": "b"})["VersionId"]
    source.put_object(Bucket="from-here", Key="elsewhere", Body=b"x")
    until(lambda: target.list_objects_v2(Bucket="to-there").get("Contents"), "the object arrives")
    read = target.get_object(Bucket="to-there", Key="filestore/new")
    assert (read["Body"].read(), read["VersionId"], read["Metadata"]) == (b"new", version, {"a": "b"})
    assert [row["Key"] for row in target.list_objects_v2(Bucket="to-there")["Contents"]] == ["filestore/new"]


def test_an_instance_refresh_rolls_one_after_another(sandbox: Running, east: Fleet) -> None:
    old = east.wait_healthy(2)
    refresh = east.scaling.start_instance_refresh(AutoScalingGroupName="east")["InstanceRefreshId"]
    with pytest.raises(east.scaling.exceptions.InstanceRefreshInProgressFault):
        east.scaling.start_instance_refresh(AutoScalingGroupName="east")

    def state() -> Any:
        assert len(east.healthy) >= 1, "one node serves at any time"
        return east.scaling.describe_instance_refreshes(AutoScalingGroupName="east", InstanceRefreshIds=[refresh])[
            "InstanceRefreshes"
        ][0]

    until(lambda: state()["Status"] == "Successful", "the refresh is done")
    assert state()["PercentageComplete"] == 100
    assert not old & east.wait_healthy(2)
