"""RDS's data plane: what an endpoint leads to, failovers, full storage, a real server behind it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from moto import mock_aws

from artifactory_sandbox.data_plane.databases import Databases
from artifactory_sandbox.data_plane.sql_clients import Rejected
from artifactory_sandbox.platform.state import Database, Unreachable
from tests.support import postgres

TABLES = ("CREATE TABLE IF NOT EXISTS things (name TEXT PRIMARY KEY)",)


@pytest.fixture
def rds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.client("rds", region_name="eu-west-1")


@pytest.fixture
def databases(rds: Any, tmp_path: Path) -> Databases:
    return Databases(tmp_path, lambda _region: True)


def instance(rds: Any, name: str = "acme", engine: str = "postgres", **more: Any) -> str:
    shape = {
        "AllocatedStorage": 20,
        "MasterUsername": "owner",
        "MasterUserPassword": "master-secret",
        "EngineVersion": "15",
    }
    words = more if "DBClusterIdentifier" in more else shape | more
    made = rds.create_db_instance(DBInstanceIdentifier=name, Engine=engine, DBInstanceClass="db.m7i.large", **words)
    return str(made["DBInstance"]["Endpoint"]["Address"])


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("engine", "kind", "right", "wrong"),
    [
        ("postgres", "postgresql", "psql", "mysql"),
        ("mysql", "mysql", "mysql", "psql"),
        ("mariadb", "mariadb", "mysql", "sqlplus"),
        ("oracle-ee", "oracle", "sqlplus", "psql"),
        ("sqlserver-web", "mssql", "sqlcmd", "mysql"),
    ],
)
def test_every_engine_answers_its_own_client(
    rds: Any, databases: Databases, engine: str, kind: str, right: str, wrong: str
) -> None:
    host = instance(rds, engine=engine, EngineVersion="19" if kind == "oracle" else "10.6")
    found = databases.look_up(host)
    assert found is not None
    assert (found["kind"], found["reachable"], found["reads_only"]) == (kind, True, False)
    databases.run(host, "owner", "master-secret", [], right)
    with pytest.raises(Rejected, match="Connection timed out"):
        databases.run(host, "owner", "master-secret", [], wrong)


def test_auroras_readers_take_no_writes_and_share_the_writers_data(rds: Any, databases: Databases) -> None:
    made = rds.create_db_cluster(
        DBClusterIdentifier="acme", Engine="aurora-postgresql", EngineVersion="15.4", MasterUsername="owner",
        MasterUserPassword="master-secret",
    )["DBCluster"]  # fmt: skip
    first, second = (
        instance(rds, name, "aurora-postgresql", DBClusterIdentifier="acme") for name in ("acme-1", "acme-2")
    )

    def found(host: str) -> tuple[Any, bool]:
        seen = databases.look_up(host)
        assert seen is not None
        return seen["path"], seen["reads_only"]

    assert found(made["Endpoint"])[1] is False
    assert {found(host)[0] for host in (made["Endpoint"], made["ReaderEndpoint"], first, second)} == {found(first)[0]}
    assert [found(host)[1] for host in (made["ReaderEndpoint"], first, second)] == [True, False, True]
    with pytest.raises(Rejected, match="read-only transaction"):
        databases.run(made["ReaderEndpoint"], "owner", "master-secret", ["SELECT 1"])
    rds.failover_db_cluster(DBClusterIdentifier="acme")
    assert [found(host)[1] for host in (made["Endpoint"], first, second)] == [False, True, False]


def test_a_failover_cuts_connections_for_a_while_and_keeps_the_endpoint(rds: Any, databases: Databases) -> None:
    host = instance(rds)
    place = databases.look_up(host)
    assert place is not None
    node = Database(Path(place["path"]), TABLES)
    node.run("INSERT INTO things VALUES ('kept')")
    databases.fail_over("acme", 0.5)
    with pytest.raises(Unreachable, match="gives no connection"):
        node.run("INSERT INTO things VALUES ('lost')")
    with pytest.raises(Unreachable):
        Database(Path(place["path"]), TABLES)
    assert not databases.log_in(host, "owner", "master-secret")
    until(
        lambda: (
            databases.log_in(host, "owner", "master-secret") and not list(Path(place["path"]).parent.glob("*.fault"))
        )
    )
    node.run("INSERT INTO things VALUES ('after')")
    assert [row[0] for row in node.rows("SELECT name FROM things ORDER BY name")] == ["after", "kept"]
    node.close()


def test_full_storage_is_read_from_and_not_written_to(rds: Any, databases: Databases) -> None:
    place = databases.look_up(instance(rds))
    assert place is not None
    node = Database(Path(place["path"]), TABLES)
    databases.full.add("acme")
    databases.sync()
    assert node.rows("SELECT name FROM things") == []
    for attempt in (node.run, lambda sql: node.run_many(sql, [()])):
        with pytest.raises(Unreachable, match="No space left"):
            attempt("INSERT INTO things VALUES ('x')")
    databases.heal()
    node.run("INSERT INTO things VALUES ('x')")
    node.close()


def test_a_database_of_the_same_name_begins_empty(rds: Any, databases: Databases) -> None:
    host = instance(rds)
    databases.run(host, "owner", "master-secret", ["CREATE ROLE app LOGIN PASSWORD 'one'"])
    assert databases.log_in(host, "app", "one")
    rds.delete_db_instance(DBInstanceIdentifier="acme", SkipFinalSnapshot=True)
    databases.sync()
    instance(rds)
    assert not databases.log_in(host, "app", "one")


def test_a_real_server_has_a_database_for_each_and_feels_the_faults(rds: Any, tmp_path: Path) -> None:
    with postgres.server() as server:
        databases = Databases(tmp_path, lambda _region: True, server.url())
        places = [databases.look_up(instance(rds, name)) for name in ("acme", "other")]
        urls = [str(place["url"]) for place in places if place]
        assert len(set(urls)) == 2
        node, other = (Database(url, TABLES) for url in urls)
        node.run("INSERT INTO things VALUES ('kept')")
        databases.fail_over("acme", 0.5)
        with pytest.raises((Unreachable, psycopg.Error)):
            node.run("INSERT INTO things VALUES ('lost')")
        other.run("INSERT INTO things VALUES ('elsewhere')")

        def answers() -> bool:
            try:
                return bool(node.rows("SELECT name FROM things"))
            except (Unreachable, psycopg.Error):
                return False

        until(answers)
        databases.full.add("acme")
        databases.sync()
        with pytest.raises(psycopg.Error):
            node.run("INSERT INTO things VALUES ('lost')")
        databases.heal()
        until(answers)
        node.run("INSERT INTO things VALUES ('after')")
        assert [row[0] for row in node.rows("SELECT name FROM things ORDER BY name")] == ["after", "kept"]
        for one in (node, other):
            one.close()
