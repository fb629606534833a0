"""An Auto Scaling group spreads over its subnets' zones: stock moto puts all in the first."""

from collections import Counter
from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect


def apply(hooks: Hooks) -> None:
    """Places one instance at a time, in the subnet with the fewest members."""
    del hooks
    place = FakeAutoScalingGroup.replace_autoscaling_group_instances

    def one_at_a_time(self: Any, count_needed: int, propagated_tags: dict[str, str]) -> None:
        whole = self.vpc_zone_identifier
        if not whole:
            place(self, count_needed, propagated_tags)
            return
        for _ in range(count_needed):
            members = Counter(
                state.instance.subnet_id for state in self.instance_states if state.instance.state == "running"
            )
            self.vpc_zone_identifier = min(whole.split(","), key=lambda subnet: members[subnet.strip()]).strip()
            try:
                place(self, 1, propagated_tags)
            finally:
                self.vpc_zone_identifier = whole

    FakeAutoScalingGroup.replace_autoscaling_group_instances = one_at_a_time


def check(aws: Scratch) -> None:
    """Two instances are in two zones, and a replacement goes where the lost one was."""
    first = aws.group("check-zones", 2)
    zones = {row["AvailabilityZone"] for row in first}
    expect(len(zones) == 2, "two members are in two zones")
    aws.client("ec2").terminate_instances(InstanceIds=[first[0]["InstanceId"]])
    expect(
        {row["AvailabilityZone"] for row in aws.members("check-zones")} == zones, "a replacement goes to the empty zone"
    )
