"""Maintenance of a cluster through `estate up` while clients work. The tests share a site and build on each other."""

from collections.abc import Iterator

import pytest

from tests.faults.maintenance.killing import Drawn, run_killed
from tests.support import cluster_site
from tests.support.cluster_site import InService, healthy, versions
from tests.support.sandbox import SandboxProject

OLD, NEW, BAD, AFTER = "7.111.4", "7.117.5", "7.120.1", "7.120.2"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProject]:
    project = cluster_site.begin(tmp_path_factory.mktemp("maintenance") / "project")
    yield project
    project.stop()


def snapshots(project: SandboxProject) -> list[str]:
    """Those that RDS did not make by itself."""
    found = project.aws("rds").describe_db_snapshots()["DBSnapshots"]
    names = (str(snapshot["DBSnapshotIdentifier"]) for snapshot in found)
    return sorted(name for name in names if not name.startswith("rds:"))


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


@pytest.mark.parametrize("seed", [1, 2])
def test_a_node_killed_at_any_moment_of_any_step_loses_nothing(project: SandboxProject, seed: int) -> None:
    run_killed(project, Drawn.by(seed))
