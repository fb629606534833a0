from typing import Any

import pytest

from tests.unit.estate.documents import mistakes_in
from tests.unit.estate.judged import Rule

AMI = {"ami": "ami-0123456789abcdef0"}
OLD, NEW = {"version": "7.10.2", **AMI}, {"version": "7.17.4", **AMI}


def alone(**words: Any) -> dict[str, Any]:
    """A site that is in no federation, whose version is its own affair."""
    url, aws = "http://alone.repo.acme.example", {"region": "eu-west-1"}
    site = {"platform": "managed", "url": url, "aws": aws, "nodes": {"count": 1}, "licences": "env:ALONE"}
    return {"sites.alone": {**site, **words}}


def nodes(artifactory: dict[str, str] | None = None, **words: Any) -> dict[str, Any]:
    chosen = {"artifactory": artifactory} if artifactory else {}
    return alone(nodes={"count": 2, "max": 3, "size": "small", **words}, **chosen)


def volume(**words: Any) -> dict[str, Any]:
    return nodes(data_volume={"size_gib": 200, **words})


RULES = {
    "max is above count": Rule(
        nodes(count=3),
        nodes(count=4),
        "sites.alone.nodes.max",
        "3 is less than count: 4 (max is what the cluster may grow to)",
    ),
    "cloud-native from 7.17.4 on": Rule(
        nodes(NEW, ha="cloud_native"),
        nodes({"version": "7.17.3", **AMI}, ha="cloud_native"),
        "sites.alone.nodes.ha",
        "cloud_native, with 7.17.3 (files reference 4.3: a cluster without a primary node begins with 7.17.4)",
    ),
    "one node without a primary of old": Rule(
        nodes(OLD, count=1, max=1),
        nodes(OLD, count=1, max=1, ha="cloud_native"),
        "sites.alone.nodes.ha",
        "cloud_native, with 7.10.2 (files reference 4.3",
    ),
    "affinity of an old version": Rule(
        nodes(OLD),
        nodes(OLD, without_tasks=[2]),
        "sites.alone.nodes.without_tasks",
        "given, with a primary node (files reference 4.3: with a primary node, that node alone runs",
    ),
    "affinity beside a primary": Rule(
        nodes(ha="primary"),
        nodes(ha="primary", without_tasks=[2]),
        "sites.alone.nodes.without_tasks",
        "given, with a primary node (files reference 4.3",
    ),
    "somebody runs the tasks": Rule(
        nodes(without_tasks=[2, 3]),
        nodes(without_tasks=[1, 2]),
        "sites.alone.nodes.without_tasks",
        "all 2 nodes (files reference 4.3: garbage collection, backups and cron replication run on a node",
    ),
    "the only node runs the tasks": Rule(
        nodes(count=1, without_tasks=[2]),
        nodes(count=1, without_tasks=[1]),
        "sites.alone.nodes.without_tasks",
        "all 1 nodes (files reference 4.3",
    ),
    "a slot that there is": Rule(
        nodes(without_tasks=[3]),
        nodes(without_tasks=[4]),
        "sites.alone.nodes.without_tasks",
        "no slot 4 (the cluster has slots 1 to 3 (nodes.max))",
    ),
    "a slot once": Rule(
        nodes(without_tasks=[2]),
        nodes(without_tasks=[2, 2]),
        "sites.alone.nodes.without_tasks",
        "a slot stands there twice",
    ),
    "slots begin with 1": Rule(
        nodes(without_tasks=[1]),
        nodes(without_tasks=[0]),
        "sites.alone.nodes.without_tasks[0]",
        "0 is out of range (at least 1)",
    ),
    "a place for the surge": Rule(
        nodes(refresh="surge"),
        nodes(count=3, refresh="surge"),
        "sites.alone.nodes.refresh",
        "surge, with max: 3 and count: 3 (files reference 2.6: a surge runs one node more",
    ),
    "a place for the surge without max": Rule(
        nodes(count=3, refresh="terminate_first"),
        alone(nodes={"count": 2, "size": "small", "refresh": "surge"}),
        "sites.alone.nodes.refresh",
        "surge, with max: 2 and count: 2 (files reference 2.6",
    ),
    "no surge of a disk": Rule(
        nodes(data_volume={"size_gib": 200}, refresh="terminate_first"),
        nodes(data_volume={"size_gib": 200}, refresh="surge"),
        "sites.alone.nodes.refresh",
        "surge, with data_volume (a data volume is attached to one instance",
    ),
    "a way of replacing": Rule(
        nodes(refresh="surge"),
        nodes(refresh="rolling"),
        "sites.alone.nodes.refresh",
        '"rolling" is not allowed (allowed: surge, terminate_first)',
    ),
    "two ways of high availability": Rule(
        nodes(ha="primary"),
        nodes(ha="active-passive"),
        "sites.alone.nodes.ha",
        "is not allowed (allowed: cloud_native, primary)",
    ),
    "a cluster's size": Rule(
        nodes(count=1, max=6),
        nodes(count=1, max=21),
        "sites.alone.nodes.max",
        "21 is out of range (at most 20)",
    ),
    "a node at least": Rule(
        nodes(count=1),
        nodes(count=0),
        "sites.alone.nodes.count",
        "0 is out of range (at least 1)",
    ),
    "no ARM beside a package": Rule(
        nodes(instance_type="m7i.4xlarge"),
        nodes(instance_type="m8g.4xlarge"),
        "sites.alone.nodes.instance_type",
        "m8g.4xlarge is an ARM type (files reference 4.4: native packages do not support ARM)",
    ),
    "I/O of a small disk": Rule(
        volume(size_gib=32, iops=16000),
        volume(size_gib=20, iops=16000),
        "sites.alone.nodes.data_volume.iops",
        "16000 for 20 GiB (EBS: gp3 gives at most 500 I/O operations a second for each GiB)",
    ),
    "throughput of few operations": Rule(
        volume(iops=4000, throughput_mib=1000),
        volume(throughput_mib=1000),
        "sites.alone.nodes.data_volume.throughput_mib",
        "1000 MiB/s with 3000 iops (EBS: gp3 needs 4 I/O operations a second for each MiB/s)",
    ),
    "a disk of some size": Rule(
        volume(size_gib=20),
        volume(size_gib=19),
        "sites.alone.nodes.data_volume.size_gib",
        "19 is out of range (at least 20)",
    ),
    "a disk that there is": Rule(
        volume(throughput_mib=125),
        volume(throughput_mib=1200),
        "sites.alone.nodes.data_volume.throughput_mib",
        "1200 is out of range (at most 1000)",
    ),
    "two keys": Rule(
        alone(keys={"master": "env:MASTER", "join": "env:JOIN"}),
        alone(keys={"master": "env:KEY", "join": "env:KEY"}),
        "sites.alone.keys.join",
        "the same secret as keys.master (files reference 4.1: two keys",
    ),
    "generations begin with 1": Rule(
        alone(keys={"join_generation": 2}),
        alone(keys={"join_generation": 0}),
        "sites.alone.keys.join_generation",
        "0 is out of range (at least 1)",
    ),
    "no generations of the master key": Rule(
        alone(keys={"join_generation": 7}),
        alone(keys={"master_generation": 2}),
        "sites.alone.keys.master_generation",
        "unknown key (allowed here: join, join_generation, master)",
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()


def test_a_disk_that_cannot_be_is_refused_once() -> None:
    assert len(mistakes_in(volume(size_gib=20, iops=16000))) == len(mistakes_in(volume(throughput_mib=1000))) == 1
