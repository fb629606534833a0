"""What the bootstrap does when a node gets another version of Artifactory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.site.cluster import Cluster, running_cluster
from tests.clients.site.node_machine import Machine
from tests.unit.site.site_values import ARTIFACTORY


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running_cluster(tmp_path) as made:
        yield made


def apply(cluster: Cluster, node: Machine, version: str, digest: str) -> str:
    """Another version reaches a node; what the node's programs were told since."""
    text = cluster.script.read_text()
    before = node.recorded()
    changed = "\n".join(f"VERSION={version}" if line.startswith("VERSION=") else line for line in text.splitlines())
    cluster.script.write_text(changed + "\n")
    assert node.run(cluster.script, digest=digest * 64).returncode == 0
    return node.recorded().removeprefix(before)


def recorded(cluster: Cluster) -> str:
    return cluster.cloud.object("boot/version").read_text()


def test_the_first_start_records_its_version(cluster: Cluster) -> None:
    cluster.machine("i-1").run(cluster.script)
    assert recorded(cluster) == ARTIFACTORY.version


def test_a_newer_version_is_installed_on_a_stopped_node_and_recorded_when_it_runs(cluster: Cluster) -> None:
    node = cluster.machine("i-1")
    node.run(cluster.script)
    said = apply(cluster, node, "7.999.0", "e")
    assert said.index("systemctl stop artifactory") < said.index("install -y")
    assert said.index("jfrog-artifactory-pro-7.999.0") < said.index("artifactory", said.index("boot/started"))
    assert recorded(cluster) == "7.999.0"


def test_an_older_version_is_a_downgrade_and_does_not_unmake_the_record(cluster: Cluster) -> None:
    node = cluster.machine("i-1")
    node.run(cluster.script)
    apply(cluster, node, "7.10.2", "e")
    said = apply(cluster, node, "7.9.9", "f")
    assert " downgrade -y" in said or "allow-downgrades" in said
    assert recorded(cluster) == ARTIFACTORY.version


def test_the_same_version_is_installed_and_recorded_once(cluster: Cluster) -> None:
    node = cluster.machine("i-1")
    node.run(cluster.script)
    said = apply(cluster, node, ARTIFACTORY.version, "e")
    assert "install -y --quiet jfrog" not in said and "systemctl stop artifactory" not in said
    assert "boot/version s3" not in said


def test_the_lock_of_an_instance_that_is_gone_is_taken_over_long_before_it_is_stale(cluster: Cluster) -> None:
    cluster.cloud.put("boot/lock", b"i-9 1 1", owner="i-9", age_s=60)
    (cluster.cloud.folder / "gone").write_text("i-9")
    result = cluster.machine("i-1").run(cluster.script)
    assert result.returncode == 0, result.stdout
    assert "taking over the boot lock of i-9" in result.stdout
