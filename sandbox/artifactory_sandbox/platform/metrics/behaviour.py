"""Figures that a node counts while it works; they begin at zero with the node, as counters do."""

import threading
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

Labels = tuple[tuple[str, str], ...]
_SWITCH = "artifactory.metrics.enabled"


class Metrics:
    """Counts by name and labels. `enabled` is what the metrics calls answer by."""

    def __init__(self, platform: "Platform", enabled: bool) -> None:
        self._platform = platform
        self._enabled = enabled
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, Labels]] = Counter()

    @property
    def enabled(self) -> bool:
        """The system property, else what system.yaml says."""
        said = self._platform.properties.get(_SWITCH, "")
        return said.strip().lower() == "true" if said else self._enabled

    def add(self, name: str, amount: float = 1, **labels: str) -> None:
        """Counts."""
        with self._lock:
            self._counts[name, tuple(sorted(labels.items()))] += amount  # type: ignore[assignment]

    def count(self, name: str) -> float:
        """What was counted under a name, over all labels."""
        return sum(self.by_labels(name).values())

    def by_labels(self, name: str) -> dict[Labels, float]:
        """What was counted under a name, for each set of labels."""
        with self._lock:
            return {labels: value for (found, labels), value in self._counts.items() if found == name}
