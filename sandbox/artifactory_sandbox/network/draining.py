"""Requests under way, by target: one that was deregistered drains until the last of them is answered, or its delay is over.

AWS says `draining` for the whole delay, whether anything is under way or not. Nothing is left out by saying less: as long
as somebody may send it something, it drains (`DataPlane.drains` knows of fronts).
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

Target = tuple[str, str]
"""ARN of the target group, empty for what came by the machine's own address; instance id."""


class Draining:
    """Counts what each target is answering; safe to ask from several threads."""

    def __init__(self) -> None:
        self._under_way: Counter[Target] = Counter()
        self._lock = Lock()

    @contextmanager
    def request(self, target: Target) -> Iterator[None]:
        """A request, or a connection passed through, from its first byte to its last."""
        with self._lock:
            self._under_way[target] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[target] -= 1

    def busy(self, instance_id: str) -> bool:
        """Whether an instance is answering something that came by any target group."""
        with self._lock:
            return any(count for (_, id_), count in self._under_way.items() if id_ == instance_id)

    def drains(self, target: Target) -> bool:
        """Whether a target still answers something that came by its group, or by its own address from a front."""
        _, instance_id = target
        with self._lock:
            return self._under_way[target] > 0 or self._under_way["", instance_id] > 0
