"""Instance refresh: terminates the old instances of a group one at a time, each after its predecessor's replacement is green."""

import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from artifactory_sandbox.aws import backends
from artifactory_sandbox.aws.patches.hooks import TargetState
from artifactory_sandbox.data_plane.machine import Machine

_POLL_S = 0.25
GREEN_WITHIN_S = 600.0
"""A replacement that is not green by then fails the refresh."""


class Refreshes:
    """What was and is being rolled, by (account, region, group)."""

    def __init__(
        self,
        machines: Callable[[str], Machine | None],
        target_state: Callable[[str, str], TargetState],
        ending: threading.Event,
    ) -> None:
        self._machines = machines
        self._target_state = target_state
        self._ending = ending
        self._rows: defaultdict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)

    def of(self, account: str, region: str, group: str) -> list[dict[str, Any]]:
        """The refreshes of a group, newest first, as DescribeInstanceRefreshes lists them."""
        return self._rows[account, region, group]

    def start(self, account: str, region: str, group: str) -> str:
        """Begins to roll a group; the refresh's id."""
        row = {
            "InstanceRefreshId": str(uuid.uuid4()),
            "AutoScalingGroupName": group,
            "Status": "Pending",
            "StartTime": datetime.now(UTC),
            "PercentageComplete": 0,
            "InstancesToUpdate": 0,
        }
        self._rows[account, region, group].insert(0, row)
        threading.Thread(
            target=self._roll, args=(account, region, group, row), name=f"refresh-{group}", daemon=True
        ).start()
        return str(row["InstanceRefreshId"])

    def _roll(self, account: str, region: str, name: str, row: dict[str, Any]) -> None:
        old = sorted(_members(account, region, name))
        row["Status"], row["InstancesToUpdate"] = "InProgress", len(old)
        for done, instance_id in enumerate(old, start=1):
            if row["Status"] == "Cancelling":
                self._finish(row, "Cancelled", "Cancelled on request")
                return
            if instance_id in _members(account, region, name):
                backends.terminate(account, region, [instance_id])
            if not self._green(account, region, name):
                self._finish(row, "Failed", f"the replacement of {instance_id} did not become healthy")
                return
            row["PercentageComplete"], row["InstancesToUpdate"] = 100 * done // len(old), len(old) - done
        row["PercentageComplete"] = 100
        self._finish(row, "Successful", "")

    def _green(self, account: str, region: str, name: str) -> bool:
        """Waits until every member runs and is healthy in every target group."""
        deadline = time.monotonic() + GREEN_WITHIN_S
        while time.monotonic() < deadline and not self._ending.is_set():
            group = backends.backend("autoscaling", account, region).autoscaling_groups.get(name)
            if group is None:
                return False
            members = _members(account, region, name)
            if all(self._is_green(member, group.target_group_arns) for member in members):
                return True
            time.sleep(_POLL_S)
        return False

    def _is_green(self, instance_id: str, target_groups: list[str]) -> bool:
        machine = self._machines(instance_id)
        if machine is None or machine.state != "running":
            return False
        return all(self._target_state(arn, instance_id).state == "healthy" for arn in target_groups)

    @staticmethod
    def _finish(row: dict[str, Any], status: str, reason: str) -> None:
        row |= {"EndTime": datetime.now(UTC)} | ({"StatusReason": reason} if reason else {})
        row["Status"] = status


def _members(account: str, region: str, name: str) -> list[str]:
    group = backends.backend("autoscaling", account, region).autoscaling_groups.get(name)
    return [state.instance.id for state in group.instance_states if state.instance.state == "running"] if group else []
