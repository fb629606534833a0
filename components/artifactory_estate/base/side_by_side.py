"""Several calls at once, with one deadline for all: what is dead costs that much and no more."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass
class Outcome(Generic[Value]):
    """What became of one call; neither value nor error: it had not come back by the deadline."""

    value: Value | None = None
    error: Exception | None = None

    @property
    def late(self) -> bool:
        """Whether it had not come back."""
        return self.value is None and self.error is None


def side_by_side(calls: Mapping[str, Callable[[], Value]], deadline_s: float) -> dict[str, Outcome[Value]]:
    """Make every call in a thread of its own, which nobody waits for at the end of the process. A call that returns
    None counts as late."""
    outcomes: dict[str, Outcome[Value]] = {name: Outcome() for name in calls}

    def make(name: str, call: Callable[[], Value]) -> None:
        try:
            outcomes[name].value = call()
        except Exception as error:  # noqa: BLE001  (handed to the caller)
            outcomes[name].error = error

    threads = [
        threading.Thread(target=make, args=item, name=f"side by side {item[0]}", daemon=True) for item in calls.items()
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + deadline_s
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return {name: Outcome(outcome.value, outcome.error) for name, outcome in outcomes.items()}
