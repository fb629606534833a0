"""Maintenance of a cluster through `estate up` while clients work. The tests share a site and build on each other."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.faults.maintenance.killing import Drawn, run_killed
from tests.support import cluster_site
from tests.support.cluster_site import InService, healthy, members, versions
from tests.support.sandbox import SandboxProject

JOIN_KEY = "var/opt/jfrog/artifactory/etc/security/join.key"
OLD, NEW, BAD, AFTER = "7.111.4", "7.117.5", "7.120.1", "7.120.2"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProject]:
    with cluster_site.cluster(tmp_path_factory.mktemp("maintenance") / "project") as project:
        yield project


def snapshots(project: SandboxProject) -> list[str]:
    """Those that RDS did not make by itself."""
    found = project.aws("rds").describe_db_snapshots()["DBSnapshots"]
    names = (str(snapshot["DBSnapshotIdentifier"]) for snapshot in found)
    return sorted(name for name in names if not name.startswith("rds:"))


def join_key(project: SandboxProject, generation: str = "") -> str:
    secret = f"small/us-east/join-key{generation}"
    return str(project.aws("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])


def running(project: SandboxProject) -> dict[str, Any]:
    """The cluster's machines, by instance."""
    return {node["id"]: node for node in project.control("nodes")["nodes"] if node["id"] in members(project)}


def pairs(node: dict[str, Any], key: str) -> int:
    """How a node answers a product that would join with this key."""
    where = f"http://{node['address']}:8082/mc/api/v1/internal/pairing"
    with requests.Session() as session:
        session.trust_env = False
        return session.post(where, json={"token": key}, timeout=30).status_code


def files_with(project: SandboxProject, key: str) -> set[str]:
    """Of the cluster's machines, below the root of each."""
    return {
        str(path.relative_to(node["root"]))
        for node in running(project).values()
        for path in Path(node["root"]).rglob("*")
        if path.is_file() and not path.is_symlink() and key.encode() in path.read_bytes()
    }


def test_another_join_key_reaches_every_node_under_load_without_a_failed_request(project: SandboxProject) -> None:
    old, before = join_key(project), running(project)
    project.replace("join_generation: 1", "join_generation: 2")
    with cluster_site.load(project) as load, InService(project) as service:
        said = project.estate("up")
    assert load.failures == [] and load.lost() == []
    assert load.answered > 100
    assert min(service.seen) >= 2, service.seen
    for number in (1, 2, 3):
        assert f"node {number} of 3" in said, said
    new, after = join_key(project, "-2"), running(project)
    assert new != old and healthy(project) == set(after) == set(before)
    starts = {id_: node["units"]["artifactory"]["starts"] for id_, node in after.items()}
    assert starts == {id_: node["units"]["artifactory"]["starts"] + 1 for id_, node in before.items()}
    assert [(pairs(node, new), pairs(node, old)) for node in after.values()] == [(200, 401)] * 3
    assert files_with(project, new) == {JOIN_KEY} and files_with(project, old) == set()
    assert join_key(project) == old, "each generation keeps its secret, to go back to"


def test_a_second_up_after_it_changes_nothing(project: SandboxProject) -> None:
    project.control("counters/reset", {})
    said = project.estate("up")
    assert re.search(r"^us-east: done: \d+ unchanged \(", said, re.MULTILINE), said
    found = project.counters()
    assert (found["aws"]["writes"], [each["writes"] for each in found["platforms"].values() if each["writes"]]) == (
        0,
        [],
    )


def test_the_plan_says_what_an_upgrade_means(project: SandboxProject) -> None:
    project.replace(f"version: {OLD}", f"version: {NEW}")
    said = project.estate("preview")
    assert "small-us-east-before-7-117-5" in said and "restoring" in said, said
    assert snapshots(project) == []


def test_three_nodes_are_upgraded_under_load_without_a_failed_request(project: SandboxProject) -> None:
    with cluster_site.load(project) as load, InService(project) as service:
        said = project.estate("up")
    assert load.failures == []
    assert load.answered > 100
    assert min(service.seen) >= 2, service.seen
    assert set(versions(project).values()) == {NEW}
    assert snapshots(project) == ["small-us-east-before-7-117-5"]
    assert load.lost() == []
    for number in (1, 2, 3):
        assert f"node {number} of 3" in said, said


def test_a_bad_version_stops_after_one_node_and_the_site_still_serves(project: SandboxProject) -> None:
    project.fault(kind="bad-version", version=BAD)
    project.replace(f"version: {NEW}", f"version: {BAD}")
    with cluster_site.load(project) as load:
        said = project.estate("up", fails=True)
    assert load.failures == []
    (out,) = set(versions(project)) - healthy(project)
    assert sorted(versions(project).values()) == [NEW, NEW, BAD] and versions(project)[out] == BAD
    assert out in said and "application initialization failed" in said, said
    assert load.lost() == []


def test_the_next_good_version_mends_it(project: SandboxProject) -> None:
    project.replace(f"version: {BAD}", f"version: {AFTER}")
    with cluster_site.load(project) as load:
        project.estate("up")
    assert load.failures == []
    assert set(versions(project).values()) == {AFTER} and len(healthy(project)) == 3


def test_going_back_is_refused_since_the_database_is_converted(project: SandboxProject) -> None:
    project.replace(f"version: {AFTER}", f"version: {NEW}")
    for command in ("preview", "up"):
        said = project.estate(command, fails=True)
        assert "artifactory.version" in said and "small-us-east-before-7-120-2" in said, said
    assert set(versions(project).values()) == {AFTER} and len(healthy(project)) == 3
    project.replace(f"version: {NEW}", f"version: {AFTER}")


@pytest.mark.parametrize("seed", [4, 0])
def test_a_node_killed_at_any_moment_of_any_step_loses_nothing(project: SandboxProject, seed: int) -> None:
    run_killed(project, Drawn.by(seed))
