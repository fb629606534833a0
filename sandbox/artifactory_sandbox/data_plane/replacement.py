"""Auto Scaling's health checks: an unhealthy member of a group is terminated, and its replacement starts.

Type EC2: the instance is stopped. Type ELB: a target group finds it unhealthy, too, once the group's grace period (shortened as
the probes are) is over. Either: somebody called `SetInstanceHealth`.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from artifactory_sandbox.aws import backends
from artifactory_sandbox.aws.patches.hooks import TargetState
from artifactory_sandbox.data_plane.machine import Machine

SPEED = 15
"""As `network.health`."""
_DOWN = {"stopping", "stopped"}


def replace_unhealthy(
    machines: Callable[[str], Machine | None],
    target_state: Callable[[str, str], TargetState],
    region_answers: Callable[[str], bool],
) -> list[str]:
    """Terminates the unhealthy members of every group; their ids. Nothing is judged in a region that is down."""
    gone = []
    for account, region, group in list(_groups()):
        if not region_answers(region) or "HealthCheck" in group._suspended_processes:
            continue
        ill = [row.instance.id for row in list(group.instance_states) if _is_ill(group, row, machines, target_state)]
        for instance_id in ill:
            backends.terminate(account, region, [instance_id])
        gone += ill
    return gone


def _groups() -> Iterator[tuple[str, str, Any]]:
    for account, region, scaling in backends.each("autoscaling"):
        for group in list(scaling.autoscaling_groups.values()):
            yield account, region, group


def _is_ill(
    group: Any,
    row: Any,
    machines: Callable[[str], Machine | None],
    target_state: Callable[[str, str], TargetState],
) -> bool:
    if row.lifecycle_state != "InService":
        return False
    if row.instance.state in _DOWN or str(row.health_status).lower() == "unhealthy":
        return True
    machine = machines(row.instance.id)
    if group.health_check_type != "ELB" or machine is None:
        return False
    grace = float(group.health_check_grace_period or 0) / SPEED
    if (datetime.now(UTC) - machine.launched).total_seconds() < grace:
        return False
    return any(target_state(arn, machine.id).state == "unhealthy" for arn in group.target_group_arns)
