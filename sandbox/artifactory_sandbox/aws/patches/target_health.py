"""Target health is what the data plane measured: stock moto says healthy for all, terminated ones too, and lets none drain."""

import time
from typing import Any

from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect

_DRAINING = ("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")


def apply(hooks: Hooks) -> None:
    """Asks the data plane about registered targets; moto goes on answering for the others."""
    constant, deregister, describe = (
        FakeTargetGroup.health_for,
        FakeTargetGroup.deregister,
        ELBv2Backend.describe_target_health,
    )

    def health_for(self: Any, target: dict[str, Any], ec2_backend: Any) -> Any:
        known = self.targets.get(target["Id"])
        if known is None:
            left = self.deregistered_targets.get(target["Id"])
            if left is None or not drains(self, left):
                return constant(self, target, ec2_backend)
            return FakeHealthStatus(left["Id"], left["Port"], self.health_check_port, *_DRAINING)
        found = hooks.target_state(self.arn, known["Id"])
        return FakeHealthStatus(
            known["Id"], known["Port"], self.health_check_port, found.state, found.reason, found.description
        )

    def drains(self: Any, left: dict[str, Any]) -> bool:
        delay = float(self.attributes["deregistration_delay.timeout_seconds"])
        return hooks.drains(self.arn, left["Id"], left["Deregistered"], delay)

    def deregister_all(self: Any, targets: list[dict[str, Any]]) -> None:
        deregister(self, targets)
        for target in targets:
            self.deregistered_targets[target["Id"]]["Deregistered"] = time.monotonic()

    def describe_target_health(self: Any, target_group_arn: str, targets: list[dict[str, Any]]) -> Any:
        group = self.target_groups.get(target_group_arn)
        found = describe(self, target_group_arn, targets)
        if targets or group is None:
            return found
        leaving = [left for left in group.deregistered_targets.values() if drains(group, left)]
        return found + [group.health_for(left, self.ec2_backend) for left in leaving]

    FakeTargetGroup.health_for = health_for
    FakeTargetGroup.deregister = deregister_all
    ELBv2Backend.describe_target_health = describe_target_health


def check(aws: Scratch) -> None:
    """A target that nothing has probed is not healthy."""
    arn = aws.target_group("check-health")
    aws.group("check-health", 1, TargetGroupARNs=[arn])
    states = [
        row["TargetHealth"]["State"]
        for row in aws.client("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    ]
    expect(
        len(states) == 1 and states[0] in {"initial", "unused"},
        f"an unprobed target is initial or unused, not {states}",
    )
    member = aws.members("check-health")[0]["InstanceId"]
    elb = aws.client("elbv2")
    elb.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": member}])
    left = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    expect(left == [], f"a deregistered target that answers nothing is gone, not {left}")
