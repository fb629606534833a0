"""The bootstrap's part for the database, run by bash: PostgreSQL for real, the other engines against the sandbox's."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from moto import mock_aws

from artifactory_estate.base.templates import render
from artifactory_sandbox.data_plane import stubs
from artifactory_sandbox.data_plane.databases import Databases
from artifactory_sandbox.data_plane.sql_clients import Rejected
from tests.support import postgres

NASTY = "it's\"a\\$pass&"
HEAD = """set -Eeuo pipefail
log() { printf '%s\\n' "$*"; }
fail() { printf 'FAILED: %s\\n' "$*"; exit 1; }
said() { tr '\\n' ' ' <"$work/error"; }
install_by_name() { fail "nothing to install: $*"; }
write_file() { mkdir -p "$(dirname "$1")"; cat >"$1"; }
chown() { :; }
"""
AWS = """#!/bin/bash
[[ $1 == s3 ]] || exit 1
from=${@: -2:1} to=${@: -1}
from=${from/s3:\\/\\//$BUCKETS/} to=${to/s3:\\/\\//$BUCKETS/}
[[ -f $from ]] || { echo 'fatal error: (404) Not Found' >&2; exit 1; }
[[ $to == - ]] && exec cat "$from"
mkdir -p "$(dirname "$to")" && cp "$from" "$to"
"""


@dataclass
class Node:
    """A folder in which the functions run, with a bucket."""

    folder: Path
    path: str
    more: dict[str, str]

    def run(self, function: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """One function of the template, by itself."""
        work = self.folder / "work"
        text = HEAD + render("prepare-database.sh.j2") + f"\n{function}\n"
        environment = {
            "PATH": self.path,
            "work": str(work),
            "var": str(self.folder / "var"),
            "state": str(self.folder),
            "BUCKET": "site",
            "BUCKETS": str(self.folder / "buckets"),
            "DATABASE_NAME": "artifactory",
            "DATABASE_USER": "artifactory",
            "DATABASE_MASTER": "arn:secret",
            "DATABASE_IDENTITY": "arn:secret",
            "DATABASE_PASSWORD_MARK": "",
            **self.more,
            **variables,
        }
        return subprocess.run(
            ["bash", "-c", text], env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def secret(self, name: str, value: str) -> None:
        (self.folder / "work/secrets").mkdir(parents=True, exist_ok=True)
        (self.folder / "work/secrets" / name).write_text(value)


def node_in(folder: Path, commands: Path, **more: str) -> Node:
    commands.mkdir(exist_ok=True)
    (commands / "aws").write_text(AWS)
    (commands / "aws").chmod(0o755)
    (folder / "buckets/site").mkdir(parents=True)
    return Node(folder, f"{commands}:{os.environ['PATH']}", more)


def test_postgresql_is_prepared_by_least_privilege_and_again_without_harm(tmp_path: Path) -> None:
    with postgres.server() as server:
        node = node_in(tmp_path, tmp_path / "bin", DATABASE_ENGINE="postgresql", DATABASE_HOST=str(server.folder))
        for name, value in (("master-username", "tests"), ("master-password", "x"), ("database-password", NASTY)):
            node.secret(name, value)
        for mark in ("", "", "another"):
            done = node.run("prepare_database", DATABASE_PASSWORD_MARK=mark)
            assert done.returncode == 0, done.stdout
        assert "preparing" in done.stdout
        assert "preparing" not in node.run("prepare_database", DATABASE_PASSWORD_MARK="another").stdout
        with psycopg.connect(server.url("artifactory").replace("tests@", "artifactory@")) as connection:
            connection.execute("CREATE TABLE nodes (id TEXT)")
            rights = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
            assert connection.execute(rights).fetchone() == (False, False, False)
            encoding = "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
            assert connection.execute(encoding).fetchone() == ("UTF8",)


class Rds:
    """The sandbox's RDS, with a control API for the clients that run on machines."""

    def __init__(self, folder: Path) -> None:
        self.databases = Databases(folder / "databases", lambda _region: True)
        self.client = boto3.client("rds", region_name="eu-west-1")

    def make(self, name: str, engine: str, version: str) -> str:
        """An instance; its host."""
        made = self.client.create_db_instance(
            DBInstanceIdentifier=name,
            Engine=engine,
            EngineVersion=version,
            DBInstanceClass="db.m7i.large",
            AllocatedStorage=20,
            MasterUsername="estate_admin",
            MasterUserPassword="master-secret",
        )
        return str(made["DBInstance"]["Endpoint"]["Address"])

    def command(self, request: dict[str, Any]) -> dict[str, Any]:
        wanted = request["environment"]
        try:
            output = self.databases.run(
                wanted["PGHOST"], wanted["PGUSER"], wanted["PGPASSWORD"], request["statements"], request["command"]
            )
        except Rejected as error:
            return {"code": 2, "output": str(error)}
        return {"code": 0, "output": output}


@pytest.fixture
def rds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rds]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield Rds(tmp_path)


@pytest.fixture
def control(rds: Rds) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(rds.command(sent)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


OTHERS = {
    "mysql": ("mysql", "8.0.36", NASTY),
    "mariadb": ("mariadb", "10.6.14", NASTY),
    "oracle": ("oracle-se2", "19.0", "it's a \\$pass&"),
    "mssql": ("sqlserver-se", "15.00", NASTY),
}


@pytest.mark.parametrize("engine", OTHERS)
def test_other_engines_get_the_user_with_its_password(rds: Rds, control: str, tmp_path: Path, engine: str) -> None:
    on_rds, version, password = OTHERS[engine]
    host = rds.make(f"acme-{engine}", on_rds, version)
    commands = stubs.write(tmp_path / "bin")
    (commands / "chown").unlink()
    node = node_in(
        tmp_path,
        commands,
        DATABASE_ENGINE=engine,
        DATABASE_HOST=host,
        SANDBOX_CONTROL=control,
        SANDBOX_INSTANCE="i-1",
    )
    for name, value in (("master-username", "estate_admin"), ("master-password", "master-secret")):
        node.secret(name, value)
    for mark, given in (("", password), ("rotated", f"{password}-2")):
        node.secret("database-password", given)
        done = node.run("prepare_database", DATABASE_PASSWORD_MARK=mark)
        assert done.returncode == 0, done.stdout
        assert rds.databases.log_in(host, "artifactory", given)
    assert not rds.databases.log_in(host, "artifactory", password)
    node.secret("master-password", "wrong")
    done = node.run("prepare_database", DATABASE_PASSWORD_MARK="once more")
    assert "password authentication failed for user" in done.stdout
    assert "wrong" not in done.stdout


def test_the_driver_is_laid_once_checked_and_replaces_the_former(tmp_path: Path) -> None:
    node = node_in(tmp_path, tmp_path / "bin")
    (tmp_path / "work").mkdir()
    bucket, lib = tmp_path / "buckets/site", tmp_path / "var/bootstrap/artifactory/tomcat/lib"
    sums = {"one.jar": "", "two.jar": ""}
    for name in sums:
        (bucket / name).write_text(name)
        sums[name] = subprocess.run(
            ["sha256sum", str(bucket / name)], capture_output=True, text=True, check=True
        ).stdout.split()[0]
    for name in ("one.jar", "one.jar", "two.jar"):
        done = node.run("lay_driver", DATABASE_DRIVER=f"s3://site/{name}", DATABASE_DRIVER_SHA256=sums[name])
        assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in lib.iterdir()] == ["two.jar"]
    done = node.run("lay_driver", DATABASE_DRIVER="s3://site/one.jar", DATABASE_DRIVER_SHA256=sums["two.jar"])
    assert "s3://site/one.jar has not the declared sha256" in done.stdout
    assert [path.name for path in lib.iterdir()] == ["two.jar"]
