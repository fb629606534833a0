"""Target health is what the data plane measured: stock moto says healthy for all, terminated ones too."""

from typing import Any

from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect


def apply(hooks: Hooks) -> None:
    """Asks the data plane about registered targets; moto goes on answering for the others."""
    constant = FakeTargetGroup.health_for

    def health_for(self: Any, target: dict[str, Any], ec2_backend: Any) -> Any:
        known = self.targets.get(target["Id"])
        if known is None:
            return constant(self, target, ec2_backend)
        found = hooks.target_state(self.arn, known["Id"])
        return FakeHealthStatus(
            known["Id"], known["Port"], self.health_check_port, found.state, found.reason, found.description
        )

    FakeTargetGroup.health_for = health_for


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
