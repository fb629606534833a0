"""The text format: `# HELP`, `# UPDATED`, `# TYPE`, then samples with their time (8)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sample:
    """One value. `suffix` is `_count` or `_sum` of a summary."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric with its samples; one without samples is left out."""

    name: str
    kind: str
    about: str
    samples: tuple[Sample, ...]


def one(name: str, about: str, value: float, **labels: str) -> Family:
    """A family of one sample, of the kind that its name says."""
    return several(name, about, (Sample(value, labels),))


def several(name: str, about: str, samples: Iterable[Sample], kind: str = "") -> Family:
    """A family; without a kind it is a counter when its name ends in `_total`, else a gauge."""
    return Family(name, kind or ("counter" if name.endswith("_total") else "gauge"), about, tuple(samples))


def rendered(families: Iterable[Family], now: int) -> bytes:
    """The whole answer."""
    lines: list[str] = []
    for family in families:
        if not family.samples:
            continue
        lines += [
            f"# HELP {family.name} {_escaped(family.about, quotes=False)}",
            f"# UPDATED {family.name} {now}",
            f"# TYPE {family.name} {family.kind}",
        ]
        lines += [
            f"{family.name}{one.suffix}{_labels(one.labels)} {_number(one.value)} {now}" for one in family.samples
        ]
    return "".join(f"{line}\n" for line in lines).encode()


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(labels.items())) + "}"


def _escaped(text: str, quotes: bool = True) -> str:
    made = text.replace("\\", "\\\\").replace("\n", "\\n")
    return made.replace('"', '\\"') if quotes else made


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
