"""Target groups follow their Auto Scaling group: stock moto forgets replacements and keeps the terminated."""

import time
from typing import Any

from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect


def apply(hooks: Hooks) -> None:
    """Registers members and drops those that left, after each change of membership."""
    del hooks
    notify, replace = (
        AutoScalingBackend.notify_terminate_instances,
        FakeAutoScalingGroup.replace_autoscaling_group_instances,
    )

    def notify_terminate_instances(self: Any, instance_ids: list[str]) -> None:
        notify(self, instance_ids)
        for group in list(self.autoscaling_groups.values()):
            _follow(self, group, gone=set(instance_ids))

    def replace_autoscaling_group_instances(self: Any, count_needed: int, propagated_tags: dict[str, str]) -> None:
        replace(self, count_needed, propagated_tags)
        if self.name in self.autoscaling_backend.autoscaling_groups:
            _follow(self.autoscaling_backend, self, gone=set())

    AutoScalingBackend.notify_terminate_instances = notify_terminate_instances
    FakeAutoScalingGroup.replace_autoscaling_group_instances = replace_autoscaling_group_instances
    AutoScalingBackend.update_attached_target_groups = lambda self, name: _follow(
        self, self.autoscaling_groups[name], gone=set()
    )


def check(aws: Scratch) -> None:
    """After a termination the target group lists exactly the group's members; after a shrink too."""
    elb, scaling = aws.client("elbv2"), aws.client("autoscaling")
    arn = aws.target_group("check-targets")
    first = aws.group("check-targets", 2, TargetGroupARNs=[arn])
    expect(_targets(elb, arn) == {row["InstanceId"] for row in first}, "members are targets")
    aws.client("ec2").terminate_instances(InstanceIds=[first[0]["InstanceId"]])
    second = {row["InstanceId"] for row in aws.members("check-targets")}
    expect(len(second) == 2 and _targets(elb, arn) == second, "the replacement is a target, the terminated is not")
    scaling.update_auto_scaling_group(AutoScalingGroupName="check-targets", MinSize=1, DesiredCapacity=1)
    third = {row["InstanceId"] for row in aws.members("check-targets")}
    expect(len(third) == 1 and _targets(elb, arn) == third, "a shrunk group drops its targets")


def _targets(elb: Any, arn: str) -> set[str]:
    return {row["Target"]["Id"] for row in elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]}


def _follow(scaling: Any, group: Any, gone: set[str]) -> None:
    """Registers new members, once, and drops those that left: a member that somebody deregistered stays out, as on AWS.
    Instances that no group ever owned are left alone. One that the group itself took out may answer what it has begun."""
    running = {
        state.instance.id
        for state in group.instance_states
        if state.instance.state == "running" and state.lifecycle_state != "Standby"
    }
    for arn in group.target_group_arns:
        targets = scaling.elbv2_backend.target_groups.get(arn)
        if targets is None:
            continue
        left = [
            known
            for known in targets.targets
            if known not in running and (known in gone or _is_member_of(targets, known, group))
        ]
        if left:
            targets.deregister([{"Id": instance_id} for instance_id in left])
            _mark_as_left(targets, set(left) - gone)
        known_members = vars(group).setdefault("registered_once", {}).setdefault(arn, set())
        new = running - set(targets.targets) - known_members
        known_members |= running
        if new:
            targets.register([{"Id": instance_id, "Port": targets.port} for instance_id in sorted(new)])


def _is_member_of(targets: Any, instance_id: str, group: Any) -> bool:
    instance = targets.ec2_backend.get_instance_by_id(instance_id)
    return instance is None or getattr(instance, "autoscaling_group", None) is group


def _mark_as_left(targets: Any, instance_ids: set[str]) -> None:
    for instance_id in instance_ids:
        instance = targets.ec2_backend.get_instance_by_id(instance_id)
        if instance is not None:
            instance.left_its_group = time.monotonic()
