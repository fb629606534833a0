"""Instance refresh: replaces the instances of a group one at a time, each after its predecessor's replacement is green."""

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

    def start(self, account: str, region: str, group: str, preferences: dict[str, Any]) -> str:
        """Begins to roll a group; the refresh's id. With `MaxHealthyPercentage` above 100 and `MinHealthyPercentage` 100 a
        replacement is green before its predecessor goes; otherwise the old one goes first."""
        row = {
            "InstanceRefreshId": str(uuid.uuid4()),
            "AutoScalingGroupName": group,
            "Status": "Pending",
            "StartTime": datetime.now(UTC),
            "PercentageComplete": 0,
            "InstancesToUpdate": 0,
            "Preferences": preferences,
        }
        self._rows[account, region, group].insert(0, row)
        threading.Thread(
            target=self._roll, args=(account, region, group, row), name=f"refresh-{group}", daemon=True
        ).start()
        return str(row["InstanceRefreshId"])

    def _roll(self, account: str, region: str, name: str, row: dict[str, Any]) -> None:
        old = sorted(_members(account, region, name))
        if row["Preferences"].get("SkipMatching"):
            old = [member for member in old if not _matches(account, region, name, member)]
        surge = _launches_first(row["Preferences"])
        row["Status"], row["InstancesToUpdate"] = "InProgress", len(old)
        for done, instance_id in enumerate(old, start=1):
            if row["Status"] == "Cancelling":
                self._finish(row, "Cancelled", "Cancelled on request")
                return
            if instance_id in _members(account, region, name):
                replaced = self._surge if surge else self._terminate
                if not replaced(account, region, name, instance_id):
                    self._finish(row, "Failed", f"the replacement of {instance_id} did not become healthy")
                    return
            row["PercentageComplete"], row["InstancesToUpdate"] = 100 * done // len(old), len(old) - done
        row["PercentageComplete"] = 100
        self._finish(row, "Successful", "")

    def _terminate(self, account: str, region: str, name: str, instance_id: str) -> bool:
        """The old one, once it has answered what it had begun, then its replacement."""
        group = backends.backend("autoscaling", account, region).autoscaling_groups[name]
        backends.leave_group(account, region, group, instance_id)
        return self._green(account, region, name)

    def _surge(self, account: str, region: str, name: str, instance_id: str) -> bool:
        """The replacement beside all others, then the old one goes."""
        group = backends.backend("autoscaling", account, region).autoscaling_groups[name]
        group.replace_autoscaling_group_instances(1, group.get_propagated_tags())
        if not self._green(account, region, name):
            return False
        backends.leave_group(account, region, group, instance_id)
        return True

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


def _matches(account: str, region: str, name: str, instance_id: str) -> bool:
    """Whether an instance is made from the version of the launch template that its group names."""
    group = backends.backend("autoscaling", account, region).autoscaling_groups[name]
    template, wanted = group.ec2_launch_template, str(group.launch_template_version)
    numbers = {"$Latest": template.latest_version_number, "$Default": template.default_version_number}
    instance = backends.backend("ec2", account, region).get_instance(instance_id)
    return backends.tags_of(instance).get("aws:ec2launchtemplate:version") == str(numbers.get(wanted, wanted))


def _launches_first(preferences: dict[str, Any]) -> bool:
    return (
        int(preferences.get("MaxHealthyPercentage") or 100) > 100
        and int(preferences.get("MinHealthyPercentage") or 90) >= 100
    )


def _members(account: str, region: str, name: str) -> list[str]:
    group = backends.backend("autoscaling", account, region).autoscaling_groups.get(name)
    return [state.instance.id for state in group.instance_states if state.instance.state == "running"] if group else []
