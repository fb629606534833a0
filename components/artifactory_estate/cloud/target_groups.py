"""The target groups of a site's nodes: taking a node out, and seeing that it serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from artifactory_estate.cloud.session import client

_DELAY = "deregistration_delay.timeout_seconds"


@dataclass(frozen=True)
class TargetGroups:
    """Those of one Auto Scaling group; false when it has none."""

    arns: Sequence[str]
    region: str
    role: str | None

    def __bool__(self) -> bool:
        return bool(self.arns)

    def all_healthy(self, node: str) -> bool:
        """Whether every group sends it requests; true without any group."""
        return all(self._state(arn, node) == "healthy" for arn in self.arns)

    def is_out(self, node: str) -> bool:
        """Whether it is in no group and has finished what it had begun."""
        return all(self._state(arn, node) in ("", "unused") for arn in self.arns)

    def deregister(self, node: str) -> None:
        """Ask every group that has it to let it finish what it has begun, and to send it nothing new."""
        for arn in self.arns:
            if self._state(arn, node) not in ("", "draining"):
                self._elb.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": node}])

    def register(self, node: str) -> None:
        """At the port of each group. Again is harmless."""
        for arn in self.arns:
            self._elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": node}])

    def longest_delay(self) -> float:
        """Seconds that the most patient group waits for a node to finish."""
        return max((self._delay(arn) for arn in self.arns), default=0.0)

    def _delay(self, arn: str) -> float:
        found = self._elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
        return next((float(item["Value"]) for item in found if item["Key"] == _DELAY), 300.0)

    def _state(self, arn: str, node: str) -> str:
        """`healthy`, `draining`, `unused`…; empty when the group does not have it."""
        found = self._elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return next((str(item["TargetHealth"]["State"]) for item in found if item["Target"]["Id"] == node), "")

    @property
    def _elb(self) -> Any:
        return client("elbv2", region=self.region, role=self.role)
