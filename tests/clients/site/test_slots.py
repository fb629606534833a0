"""Stable node ids: which instance has which slot, and what follows from it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.clients.site.cluster import Cluster, running_cluster
from tests.clients.site.node_machine import Machine


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running_cluster(tmp_path) as made:
        yield made


def slots(cluster: Cluster) -> dict[str, str]:
    found: dict[str, str] = json.loads(cluster.cloud.object("boot/slots.json").read_text())
    return found


def gone(cluster: Cluster, *instances: str) -> None:
    (cluster.cloud.folder / "gone").write_text(" ".join(instances))


def boot(cluster: Cluster, instance: str, **options: Any) -> Machine:
    machine = cluster.machine(instance, **options)
    result = machine.run(cluster.script)
    assert result.returncode == 0, result.stdout
    return machine


def node(machine: Machine) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((machine.var / "etc/system.yaml").read_text())["shared"]["node"]
    return found


def report(cluster: Cluster, instance: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cluster.cloud.object(f"nodes/{instance}.json").read_text())
    return found


def test_nodes_take_slots_in_order_and_keep_them(cluster: Cluster) -> None:
    first, second = boot(cluster, "i-a"), boot(cluster, "i-b")
    assert slots(cluster) == {"1": "i-a", "2": "i-b"}
    assert (node(first)["id"], node(second)["id"]) == ("us-east-1", "us-east-2")
    assert first.run(cluster.script, digest="e" * 64).returncode == 0
    assert slots(cluster) == {"1": "i-a", "2": "i-b"}
    assert node(first)["id"] == "us-east-1"


def test_the_slot_of_an_instance_that_is_gone_is_free_again(cluster: Cluster) -> None:
    boot(cluster, "i-a")
    boot(cluster, "i-b")
    gone(cluster, "i-a")
    assert node(boot(cluster, "i-c"))["id"] == "us-east-1"
    assert slots(cluster) == {"1": "i-c", "2": "i-b"}


def test_a_node_more_while_the_old_one_lives_takes_the_next(cluster: Cluster) -> None:
    for instance in ("i-a", "i-b"):
        boot(cluster, instance)
    assert node(boot(cluster, "i-surge"))["id"] == "us-east-3"


def test_a_killed_claim_is_found_again(cluster: Cluster) -> None:
    cluster.cloud.put("boot/slots.json", json.dumps({"1": "i-a", "2": "i-b"}).encode())
    assert node(boot(cluster, "i-b"))["id"] == "us-east-2"


def test_a_data_volume_binds_the_slot_to_its_zone(cluster: Cluster) -> None:
    cluster.declare(nodes={"count": 2, "max": 3, "data_volume": {"size_gib": 100}}, filestore={"cache": "1GiB"})
    (cluster.cloud.folder / "volumes").write_text("1 us-east-1a\n2 us-east-1b\n3 us-east-1a\n")
    text = cluster.script.read_text()
    assert "DATA_VOLUMES=yes" in text
    cluster.script.write_text(text.replace("  mount_storage\n", ""))
    assert node(boot(cluster, "i-a", zone="us-east-1b"))["id"] == "us-east-2"
    assert node(boot(cluster, "i-b"))["id"] == "us-east-1"
    assert node(boot(cluster, "i-c"))["id"] == "us-east-3"
    fourth = cluster.machine("i-d")
    assert fourth.run(cluster.script).returncode != 0
    assert report(cluster, "i-d")["reason"].startswith("no data volume in us-east-1a is free: volumes for slots 1")
    assert not cluster.cloud.object("boot/lock").exists()


def test_the_first_slot_is_primary_where_there_is_one(cluster: Cluster) -> None:
    cluster.declare(nodes={"count": 2, "ha": "primary"})
    first, second = node(boot(cluster, "i-a")), node(boot(cluster, "i-b"))
    assert (first["primary"], second["primary"]) == (True, False)
    assert first["haEnabled"] is True
    assert "taskAffinity" not in first


def test_excluded_slots_leave_the_tasks_to_the_others(cluster: Cluster) -> None:
    cluster.declare(nodes={"count": 2, "max": 3, "without_tasks": [2]})
    assert node(boot(cluster, "i-a"))["taskAffinity"] == "any"
    assert node(boot(cluster, "i-b"))["taskAffinity"] == "none"


def test_nodes_measure_the_way_to_each_other(cluster: Cluster) -> None:
    boot(cluster, "i-a", zone="us-east-1a")
    boot(cluster, "i-gone")
    gone(cluster, "i-gone")
    boot(cluster, "i-b", zone="us-east-1b")
    told = report(cluster, "i-b")
    assert (told["node"], told["zone"], list(told["latency_ms"])) == ("us-east-2", "us-east-1b", ["us-east-1"])
    assert 0 <= told["latency_ms"]["us-east-1"] < 2000


def test_a_node_that_does_not_answer_is_told_and_stops_nobody(cluster: Cluster) -> None:
    first = boot(cluster, "i-a")
    first.servers[1].shutdown()
    first.servers[1].server_close()
    boot(cluster, "i-b")
    assert report(cluster, "i-b")["latency_ms"] == {"us-east-1": None}


def test_another_generation_is_another_join_key(cluster: Cluster) -> None:
    machine = boot(cluster, "i-a")
    cluster.cloud.set_secret("acme/us-east/join-key-2", "ef" * 32)
    cluster.declare(keys={"join_generation": 2})
    assert machine.run(cluster.script, digest="e" * 64).returncode == 0
    assert (machine.var / "etc/security/join.key").read_text() == "ef" * 32
    assert "acme/us-east/join-key " not in machine.recorded().splitlines()[-1]


def test_a_generation_and_a_change_of_tasks_change_files_only(cluster: Cluster) -> None:
    before = {path.name: path.read_text() for path in cluster.bundle.iterdir()}
    cluster.declare(keys={"join_generation": 2})
    after = {path.name: path.read_text() for path in cluster.bundle.iterdir()}
    assert {name for name in before if before[name] != after[name]} == {"bootstrap.sh"}
    assert "JOIN_KEY=join-key-2" in after["bootstrap.sh"]
    cluster.declare(nodes={"count": 3, "max": 3, "size": "small"})
    grown = {path.name: path.read_text() for path in cluster.bundle.iterdir()}
    assert grown == before, "a node more restarts nobody"
