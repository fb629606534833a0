"""What moto asks the data plane."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class TargetState:
    """The state of a target as `describe_target_health` reports it: `initial`, `healthy`, `unhealthy`, `unused`, `draining`."""

    state: str
    reason: str | None = None
    description: str | None = None


class Hooks(Protocol):
    """The data plane, seen from moto."""

    def target_state(self, group_arn: str, instance_id: str) -> TargetState:
        """How a registered target is."""

    def drains(self, group_arn: str, instance_id: str, deregistered: float, delay: float) -> bool:
        """Whether a target deregistered at that moment of `time.monotonic` still answers requests, `delay` seconds at most."""

    def reachable_by_commands(self, instance_id: str) -> bool:
        """Whether Systems Manager's agent runs on an instance."""

    def run_command(self, command: Any) -> None:
        """Starts a command of Systems Manager (moto's model, its invocations are filled in while it runs)."""

    def database_failed_over(self, identifier: str) -> None:
        """An RDS instance or Aurora cluster restarts, or its standby takes over."""

    def start_refresh(self, account: str, region: str, group: str, preferences: dict[str, Any]) -> str:
        """Begins an instance refresh with its `Preferences`; its id."""

    def refreshes(self, account: str, region: str, group: str) -> list[dict[str, Any]]:
        """The refreshes of a group, newest first; `Status` may be set to `Cancelling`."""
