"""Instance refresh rolls a group's instances: stock moto answers 500 to its calls."""

from typing import Any

from botocore.exceptions import ClientError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect

_RUNNING = {"Pending", "InProgress", "Cancelling"}


class _Refused(ServiceException):  # type: ignore[misc]
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def apply(hooks: Hooks) -> None:
    """Adds start, describe and cancel; the data plane does the work and keeps the record."""

    def where(self: Any) -> tuple[str, str, str]:
        group = self._get_param("AutoScalingGroupName")
        if group not in self.autoscaling_backend.autoscaling_groups:
            raise _Refused("ValidationError", f"AutoScalingGroup name not found - null: {group}")
        return self.current_account, self.region, group

    def start_instance_refresh(self: Any) -> Any:
        place = where(self)
        if any(row["Status"] in _RUNNING for row in hooks.refreshes(*place)):
            raise _Refused(
                "InstanceRefreshInProgress",
                "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
            )
        return ActionResult({"InstanceRefreshId": hooks.start_refresh(*place, self._get_param("Preferences", {}))})

    def describe_instance_refreshes(self: Any) -> Any:
        wanted = self._get_param("InstanceRefreshIds", [])
        rows = [row for row in hooks.refreshes(*where(self)) if not wanted or row["InstanceRefreshId"] in wanted]
        return ActionResult({"InstanceRefreshes": rows})

    def cancel_instance_refresh(self: Any) -> Any:
        place = where(self)
        running = [row for row in hooks.refreshes(*place) if row["Status"] in _RUNNING]
        if not running:
            raise _Refused(
                "ActiveInstanceRefreshNotFound",
                "No in progress or pending Instance Refresh found for this Auto Scaling group.",
            )
        running[0]["Status"] = "Cancelling"
        return ActionResult({"InstanceRefreshId": running[0]["InstanceRefreshId"]})

    AutoScalingResponse.start_instance_refresh = start_instance_refresh
    AutoScalingResponse.describe_instance_refreshes = describe_instance_refreshes
    AutoScalingResponse.cancel_instance_refresh = cancel_instance_refresh


def check(aws: Scratch) -> None:
    """An empty group's refresh is accepted and listed; a group that is not there is refused."""
    scaling, name = aws.client("autoscaling"), "check-refresh"
    aws.group(name, 0)
    made = scaling.start_instance_refresh(AutoScalingGroupName=name)["InstanceRefreshId"]
    listed = scaling.describe_instance_refreshes(AutoScalingGroupName=name)["InstanceRefreshes"]
    expect([row["InstanceRefreshId"] for row in listed] == [made], "a refresh is listed")
    try:
        scaling.start_instance_refresh(AutoScalingGroupName="nowhere")
    except ClientError as error:
        expect(error.response["Error"]["Code"] == "ValidationError", f"refused as ValidationError, not {error}")
    else:
        expect(False, "a group that is not there has no refresh")
