"""A whole site on MariaDB: driver and packages laid, user made, a failover survived, another password by a rolling restart."""

import hashlib
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest

from artifactory_sandbox import licence
from tests.support.documents import ONE_SITE
from tests.support.sandbox import SandboxProject, eventually

JAR = b"mariadb-java-client"
DATABASE = f"""\
    database:
      engine: mariadb
      version: "10.6.14"
      allow_non_postgresql: true
      driver: {{source: "s3://acme-packages/mariadb-java-client.jar", sha256: "{hashlib.sha256(JAR).hexdigest()}"}}
      password: "file:.sandbox/database.password"
"""
SYSTEM = {f"{name}-1.0-1.amzn2023.x86_64.rpm": name.encode() for name in ("nginx", "amazon-cloudwatch-agent")}
LISTED = ", ".join(
    f'{{source: "s3://acme-packages/{name}", sha256: "{hashlib.sha256(body).hexdigest()}"}}'
    for name, body in SYSTEM.items()
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProject]:
    made = SandboxProject(tmp_path_factory.mktemp("mariadb") / "project", ONE_SITE)
    made.replace("    repositories:\n", f"{DATABASE}    repositories:\n")
    made.replace("artifactory:\n", f"artifactory:\n  system_packages: [{LISTED}]\n")
    pool = made.sandbox_folder / "licences" / "us-east.txt"
    pool.parent.mkdir(parents=True)
    pool.write_text(licence.file_text(licence.make(2)))
    (made.sandbox_folder / "database.password").write_text("first'password")
    with made.running():
        made.aws("s3").create_bucket(Bucket="acme-packages")
        for key, body in {"mariadb-java-client.jar": JAR, **SYSTEM}.items():
            made.aws("s3").put_object(Bucket="acme-packages", Key=key, Body=body)
        made.estate("up")
        yield made


def node(project: SandboxProject) -> Any:
    """The one node."""
    return next(one for one in project.control("nodes")["nodes"] if one["state"] == "running")


def host(project: SandboxProject) -> str:
    listed = project.aws("rds").describe_db_instances()["DBInstances"]
    assert [one["Engine"] for one in listed] == ["mariadb"]
    return str(listed[0]["Endpoint"]["Address"])


def test_the_driver_is_laid_and_the_node_serves(project: SandboxProject) -> None:
    root = project.sandbox_folder / "instances" / node(project)["id"]
    lib = root / "opt/jfrog/artifactory/var/bootstrap/artifactory/tomcat/lib"
    assert [path.read_bytes() for path in lib.iterdir()] == [JAR]
    assert project.control(f"databases/{host(project)}")["kind"] == "mariadb"


def test_packages_of_the_system_come_from_the_sites_bucket(project: SandboxProject) -> None:
    root = project.sandbox_folder / "instances" / node(project)["id"]
    assert (root / "etc/nginx/conf.d/artifactory.conf").is_file()
    assert (root / "opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.json").is_file()
    log = (root / "var/log/artifactory-estate/bootstrap.log").read_text()
    assert "installing 2 packages of the system" in log
    assert "CloudWatch" not in log
    kept = project.aws("s3").list_objects_v2(Bucket="small-us-east-site-123456789012", Prefix="packages/")["Contents"]
    assert set(SYSTEM) < {one["Key"].rsplit("/", 1)[1] for one in kept}


def test_a_failover_keeps_the_endpoint_and_the_node_comes_back(project: SandboxProject) -> None:
    before, rds = host(project), project.aws("rds")
    rds.reboot_db_instance(DBInstanceIdentifier="small-us-east", ForceFailover=True)
    where = f"databases/{before}"
    assert not project.control(where)["reachable"]
    eventually("the standby", lambda: project.control(where)["reachable"], 30)
    assert host(project) == before
    assert node(project)["units"]["artifactory"]["starts"] == 1
    eventually("the node serves", lambda: all(one["serving"] for one in project.site("us-east")["nodes"]), 60)


def test_another_password_is_set_and_restarts_the_node(project: SandboxProject) -> None:
    starts = node(project)["units"]["artifactory"]["starts"]
    (project.sandbox_folder / "next.password").write_text("second'password")
    project.replace(".sandbox/database.password", ".sandbox/next.password")
    project.estate("up")
    assert node(project)["units"]["artifactory"]["starts"] > starts
    sent, where = {"user": "artifactory"}, f"databases/{host(project)}/login"
    assert project.control(where, {**sent, "password": "second'password"}) == {"allowed": True}
    with pytest.raises(urllib.error.HTTPError, match="403"):
        project.control(where, {**sent, "password": "first'password"})
