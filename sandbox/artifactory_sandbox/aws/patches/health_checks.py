"""Health checks of Route 53 on a CloudWatch alarm keep the alarm they were made for: stock moto drops it."""

import uuid
from typing import Any

from moto.route53.models import HealthCheck
from moto.route53.responses import Route53

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect

_KEPT = ("AlarmIdentifier", "InsufficientDataHealthStatus")


def apply(hooks: Hooks) -> None:
    """Keeps AlarmIdentifier and InsufficientDataHealthStatus on create and update, and gives them back."""
    del hooks
    create, update, config = (
        Route53.create_health_check,
        Route53.update_health_check,
        HealthCheck.health_check_config.fget,
    )

    def create_health_check(self: Any) -> Any:
        declared, reference = self._get_param("HealthCheckConfig"), self._get_param("CallerReference")
        answer = create(self)
        check = next(
            row for row in reversed(list(self.backend.health_checks.values())) if row.caller_reference == reference
        )
        check.alarm = {name: declared[name] for name in _KEPT if declared.get(name) is not None}
        return answer

    def update_health_check(self: Any) -> Any:
        answer = update(self)
        check = self.backend.health_checks[self._get_param("HealthCheckId")]
        given = {name: self._get_param(name) for name in _KEPT}
        check.alarm = {
            **getattr(check, "alarm", {}),
            **{name: value for name, value in given.items() if value is not None},
        }
        check.health_check_version += 1
        return answer

    def health_check_config(self: Any) -> dict[str, Any]:
        return {**config(self), **getattr(self, "alarm", {})}

    Route53.create_health_check = create_health_check
    Route53.update_health_check = update_health_check
    HealthCheck.health_check_config = property(health_check_config)


def check(aws: Scratch) -> None:
    """The alarm is read back, and an update moves it."""
    route53 = aws.client("route53")
    alarm = {"Region": "us-west-2", "Name": "check-alarm"}
    made = route53.create_health_check(
        CallerReference=str(uuid.uuid4()),
        HealthCheckConfig={
            "Type": "CLOUDWATCH_METRIC",
            "AlarmIdentifier": alarm,
            "InsufficientDataHealthStatus": "LastKnownStatus",
        },
    )["HealthCheck"]["Id"]
    read = route53.get_health_check(HealthCheckId=made)["HealthCheck"]["HealthCheckConfig"]
    expect(read.get("AlarmIdentifier") == alarm, "the alarm is read back")
    expect(read.get("InsufficientDataHealthStatus") == "LastKnownStatus", "so is the rule for missing data")
    route53.update_health_check(HealthCheckId=made, AlarmIdentifier={**alarm, "Name": "other"})
    read = route53.get_health_check(HealthCheckId=made)["HealthCheck"]["HealthCheckConfig"]
    expect(read.get("AlarmIdentifier") == {**alarm, "Name": "other"}, "an update moves the alarm")
