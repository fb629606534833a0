from typing import Any

import pytest

from artifactory_estate.site.machines import Machine, machine_of
from tests.unit.estate.documents import Changes
from tests.unit.estate.judged import Rule

AT = "sites.eu-west.nodes"


def nodes(**words: Any) -> Changes:
    return {AT: {"count": 2, "max": 3, "size": "medium", **words}}


RULES = {
    "a heap that leaves Access its share": Rule(
        nodes(heap_gib=20),
        nodes(heap_gib=21),
        f"{AT}.heap_gib",
        "21 GiB (files reference 2.3: Access takes a quarter of the memory; m7i.2xlarge leaves 20 GiB)",
    ),
    "a heap for a larger machine": Rule(
        nodes(heap_gib=40, instance_type="m7i.4xlarge"), nodes(heap_gib=40), f"{AT}.heap_gib", "leaves 20 GiB"
    ),
    "a machine with room for a heap": Rule(
        nodes(instance_type="m7i.large"),
        nodes(instance_type="c7i.large"),
        f"{AT}.instance_type",
        "c7i.large leaves 0 GiB for a heap",
    ),
    "no burstable dwarf": Rule(
        nodes(instance_type="t3.xlarge"), nodes(instance_type="t3.small"), f"{AT}.instance_type", "Take more memory."
    ),
    "threads for the processors": Rule(
        nodes(threads={"artifactory": 800}),
        nodes(threads={"artifactory": 801}),
        f"{AT}.threads.artifactory",
        "801 threads (8 processors",
    ),
    "no more threads in Access than in Artifactory": Rule(
        nodes(threads={"access": 300}),
        nodes(threads={"access": 301}),
        f"{AT}.threads.access",
        "301 threads, Artifactory has 300 (files reference 7.1",
    ),
    "operations for the volume": Rule(
        nodes(iops=10000, volume_gib=20),
        nodes(iops=10001, volume_gib=20),
        f"{AT}.iops",
        "gp3 gives at most 500 for each GiB",
    ),
    "throughput for the operations": Rule(
        nodes(throughput_mib=750),
        nodes(throughput_mib=751),
        f"{AT}.throughput_mib",
        "751 MiB/s (gp3 gives at most 750 MiB/s with 3000 iops)",
    ),
    "gp3's most operations": Rule(nodes(iops=16000), nodes(iops=16001), f"{AT}.iops", "at most 16000"),
    "gp3's least throughput": Rule(
        nodes(throughput_mib=125), nodes(throughput_mib=124), f"{AT}.throughput_mib", "at least 125"
    ),
    "a size of the reference": Rule(nodes(size="large"), nodes(size="xsmall"), f"{AT}.size", "small, medium, large"),
    "the size's number of nodes below max": Rule(
        {AT: {"size": "large", "max": 4}}, {AT: {"size": "xlarge", "max": 3}}, f"{AT}.max", "less than count: 4"
    ),
    "tasks of the size that the machine has processors for": Rule(
        {**nodes(size="large"), "sites.eu-west.system_properties": {"artifactory.async.corePoolSize": 128}},
        {**nodes(size="large"), "sites.eu-west.system_properties": {"artifactory.async.corePoolSize": 160}},
        "sites.eu-west.system_properties.artifactory.async.corePoolSize",
        "at most 128 on the 16 processors of m7i.4xlarge",
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()


@pytest.mark.parametrize(
    ("instance_type", "machine"),
    [
        ("m7i.large", Machine(2, 8)),
        ("m7i.xlarge", Machine(4, 16)),
        ("m6a.48xlarge", Machine(192, 768)),
        ("c7i.2xlarge", Machine(8, 16)),
        ("r5.4xlarge", Machine(16, 128)),
        ("t3.medium", Machine(2, 4)),
        ("t3a.2xlarge", Machine(8, 32)),
        ("m7i.metal-24xl", None),
        ("u7i-6tb.112xlarge", None),
        ("g5.xlarge", None),
    ],
)
def test_processors_and_memory_of_a_type(instance_type: str, machine: Machine | None) -> None:
    assert machine_of(instance_type) == machine
