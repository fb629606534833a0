"""What an EC2 type is: processors and memory, by its name."""

import re
from dataclasses import dataclass

_GIB_A_CPU = {"c": 2, "m": 4, "r": 8, "x": 16}
_CPUS = {"medium": 1, "large": 2, "xlarge": 4, "metal": 0}
_BURSTABLE_GIB = {"nano": 0.5, "micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32}
_BURSTABLE_CPUS = {"xlarge": 4, "2xlarge": 8}
_TYPE = re.compile(r"([a-z])([0-9]+)([a-z]*)\.([0-9]*[a-z]+)")


@dataclass(frozen=True)
class Machine:
    """One type."""

    cpus: int
    memory_gib: float


def machine_of(instance_type: str) -> Machine | None:
    """None for a type that the rules of AWS's names do not tell: metal, accelerators, high memory.

    >>> machine_of("m7i.2xlarge"), machine_of("r6i.large"), machine_of("p5.48xlarge")
    (Machine(cpus=8, memory_gib=32), Machine(cpus=2, memory_gib=16), None)
    """
    match = _TYPE.fullmatch(instance_type)
    if match is None:
        return None
    family, _, _, size = match.groups()
    if family == "t" and size in _BURSTABLE_GIB:
        return Machine(_BURSTABLE_CPUS.get(size, 2), _BURSTABLE_GIB[size])
    times = size.removesuffix("xlarge")
    cpus = 4 * int(times) if times.isdigit() else _CPUS.get(size, 0)
    ratio = _GIB_A_CPU.get(family)
    return Machine(cpus, cpus * ratio) if cpus and ratio else None
